// RFC 4648, section 4: base64 with padding, in its one form.
import { stringCharCodeAt, typedArrayLength } from "../core/primordials.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function toBase64(bytes: Uint8Array): string {
  const length = typedArrayLength(bytes);
  let text = "";
  for (let i = 0; i < length; i += 3) {
    const bits = (bytes[i] << 16) | ((i + 1 < length ? bytes[i + 1] : 0) << 8) | (i + 2 < length ? bytes[i + 2] : 0);
    text += alphabet[bits >> 18] + alphabet[(bits >> 12) & 63];
    text += i + 1 < length ? alphabet[(bits >> 6) & 63] : "=";
    text += i + 2 < length ? alphabet[bits & 63] : "=";
  }
  return text;
}

function valueOf(unit: number): number {
  if (unit >= 65 && unit <= 90) return unit - 65;
  if (unit >= 97 && unit <= 122) return unit - 71;
  if (unit >= 48 && unit <= 57) return unit + 4;
  return unit === 43 ? 62 : unit === 47 ? 63 : -1;
}

/** The bytes, or undefined for what is no base64 in its one form. */
export function fromBase64(text: string): Uint8Array | undefined {
  const padding = text.length > 0 && text[text.length - 1] === "=" ? (text[text.length - 2] === "=" ? 2 : 1) : 0;
  const characters = text.length - padding;
  if (text.length % 4 !== 0) return undefined;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < characters; i++) {
    const value = valueOf(stringCharCodeAt(text, i));
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = bits >> held;
    }
  }
  return (bits & ((1 << held) - 1)) === 0 ? bytes : undefined;
}
