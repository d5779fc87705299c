// The two objects the native side hands to `boot`. They live in this module's scope only: nothing that a guest can
// reach refers to them.

import type { EventState } from "../worker/event-state.ts";

/** Functions implemented in native code: pure computation, so that no grant is asked for. */
export interface Native {
  utf8Encode(text: string): Uint8Array;
  utf8EncodeInto(text: string, destination: Uint8Array, out: Uint32Array): void;
  utf8Decode(source: ArrayBufferView | ArrayBuffer, fatal: boolean): string;
  latin1Decode(source: ArrayBufferView | ArrayBuffer): string;
  utf16leDecode(source: ArrayBufferView | ArrayBuffer, fatal: boolean): string;
  /** `clonePlatform` is asked about objects that are not plain: it returns the clone of a platform object, undefined for any other, or throws. */
  structuredClone(value: unknown, transfer: ArrayBuffer[], clonePlatform: (object: object) => object | undefined): unknown;
  asyncGet(): Frame | undefined;
  asyncSet(frame: Frame | undefined): void;
  urlParse(input: string, base: string | undefined, out: Uint32Array): string | undefined;
  urlSet(href: string, part: number, value: string, out: Uint32Array): string | undefined;
  urlCanParse(input: string, base: string | undefined): boolean;
  promiseDetails(promise: Promise<unknown>): [state: number, value: unknown];
  proxyDetails(proxy: unknown): [target: unknown, handler: unknown] | undefined;
  previewEntries(collection: unknown): unknown[] | undefined;
  /** The own keys that are no indices. Never runs guest code unless `object` is a proxy. */
  ownNames(object: object): (string | symbol)[];
  /** A function of source that the runtime itself generated; what guests may compile is another matter. */
  compileFunction(parameterNames: string[], body: string): (...args: any[]) => any;
  /** Has `teller` make what `stack` of an error is, from its frames as V8's CallSites; nested while it runs. No snapshot keeps it. */
  tellStacks(teller: (error: unknown, sites: any[], isNested: boolean) => unknown): void;
}

/** How a body crosses to the host. */
export const BodyKind = { none: 0, text: 1, bytes: 2, stream: 3 } as const;

export type ReportKind = "waitUntil" | "timer" | "listener" | "microtask";
export type LogLevel = "debug" | "log" | "info" | "warn" | "error";

/**
 * Functions implemented by the runtime outside the isolate: the operations of its own capabilities, with the fields of their
 * requests as arguments, and the bytes carrier, which carries all other capabilities. The host checks grants and arguments and
 * throws a CapabilityError. All are synchronous; results of calls arrive through `entry`.
 */
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
  /** Milliseconds since a moment in the past; undefined without the grant. */
  clockMonotonic(): number | undefined;
  /** Milliseconds since the Unix epoch; undefined without the grant. */
  clockWall(): number | undefined;
  randomFill(view: ArrayBufferView): void;
  randomUUID(): string;

  /** The memory between guest and host. */
  capabilityBuffer(): Uint8Array;
  /** A JSON description of the capability, with its handle. */
  capabilityOpen(id: string, version: string | undefined, packageName: string | undefined): string;
  /** The length of the answer in the buffer, the answer itself when it is larger, or a negative status; undefined when the event is over. */
  capabilityCall(event: number, call: number, handle: number, operation: number, length: number, bytes: Uint8Array | undefined, timeout: number | undefined): number | Uint8Array | undefined;
  capabilityStream(event: number, stream: number, handle: number, operation: number, length: number, bytes: Uint8Array | undefined): number | undefined;
  capabilityRead(call: number, stream: number): number | Uint8Array;
  capabilityWrite(call: number, stream: number, length: number, bytes: Uint8Array | undefined): number;
  capabilityFinish(stream: number): void;
  capabilityCancel(callOrStream: number, reason: string): void;
  /** The message of the status that was returned last. */
  capabilityFault(): string;
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
