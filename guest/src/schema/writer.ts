// Writes payload bytes for the generated encoders. One writer with one growing buffer serves all codecs of a realm. Reading a value
// may run code of the guest (a getter, a proxy), which may encode something else: `suspend` gives that a buffer of its own. Generated
// code therefore reads all it needs of a value before it reserves room, and keeps no buffer or position while it reads.
import {
  arraySort, dataViewSetFloat32, dataViewSetFloat64, floor, getPrototypeOf, isArray, isSafeInteger, mapForEach, mapSize, objectKeys,
  stringCharCodeAt, stringIsWellFormed, typedArrayLength, typedArraySet, viewBuffer, viewByteOffset,
} from "../core/primordials.ts";
import { fail, inside, keyStep, shown } from "./faults.ts";
import { newList } from "./lists.ts";
import type { PayloadLimits, TextPlatform } from "./platform.ts";

const slab = 32768;
const largestShared = 1024;
const largestKept = 1024 * 1024;
const longestByHand = 160;
const shortestInBulk = 14;
const two32 = 4294967296;

interface Suspended { bytes: Uint8Array; view: DataView; at: number; capacity: number; target: Uint8Array | undefined; start: number; maxBytes: number; maxDepth: number; maxItems: number }

export class Writer {
  bytes!: Uint8Array;
  view!: DataView;
  at = 0;
  #capacity = 0;
  // Where the part of the pool begins that no payload has.
  #free = 0;
  // Where encodeInto writes, as long as it has room.
  #target: Uint8Array | undefined;
  #lastTarget: Uint8Array | undefined;
  #lastView!: DataView;
  // Where the payload begins in `bytes`.
  #start = 0;
  #busy = false;
  #pool!: Uint8Array;
  #poolView!: DataView;
  #maxBytes = 0;
  maxDepth = 0;
  maxItems = 0;
  readonly #text: TextPlatform;
  readonly #bulk: TextPlatform["write"];
  readonly #hexDigits = hexDigits();

  constructor(text: TextPlatform) {
    this.#text = text;
    this.#bulk = text.write;
    this.#renewPool(slab);
  }

