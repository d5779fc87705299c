// The two objects the native side hands to `boot`. They live in this module's scope only: nothing that a guest can
// reach refers to them.

import type { EventState } from "../worker/event-state.ts";

/** Functions implemented in native code. */
export interface Native {
  utf8Encode(text: string): Uint8Array;
  utf8EncodeInto(text: string, destination: Uint8Array, out: Uint32Array): void;
  utf8Decode(source: ArrayBufferView | ArrayBuffer, fatal: boolean): string;
  latin1Decode(source: ArrayBufferView | ArrayBuffer): string;
  utf16leDecode(source: ArrayBufferView | ArrayBuffer, fatal: boolean): string;
  getRandomValues<T extends ArrayBufferView>(view: T): T;
  randomUUID(): string;
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since the Unix epoch. */
  wallClock(): number;
  structuredClone(value: unknown, transfer: ArrayBuffer[]): unknown;
  asyncGet(): Frame | undefined;
  asyncSet(frame: Frame | undefined): void;
  urlParse(input: string, base: string | undefined, out: Uint32Array): string | undefined;
  urlSet(href: string, part: number, value: string, out: Uint32Array): string | undefined;
  urlCanParse(input: string, base: string | undefined): boolean;
  promiseDetails(promise: Promise<unknown>): [state: number, value: unknown];
  proxyDetails(proxy: unknown): [target: unknown, handler: unknown] | undefined;
  previewEntries(collection: unknown): unknown[] | undefined;
}

/** How a body crosses to the host. */
export const BodyKind = { none: 0, text: 1, bytes: 2, stream: 3 } as const;

export type ReportKind = "waitUntil" | "timer" | "listener" | "microtask";
export type LogLevel = "debug" | "log" | "info" | "warn" | "error";

/** Functions implemented by the runtime outside the isolate. All are synchronous; results of calls arrive through `entry`. */
export interface Host {
  respond(event: number, status: number, statusText: string | undefined, headers: string, bodyKind: number, body: string | Uint8Array | undefined, pending: boolean): void;
  fail(event: number, error: unknown, pending: boolean, noHandler: boolean): void;
  eventDone(event: number): void;
  report(event: number, kind: ReportKind, error: unknown): void;
  log(event: number, level: LogLevel, text: string): void;
  timerStart(event: number, id: number, delay: number, repeat: boolean): void;
  timerClear(id: number): void;
  bodyRead(call: number, rid: number): void;
  bodyCancel(rid: number, reason: string): void;
  bodyWrite(call: number, rid: number, bytes: Uint8Array): void;
  bodyEnd(rid: number): void;
  bodyAbort(rid: number, reason: string): void;
  fetch(call: number, event: number, service: string, head: string, bodyKind: number, body: string | Uint8Array | undefined): number;
  fetchAbort(call: number): void;
  passThrough(event: number): void;
}

/** What V8 carries along promises and host calls: the event that code runs for, and AsyncLocalStorage's values. */
export interface Frame {
  /** Undefined for top-level code. */
  readonly event: EventState | undefined;
  readonly store: ReadonlyMap<object, unknown> | undefined;
}

export let native: Native;
export let host: Host;

export function connect(nativeFunctions: Native, hostFunctions: Host): void {
  native = nativeFunctions;
  host = hostFunctions;
}
