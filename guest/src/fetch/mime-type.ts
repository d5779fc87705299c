// https://mimesniff.spec.whatwg.org/#parsing-a-mime-type
import { SafeMap, stringIndexOf, stringSlice, stringToLowerCase, stringTrim } from "../core/primordials.ts";
import { isTokenText } from "./header-list.ts";

export interface MimeType {
  essence: string;
  parameters: SafeMap<string, string>;
}

export function parseMimeType(input: string): MimeType | undefined {
  const text = stringTrim(input);
  const slash = stringIndexOf(text, "/");
  if (slash === -1) {
    return undefined;
  }
  let at = stringIndexOf(text, ";", slash);
  if (at === -1) {
    at = text.length;
  }
  const type = stringSlice(text, 0, slash);
  const subtype = stringTrim(stringSlice(text, slash + 1, at));
  if (!isTokenText(type) || !isTokenText(subtype)) {
    return undefined;
  }
  const parameters = new SafeMap<string, string>();
  while (at < text.length) {
    at++;
    let equals = at;
    while (equals < text.length && text[equals] !== "=" && text[equals] !== ";") equals++;
    const name = stringToLowerCase(stringTrim(stringSlice(text, at, equals)));
    at = equals;
    if (text[at] !== "=") {
      continue;
    }
    at++;
    let value = "";
    if (text[at] === "\"") {
      at++;
      while (at < text.length && text[at] !== "\"") {
        if (text[at] === "\\" && at + 1 < text.length) at++;
        value += text[at];
        at++;
      }
      while (at < text.length && text[at] !== ";") at++;
    } else {
      const end = stringIndexOf(text, ";", at);
      value = stringTrim(stringSlice(text, at, end === -1 ? text.length : end));
      at = end === -1 ? text.length : end;
      if (value === "") continue;
    }
    if (isTokenText(name) && !parameters.has(name)) {
      parameters.set(name, value);
    }
  }
  return { essence: `${stringToLowerCase(type)}/${stringToLowerCase(subtype)}`, parameters };
}
