// Built-ins taken before any guest code runs. Globals themselves are captured by the bundle's banner (build.mjs);
// this file captures methods, which the guest may replace on their prototypes.

type Method = (this: any, ...args: any[]) => any;
type Uncurried<F extends Method> = (self: ThisParameterType<F> extends object ? any : any, ...args: Parameters<F>) => ReturnType<F>;

const { bind, call } = Function.prototype;

/** Turns a method into a function that takes its receiver first. */
export const uncurry: <F extends Method>(method: F) => Uncurried<F> = bind.bind(call) as any;

const getterOf = (prototype: object, key: PropertyKey): ((self: any) => any) =>
  uncurry(Object.getOwnPropertyDescriptor(prototype, key)!.get!);

export const { apply, construct, ownKeys, getOwnPropertyDescriptor, getPrototypeOf, defineProperty } = Reflect;
export const { assign, create, freeze, setPrototypeOf, defineProperties, is } = Object;
export const objectKeys = Object.keys;
export const hasOwn = Object.hasOwn;
export const { parse: jsonParse, stringify: jsonStringify } = JSON;
export const { min, max, trunc, floor, abs, fround } = Math;
export const { isArray } = Array;
export const { fromCharCode } = String;
export const { isInteger, isFinite: isFiniteNumber, isSafeInteger } = Number;
export const isView = ArrayBuffer.isView as (value: unknown) => value is ArrayBufferView;
export const symbolIterator: typeof Symbol.iterator = Symbol.iterator;
export const symbolAsyncIterator: typeof Symbol.asyncIterator = Symbol.asyncIterator;
export const symbolToStringTag: typeof Symbol.toStringTag = Symbol.toStringTag;

export const arraySort = uncurry(Array.prototype.sort);
export const arraySlice = uncurry(Array.prototype.slice);
export const arrayIncludes = uncurry(Array.prototype.includes);
export const arrayToSpliced = uncurry(Array.prototype.toSpliced);
export const arrayFrom = Array.from;

export const stringIndexOf = uncurry(String.prototype.indexOf);
export const stringLastIndexOf = uncurry(String.prototype.lastIndexOf);
export const stringSlice = uncurry(String.prototype.slice);
export const stringSubstring = uncurry(String.prototype.substring);
export const stringCharCodeAt = uncurry(String.prototype.charCodeAt);
export const stringCodePointAt = uncurry(String.prototype.codePointAt);
export const stringToLowerCase = uncurry(String.prototype.toLowerCase);
export const stringToUpperCase = uncurry(String.prototype.toUpperCase);
export const stringStartsWith = uncurry(String.prototype.startsWith);
export const stringEndsWith = uncurry(String.prototype.endsWith);
export const stringIsWellFormed = uncurry(String.prototype.isWellFormed);
export const stringToWellFormed = uncurry(String.prototype.toWellFormed);
export const stringTrim = uncurry(String.prototype.trim);
export const stringRepeat = uncurry(String.prototype.repeat);
export const stringPadEnd = uncurry(String.prototype.padEnd);

export const symbolToString = uncurry(Symbol.prototype.toString);
export const regExpExec = uncurry(RegExp.prototype.exec);
export const dateGetTime = uncurry(Date.prototype.getTime);
export const dateUTC = Date.UTC;
export const dateToISOString = uncurry(Date.prototype.toISOString);
export const mapForEach = uncurry(Map.prototype.forEach) as <K, V>(map: Map<K, V>, visit: (value: V, key: K) => void) => void;
export const mapGet = uncurry(Map.prototype.get);
export const mapSet = uncurry(Map.prototype.set);
export const mapSize = getterOf(Map.prototype, "size") as (map: unknown) => number;

export const promiseThen = uncurry(Promise.prototype.then) as <T>(
  promise: Promise<T>, onFulfilled?: ((value: T) => unknown) | undefined, onRejected?: ((reason: any) => unknown) | undefined,
) => Promise<any>;

