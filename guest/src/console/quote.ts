// Strings and property keys as source text.
import { stringCharCodeAt, stringIndexOf, stringSlice } from "../core/primordials.ts";

const maximumString = 10000;

/** A string literal in the quotes that need the least escaping; long strings are cut. */
export function quote(text: string): string {
  let shown = text;
  let rest = "";
  if (text.length > maximumString) {
    const more = text.length - maximumString;
    shown = stringSlice(text, 0, maximumString);
    rest = `... ${more} more character${more > 1 ? "s" : ""}`;
  }
  const mark = stringIndexOf(shown, "'") === -1 ? "'" : stringIndexOf(shown, '"') === -1 ? '"'
    : stringIndexOf(shown, "`") === -1 && stringIndexOf(shown, "${") === -1 ? "`" : "'";
  let quoted = mark;
  let plainFrom = 0;
  for (let i = 0; i < shown.length; i++) {
    const escaped = escape(shown, i, mark);
    if (escaped !== "") {
      quoted += stringSlice(shown, plainFrom, i) + escaped;
      plainFrom = i + 1;
    }
  }
  return quoted + stringSlice(shown, plainFrom) + mark + rest;
}

/** The escape of one code unit, or "" when it stands for itself. */
function escape(text: string, index: number, mark: string): string {
  const code = stringCharCodeAt(text, index);
  switch (code) {
    case 8: return "\\b";
    case 9: return "\\t";
    case 10: return "\\n";
    case 12: return "\\f";
    case 13: return "\\r";
    case 92: return "\\\\";
  }
  if (code < 32 || (code >= 127 && code <= 159)) {
    return `\\x${hex(code, 2)}`;
  }
  if (code === stringCharCodeAt(mark, 0)) {
    return `\\${mark}`;
  }
  if (code >= 0xd800 && code <= 0xdfff) {
    const isHigh = code < 0xdc00;
    const other = isHigh ? stringCharCodeAt(text, index + 1) : index > 0 ? stringCharCodeAt(text, index - 1) : 0;
    const isPaired = isHigh ? other >= 0xdc00 && other <= 0xdfff : other >= 0xd800 && other <= 0xdbff;
    return isPaired ? "" : `\\u${hex(code, 4)}`;
  }
  return "";
}

const digits = "0123456789ABCDEF";

export function hex(value: number, length: number): string {
  let text = "";
  for (let shift = (length - 1) * 4; shift >= 0; shift -= 4) {
    text += digits[(value >> shift) & 15];
  }
  return text;
}

/** A property key: bare when it is an identifier. */
export function quoteKey(key: string): string {
  for (let i = 0; i < key.length; i++) {
    const code = stringCharCodeAt(key, i);
    const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 36;
    if (!isLetter && (i === 0 || code < 48 || code > 57)) {
      return quote(key);
    }
  }
  return key.length === 0 ? "''" : key;
}
