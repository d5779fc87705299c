// The labels of the encodings that are supported. https://encoding.spec.whatwg.org/#names-and-labels
import { stringIndexOf, stringSlice, stringToLowerCase } from "../core/primordials.ts";

export type Encoding = "utf-8" | "utf-16le" | "windows-1252";

const utf8 = " unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8 ";
const utf16le = " csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le ";
const windows1252 =
  " ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 " +
  "latin1 us-ascii windows-1252 x-cp1252 ";

/** The encoding a label names, or undefined. */
export function encodingOf(label: string): Encoding | undefined {
  let start = 0;
  let end = label.length;
  const space = (index: number): boolean => stringIndexOf("\t\n\f\r ", label[index]) !== -1;
  while (start < end && space(start)) start++;
  while (end > start && space(end - 1)) end--;
  const key = ` ${stringToLowerCase(stringSlice(label, start, end))} `;
  if (key.length <= 2 || stringIndexOf(key, " ", 1) !== key.length - 1) {
    return undefined;
  }
  if (stringIndexOf(utf8, key) !== -1) return "utf-8";
  if (stringIndexOf(utf16le, key) !== -1) return "utf-16le";
  if (stringIndexOf(windows1252, key) !== -1) return "windows-1252";
  return undefined;
}