const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
/** The name of the typed array type, or undefined for any other value. Never runs guest code. */
export const typedArrayTag = getterOf(TypedArrayPrototype, Symbol.toStringTag) as (value: unknown) => string | undefined;
const typedArrayBuffer = getterOf(TypedArrayPrototype, "buffer");
const typedArrayByteOffset = getterOf(TypedArrayPrototype, "byteOffset");
const typedArrayByteLength = getterOf(TypedArrayPrototype, "byteLength");
export const typedArrayLength = getterOf(TypedArrayPrototype, "length") as (view: unknown) => number;
export const typedArraySet = uncurry(TypedArrayPrototype.set as Uint8Array["set"]);
export const dataViewSetFloat32 = uncurry(DataView.prototype.setFloat32);
export const dataViewSetFloat64 = uncurry(DataView.prototype.setFloat64);
const dataViewBuffer = getterOf(DataView.prototype, "buffer");
const dataViewByteOffset = getterOf(DataView.prototype, "byteOffset");
const dataViewByteLength = getterOf(DataView.prototype, "byteLength");

/** The buffer behind any view, read from its internal slots. */
export const viewBuffer = (view: ArrayBufferView): ArrayBuffer =>
  typedArrayTag(view) === undefined ? dataViewBuffer(view) : typedArrayBuffer(view);
export const viewByteOffset = (view: ArrayBufferView): number =>
  typedArrayTag(view) === undefined ? dataViewByteOffset(view) : typedArrayByteOffset(view);
export const viewByteLength = (view: ArrayBufferView): number =>
  typedArrayTag(view) === undefined ? dataViewByteLength(view) : typedArrayByteLength(view);

export const bufferByteLength = getterOf(ArrayBuffer.prototype, "byteLength") as (buffer: ArrayBuffer) => number;
export const bufferDetached = getterOf(ArrayBuffer.prototype, "detached") as (buffer: ArrayBuffer) => boolean;
export const bufferTransfer = uncurry(ArrayBuffer.prototype.transfer);
export const bufferSlice = uncurry(ArrayBuffer.prototype.slice);

/** True for an ArrayBuffer of any realm; false for everything else, SharedArrayBuffer included. Never runs guest code. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  try {
    bufferByteLength(value as ArrayBuffer);
    return true;
  } catch {
    return false;
  }
}

/** True for ArrayBuffer and any view: WebIDL's BufferSource. */
export const isBufferSource = (value: unknown): value is ArrayBuffer | ArrayBufferView => isView(value) || isArrayBuffer(value);

/** A Uint8Array over the same memory as `source`. */
export function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  return typedArrayTag(source) === "Uint8Array" ? (source as Uint8Array) : viewOf(source);
}

/** A new Uint8Array over the same memory; no view can be made of a detached buffer, which has no bytes. */
function viewOf(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  const length = isView(source) ? viewByteLength(source) : bufferByteLength(source);
  if (length === 0) {
    return new Uint8Array(0);
  }
  return isView(source) ? new Uint8Array(viewBuffer(source), viewByteOffset(source), length) : new Uint8Array(source);
}

/** A part of the same memory; unlike `subarray`, asks no constructor of the guest's what to make. */
export const partOf = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
  new Uint8Array(viewBuffer(bytes), viewByteOffset(bytes) + start, end - start);

/** A copy of the bytes of `source`, in memory nothing else refers to. */
export function copyBytes(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  const view = viewOf(source);
  const copy = new Uint8Array(typedArrayByteLength(view));
  typedArraySet(copy, view);
  return copy;
}

/** Joins chunks of known total length into one array. */
export function concatBytes(chunks: ArrayLike<Uint8Array>, total: number): Uint8Array {
  if (chunks.length === 1) {
    return chunks[0];
  }
  const whole = new Uint8Array(total);
  let offset = 0;
  for (let i = 0; i < chunks.length; i++) {
    typedArraySet(whole, chunks[i], offset);
    offset += viewByteLength(chunks[i]);
  }
  return whole;
}

function sealed<T extends abstract new (...args: any[]) => any>(subclass: T, base: { prototype: object }): void {
  const keys = ownKeys(base.prototype);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (key !== "constructor") {
      defineProperty(subclass.prototype, key, getOwnPropertyDescriptor(base.prototype, key)!);
    }
  }
  setPrototypeOf(subclass.prototype, null);
}

/** A Map whose methods the guest cannot reach or replace. Iterate with forEach. */
export class SafeMap<K, V> extends Map<K, V> {}
/** A Set whose methods the guest cannot reach or replace. Iterate with forEach. */
export class SafeSet<T> extends Set<T> {}
/** A WeakMap whose methods the guest cannot reach or replace. */
export class SafeWeakMap<K extends WeakKey, V> extends WeakMap<K, V> {}
sealed(SafeMap, Map);
sealed(SafeSet, Set);
sealed(SafeWeakMap, WeakMap);
