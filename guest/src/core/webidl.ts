// WebIDL's rules for interfaces and for the few conversions the APIs share. https://webidl.spec.whatwg.org/
import {
  apply, defineProperty, floor, getOwnPropertyDescriptor, getPrototypeOf, isFiniteNumber, ownKeys, SafeMap, setPrototypeOf, stringCharCodeAt,
  stringToWellFormed, symbolIterator, symbolToStringTag, trunc,
} from "./primordials.ts";

const globalObject = globalThis;
/** The names of interfaces, by their prototypes. */
const interfaces = new SafeMap<object, string>();

/** Gives a class the shape of a WebIDL interface: enumerable members, a toStringTag and its name. */
export function shape(constructor: abstract new (...args: any[]) => any, name: string): void {
  interfaces.set(constructor.prototype, name);
  enumerable(constructor.prototype);
  enumerable(constructor, true);
  defineProperty(constructor, "name", { value: name, configurable: true });
  defineProperty(constructor.prototype, symbolToStringTag, { value: name, configurable: true });
}

/** The interface whose prototype a value inherits from; undefined where there is none. */
export function interfaceOf(value: object): string | undefined {
  let name: string | undefined;
  for (let prototype = getPrototypeOf(value); prototype !== null && name === undefined; prototype = getPrototypeOf(prototype)) {
    name = interfaces.get(prototype);
  }
  return name;
}

function enumerable(target: object, isConstructor = false): void {
  const keys = ownKeys(target);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (typeof key === "symbol" || key === "constructor") {
      continue;
    }
    if (isConstructor && (key === "prototype" || key === "name" || key === "length")) {
      continue;
    }
    const descriptor = getOwnPropertyDescriptor(target, key)!;
    if (descriptor.configurable) {
      descriptor.enumerable = true;
      defineProperty(target, key, descriptor);
    }
  }
}

/** Shapes a class as an interface and puts it on the global object. */
export function expose(constructor: abstract new (...args: any[]) => any, name: string): void {
  shape(constructor, name);
  exposeValue(name, constructor);
}

/** A global that is writable and configurable; interfaces are not enumerable, operations are. */
export function exposeValue(name: string, value: unknown, isEnumerable = false): void {
  if (typeof value === "function" && isEnumerable) {
    defineProperty(value, "name", { value: name, configurable: true });
  }
  defineProperty(globalObject, name, { value, writable: true, enumerable: isEnumerable, configurable: true });
}

/** Interface constants: enumerable and read-only, on the constructor and on the prototype. */
export function constants(constructor: abstract new (...args: any[]) => any, values: Record<string, number>): void {
  const keys = ownKeys(values) as string[];
  for (let i = 0; i < keys.length; i++) {
    const descriptor = { value: values[keys[i]], enumerable: true };
    defineProperty(constructor, keys[i], descriptor);
    defineProperty(constructor.prototype, keys[i], descriptor);
  }
}

/** The prototype of an interface's iterator: next is enumerable, Symbol.iterator is inherited. */
export function iteratorShape(constructor: abstract new (...args: any[]) => any, tag: string, parent: object): void {
  const prototype = constructor.prototype;
  defineProperty(prototype, symbolToStringTag, { value: tag, configurable: true });
  enumerable(prototype);
  delete prototype.constructor;
  setPrototypeOf(prototype, parent);
}

export function illegalInvocation(): TypeError {
  return new TypeError("Illegal invocation");
}

export function illegalConstructor(): TypeError {
  return new TypeError("Illegal constructor");
}

/** Throws when fewer than `required` arguments were given, in the words WebIDL bindings use. */
export function requireArguments(given: number, required: number, where: string): void {
  if (given < required) {
    throw new TypeError(`Failed to execute ${where}: ${required} argument${required === 1 ? "" : "s"} required, but only ${given} present.`);
  }
}

/** DOMString: throws for symbols. */
export function toDOMString(value: unknown): string {
  return typeof value === "string" ? value : `${value as any}`;
}

/** USVString: lone surrogates become U+FFFD. */
export function toUSVString(value: unknown): string {
  return stringToWellFormed(typeof value === "string" ? value : `${value as any}`);
}

/** ByteString: a TypeError for code units above 255. */
export function toByteString(value: unknown): string {
  const text = typeof value === "string" ? value : `${value as any}`;
  for (let i = 0; i < text.length; i++) {
    if (stringCharCodeAt(text, i) > 255) {
      throw new TypeError(`Cannot convert argument to a ByteString because the character at index ${i} has a value of ${stringCharCodeAt(text, i)} which is greater than 255.`);
    }
  }
  return text;
}

/** `long`: wraps like the other integer conversions without attributes. */
export function toLong(value: unknown): number {
  return (value as number) | 0;
}

/** `unsigned long long` with [EnforceRange]. */
export function toEnforcedRange(value: unknown, what: string): number {
  const number = Number(value);
  if (!isFiniteNumber(number) || trunc(number) < 0 || trunc(number) > 9007199254740991) {
    throw new TypeError(`${what} must be an integer between 0 and 2^53 - 1.`);
  }
  return trunc(number) + 0;
}

/** `long long` with [Clamp]. */
export function toClamped(value: unknown): number {
  const number = Number(value);
  if (isNaN(number)) {
    return 0;
  }
  const clamped = number < -9007199254740991 ? -9007199254740991 : number > 9007199254740991 ? 9007199254740991 : number;
  const low = floor(clamped);
  const distance = clamped - low;
  return (distance < 0.5 || (distance === 0.5 && low % 2 === 0) ? low : low + 1) + 0;
}

/** A dictionary argument: undefined and null mean an empty one. */
export function toDictionary(value: unknown, what: string): Record<string, any> | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value !== "object" && typeof value !== "function") {
    throw new TypeError(`${what} must be an object.`);
  }
  return value as Record<string, any>;
}

/** The items of a sequence argument, whose iterator is asked for once; `message` is for a value that has none. */
export function sequenceOf(value: unknown, message: string): Iterable<unknown> {
  const iterate = isObject(value) ? (value as any)[symbolIterator] : undefined;
  if (typeof iterate !== "function") {
    throw new TypeError(message);
  }
  return { [symbolIterator]: () => apply(iterate, value, []) as Iterator<unknown> };
}

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
