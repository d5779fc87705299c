// Patterns of the schema language as JavaScript's: over code points, \s in ASCII, escaped punctuation of any kind.
import { stringCharCodeAt } from "../core/primordials.ts";

const spaces = "\\t-\\r ";
const others = "\\0-\\x08\\x0e-\\x1f!-\\u{10ffff}";

/** The pattern as a regular expression; throws a SyntaxError where it is none. */
export function compilePattern(pattern: string): RegExp {
  let source = "";
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === "\\") {
      const escaped = pattern[++i];
      source += escape(escaped, inClass);
      continue;
    }
    if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    source += character === "/" ? "\\/" : character;
  }
  return new RegExp(source, "u");
}

function escape(escaped: string | undefined, inClass: boolean): string {
  switch (escaped) {
    case undefined:
      return "\\";
    case "s":
      return inClass ? spaces : `[${spaces}]`;
    case "S":
      return inClass ? others : `[${others}]`;
    case "d": case "D": case "w": case "W": case "t": case "n": case "r": case "f": case "v": case "u":
      return "\\" + escaped;
    default:
      return `\\u{${hex(stringCharCodeAt(escaped, 0))}}`;
  }
}

function hex(value: number): string {
  const digits = "0123456789abcdef";
  let text = "";
  for (let rest = value; rest > 0; rest = (rest - (rest % 16)) / 16) text = digits[rest % 16] + text;
  return text;
}
