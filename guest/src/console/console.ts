// https://console.spec.whatwg.org/
import { host, type LogLevel } from "../core/bridge.ts";
import { defineProperty, ownKeys, SafeMap, stringIndexOf, stringRepeat, stringSlice, symbolToStringTag } from "../core/primordials.ts";
import { sinceOrigin } from "../core/clock.ts";
import { exposeValue } from "../core/webidl.ts";
import { nativeStack } from "../clone/dom-exception.ts";
import { currentEvent } from "../worker/event-state.ts";
import loadRendering from "./rendering.ts?lazy";

export const rendering = loadRendering as () => typeof import("./rendering.ts");

const maximumGroups = 100;
let groups = 0;
const counts = new SafeMap<string, number>();
const timers = new SafeMap<string, number>();

function print(level: LogLevel, text: string): void {
  host.log(currentEvent(), level, groups === 0 ? text : indented(text));
}

function indented(text: string): string {
  const padding = stringRepeat("  ", groups);
  let result = padding;
  let start = 0;
  for (let end = stringIndexOf(text, "\n"); end !== -1; end = stringIndexOf(text, "\n", start)) {
    result += stringSlice(text, start, end + 1) + padding;
    start = end + 1;
  }
  return result + stringSlice(text, start);
}

/** Labels are text; an object as label would run its toString, so it is inspected instead. */
const labelOf = (value: unknown): string =>
  value === undefined ? "default" : typeof value === "string" ? value : rendering().inspect(value, { depth: 0 });

function openGroup(args: IArguments): void {
  if (args.length > 0) {
    print("log", rendering().format(args));
  }
  if (groups < maximumGroups) {
    groups++;
  }
}

function elapsed(label: string): string | undefined {
  const started = timers.get(label);
  return started === undefined ? undefined : `${label}: ${Math.round((sinceOrigin() - started) * 1000) / 1000}ms`;
}

const console = {
  debug(..._data: unknown[]): void { print("debug", rendering().format(arguments)); },
  log(..._data: unknown[]): void { print("log", rendering().format(arguments)); },
  info(..._data: unknown[]): void { print("info", rendering().format(arguments)); },
  warn(..._data: unknown[]): void { print("warn", rendering().format(arguments)); },
  error(..._data: unknown[]): void { print("error", rendering().format(arguments)); },

  assert(condition: unknown = undefined, ...data: unknown[]): void {
    if (condition) {
      return;
    }
    if (data.length > 0 && typeof data[0] === "string") {
      data[0] = `Assertion failed: ${data[0]}`;
      print("error", rendering().format(data));
    } else {
      print("error", data.length === 0 ? "Assertion failed" : `Assertion failed ${rendering().format(data)}`);
    }
  },

  trace(...data: unknown[]): void {
    const stack = nativeStack?.(new Error()) ?? "";
    // The first two lines are the error's head and this function.
    const frames = stringIndexOf(stack, "\n", stringIndexOf(stack, "\n") + 1);
    const text = rendering().format(data);
    print("log", `Trace${text === "" ? "" : `: ${text}`}${frames === -1 ? "" : stringSlice(stack, frames)}`);
  },

  dir(item: unknown = undefined, options: unknown = undefined): void {
    const depth: unknown = typeof options === "object" && options !== null ? (options as { depth?: unknown }).depth : undefined;
    print("log", rendering().inspect(item, { depth: depth === null ? 20 : typeof depth === "number" ? depth : 2 }));
  },

  dirxml(..._data: unknown[]): void { print("log", rendering().format(arguments)); },

  table(data: unknown = undefined, columns: unknown = undefined): void {
    print("log", rendering().table(data, columns) ?? rendering().format([data]));
  },

  count(label: unknown = undefined): void {
    const name = labelOf(label);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    print("info", `${name}: ${count}`);
  },

  countReset(label: unknown = undefined): void {
    const name = labelOf(label);
    if (!counts.delete(name)) {
      print("warn", `Count for '${name}' does not exist`);
    }
  },

  group(..._data: unknown[]): void { openGroup(arguments); },
  groupCollapsed(..._data: unknown[]): void { openGroup(arguments); },
  groupEnd(): void {
    if (groups > 0) groups--;
  },

  time(label: unknown = undefined): void {
    const name = labelOf(label);
    if (timers.has(name)) {
      print("warn", `Timer '${name}' already exists`);
    } else {
      timers.set(name, sinceOrigin());
    }
  },

  timeLog(label: unknown = undefined, ...data: unknown[]): void {
    const name = labelOf(label);
    const text = elapsed(name);
    if (text === undefined) {
      print("warn", `Timer '${name}' does not exist`);
    } else {
      print("info", data.length === 0 ? text : `${text} ${rendering().format(data)}`);
    }
  },

  timeEnd(label: unknown = undefined): void {
    const name = labelOf(label);
    const text = elapsed(name);
    if (text === undefined) {
      print("warn", `Timer '${name}' does not exist`);
    } else {
      timers.delete(name);
      print("info", text);
    }
  },

  timeStamp(): void {},
  clear(): void {},
};

/** The console is a namespace object: its prototype is an empty object of its own. https://console.spec.whatwg.org/#console-namespace */
export function installConsole(): void {
  const namespace = Object.create({}) as Record<PropertyKey, unknown>;
  const keys = ownKeys(console) as (keyof typeof console)[];
  for (let i = 0; i < keys.length; i++) {
    namespace[keys[i]] = console[keys[i]];
  }
  defineProperty(namespace, symbolToStringTag, { value: "console", configurable: true });
  exposeValue("console", namespace);
}

