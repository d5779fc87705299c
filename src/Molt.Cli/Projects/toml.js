// Runs in an isolate of its own: the result is one string, "ok\n" and the document as JSON,
// or "error\n", line, column and message on a line each.
import { parse } from "smol-toml";

globalThis.parseToml = (text) => {
  try {
    return `ok\n${JSON.stringify(parse(text))}`;
  } catch (error) {
    const message = String(error.message).split("\n")[0].replace(/^Invalid TOML document: /, "");
    return `error\n${error.line ?? 0}\n${error.column ?? 0}\n${message}`;
  }
};
