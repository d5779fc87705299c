// Incremental decoding: whole sequences go to the native decoder, an unfinished one at the end waits for the next chunk.
import { native } from "../core/bridge.ts";
import { copyBytes, fromCharCode, partOf, stringCharCodeAt, stringSlice, typedArraySet } from "../core/primordials.ts";
import type { Encoding } from "./labels.ts";

// https://encoding.spec.whatwg.org/index-windows-1252.txt: where bytes 0x80 to 0x9F differ from Latin-1.
const windows1252 = [
  0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
  0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
];

function decodeWindows1252(bytes: Uint8Array): string {
  const text = native.latin1Decode(bytes);
  let result = "";
  let plainFrom = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte >= 0x80 && byte <= 0x9f) {
      result += stringSlice(text, plainFrom, i) + fromCharCode(windows1252[byte - 0x80]);
      plainFrom = i + 1;
    }
  }
  return plainFrom === 0 ? text : result + stringSlice(text, plainFrom);
}

export class Decoder {
  readonly #encoding: Encoding;
  readonly #fatal: boolean;
  readonly #ignoreBom: boolean;
  #rest: Uint8Array | undefined;
  #started = false;

  constructor(encoding: Encoding, fatal: boolean, ignoreBom: boolean) {
    this.#encoding = encoding;
    this.#fatal = fatal;
    this.#ignoreBom = ignoreBom;
  }

  /** Decodes `bytes` after what was left over; without `stream` the decoder is at its beginning again afterwards. */
  decode(bytes: Uint8Array, stream: boolean): string {
    let input = bytes;
    if (this.#rest !== undefined) {
      input = new Uint8Array(this.#rest.length + bytes.length);
      typedArraySet(input, this.#rest);
      typedArraySet(input, bytes, this.#rest.length);
      this.#rest = undefined;
    }
    if (stream) {
      const whole = input.length - this.#unfinished(input);
      if (whole < input.length) {
        this.#rest = copyBytes(partOf(input, whole, input.length));
        input = new Uint8Array(input.buffer, input.byteOffset, whole);
      }
    }
    try {
      const text = this.#dropBom(this.#decodeWhole(input));
      if (!stream) this.#started = false;
      return text;
    } catch (error) {
      this.#rest = undefined;
      this.#started = false;
      throw error;
    }
  }

  #decodeWhole(input: Uint8Array): string {
    switch (this.#encoding) {
      case "utf-8": return native.utf8Decode(input, this.#fatal);
      case "utf-16le": return native.utf16leDecode(input, this.#fatal);
      case "windows-1252": return decodeWindows1252(input);
    }
  }

  #dropBom(text: string): string {
    if (this.#started || text.length === 0) {
      return text;
    }
    this.#started = true;
    return !this.#ignoreBom && this.#encoding !== "windows-1252" && stringCharCodeAt(text, 0) === 0xfeff ? stringSlice(text, 1) : text;
  }

  /** How many bytes at the end begin a sequence that more bytes could complete. */
  #unfinished(bytes: Uint8Array): number {
    const length = bytes.length;
    switch (this.#encoding) {
      case "windows-1252":
        return 0;
      case "utf-16le": {
        const odd = length % 2;
        const last = length - odd;
        const isHighSurrogate = last >= 2 && (bytes[last - 1] & 0xfc) === 0xd8;
        return odd + (isHighSurrogate ? 2 : 0);
      }
      case "utf-8":
        return unfinishedUtf8(bytes, length);
    }
  }
}

/** https://encoding.spec.whatwg.org/#utf-8-decoder: the bounds after certain lead bytes are narrower than 80..BF. */
function unfinishedUtf8(bytes: Uint8Array, length: number): number {
  for (let back = 1; back <= 3 && back <= length; back++) {
    const lead = bytes[length - back];
    if (lead < 0x80) {
      return 0;
    }
    if (lead < 0xc0) {
      continue;
    }
    const needed = lead >= 0xc2 && lead <= 0xdf ? 2 : (lead & 0xf0) === 0xe0 ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
    if (needed <= back) {
      return 0;
    }
    if (back > 1) {
      const second = bytes[length - back + 1];
      const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
      const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
      if (second < low || second > high) {
        return 0;
      }
    }
    return back;
  }
  return 0;
}
