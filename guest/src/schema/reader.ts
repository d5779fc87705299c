// Reads payload bytes for the generated decoders. One reader serves all codecs of a realm: decoding runs no code of the guest, so
// no decode ever begins inside another. Lengths are compared with what is left before anything is allocated.
import {
  apply, create, fromCharCode, stringSubstring, typedArrayLength, typedArraySet, viewBuffer, viewByteOffset,
} from "../core/primordials.ts";
import { fail, Fault, inside, keyStep } from "./faults.ts";
import { newList } from "./lists.ts";
import type { JsonValue } from "./types.ts";
import type { PayloadLimits, TextPlatform } from "./platform.ts";

const longestWindow = 4096;
const longestByHand = 48;
const two32 = 4294967296;

export class Reader {
  bytes: Uint8Array = undefined as never;
  at = 0;
  end = 0;
  /** Where the bytes of the text read last begin. */
  textStart = 0;
  readonly #text: TextPlatform;
  readonly #latin1: ((bytes: Uint8Array) => string) | undefined;
  // The bytes from #windowStart on as characters: an ASCII text is a part of it, which costs no call, and no copy unless it is short.
  #window = "";
  #windowStart = 0;
  #windowEnd = 0;
  readonly #units = newList(longestByHand + 1) as (number[] | undefined)[];
  readonly #hexDigits = newList(16) as number[];
  readonly #double = new Float64Array(1);
  readonly #single = new Float32Array(1);
  readonly #doubleBytes = new Uint8Array(viewBuffer(this.#double));
  readonly #singleBytes = new Uint8Array(viewBuffer(this.#single));
  maxDepth = 0;
  maxItems = 0;

  constructor(text: TextPlatform) {
    this.#text = text;
    this.#latin1 = text.latin1;
    for (let i = 0; i < 16; i++) this.#hexDigits[i] = hexDigit(i);
  }

  begin(bytes: Uint8Array, limits: PayloadLimits): void {
    this.bytes = bytes;
    this.at = 0;
    this.end = typedArrayLength(bytes);
    this.#windowEnd = 0;
    this.maxDepth = limits.maxDepth;
    this.maxItems = limits.maxItems;
    if (this.end > limits.maxBytes) {
      fail("too_large", `${this.end} bytes are more than the ${limits.maxBytes} allowed`);
    }
  }

  /** Lets go of the payload, and says whether all of it was read. */
  finish(): void {
    const left = this.end - this.at;
    this.release();
    if (left !== 0) {
      fail("trailing", `${left} bytes follow the value`);
    }
  }

  release(): void {
    this.bytes = undefined as never;
    this.#window = "";
    this.#windowEnd = 0;
  }

  byte(): number {
    if (this.at >= this.end) truncated();
    return this.bytes[this.at++];
  }

  need(count: number): void {
    if (count > this.end - this.at) truncated();
  }

  /** The integer that starts with `first`, which is no positive fixint; a bigint where a number cannot hold it. */
  integer(first: number): number | bigint {
    if (first >= 0xe0) return first - 256;
    if (first < 0xcc || first > 0xd3) mistyped("an integer", first);
    const width = 1 << (first & 3);
    this.need(width);
    const bytes = this.bytes;
    let at = this.at;
    this.at = at + width;
    const signed = first >= 0xd0;
    if (width === 8) return this.#wide(signed, at);
    let value = bytes[at];
    for (let i = 1; i < width; i++) value = value * 256 + bytes[++at];
    if (signed) {
      const half = 2 ** (width * 8 - 1);
      if (value < half) notShortest();
      value -= half * 2;
      if (value >= (width === 1 ? -32 : width === 2 ? -128 : -32768)) notShortest();
    } else if (value < (width === 1 ? 128 : width === 2 ? 256 : 65536)) {
      notShortest();
    }
    return value;
  }