  #renewPool(size: number): void {
    this.#pool = new Uint8Array(size);
    this.#poolView = new DataView(viewBuffer(this.#pool));
    this.#free = 0;
    this.#usePool();
  }

  #usePool(): void {
    this.bytes = this.#pool;
    this.view = this.#poolView;
    this.#capacity = typedArrayLength(this.#pool);
  }

  /** Begins a value, and returns the one that it interrupts, for `end`. */
  begin(limits: PayloadLimits, target: Uint8Array | undefined, start: number): Suspended | undefined {
    const outer = this.#busy ? this.#suspend() : undefined;
    this.#busy = true;
    this.#maxBytes = limits.maxBytes;
    this.maxDepth = limits.maxDepth;
    this.maxItems = limits.maxItems;
    if (target !== undefined) {
      this.#start = start;
      // The same target comes again and again where payloads cross a boundary.
      if (target !== this.#lastTarget) {
        this.#lastTarget = target;
        this.#lastView = new DataView(viewBuffer(target), viewByteOffset(target));
      }
      this.bytes = target;
      this.view = this.#lastView;
      this.#capacity = typedArrayLength(target);
    } else {
      // The owner of a payload may have transferred the memory it shares with the pool, which leaves the pool without any.
      if (this.#free > this.#capacity - largestShared || typedArrayLength(this.#pool) === 0) this.#renewPool(slab);
      this.#start = this.#free;
    }
    this.at = this.#start;
    this.#target = target;
    return outer;
  }

  #suspend(): Suspended {
    const outer = {
      bytes: this.bytes, view: this.view, at: this.at, capacity: this.#capacity, target: this.#target, start: this.#start,
      maxBytes: this.#maxBytes, maxDepth: this.maxDepth, maxItems: this.maxItems,
    };
    this.#renewPool(slab);
    return outer;
  }

  end(outer: Suspended | undefined): void {
    this.#busy = outer !== undefined;
    this.#target = undefined;
    if (outer === undefined) {
      if (typedArrayLength(this.#pool) > largestKept) this.#renewPool(slab);
      else this.#usePool();
      return;
    }
    this.bytes = outer.bytes;
    this.view = outer.view;
    this.at = outer.at;
    this.#capacity = outer.capacity;
    this.#target = outer.target;
    this.#start = outer.start;
    this.#maxBytes = outer.maxBytes;
    this.maxDepth = outer.maxDepth;
    this.maxItems = outer.maxItems;
  }

  /** The payload: a short one in memory that it shares with others, which costs a tenth of memory of its own. */
  payload(): Uint8Array {
    this.#checkSize();
    const length = this.at - this.#start;
    const view = new Uint8Array(viewBuffer(this.bytes), this.#start, length);
    if (length <= largestShared && this.#capacity === slab) {
      // A value that was interrupted is in what was the pool before; nothing else is written there.
      if (this.bytes === this.#pool) this.#free = this.at;
      return view;
    }
    // A short payload does not hold on to memory that was for a large one.
    if (length <= largestShared) this.#renewPool(slab);
    const copy = new Uint8Array(length);
    typedArraySet(copy, view);
    return copy;
  }

  /** Sees to it that the payload is in the target from `offset` on, and returns how many bytes it has. */
  land(offset: number): number {
    this.#checkSize();
    const length = this.at - this.#start;
    const target = this.#target as Uint8Array;
    if (this.bytes !== target) {
      const room = typedArrayLength(target) - offset;
      if (length > room) throw new RangeError(`The payload takes ${length} bytes; the target has room for ${room}.`);
      typedArraySet(target, new Uint8Array(viewBuffer(this.bytes), this.#start, length), offset);
    }
    return length;
  }

  #checkSize(): void {
    if (this.at - this.#start > this.#maxBytes) this.#tooLarge();
  }

  #tooLarge(): never {
    return fail("too_large", `the payload is larger than the ${this.#maxBytes} bytes allowed`);
  }

  /** Makes room for `count` bytes more. */
  reserve(count: number): void {
    if (this.at + count > this.#capacity) this.#grow(count);
  }

  #grow(count: number): void {
    // Room for text is reserved at its worst: three bytes for a character.
    if (this.at - this.#start > this.#maxBytes || count > 3 * this.#maxBytes + largestKept) this.#tooLarge();
    const full = this.bytes;
    const used = new Uint8Array(viewBuffer(full), viewByteOffset(full) + this.#start, this.at - this.#start);
    let size = full === this.#pool ? this.#capacity : slab;
    while (size < this.at - this.#start + count) size *= 2;
    // In the target, what was written began at #start; in the pool that takes its place, at the beginning.
    this.#renewPool(size);
    typedArraySet(this.bytes, used);
    this.at -= this.#start;
    this.#start = 0;
  }

  float64(position: number, value: number): number {
    const bytes = this.bytes;
    bytes[position] = 0xcb;
    if (value !== value) {
      bytes[position + 1] = 0x7f;
      bytes[position + 2] = 0xf8;
      for (let i = 3; i < 9; i++) bytes[position + i] = 0;
    } else {
      dataViewSetFloat64(this.view, position + 1, value);
    }
    return position + 9;
  }

  float32(position: number, value: number): number {
    const bytes = this.bytes;
    bytes[position] = 0xca;
    if (value !== value) {
      bytes[position + 1] = 0x7f;
      bytes[position + 2] = 0xc0;
      bytes[position + 3] = 0;
      bytes[position + 4] = 0;
    } else {
      dataViewSetFloat32(this.view, position + 1, value);
    }
    return position + 5;
  }

  /** Writes a text at a position with room for three bytes per code unit and a head of five. */
  text(position: number, text: string): number {
    const length = text.length;
    if (length >= shortestInBulk && this.#bulk !== undefined) {
      const at = position + (length < 32 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5);
      // As many bytes as code units: all of it is ASCII.
      if (this.#bulk(this.bytes, at, text) !== length) return this.#longText(position, text);
      putTextHead(this.bytes, position, length);
      return at + length;
    }
    if (length > 31) return this.#longText(position, text);
    const bytes = this.bytes;
    let at = position + 1;
    for (let i = 0; i < length; i++) {
      const unit = stringCharCodeAt(text, i);
      if (unit >= 0x80) return this.#longText(position, text);
      bytes[at++] = unit;
    }
    bytes[position] = 0xa0 | length;
    return at;
  }

  #longText(position: number, text: string): number {
    const bytes = this.bytes;
    const units = text.length;
    if (units > longestByHand) {
      if (!stringIsWellFormed(text)) halfCharacter();
      const encoded = this.#text.encode(text);
      const length = typedArrayLength(encoded);
      const at = putTextHead(bytes, position, length);
      typedArraySet(bytes, encoded, at);
      return at + length;
    }
    // The head is one byte if the text turns out to be short, else two or three: written behind the longest, moved if need be.
    const start = position + 3;
    let at = start;
    for (let i = 0; i < units; i++) {
      let unit = stringCharCodeAt(text, i);
      if (unit < 0x80) {
        bytes[at++] = unit;
      } else if (unit < 0x800) {
        bytes[at++] = 0xc0 | (unit >> 6);
        bytes[at++] = 0x80 | (unit & 0x3f);
      } else {
        if (unit >= 0xd800 && unit <= 0xdfff) {
          const low = i + 1 < units ? stringCharCodeAt(text, i + 1) : 0;
          if (unit >= 0xdc00 || low < 0xdc00 || low > 0xdfff) halfCharacter();
          unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
          i++;
          bytes[at++] = 0xf0 | (unit >> 18);
          bytes[at++] = 0x80 | ((unit >> 12) & 0x3f);
        } else {
          bytes[at++] = 0xe0 | (unit >> 12);
        }
        bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
        bytes[at++] = 0x80 | (unit & 0x3f);
      }
    }
    const length = at - start;
    const body = putTextHead(bytes, position, length);
    for (let i = 0; body !== start && i < length; i++) bytes[body + i] = bytes[start + i];
    return body + length;
  }

  /** Writes bytes at a position with room for them and a head of five. */
  binary(position: number, value: Uint8Array, length: number): number {
    const bytes = this.bytes;
    let at = position;
    if (length < 0x100) {
      bytes[at++] = 0xc4;
    } else if (length < 0x10000) {
      bytes[at++] = 0xc5;
      bytes[at++] = length >> 8;
    } else {
      bytes[at++] = 0xc6;
      bytes[at++] = length >>> 24;
      bytes[at++] = length >> 16;
      bytes[at++] = length >> 8;
    }
    bytes[at++] = length;
    if (length > 64) typedArraySet(bytes, value, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = value[i];
    return at + length;
  }

  /** Writes the sixteen bytes of a uuid, given as a text of 36 characters, at a position with room for that text three times over. */
  uuid(position: number, text: string): number {
    const bytes = this.bytes;
    const digits = this.#hexDigits;
    const start = position + 2;
    if (this.#bulk === undefined) for (let i = 0; i < 36; i++) bytes[start + i] = asciiOr0(stringCharCodeAt(text, i));
    else this.#bulk(bytes, start, text);
    let strange = (bytes[start + 8] ^ 45) | (bytes[start + 13] ^ 45) | (bytes[start + 18] ^ 45) | (bytes[start + 23] ^ 45);
    // The bytes take the place of the digits, which are ahead of them.
    let at = start;
    let from = start;
    while (at < start + 16) {
      const high = digits[bytes[from]];
      const low = digits[bytes[from + 1]];
      strange |= (high | low) & 0xf0;
      bytes[at++] = (high << 4) | low;
      from += 2;
      if (at === start + 4 || at === start + 6 || at === start + 8 || at === start + 10) from++;
    }
    if (strange !== 0) fail("mistyped", `${shown(text)} is no uuid`);
    bytes[position] = 0xc4;
    bytes[position + 1] = 16;
    return at;
  }

  arrayHead(count: number): void {
    if (count > this.maxItems) this.#tooMany(count);
    this.reserve(5);
    this.at = count < 16 ? putByte(this.bytes, this.at, 0x90 | count) : putLongCount(this.bytes, this.at, 0xdc, count);
  }

  mapHead(count: number): void {
    if (count > this.maxItems) this.#tooMany(count);
    this.reserve(5);
    this.at = count < 16 ? putByte(this.bytes, this.at, 0x80 | count) : putLongCount(this.bytes, this.at, 0xde, count);
  }

  #tooMany(count: number): never {
    return fail("too_large", `${count} items are more than the ${this.maxItems} allowed`);
  }

  /** Writes a text of any length, making room for it. */
  key(text: string): void {
    this.reserve(3 * text.length + 5);
    this.at = this.text(this.at, text);
  }

  nil(): void {
    this.reserve(1);
    this.bytes[this.at++] = 0xc0;
  }

  deep(depth: number): void {
    if (depth > this.maxDepth) fail("too_deep", `more than ${this.maxDepth} containers within each other`);
  }

  /** Writes any JSON value. `depth` is how many containers it is in. */
  json(value: unknown, depth: number): void {
    this.reserve(9);
    switch (typeof value) {
      case "string":
        return this.key(value);
      case "boolean":
        this.bytes[this.at++] = value ? 0xc3 : 0xc2;
        return;
      case "number":
        if (isSafeInteger(value)) this.at = putInteger(this.bytes, this.at, value);
        else if (value - value === 0) this.at = this.float64(this.at, value);
        else fail("out_of_range", `JSON has no ${value}`);
        return;
      case "object":
        if (value === null) return this.nil();
        this.deep(depth + 1);
        if (isArray(value)) return this.#jsonArray(value, depth + 1);
        if (isPlain(value)) return this.#jsonObject(value as Record<string, unknown>, depth + 1);
    }
    fail("mistyped", `${shown(value)} is no JSON value`);
  }

  #jsonArray(list: unknown[], depth: number): void {
    const count = listLength(list);
    this.arrayHead(count);
    let at = 0;
    try {
      for (; at < count; at++) this.json(list[at], depth);
    } catch (error) {
      throw inside(error, `[${at}]`);
    }
  }

  #jsonObject(object: Record<string, unknown>, depth: number): void {
    const keys = sortedKeys(objectKeys(object));
    const values = newList(keys.length);
    let count = 0;
    for (let i = 0; i < keys.length; i++) {
      const value = object[keys[i]];
      if (value !== undefined) {
        keys[count] = keys[i];
        values[count++] = value;
      }
    }
    this.mapHead(count);
    let at = 0;
    try {
      for (; at < count; at++) {
        this.key(keys[at]);
        this.json(values[at], depth);
      }
    } catch (error) {
      throw inside(error, keyStep(keys[at]));
    }
  }
}

const halfCharacter = (): never => fail("mistyped", "the string holds half a character (a lone surrogate)");

function putByte(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value;
  return at + 1;
}

function putLongCount(bytes: Uint8Array, at: number, form: number, count: number): number {
  if (count < 0x10000) {
    bytes[at] = form;
    bytes[at + 1] = count >> 8;
    bytes[at + 2] = count;
    return at + 3;
  }
  return putUint32(bytes, at, form + 1, count);
}

function putTextHead(bytes: Uint8Array, at: number, length: number): number {
  if (length < 32) return putByte(bytes, at, 0xa0 | length);
  if (length < 0x100) {
    bytes[at] = 0xd9;
    bytes[at + 1] = length;
    return at + 2;
  }
  return putLongCount(bytes, at, 0xda, length);
}

function putUint32(bytes: Uint8Array, at: number, form: number, value: number): number {
  bytes[at] = form;
  bytes[at + 1] = value >>> 24;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 8;
  bytes[at + 4] = value;
  return at + 5;
}

/** Writes a safe integer in its shortest form. */
export function putInteger(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 0) {
    if (value < 0x80) return putByte(bytes, at, value);
    if (value < 0x100) {
      bytes[at] = 0xcc;
      bytes[at + 1] = value;
      return at + 2;
    }
    if (value < 0x10000) {
      bytes[at] = 0xcd;
      bytes[at + 1] = value >> 8;
      bytes[at + 2] = value;
      return at + 3;
    }
    if (value < two32) return putUint32(bytes, at, 0xce, value);
    return putWide(bytes, at, 0xcf, value / two32, value);
  }
  if (value >= -32) return putByte(bytes, at, value);
  if (value >= -0x80) {
    bytes[at] = 0xd0;
    bytes[at + 1] = value;
    return at + 2;
  }
  if (value >= -0x8000) {
    bytes[at] = 0xd1;
    bytes[at + 1] = value >> 8;
    bytes[at + 2] = value;
    return at + 3;
  }
  if (value >= -0x80000000) return putUint32(bytes, at, 0xd2, value);
  return putWide(bytes, at, 0xd3, floor(value / two32), value);
}

function putWide(bytes: Uint8Array, at: number, form: number, high: number, low: number): number {
  putUint32(bytes, at, form, high | 0);
  const rest = low | 0;
  bytes[at + 5] = rest >>> 24;
  bytes[at + 6] = rest >> 16;
  bytes[at + 7] = rest >> 8;
  bytes[at + 8] = rest;
  return at + 9;
}

/** Writes an int64 or uint64 in its shortest form. */
export function putBigInteger(bytes: Uint8Array, at: number, value: bigint): number {
  const small = Number(value);
  if (isSafeInteger(small)) return putInteger(bytes, at, small);
  const low = Number(value & 0xffffffffn);
  return putWide(bytes, at, value < 0n ? 0xd3 : 0xcf, Number(value >> 32n), low);
}

const asciiOr0 = (unit: number): number => (unit < 0x80 ? unit : 0);

/** The value of each byte as a hexadecimal digit; 0xf0, which is more than a digit, for those that are none. */
function hexDigits(): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const letter = (byte | 32) - 87;
    table[byte] = byte >= 48 && byte < 58 ? byte - 48 : byte >= 65 && byte < 103 && letter >= 10 && letter < 16 ? letter : 0xf0;
  }
  return table;
}

/** Whether an object is one of data alone: without a prototype, or with Object.prototype of whatever realm. */
export function isPlain(value: object): boolean {
  const prototype = getPrototypeOf(value);
  return prototype === null || getPrototypeOf(prototype) === null;
}

/** The length of an array, which may be a proxy of one. */
export function listLength(list: unknown[]): number {
  const length: unknown = list.length;
  return isSafeInteger(length) && (length as number) >= 0 ? (length as number) : fail("mistyped", "an array without a length");
}

/** Orders texts as their UTF-8 bytes are ordered: by code points, where surrogates come last. */
function compareText(left: string, right: string): number {
  const common = left.length < right.length ? left.length : right.length;
  for (let i = 0; i < common; i++) {
    const a = stringCharCodeAt(left, i);
    const b = stringCharCodeAt(right, i);
    if (a !== b) return codePointOrder(a) - codePointOrder(b);
  }
  return left.length - right.length;
}

const codePointOrder = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/** Sorts keys in place, unless they are in order. */
export function sortedKeys<Key extends string | number>(keys: Key[]): Key[] {
  const compare = (left: Key, right: Key): number =>
    typeof left === "string" ? compareText(left, right as string) : (left as number) - (right as number);
  for (let i = 1; i < keys.length; i++) {
    if (compare(keys[i - 1], keys[i]) > 0) return arraySort(keys, compare as (left: unknown, right: unknown) => number) as Key[];
  }
  return keys;
}

/** The keys and values of a Map, or of a plain object when `allowObject`; undefined for anything else. */
export function entriesOf(value: unknown, allowObject: boolean): { keys: unknown[]; map: Map<unknown, unknown> | undefined } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  let size;
  try {
    size = mapSize(value);
  } catch {
    return allowObject && !isArray(value) && isPlain(value) ? { keys: objectKeys(value), map: undefined } : undefined;
  }
  const keys = newList(size);
  let count = 0;
  mapForEach(value as Map<unknown, unknown>, (_, key) => void (keys[count++] = key));
  return { keys, map: value as Map<unknown, unknown> };
}
