// A value as text for people. Nothing of the guest runs while it is written: no getters, no toString, no proxy traps, and
// the output is bounded in depth, in items and in characters.
import { native } from "../core/bridge.ts";
import { append, List } from "../core/list.ts";
import {
  bufferByteLength, getOwnPropertyDescriptor, getPrototypeOf, is, isArray, min, ownKeys, SafeMap, stringIndexOf, stringRepeat,
  stringSlice, stringStartsWith, symbolToString, symbolToStringTag, typedArrayLength, viewByteLength, viewByteOffset,
} from "../core/primordials.ts";
import { describeDOMException, isDOMException, nativeStack, nativeStackGetter } from "../clone/dom-exception.ts";
import { classify, functionSource, isError, ownData, type Exotic } from "./exotic.ts";
import { platformView } from "./platform-objects.ts";
import { hex, quote, quoteKey } from "./quote.ts";

const maximumItems = 100;
const maximumOutput = 200000;
const lineWidth = 76;
/** Properties of errors that are shown although they are not enumerable. */
const hiddenOfErrors = ["cause", "errors"];
const { prototype: objectPrototype } = Object;

export interface InspectOptions {
  /** How many levels of objects are opened. */
  depth?: number;
  showHidden?: boolean;
}

/** The text of a value; strings are quoted. */
export function inspect(value: unknown, options?: InspectOptions): string {
  return new Inspector(options?.depth ?? 2, options?.showHidden ?? false).format(value, 0);
}

export function formatPrimitive(value: unknown): string {
  switch (typeof value) {
    case "string": return quote(value);
    case "number": return is(value, -0) ? "-0" : `${value}`;
    case "bigint": return `${value}n`;
    case "symbol": return symbolToString(value);
    default: return `${value as undefined}`;
  }
}

/** One line of an object: its text and how many levels of objects it shows. */
interface Entry {
  text: string;
  levels: number;
}

class Inspector {
  readonly #depth: number;
  readonly #showHidden: boolean;
  readonly #path = new List<object>();
  readonly #circular = new SafeMap<object, number>();
  #written = 0;
  /** How many levels of objects the value formatted last shows, its own included. */
  #levels = 0;

  constructor(depth: number, showHidden: boolean) {
    this.#depth = depth;
    this.#showHidden = showHidden;
  }

  format(value: unknown, level: number): string {
    this.#levels = 0;
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      const text = formatPrimitive(value);
      this.#written += text.length;
      return text;
    }
    const target = withoutProxies(value);
    if (target === null || typeof target !== "object" && typeof target !== "function") {
      return "<Revoked Proxy>";
    }
    for (let i = 0; i < this.#path.length; i++) {
      if (this.#path[i] === target) {
        let index = this.#circular.get(target);
        if (index === undefined) {
          index = this.#circular.size + 1;
          this.#circular.set(target, index);
        }
        return `[Circular *${index}]`;
      }
    }
    if (this.#written > maximumOutput) {
      return "...";
    }
    append(this.#path, target);
    try {
      const text = this.#formatObject(target, level);
      const index = this.#circular.get(target);
      this.#written += text.length;
      return index === undefined ? text : `<ref *${index}> ${text}`;
    } finally {
      this.#path.length--;
    }
  }

