// https://url.spec.whatwg.org/#application/x-www-form-urlencoded
import { native } from "../core/bridge.ts";
import { append, List } from "../core/list.ts";
import { fromCharCode, stringCharCodeAt, stringIndexOf, stringSlice } from "../core/primordials.ts";

export type Pair = [name: string, value: string];

/** https://url.spec.whatwg.org/#concept-urlencoded-parser */
export function parseUrlEncoded(text: string): List<Pair> {
  const pairs = new List<Pair>();
  let at = 0;
  while (at <= text.length) {
    let end = stringIndexOf(text, "&", at);
    if (end === -1) {
      end = text.length;
    }
    if (end > at) {
      const equals = stringIndexOf(text, "=", at);
      if (equals === -1 || equals >= end) {
        append(pairs, [decode(stringSlice(text, at, end)), ""]);
      } else {
        append(pairs, [decode(stringSlice(text, at, equals)), decode(stringSlice(text, equals + 1, end))]);
      }
    }
    at = end + 1;
  }
  return pairs;
}

function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 65 && code <= 70) return code - 55;
  if (code >= 97 && code <= 102) return code - 87;
  return -1;
}

/** Plus becomes a space, percent sequences become bytes, the bytes are read as UTF-8. */
function decode(text: string): string {
  let i = 0;
  for (; i < text.length; i++) {
    const code = stringCharCodeAt(text, i);
    if (code === 43 || code === 37) {
      break;
    }
  }
  if (i === text.length) {
    return text;
  }
  const bytes = native.utf8Encode(text);
  let out = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 43) {
      bytes[out++] = 32;
    } else if (byte === 37 && at + 2 < bytes.length && hexValue(bytes[at + 1]) >= 0 && hexValue(bytes[at + 2]) >= 0) {
      bytes[out++] = hexValue(bytes[at + 1]) * 16 + hexValue(bytes[at + 2]);
      at += 2;
    } else {
      bytes[out++] = byte;
    }
  }
  return native.utf8Decode(new Uint8Array(bytes.buffer, bytes.byteOffset, out), false);
}

const plain = new List<boolean>();
for (let i = 0; i < 128; i++) {
  append(plain, (i >= 48 && i <= 57) || (i >= 65 && i <= 90) || (i >= 97 && i <= 122) || i === 42 || i === 45 || i === 46 || i === 95);
}
const hex = "0123456789ABCDEF";

/** https://url.spec.whatwg.org/#concept-urlencoded-serializer */
export function serializeUrlEncoded(pairs: ArrayLike<Pair>): string {
  let text = "";
  for (let i = 0; i < pairs.length; i++) {
    text += `${i === 0 ? "" : "&"}${encode(pairs[i][0])}=${encode(pairs[i][1])}`;
  }
  return text;
}

function encode(text: string): string {
  let i = 0;
  for (; i < text.length; i++) {
    const code = stringCharCodeAt(text, i);
    if (code > 127 || !plain[code]) {
      break;
    }
  }
  if (i === text.length) {
    return text;
  }
  const bytes = native.utf8Encode(text);
  let encoded = "";
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 32) encoded += "+";
    else if (byte < 128 && plain[byte]) encoded += fromCharCode(byte);
    else encoded += `%${hex[byte >> 4]}${hex[byte & 15]}`;
  }
  return encoded;
}
