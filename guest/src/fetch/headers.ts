// https://fetch.spec.whatwg.org/#headers-class
import { append, List } from "../core/list.ts";
import { apply, getOwnPropertyDescriptor, ownKeys, symbolIterator } from "../core/primordials.ts";
import { expose, illegalInvocation, isObject, requireArguments, toByteString } from "../core/webidl.ts";
import { iterable } from "../core/pair-iterator.ts";
import { HeaderList, toHeaderName, toHeaderValue } from "./header-list.ts";

const token = {};

/** The list behind a Headers object, or undefined for any other value. */
export let headerList: (value: unknown) => HeaderList | undefined;
/** A Headers object over an existing list. */
export let wrapHeaders: (list: HeaderList, immutable: boolean) => Headers;

export class Headers {
  #list: HeaderList;
  #immutable: boolean;

  constructor(init: unknown = undefined, list?: HeaderList, immutable?: boolean) {
    if (init === token) {
      this.#list = list!;
      this.#immutable = immutable!;
      return;
    }
    this.#list = new HeaderList("", 0);
    this.#immutable = false;
    if (init !== undefined) {
      fillHeaders(this.#list, init);
    }
  }

  static #of(headers: unknown): HeaderList {
    const list = headerList(headers);
    if (list === undefined) throw illegalInvocation();
    return list;
  }

  #writable(): HeaderList {
    if (this.#immutable) {
      throw new TypeError("Can't modify immutable headers.");
    }
    return this.#list;
  }

  static #writableOf(headers: unknown): HeaderList {
    if (headerList(headers) === undefined) throw illegalInvocation();
    return (headers as Headers).#writable();
  }

  append(name: unknown, value: unknown): void {
    if (headerList(this) === undefined) throw illegalInvocation();
    requireArguments(arguments.length, 2, "'append' on 'Headers'");
    const headerName = toHeaderName(name);
    const headerValue = toHeaderValue(value);
    Headers.#writableOf(this).append(headerName, headerValue);
  }

  delete(name: unknown): void {
    if (headerList(this) === undefined) throw illegalInvocation();
    requireArguments(arguments.length, 1, "'delete' on 'Headers'");
    const headerName = toHeaderName(name);
    Headers.#writableOf(this).delete(headerName);
  }

  get(name: unknown): string | null {
    const list = Headers.#of(this);
    requireArguments(arguments.length, 1, "'get' on 'Headers'");
    return list.get(toHeaderName(name));
  }

  /** Workers' own: every value of Set-Cookie. */
  getAll(name: unknown): string[] {
    const list = Headers.#of(this);
    const headerName = toHeaderName(name);
    if (headerName !== "set-cookie") {
      throw new TypeError("getAll() can only be used with the header name \"Set-Cookie\".");
    }
    return list.getAll(headerName);
  }

  getSetCookie(): string[] { return Headers.#of(this).getAll("set-cookie"); }

  has(name: unknown): boolean {
    const list = Headers.#of(this);
    requireArguments(arguments.length, 1, "'has' on 'Headers'");
    return list.has(toHeaderName(name));
  }

  set(name: unknown, value: unknown): void {
    if (headerList(this) === undefined) throw illegalInvocation();
    requireArguments(arguments.length, 2, "'set' on 'Headers'");
    const headerName = toHeaderName(name);
    const headerValue = toHeaderValue(value);
    Headers.#writableOf(this).set(headerName, headerValue);
  }

  static {
    headerList = (value) => (typeof value === "object" && value !== null && #list in value ? value.#list : undefined);
    wrapHeaders = (list, immutable) => new Headers(token, list, immutable);
  }
}

/** https://fetch.spec.whatwg.org/#concept-headers-fill */
export function fillHeaders(list: HeaderList, init: unknown): void {
  if (!isObject(init)) {
    throw new TypeError("Failed to construct 'Headers': the provided value is not of type '(record<ByteString, ByteString> or sequence<sequence<ByteString>>)'.");
  }
  const iterate = (init as any)[symbolIterator];
  if (iterate === undefined || iterate === null) {
    fillFromRecord(list, init);
    return;
  }
  const source = headerList(init);
  if (source !== undefined && iterate === originalIterator) {
    const pairs = source.sorted();
    for (let i = 0; i < pairs.length; i++) {
      list.append(pairs[i][0], pairs[i][1]);
    }
    return;
  }
  if (typeof iterate !== "function") {
    throw new TypeError("Failed to construct 'Headers': the object must have a callable @@iterator property.");
  }
  const pairs = new List<[string, string]>();
  for (const pair of { [symbolIterator]: () => apply(iterate, init, []) as Iterator<unknown> }) {
    if (!isObject(pair)) {
      throw new TypeError("Failed to construct 'Headers': a header pair must be an iterable object.");
    }
    const items = new List<string>();
    for (const item of pair as Iterable<unknown>) {
      append(items, toByteString(item));
    }
    if (items.length !== 2) {
      throw new TypeError("Failed to construct 'Headers': a header pair must contain exactly two items.");
    }
    append(pairs, [items[0], items[1]]);
  }
  for (let i = 0; i < pairs.length; i++) {
    list.append(toHeaderName(pairs[i][0]), toHeaderValue(pairs[i][1]));
  }
}

function fillFromRecord(list: HeaderList, record: object): void {
  const keys = ownKeys(record);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const descriptor = getOwnPropertyDescriptor(record, key);
    if (descriptor === undefined || !descriptor.enumerable) {
      continue;
    }
    if (typeof key === "symbol") {
      throw new TypeError("Cannot convert a Symbol value to a string");
    }
    list.append(toHeaderName(key), toHeaderValue((record as any)[key]));
  }
}

iterable(Headers, "Headers", (self) => {
  const list = headerList(self);
  if (list === undefined) throw illegalInvocation();
  return () => list.sorted();
});
const originalIterator = (Headers.prototype as any)[Symbol.iterator];

export function installHeaders(): void {
  expose(Headers, "Headers");
}
