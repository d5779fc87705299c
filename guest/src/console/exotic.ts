// What kind of built-in a value is, found through internal slots only: no code of the guest runs.
import { append, List } from "../core/list.ts";
import { getOwnPropertyDescriptor, isArrayBuffer, isView, typedArrayTag, uncurry } from "../core/primordials.ts";

type Getter = (self: any) => any;
const getter = (prototype: object, key: PropertyKey): Getter => uncurry(Object.getOwnPropertyDescriptor(prototype, key)!.get!);

const mapSize = getter(Map.prototype, "size");
const setSize = getter(Set.prototype, "size");
const mapForEach = uncurry(Map.prototype.forEach);
const setForEach = uncurry(Set.prototype.forEach);
const weakMapHas = uncurry(WeakMap.prototype.has);
const weakSetHas = uncurry(WeakSet.prototype.has);
const weakRefDeref = uncurry(WeakRef.prototype.deref);
const dateGetTime = uncurry(Date.prototype.getTime);
const dateToISOString = uncurry(Date.prototype.toISOString);
const RegExpPrototype = Object.getPrototypeOf(/x/);
const regExpSource = getter(RegExpPrototype, "source");
const regExpFlags: [string, Getter][] = [
  ["d", getter(RegExpPrototype, "hasIndices")], ["g", getter(RegExpPrototype, "global")], ["i", getter(RegExpPrototype, "ignoreCase")],
  ["m", getter(RegExpPrototype, "multiline")], ["s", getter(RegExpPrototype, "dotAll")], ["u", getter(RegExpPrototype, "unicode")],
  ["v", getter(RegExpPrototype, "unicodeSets")], ["y", getter(RegExpPrototype, "sticky")],
];
const numberValue = uncurry(Number.prototype.valueOf);
const stringValue = uncurry(String.prototype.valueOf);
const booleanValue = uncurry(Boolean.prototype.valueOf);
const bigintValue = uncurry(BigInt.prototype.valueOf);
const symbolValue = uncurry(Symbol.prototype.valueOf);
const functionToString = uncurry(Function.prototype.toString);
const probe = {};

/** https://tc39.es/ecma262/#sec-error.iserror */
export let isError: (value: unknown) => boolean;

/** V8 adds its newest built-ins after it restored a snapshot, so this one is taken when the isolate starts. */
export function takeIsError(): void {
  isError = (Error as unknown as { isError(value: unknown): boolean }).isError;
}

/** The result of `read`, or undefined when the value lacks the internal slot it needs. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

export type Exotic =
  | { kind: "map"; entries: List<[unknown, unknown]> }
  | { kind: "set"; entries: List<unknown> }
  | { kind: "weak"; }
  | { kind: "weakref"; target: unknown }
  | { kind: "typed"; tag: string }
  | { kind: "buffer" }
  | { kind: "dataview" }
  | { kind: "date"; text: string }
  | { kind: "regexp"; text: string }
  | { kind: "boxed"; type: string; value: unknown };

export function classify(value: object): Exotic | undefined {
  if (isView(value)) {
    const tag = typedArrayTag(value);
    return tag === undefined ? { kind: "dataview" } : { kind: "typed", tag };
  }
  if (attempt(() => mapSize(value)) !== undefined) {
    const entries = new List<[unknown, unknown]>();
    mapForEach(value, (item: unknown, key: unknown) => {
      append(entries, [key, item]);
    });
    return { kind: "map", entries };
  }
  if (attempt(() => setSize(value)) !== undefined) {
    const entries = new List<unknown>();
    setForEach(value, (item: unknown) => {
      append(entries, item);
    });
    return { kind: "set", entries };
  }
  if (isArrayBuffer(value)) {
    return { kind: "buffer" };
  }
  const time = attempt(() => dateGetTime(value) as number);
  if (time !== undefined) {
    return { kind: "date", text: isNaN(time) ? "Invalid Date" : dateToISOString(value) };
  }
  const source = attempt(() => (value === RegExpPrototype ? undefined : (regExpSource(value) as string)));
  if (source !== undefined) {
    let text = `/${source}/`;
    for (let i = 0; i < regExpFlags.length; i++) {
      if (regExpFlags[i][1](value)) text += regExpFlags[i][0];
    }
    return { kind: "regexp", text };
  }
  if (attempt(() => weakMapHas(value, probe)) !== undefined || attempt(() => weakSetHas(value, probe)) !== undefined) {
    return { kind: "weak" };
  }
  return classifyBoxed(value);
}

function classifyBoxed(value: object): Exotic | undefined {
  const readers: [string, (self: any) => unknown][] = [
    ["Number", numberValue], ["String", stringValue], ["Boolean", booleanValue], ["BigInt", bigintValue], ["Symbol", symbolValue],
  ];
  for (let i = 0; i < readers.length; i++) {
    const boxed = attempt(() => readers[i][1](value));
    if (boxed !== undefined) {
      return { kind: "boxed", type: readers[i][0], value: boxed };
    }
  }
  const target = attempt(() => [weakRefDeref(value)]);
  return target === undefined ? undefined : { kind: "weakref", target: target[0] };
}

/** The source text of a function. */
export const functionSource = (value: object): string => attempt(() => functionToString(value)) ?? "";

/** The value of an own data property; undefined for accessors. */
export const ownData = (value: object, key: PropertyKey): unknown => getOwnPropertyDescriptor(value, key)?.value;