  #wide(signed: boolean, at: number): number | bigint {
    const high = this.#uint32(at);
    const low = this.#uint32(at + 4);
    if (!signed) {
      if (high === 0) notShortest();
      return high < 0x200000 ? high * two32 + low : (BigInt(high) << 32n) | BigInt(low);
    }
    const top = high | 0;
    if (top >= 0 || (top === -1 && low >= 0x80000000)) notShortest();
    const value = top * two32 + low;
    return value >= -9007199254740991 ? value : (BigInt(top) << 32n) | BigInt(low);
  }

  #uint32(at: number): number {
    const bytes = this.bytes;
    return bytes[at] * 16777216 + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
  }

  /** A length or count of `width` bytes, which must be more than `most`, the largest that a shorter form holds. */
  #length(width: number, most: number): number {
    this.need(width);
    const bytes = this.bytes;
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + bytes[this.at++];
    if (value <= most) notShortest();
    return value;
  }

  float64(): number {
    const first = this.byte();
    if (first !== 0xcb) mistyped("a float64", first);
    this.need(8);
    const bytes = this.bytes;
    const target = this.#doubleBytes;
    const at = this.at;
    this.at = at + 8;
    target[7] = bytes[at];
    target[6] = bytes[at + 1];
    target[5] = bytes[at + 2];
    target[4] = bytes[at + 3];
    target[3] = bytes[at + 4];
    target[2] = bytes[at + 5];
    target[1] = bytes[at + 6];
    target[0] = bytes[at + 7];
    const value = this.#double[0];
    if (value !== value && (this.#uint32(at) !== 0x7ff80000 || this.#uint32(at + 4) !== 0)) otherNaN();
    return value;
  }

  float32(): number {
    const first = this.byte();
    if (first !== 0xca) mistyped("a float32", first);
    this.need(4);
    const bytes = this.bytes;
    const target = this.#singleBytes;
    const at = this.at;
    this.at = at + 4;
    target[3] = bytes[at];
    target[2] = bytes[at + 1];
    target[1] = bytes[at + 2];
    target[0] = bytes[at + 3];
    const value = this.#single[0];
    if (value !== value && this.#uint32(at) !== 0x7fc00000) otherNaN();
    return value;
  }

  string(): string {
    const first = this.byte();
    const length = (first & 0xe0) === 0xa0 ? first & 31 : this.#stringLength(first);
    return this.text(length);
  }

  #stringLength(first: number): number {
    switch (first) {
      case 0xd9: return this.#length(1, 31);
      case 0xda: return this.#length(2, 255);
      case 0xdb: return this.#length(4, 65535);
      default: return mistyped("a string", first);
    }
  }

  text(length: number): string {
    const start = this.at;
    const stop = start + length;
    if (stop > this.end) truncated();
    this.textStart = start;
    const bytes = this.bytes;
    let bits = 0;
    for (let i = start; i < stop; i++) bits |= bytes[i];
    this.at = stop;
    if (bits >= 0x80) return this.#unicode(start, stop);
    if (stop > this.#windowEnd && !this.#openWindow(start, stop)) return this.#ascii(start, stop);
    return stringSubstring(this.#window, start - this.#windowStart, stop - this.#windowStart);
  }

  #openWindow(start: number, stop: number): boolean {
    const latin1 = this.#latin1;
    if (latin1 === undefined || stop - start > longestWindow) return false;
    const isWhole = this.end <= longestWindow;
    const end = isWhole || this.end - start <= longestWindow ? this.end : start + longestWindow;
    this.#windowStart = isWhole ? 0 : start;
    this.#windowEnd = end;
    this.#window = latin1(isWhole ? this.bytes : this.#view(start, end));
    return true;
  }

  #ascii(start: number, stop: number): string {
    const length = stop - start;
    if (length > longestByHand) return this.#text.decode(this.#view(start, stop));
    const bytes = this.bytes;
    const units = this.#unitsFor(length);
    for (let i = 0; i < length; i++) units[i] = bytes[start + i];
    return apply(fromCharCode, undefined, units);
  }

  #view(start: number, stop: number): Uint8Array {
    return new Uint8Array(viewBuffer(this.bytes), viewByteOffset(this.bytes) + start, stop - start);
  }

  /** An array of the reader's own with that length, for the code units of a string to be. */
  #unitsFor(length: number): number[] {
    return (this.#units[length] ??= newList(length) as number[]);
  }

  #unicode(start: number, stop: number): string {
    if (stop - start > longestByHand) {
      let text;
      try {
        text = this.#text.decode(this.#view(start, stop));
      } catch {
        notUtf8();
      }
      return text as string;
    }
    const bytes = this.bytes;
    const scratch = this.#unitsFor(longestByHand);
    let count = 0;
    let at = start;
    while (at < stop) {
      const first = bytes[at++];
      if (first < 0x80) {
        scratch[count++] = first;
        continue;
      }
      const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
      if (first < 0xc2 || first > 0xf4 || at + more > stop) notUtf8();
      let point = first & (0x3f >> more);
      for (let i = 0; i < more; i++) {
        const next = bytes[at++];
        if ((next & 0xc0) !== 0x80) notUtf8();
        point = (point << 6) | (next & 0x3f);
      }
      if (more === 2 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) notUtf8();
      if (more === 3) {
        if (point < 0x10000 || point > 0x10ffff) notUtf8();
        scratch[count++] = 0xd7c0 + (point >> 10);
        scratch[count++] = 0xdc00 + (point & 0x3ff);
      } else {
        scratch[count++] = point;
      }
    }
    const units = this.#unitsFor(count);
    for (let i = 0; i < count; i++) units[i] = scratch[i];
    return apply(fromCharCode, undefined, units);
  }

  #binaryLength(): number {
    const first = this.byte();
    switch (first) {
      case 0xc4: return this.#length(1, -1);
      case 0xc5: return this.#length(2, 255);
      case 0xc6: return this.#length(4, 65535);
      default: return mistyped("bytes", first);
    }
  }

  binary(): Uint8Array {
    const length = this.#binaryLength();
    this.need(length);
    const copy = new Uint8Array(length);
    const start = this.at;
    this.at = start + length;
    if (length > 64) {
      typedArraySet(copy, this.#view(start, this.at));
    } else {
      const bytes = this.bytes;
      for (let i = 0; i < length; i++) copy[i] = bytes[start + i];
    }
    return copy;
  }

  uuid(): string {
    const length = this.#binaryLength();
    this.need(length);
    if (length !== 16) fail("out_of_range", `a uuid is 16 bytes, not ${length}`);
    const bytes = this.bytes;
    const units = this.#unitsFor(36);
    let at = this.at;
    this.at = at + 16;
    const digits = this.#hexDigits;
    for (let i = 0; i < 36; i += 2) {
      if (i === 8 || i === 13 || i === 18 || i === 23) units[i++] = 45;
      const value = bytes[at++];
      units[i] = digits[value >> 4];
      units[i + 1] = digits[value & 15];
    }
    return apply(fromCharCode, undefined, units);
  }

  /** The count of an array that is the `depth`th container; so many bytes at least must follow. */
  array(depth: number): number {
    const first = this.byte();
    const count = (first & 0xf0) === 0x90 ? first & 15 : this.#longCount(first, 0xdc, "an array");
    this.#checkCount(count, 1, depth);
    return count;
  }

  map(depth: number): number {
    const first = this.byte();
    const count = (first & 0xf0) === 0x80 ? first & 15 : this.#longCount(first, 0xde, "a map");
    this.#checkCount(count, 2, depth);
    return count;
  }

  #longCount(first: number, form: number, what: string): number {
    if (first === form) return this.#length(2, 15);
    if (first === form + 1) return this.#length(4, 65535);
    return mistyped(what, first);
  }

  #checkCount(count: number, bytesEach: number, depth: number): void {
    if (depth > this.maxDepth) fail("too_deep", `more than ${this.maxDepth} containers within each other`);
    if (count > this.maxItems) fail("too_large", `${count} items are more than the ${this.maxItems} allowed`);
    if (count * bytesEach > this.end - this.at) truncated();
  }

  /** Refuses `key`, just read, unless it comes after the one before it; both are given by where their bytes start and end. */
  ascending(lastStart: number, lastEnd: number, start: number, end: number, key: string): void {
    const bytes = this.bytes;
    const common = lastEnd - lastStart < end - start ? lastEnd - lastStart : end - start;
    for (let i = 0; i < common; i++) {
      const difference = bytes[start + i] - bytes[lastStart + i];
      if (difference > 0) return;
      if (difference < 0) unordered(key);
    }
    if (end - start <= lastEnd - lastStart) unordered(key);
  }

  /** Any JSON value. `depth` is how many containers it is in. */
  json(depth: number): JsonValue {
    const first = this.byte();
    if (first < 0x80) return first;
    switch (first) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
    }
    if ((first & 0xe0) === 0xa0 || (first >= 0xd9 && first <= 0xdb)) {
      this.at--;
      return this.string();
    }
    if (first === 0xcb) {
      this.at--;
      const value = this.float64();
      if (value !== value || value === Infinity || value === -Infinity) fail("out_of_range", `JSON has no ${value}`);
      if (value % 1 === 0 && value >= -9007199254740991 && value <= 9007199254740991) {
        fail("non_canonical", `${value} is written as an integer`);
      }
      return value;
    }
    if ((first & 0xf0) === 0x90 || first === 0xdc || first === 0xdd) {
      this.at--;
      return this.#jsonArray(depth + 1);
    }
    if ((first & 0xf0) === 0x80 || first === 0xde || first === 0xdf) {
      this.at--;
      return this.#jsonObject(depth + 1);
    }
    if (first < 0xcc) mistyped("a JSON value", first);
    const value = this.integer(first);
    if (typeof value === "bigint") fail("out_of_range", `${value} is no integer that JSON keeps exactly`);
    return value;
  }

  #jsonArray(depth: number): JsonValue {
    const count = this.array(depth);
    const list = newList(count);
    let at = 0;
    try {
      for (; at < count; at++) list[at] = this.json(depth);
    } catch (error) {
      throw inside(error, `[${at}]`);
    }
    return list as JsonValue[];
  }

  #jsonObject(depth: number): JsonValue {
    const count = this.map(depth);
    const object = create(null) as Record<string, JsonValue>;
    let lastStart = 0;
    let lastEnd = -1;
    let key = "";
    for (let i = 0; i < count; i++) {
      key = this.string();
      const start = this.textStart;
      const end = this.at;
      if (lastEnd >= 0) this.ascending(lastStart, lastEnd, start, end, key);
      lastStart = start;
      lastEnd = end;
      try {
        object[key] = this.json(depth);
      } catch (error) {
        throw inside(error, keyStep(key));
      }
    }
    return object;
  }
}

const hexDigit = (value: number): number => (value < 10 ? 48 + value : 87 + value);

/** Refuses a key that does not come after the one before it. */
export function unordered(key: string | number): never {
  throw inside(new Fault("non_canonical", "keys ascend, each once"), keyStep(key));
}

export const truncated = (): never => fail("truncated", "the payload ends within the value");
const notShortest = (): never => fail("non_canonical", "the integer or length has a shorter form");
const otherNaN = (): never => fail("non_canonical", "a NaN other than the one allowed");
const notUtf8 = (): never => fail("mistyped", "the string is not UTF-8");
const mistyped = (expected: string, first: number): never => fail("mistyped", `expected ${expected}, found a value that starts with 0x${hex(first)}`);

function hex(value: number): string {
  return fromCharCode(hexDigit(value >> 4), hexDigit(value & 15));
}
