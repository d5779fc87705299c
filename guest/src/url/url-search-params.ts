// https://url.spec.whatwg.org/#interface-urlsearchparams
import { append, List, toArray } from "../core/list.ts";
import { apply, arraySort, getOwnPropertyDescriptor, ownKeys, stringCharCodeAt, stringSlice, symbolIterator } from "../core/primordials.ts";
import { iterable } from "../core/pair-iterator.ts";
import { expose, illegalInvocation, isObject, requireArguments, toUSVString } from "../core/webidl.ts";
import { parseUrlEncoded, serializeUrlEncoded, type Pair } from "./search-params-list.ts";

const token = {};

export class SearchParamsInner {
  pairs: List<Pair>;
  /** Tells the URL the parameters belong to that they changed. */
  readonly onChange: ((search: string) => void) | undefined;

  constructor(pairs: List<Pair>, onChange: ((search: string) => void) | undefined) {
    this.pairs = pairs;
    this.onChange = onChange;
  }

  changed(): void {
    this.onChange?.(serializeUrlEncoded(this.pairs));
  }
}

export let searchParamsInner: (value: unknown) => SearchParamsInner | undefined;
export const wrapSearchParams = (inner: SearchParamsInner): URLSearchParams => new URLSearchParams(token, inner);

export class URLSearchParams {
  #inner: SearchParamsInner;

  constructor(init: unknown = "", inner?: SearchParamsInner) {
    this.#inner = init === token ? inner! : new SearchParamsInner(toPairs(init), undefined);
  }

  static #of(params: unknown): SearchParamsInner {
    const inner = searchParamsInner(params);
    if (inner === undefined) throw illegalInvocation();
    return inner;
  }

  get size(): number { return URLSearchParams.#of(this).pairs.length; }

  append(name: unknown, value: unknown): void {
    const inner = URLSearchParams.#of(this);
    requireArguments(arguments.length, 2, "'append' on 'URLSearchParams'");
    append(inner.pairs, [toUSVString(name), toUSVString(value)]);
    inner.changed();
  }

  delete(name: unknown, value: unknown = undefined): void {
    const inner = URLSearchParams.#of(this);
    requireArguments(arguments.length, 1, "'delete' on 'URLSearchParams'");
    const key = toUSVString(name);
    const only = value === undefined ? undefined : toUSVString(value);
    const kept = new List<Pair>();
    for (let i = 0; i < inner.pairs.length; i++) {
      const pair = inner.pairs[i];
      if (pair[0] !== key || (only !== undefined && pair[1] !== only)) append(kept, pair);
    }
    inner.pairs = kept;
    inner.changed();
  }

  get(name: unknown): string | null {
    const inner = URLSearchParams.#of(this);
    requireArguments(arguments.length, 1, "'get' on 'URLSearchParams'");
    const key = toUSVString(name);
    for (let i = 0; i < inner.pairs.length; i++) {
      if (inner.pairs[i][0] === key) return inner.pairs[i][1];
    }
    return null;
  }

  getAll(name: unknown): string[] {
    const inner = URLSearchParams.#of(this);
    requireArguments(arguments.length, 1, "'getAll' on 'URLSearchParams'");
    const key = toUSVString(name);
    const found = new List<string>();
    for (let i = 0; i < inner.pairs.length; i++) {
      if (inner.pairs[i][0] === key) append(found, inner.pairs[i][1]);
    }
    return toArray(found);
  }

  has(name: unknown, value: unknown = undefined): boolean {
    const inner = URLSearchParams.#of(this);
    requireArguments(arguments.length, 1, "'has' on 'URLSearchParams'");
    const key = toUSVString(name);
    const only = value === undefined ? undefined : toUSVString(value);
    for (let i = 0; i < inner.pairs.length; i++) {
      if (inner.pairs[i][0] === key && (only === undefined || inner.pairs[i][1] === only)) return true;
    }
    return false;
  }

  set(name: unknown, value: unknown): void {
    const inner = URLSearchParams.#of(this);
    requireArguments(arguments.length, 2, "'set' on 'URLSearchParams'");
    const key = toUSVString(name);
    const text = toUSVString(value);
    const kept = new List<Pair>();
    let found = false;
    for (let i = 0; i < inner.pairs.length; i++) {
      const pair = inner.pairs[i];
      if (pair[0] !== key) {
        append(kept, pair);
      } else if (!found) {
        found = true;
        append(kept, [key, text]);
      }
    }
    if (!found) append(kept, [key, text]);
    inner.pairs = kept;
    inner.changed();
  }

  sort(): void {
    const inner = URLSearchParams.#of(this);
    arraySort(inner.pairs, (a: Pair, b: Pair) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    inner.changed();
  }

  toString(): string { return serializeUrlEncoded(URLSearchParams.#of(this).pairs); }

  static {
    searchParamsInner = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
  }
}

function toPairs(init: unknown): List<Pair> {
  if (!isObject(init)) {
    const text = toUSVString(init);
    return parseUrlEncoded(text.length > 0 && stringCharCodeAt(text, 0) === 63 ? stringSlice(text, 1) : text);
  }
  const pairs = new List<Pair>();
  const iterate = (init as any)[symbolIterator];
  if (iterate === undefined || iterate === null) {
    fillFromRecord(pairs, init);
    return pairs;
  }
  if (typeof iterate !== "function") {
    throw new TypeError("Failed to construct 'URLSearchParams': the object must have a callable @@iterator property.");
  }
  for (const pair of { [symbolIterator]: () => apply(iterate, init, []) as Iterator<unknown> }) {
    if (!isObject(pair)) {
      throw new TypeError("Failed to construct 'URLSearchParams': a pair must be an iterable object.");
    }
    const items = new List<string>();
    for (const item of pair as Iterable<unknown>) {
      append(items, toUSVString(item));
    }
    if (items.length !== 2) {
      throw new TypeError("Failed to construct 'URLSearchParams': a pair must contain exactly two items.");
    }
    append(pairs, [items[0], items[1]]);
  }
  return pairs;
}

/** https://webidl.spec.whatwg.org/#js-record: keys that lone surrogates make equal are one, with the later value. */
function fillFromRecord(pairs: List<Pair>, record: object): void {
  const keys = ownKeys(record);
  let mayRepeat = false;
  for (let i = 0; i < keys.length; i++) {
    const descriptor = getOwnPropertyDescriptor(record, keys[i]);
    if (descriptor === undefined || !descriptor.enumerable) {
      continue;
    }
    const name = toUSVString(keys[i]);
    const value = toUSVString((record as any)[keys[i]]);
    mayRepeat ||= name !== keys[i];
    let at = mayRepeat ? 0 : pairs.length;
    while (at < pairs.length && pairs[at][0] !== name) at++;
    if (at < pairs.length) pairs[at] = [name, value];
    else append(pairs, [name, value]);
  }
}

iterable(URLSearchParams, "URLSearchParams", (self) => {
  const inner = searchParamsInner(self);
  if (inner === undefined) throw illegalInvocation();
  return () => inner.pairs;
});

export function installURLSearchParams(): void {
  expose(URLSearchParams, "URLSearchParams");
}