  #formatObject(value: object, level: number): string {
    const name = className(value);
    if (typeof value === "function") {
      return this.#finish(functionHead(value, name), value, level, new List(), "{", "}");
    }
    if (isArray(value)) {
      return this.#formatArray(value, name, level);
    }
    if (isDOMException(value) || isError(value)) {
      return this.#formatError(value, level);
    }
    const promise = promiseDetails(value);
    if (promise !== undefined) {
      const state = promise[0];
      const result = promise[1];
      if (this.#isTooDeep(level)) return `[${name ?? "Promise"}]`;
      const entry = state === 0 ? "<pending>" : state === 1 ? this.format(result, level + 1) : `<rejected> ${this.format(result, level + 1)}`;
      const entries = new List<Entry>();
      append(entries, { text: entry, levels: this.#levels });
      return this.#finish(name ?? "Promise", value, level, entries, "{", "}");
    }
    const view = platformView(value);
    if (view !== undefined) {
      if (this.#isTooDeep(level)) return `[${name ?? "Object"}]`;
      const entries = new List<Entry>();
      for (let i = 0; i < view.fields.length && i < maximumItems; i++) {
        const key = view.fields[i][0];
        const text = this.format(view.fields[i][1], level + 1);
        append(entries, { text: view.isList ? `${quote(key)} => ${text}` : `${key}: ${text}`, levels: this.#levels });
      }
      const prefix = `${name ?? "Object"}${view.isList ? `(${view.fields.length})` : ""} `;
      return this.#join(prefix, entries, "{", "}", level, false);
    }
    const exotic = getPrototypeOf(value) === objectPrototype ? undefined : classify(value);
    if (exotic !== undefined) {
      return this.#formatExotic(value, exotic, name, level);
    }
    return this.#formatPlain(value, name, level);
  }

  #isTooDeep(level: number): boolean {
    return level > this.#depth;
  }

  #formatPlain(value: object, name: string | undefined, level: number): string {
    const tag = tagOf(value);
    let prefix = name === undefined ? "[Object: null prototype] " : name === "Object" ? "" : `${name} `;
    if (tag !== undefined && tag !== name) {
      prefix = `${name ?? "Object"} [${tag}] `;
    }
    if (this.#isTooDeep(level)) {
      return `[${prefix === "" ? "Object" : stringSlice(prefix, 0, prefix.length - 1)}]`;
    }
    const preview = tag !== undefined && stringIndexOf(tag, "Iterator") !== -1 ? this.#iteratorEntries(value, level) : undefined;
    const entries = preview ?? new List<Entry>();
    this.#properties(value, level, entries);
    return this.#join(prefix, entries, "{", "}", level, false);
  }

  /** The items a collection's iterator would give next, without moving it. */
  #iteratorEntries(value: object, level: number): List<Entry> | undefined {
    let items: unknown[] | undefined;
    try {
      items = native.previewEntries(value);
    } catch {
      return undefined;
    }
    if (items === undefined) {
      return undefined;
    }
    const entries = new List<Entry>();
    for (let i = 0; i < items.length && i < maximumItems; i++) {
      append(entries, { text: this.format(items[i], level + 1), levels: this.#levels });
    }
    return entries;
  }

  #formatArray(value: unknown[], name: string | undefined, level: number): string {
    const length = value.length;
    const prefix = name === "Array" ? "" : `${name ?? "[Array: null prototype]"}(${length}) `;
    if (this.#isTooDeep(level)) {
      return `[${name ?? "Array"}]`;
    }
    const entries = new List<Entry>();
    let shown = 0;
    let index = 0;
    for (; index < length && shown < maximumItems; shown++) {
      const descriptor = getOwnPropertyDescriptor(value, index);
      if (descriptor === undefined) {
        const start = index;
        index = nextIndex(value, index, length);
        const holes = index - start;
        append(entries, { text: `<${holes} empty item${holes > 1 ? "s" : ""}>`, levels: 0 });
      } else {
        append(entries, { text: this.#formatProperty(descriptor, level), levels: this.#levels });
        index++;
      }
    }
    if (index < length) {
      append(entries, more(length - index));
    }
    this.#properties(value, level, entries, true);
    return this.#join(prefix, entries, "[", "]", level, true);
  }

  #formatExotic(value: object, exotic: Exotic, name: string | undefined, level: number): string {
    const entries = new List<Entry>();
    const shownName = name ?? "Object";
    switch (exotic.kind) {
      case "date": return this.#finish(exotic.text, value, level, new List(), "{", "}");
      case "regexp": return this.#finish(exotic.text, value, level, new List(), "{", "}");
      case "boxed": {
        const text = exotic.type === "Symbol" ? symbolToString(exotic.value) : formatPrimitive(exotic.value);
        return this.#finish(`[${exotic.type}: ${text}]`, value, level, new List(), "{", "}", exotic.type === "String");
      }
      case "weak": return `${shownName} { <items unknown> }`;
    }
    if (this.#isTooDeep(level)) {
      return `[${shownName}]`;
    }
    switch (exotic.kind) {
      case "weakref":
        append(entries, { text: exotic.target === undefined ? "<cleared>" : this.format(exotic.target, level + 1), levels: this.#levels });
        this.#properties(value, level, entries);
        return this.#join(`${shownName} `, entries, "{", "}", level, false);
      case "map": {
        for (let i = 0; i < exotic.entries.length && i < maximumItems; i++) {
          const key = this.format(exotic.entries[i][0], level + 1);
          const keyLevels = this.#levels;
          const text = this.format(exotic.entries[i][1], level + 1);
          append(entries, { text: `${key} => ${text}`, levels: keyLevels > this.#levels ? keyLevels : this.#levels });
        }
        if (exotic.entries.length > maximumItems) append(entries, more(exotic.entries.length - maximumItems));
        this.#properties(value, level, entries);
        return this.#join(`${shownName}(${exotic.entries.length}) `, entries, "{", "}", level, false);
      }
      case "set": {
        for (let i = 0; i < exotic.entries.length && i < maximumItems; i++) {
          append(entries, { text: this.format(exotic.entries[i], level + 1), levels: this.#levels });
        }
        if (exotic.entries.length > maximumItems) append(entries, more(exotic.entries.length - maximumItems));
        this.#properties(value, level, entries);
        return this.#join(`${shownName}(${exotic.entries.length}) `, entries, "{", "}", level, false);
      }
      case "typed": {
        const length = typedArrayLength(value);
        for (let i = 0; i < length && i < maximumItems; i++) {
          append(entries, { text: formatPrimitive((value as Uint8Array)[i]), levels: 0 });
        }
        if (length > maximumItems) append(entries, more(length - maximumItems));
        this.#properties(value, level, entries, true);
        return this.#join(`${name ?? exotic.tag}(${length}) `, entries, "[", "]", level, true);
      }
      case "buffer": {
        const size = bufferByteLength(value as ArrayBuffer);
        const shown = new Uint8Array(value as ArrayBuffer, 0, min(size, 50));
        let contents = "";
        for (let i = 0; i < shown.length; i++) contents += `${i === 0 ? "" : " "}${hex(shown[i], 2)}`;
        const rest = size > shown.length ? ` ... ${size - shown.length} more byte${size - shown.length > 1 ? "s" : ""}` : "";
        append(entries, { text: `[Uint8Contents]: <${contents}${rest}>`, levels: 0 });
        append(entries, { text: `byteLength: ${size}`, levels: 0 });
        this.#properties(value, level, entries);
        return this.#join(`${shownName} `, entries, "{", "}", level, false);
      }
      case "dataview":
        append(entries, { text: `byteLength: ${viewByteLength(value as DataView)}`, levels: 0 });
        append(entries, { text: `byteOffset: ${viewByteOffset(value as DataView)}`, levels: 0 });
        this.#properties(value, level, entries);
        return this.#join(`${shownName} `, entries, "{", "}", level, false);
    }
  }

  #formatError(value: object, level: number): string {
    const text = errorText(value);
    if (this.#isTooDeep(level)) {
      const end = stringIndexOf(text, "\n");
      return `[${end === -1 ? text : stringSlice(text, 0, end)}]`;
    }
    const head = stringIndexOf(text, "\n    at") === -1 ? `[${text}]` : indent(text, level);
    const entries = new List<Entry>();
    for (let i = 0; i < hiddenOfErrors.length; i++) {
      const key = hiddenOfErrors[i];
      const descriptor = getOwnPropertyDescriptor(value, key);
      if (descriptor !== undefined && !descriptor.enumerable) {
        append(entries, { text: `[${key}]: ${this.#formatProperty(descriptor, level)}`, levels: this.#levels });
      }
    }
    this.#properties(value, level, entries);
    return entries.length === 0 ? head : this.#join(`${head} `, entries, "{", "}", level, false);
  }

  /** Something whose own text says it all, plus whatever properties were added to it. */
  #finish(head: string, value: object, level: number, entries: List<Entry>, open: string, close: string, skipIndexes = false): string {
    if (this.#isTooDeep(level)) {
      return head;
    }
    this.#properties(value, level, entries, skipIndexes);
    return entries.length === 0 ? head : this.#join(`${head} `, entries, open, close, level, false);
  }

  #properties(value: object, level: number, entries: List<Entry>, skipIndexes = false): void {
    const keys = skipIndexes ? native.ownNames(value) : ownKeys(value);
    let shown = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const descriptor = getOwnPropertyDescriptor(value, key);
      if (descriptor === undefined || (!descriptor.enumerable && !this.#showHidden)) {
        continue;
      }
      if (shown === maximumItems) {
        append(entries, more(keys.length - i));
        return;
      }
      shown++;
      const name = typeof key === "symbol" ? `[${symbolToString(key)}]` : quoteKey(key);
      const shownName = descriptor.enumerable ? name : `[${name}]`;
      append(entries, { text: `${shownName}: ${this.#formatProperty(descriptor, level)}`, levels: this.#levels });
    }
  }

  #formatProperty(descriptor: PropertyDescriptor, level: number): string {
    this.#levels = 0;
    if (descriptor.get !== undefined) {
      return descriptor.set === undefined ? "[Getter]" : "[Getter/Setter]";
    }
    return descriptor.set !== undefined ? "[Setter]" : this.format(descriptor.value, level + 1);
  }

  /** Entries on one line when they are few levels deep and fit; long lists in rows; else one per line. */
  #join(prefix: string, entries: List<Entry>, open: string, close: string, level: number, isList: boolean): string {
    let total = prefix.length;
    let levels = 0;
    let hasLines = stringIndexOf(prefix, "\n") !== -1;
    for (let i = 0; i < entries.length; i++) {
      total += entries[i].text.length + 2;
      if (entries[i].levels > levels) levels = entries[i].levels;
      if (stringIndexOf(entries[i].text, "\n") !== -1) hasLines = true;
    }
    if (entries.length === 0) {
      return `${prefix}${open}${close}`;
    }
    this.#levels = levels + 1;
    const padding = stringRepeat("  ", level + 1);
    if (!hasLines && levels < 3 && total + padding.length <= lineWidth) {
      return `${prefix}${open} ${joinTexts(entries, ", ")} ${close}`;
    }
    const end = `\n${stringRepeat("  ", level)}${close}`;
    if (isList && !hasLines && levels === 0 && entries.length > 6) {
      return `${prefix}${open}\n${rows(entries, padding)}${end}`;
    }
    return `${prefix}${open}\n${padding}${joinTexts(entries, `,\n${padding}`)}${end}`;
  }
}

function joinTexts(entries: List<Entry>, separator: string): string {
  let text = entries[0].text;
  for (let i = 1; i < entries.length; i++) {
    text += separator + entries[i].text;
  }
  return text;
}

function rows(entries: List<Entry>, padding: string): string {
  let text = "";
  let line = padding;
  for (let i = 0; i < entries.length; i++) {
    const item = i === entries.length - 1 ? entries[i].text : `${entries[i].text},`;
    if (line.length > padding.length && line.length + item.length + 1 > lineWidth) {
      text += `${line}\n`;
      line = padding;
    }
    line += line.length > padding.length ? ` ${item}` : item;
  }
  return text + line;
}

const more = (count: number): Entry => ({ text: `... ${count} more item${count > 1 ? "s" : ""}`, levels: 0 });

/** The first index from `start` on that exists. Holes are skipped through the keys when there are many. */
function nextIndex(array: unknown[], start: number, length: number): number {
  for (let i = start + 1; i < length && i < start + 1000; i++) {
    if (getOwnPropertyDescriptor(array, i) !== undefined) return i;
  }
  if (start + 1000 >= length) {
    return length;
  }
  const keys = ownKeys(array);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (typeof key === "string" && isIndex(key) && Number(key) > start) return Number(key);
  }
  return length;
}

function isIndex(key: string): boolean {
  const number = Number(key);
  return number >= 0 && number < 4294967295 && number % 1 === 0 && `${number}` === key;
}

function withoutProxies(value: object): unknown {
  let target: unknown = value;
  for (let i = 0; i < 1000; i++) {
    const details = native.proxyDetails(target);
    if (details === undefined) return target;
    target = details[0];
  }
  return null;
}

function promiseDetails(value: object): [number, unknown] | undefined {
  try {
    return native.promiseDetails(value as Promise<unknown>);
  } catch {
    return undefined;
  }
}

/** The name of the constructor found on the prototype chain as plain data; undefined for null prototypes. */
function className(value: object): string | undefined {
  let object: object | null = value;
  for (let depth = 0; depth < 100 && object !== null; depth++) {
    if (depth > 0 && native.proxyDetails(object) !== undefined) {
      return "Object";
    }
    const constructor = ownData(object, "constructor");
    if (typeof constructor === "function" && native.proxyDetails(constructor) === undefined) {
      const name = ownData(constructor, "name");
      if (typeof name === "string" && name !== "") {
        return name;
      }
    }
    object = getPrototypeOf(object);
  }
  return undefined;
}

/** Symbol.toStringTag where it is plain data. */
function tagOf(value: object): string | undefined {
  let object: object | null = value;
  for (let depth = 0; depth < 100 && object !== null; depth++) {
    if (depth > 0 && native.proxyDetails(object) !== undefined) {
      return undefined;
    }
    const tag = ownData(object, symbolToStringTag);
    if (typeof tag === "string" && tag !== "") {
      return tag;
    }
    object = getPrototypeOf(object);
  }
  return undefined;
}

function functionHead(value: object, constructorName: string | undefined): string {
  const given = ownData(value, "name");
  const name = typeof given === "string" ? given : "";
  if (stringStartsWith(functionSource(value), "class")) {
    const parent = getPrototypeOf(value);
    const parentName = parent === null || native.proxyDetails(parent) !== undefined ? undefined : ownData(parent, "name");
    const heritage = typeof parentName === "string" && parentName !== "" ? ` extends ${parentName}` : "";
    return `[class ${name === "" ? "(anonymous)" : name}${heritage}]`;
  }
  const kind = constructorName === undefined ? "Function (null prototype)" : constructorName;
  return name === "" ? `[${kind} (anonymous)]` : `[${kind}: ${name}]`;
}

/** The stack when it is V8's own or plain text; else name and message read as plain data. */
function errorText(error: object): string {
  const descriptor = getOwnPropertyDescriptor(error, "stack");
  if (descriptor !== undefined) {
    let stack: unknown = descriptor.value;
    if (descriptor.get !== undefined && descriptor.get === nativeStackGetter) {
      try {
        stack = nativeStack!(error);
      } catch {
        stack = undefined;
      }
    }
    if (typeof stack === "string" && stack !== "") {
      return stack;
    }
  }
  if (isDOMException(error)) {
    const { name, message } = describeDOMException(error);
    return `${name}: ${message}`;
  }
  const name = inheritedText(error, "name") ?? "Error";
  const message = inheritedText(error, "message") ?? "";
  return message === "" ? name : `${name}: ${message}`;
}

function inheritedText(value: object, key: string): string | undefined {
  let object: object | null = value;
  for (let depth = 0; depth < 100 && object !== null && native.proxyDetails(object) === undefined; depth++) {
    const text = ownData(object, key);
    if (typeof text === "string") return text;
    object = getPrototypeOf(object);
  }
  return undefined;
}

function indent(text: string, level: number): string {
  if (level === 0) {
    return text;
  }
  const padding = stringRepeat("  ", level);
  let result = "";
  let start = 0;
  for (let end = stringIndexOf(text, "\n"); end !== -1; end = stringIndexOf(text, "\n", start)) {
    result += `${stringSlice(text, start, end + 1)}${padding}`;
    start = end + 1;
  }
  return result + stringSlice(text, start);
}
