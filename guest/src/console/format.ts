// https://console.spec.whatwg.org/#formatter
import { jsonStringify, stringIndexOf, stringSlice, trunc } from "../core/primordials.ts";
import { inspect, formatPrimitive } from "./inspect.ts";

/** The arguments of a console call as one text: format specifiers first, then the rest, strings bare. */
export function format(args: ArrayLike<unknown>): string {
  const first = args[0];
  let next = 1;
  let text: string;
  if (typeof first === "string") {
    if (args.length === 1 || stringIndexOf(first, "%") === -1) {
      text = first;
    } else {
      text = "";
      let plainFrom = 0;
      for (let i = stringIndexOf(first, "%"); i !== -1 && i + 1 < first.length; i = stringIndexOf(first, "%", i + 2)) {
        const specifier = first[i + 1];
        if (specifier === "%") {
          text += stringSlice(first, plainFrom, i + 1);
          plainFrom = i + 2;
        } else if (next < args.length) {
          const shown = specified(specifier, args[next]);
          if (shown !== undefined) {
            text += stringSlice(first, plainFrom, i) + shown;
            plainFrom = i + 2;
            next++;
          }
        }
      }
      text += stringSlice(first, plainFrom);
    }
  } else {
    text = args.length === 0 ? "" : inspect(first);
  }
  for (; next < args.length; next++) {
    const value = args[next];
    text += ` ${typeof value === "string" ? value : inspect(value)}`;
  }
  return text;
}

function specified(specifier: string, value: unknown): string | undefined {
  switch (specifier) {
    case "s":
      return typeof value === "string" ? value : typeof value === "object" || typeof value === "function"
        ? inspect(value, { depth: 0 }) : formatPrimitive(value);
    case "d":
      return typeof value === "bigint" ? `${value}n` : `${toNumber(value)}`;
    case "i": {
      if (typeof value === "bigint") return `${value}n`;
      return `${trunc(toNumber(value))}`;
    }
    case "f":
      return `${toNumber(value)}`;
    case "j":
      try {
        return jsonStringify(value) ?? "undefined";
      } catch {
        return "[Circular]";
      }
    case "o":
      return inspect(value, { depth: 4, showHidden: true });
    case "O":
      return inspect(value);
    case "c":
      return "";
    default:
      return undefined;
  }
}

/** Only primitives are numbers here: converting an object would run its code. */
function toNumber(value: unknown): number {
  return typeof value === "object" || typeof value === "function" || typeof value === "symbol" ? NaN : Number(value);
}
