// https://fetch.spec.whatwg.org/#concept-header-list, kept packed as the host gave it until something looks inside.
import { append, List, toArray } from "../core/list.ts";
import { stringCharCodeAt, stringIndexOf, stringSlice, stringToLowerCase } from "../core/primordials.ts";
import { toByteString } from "../core/webidl.ts";

export class HeaderList {
  /** Lower-case names and their values, in the order they were added. */
  #names: List<string> | undefined;
  #values: List<string> | undefined;
  /** "name\nvalue\nname\nvalue" from this offset on, until the list is looked at. */
  #packed: string;
  #offset: number;
  #sorted: List<[string, string]> | undefined;

  constructor(packed: string, offset: number) {
    this.#packed = packed;
    this.#offset = offset;
  }

  #open(): List<string> {
    if (this.#names !== undefined) {
      return this.#names;
    }
    const names = new List<string>();
    const values = new List<string>();
    const packed = this.#packed;
    let at = this.#offset;
    while (at < packed.length) {
      const nameEnd = stringIndexOf(packed, "\n", at);
      const valueEnd = stringIndexOf(packed, "\n", nameEnd + 1);
      const end = valueEnd === -1 ? packed.length : valueEnd;
      append(names, stringSlice(packed, at, nameEnd));
      append(values, stringSlice(packed, nameEnd + 1, end));
      at = end + 1;
    }
    this.#packed = "";
    this.#names = names;
    this.#values = values;
    return names;
  }

  /** The values of a lower-case name joined as the specification says, or null. */
  get(name: string): string | null {
    const names = this.#open();
    const values = this.#values!;
    let result: string | null = null;
    for (let i = 0; i < names.length; i++) {
      if (names[i] === name) {
        result = result === null ? values[i] : `${result}, ${values[i]}`;
      }
    }
    return result;
  }

  getAll(name: string): string[] {
    const names = this.#open();
    const found = new List<string>();
    for (let i = 0; i < names.length; i++) {
      if (names[i] === name) {
        append(found, this.#values![i]);
      }
    }
    return toArray(found);
  }

  has(name: string): boolean {
    const names = this.#open();
    for (let i = 0; i < names.length; i++) {
      if (names[i] === name) {
        return true;
      }
    }
    return false;
  }

  append(name: string, value: string): void {
    const names = this.#open();
    append(names, name);
    append(this.#values!, value);
    this.#sorted = undefined;
  }

  set(name: string, value: string): void {
    const names = this.#open();
    for (let i = 0; i < names.length; i++) {
      if (names[i] === name) {
        this.#values![i] = value;
        this.#removeFrom(i + 1, name);
        this.#sorted = undefined;
        return;
      }
    }
    this.append(name, value);
  }

  delete(name: string): void {
    this.#open();
    this.#removeFrom(0, name);
    this.#sorted = undefined;
  }

  #removeFrom(start: number, name: string): void {
    const names = this.#names!;
    const values = this.#values!;
    let kept = start;
    for (let i = start; i < names.length; i++) {
      if (names[i] !== name) {
        names[kept] = names[i];
        values[kept] = values[i];
        kept++;
      }
    }
    names.length = kept;
    values.length = kept;
  }

  copy(): HeaderList {
    if (this.#names === undefined) {
      return new HeaderList(this.#packed, this.#offset);
    }
    const copy = new HeaderList("", 0);
    const names = new List<string>();
    const values = new List<string>();
    for (let i = 0; i < this.#names.length; i++) {
      append(names, this.#names[i]);
      append(values, this.#values![i]);
    }
    copy.#names = names;
    copy.#values = values;
    return copy;
  }

  /** The form the host takes: one line per name and value. */
  pack(): string {
    if (this.#names === undefined) {
      return this.#offset === 0 ? this.#packed : stringSlice(this.#packed, this.#offset);
    }
    const names = this.#names;
    const values = this.#values!;
    if (names.length === 0) {
      return "";
    }
    let packed = `${names[0]}\n${values[0]}`;
    for (let i = 1; i < names.length; i++) {
      packed += `\n${names[i]}\n${values[i]}`;
    }
    return packed;
  }

  /** https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine; valid until the next change. */
  sorted(): List<[string, string]> {
    if (this.#sorted !== undefined) {
      return this.#sorted;
    }
    const names = this.#open();
    const unique = new List<string>();
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      let at = unique.length;
      while (at > 0 && unique[at - 1] > name) at--;
      if (at > 0 && unique[at - 1] === name) {
        continue;
      }
      append(unique, name);
      for (let j = unique.length - 1; j > at; j--) unique[j] = unique[j - 1];
      unique[at] = name;
    }
    const pairs = new List<[string, string]>();
    for (let i = 0; i < unique.length; i++) {
      const name = unique[i];
      if (name === "set-cookie") {
        const cookies = this.getAll(name);
        for (let j = 0; j < cookies.length; j++) {
          append(pairs, [name, cookies[j]]);
        }
      } else {
        append(pairs, [name, this.get(name)!]);
      }
    }
    return (this.#sorted = pairs);
  }
}

// https://httpwg.org/specs/rfc9110.html#tokens
const tokenCharacters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const isToken = new List<boolean>();
for (let i = 0; i < 128; i++) {
  append(isToken, false);
}
for (let i = 0; i < tokenCharacters.length; i++) {
  isToken[tokenCharacters.charCodeAt(i)] = true;
}

/** True for a method or header name: one or more token characters. */
export function isTokenText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = stringCharCodeAt(text, i);
    if (code > 127 || !isToken[code]) {
      return false;
    }
  }
  return text.length > 0;
}

/** A valid header name in lower case. */
export function toHeaderName(value: unknown): string {
  const name = typeof value === "string" ? value : toByteString(value);
  if (!isTokenText(name)) {
    throw new TypeError(`Invalid header name: ${name}`);
  }
  return stringToLowerCase(name);
}

/** A header value without surrounding white space. https://fetch.spec.whatwg.org/#concept-header-value */
export function toHeaderValue(value: unknown): string {
  const text = toByteString(value);
  let start = 0;
  let end = text.length;
  while (start < end && isHttpSpace(stringCharCodeAt(text, start))) {
    start++;
  }
  while (end > start && isHttpSpace(stringCharCodeAt(text, end - 1))) {
    end--;
  }
  for (let i = start; i < end; i++) {
    const code = stringCharCodeAt(text, i);
    if (code === 0 || code === 10 || code === 13) {
      throw new TypeError("Invalid header value.");
    }
  }
  return start === 0 && end === text.length ? text : stringSlice(text, start, end);
}

const isHttpSpace = (code: number): boolean => code === 32 || code === 9 || code === 10 || code === 13;

