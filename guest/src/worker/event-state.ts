// What the guest remembers of an event while it is open. Never reachable from guest code.
import { host, native, type Frame } from "../core/bridge.ts";
import { SafeMap, SafeSet } from "../core/primordials.ts";
import type { AbortSignal } from "../events/abort.ts";

/** A host call whose answer has not come yet. */
export interface PendingCall {
  readonly state: EventState;
  /** The frame its answer is handled in. */
  readonly frame: Frame | undefined;
  settle(a: unknown, b: unknown): void;
  fail(error: unknown): void;
}

/** An open event; doubles as its own outermost frame, which saves an allocation per request. */
export class EventState implements Frame {
  readonly id: number;
  readonly event: EventState;
  readonly store: undefined = undefined;
  /** waitUntil promises that are not settled. */
  waiting = 0;
  responded = false;
  /** The response body is still being written. */
  bodyOpen = false;
  closed = false;
  /** It is in `events`. */
  listed = false;
  /** The host's reason when it ended the event. */
  abortedBy: Error | undefined = undefined;
  /** request.signal, once something asked for it. */
  signal: AbortSignal | undefined = undefined;
  /** The response body on its way out. */
  responseBody: { stop(reason: unknown): void } | undefined = undefined;
  /** The incoming request's body, when it is a stream. */
  requestBody: { fail(error: unknown): void } | undefined = undefined;
  calls: SafeSet<number> | undefined = undefined;
  timers: SafeSet<number> | undefined = undefined;

  constructor(id: number) {
    this.id = id;
    this.event = this;
  }
}

export const events = new SafeMap<number, EventState>();
const calls = new SafeMap<number, PendingCall>();
let lastCall = 0;

/** The event whose code is running, or undefined at top level. */
export function currentState(): EventState | undefined {
  return native.asyncGet()?.event;
}

export function currentEvent(): number {
  const frame = native.asyncGet();
  return frame?.event?.id ?? 0;
}

const disallowed =
  "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and " +
  "generating random values are not allowed within global scope. To fix this error, perform this operation within a handler.";

/** The current event, or an error for code that runs outside of every event or after its event ended. */
export function requireState(): EventState {
  const state = currentState();
  if (state === undefined) {
    throw new Error(disallowed);
  }
  if (state.abortedBy !== undefined) {
    throw state.abortedBy;
  }
  if (state.closed) {
    throw new Error("The event this code belongs to has ended, so it can do no more I/O. Use ctx.waitUntil() to keep an event open.");
  }
  return state;
}

/** Registers a call the host will settle and returns its number. */
export function registerCall(pending: PendingCall): number {
  const call = ++lastCall;
  calls.set(call, pending);
  (pending.state.calls ??= new SafeSet()).add(call);
  return call;
}

/** The number the next call will have. */
export const nextCall = (): number => lastCall + 1;

/** Uses a number up without a call that waits under it: a stream has it. */
export function skipCall(): void {
  lastCall++;
}

export function takeCall(call: number): PendingCall | undefined {
  const pending = calls.get(call);
  if (pending !== undefined) {
    calls.delete(call);
    pending.state.calls!.delete(call);
  }
  return pending;
}

/** Rejects every call of the event that is still waiting. */
export function failCalls(state: EventState, error: Error): void {
  const waiting = state.calls;
  state.calls = undefined;
  waiting?.forEach((call) => {
    const pending = calls.get(call);
    calls.delete(call);
    if (pending !== undefined) {
      native.asyncSet(pending.frame);
      pending.fail(error);
    }
  });
}

/** Tells the host that the event is over once its body is written and its waitUntil promises settled. */
export function closeIfDone(state: EventState): void {
  if (state.responded && !state.bodyOpen && state.waiting === 0 && !state.closed) {
    close(state);
    host.eventDone(state.id);
  }
}

/** Forgets the event; calls that are still waiting are never answered. */
export function close(state: EventState): void {
  state.closed = true;
  if (state.listed) {
    events.delete(state.id);
  }
  if (state.calls !== undefined) {
    state.calls.forEach((call) => calls.delete(call));
    state.calls = undefined;
  }
  if (state.timers !== undefined) {
    state.timers.forEach(forgetTimer);
    state.timers = undefined;
  }
}

let forgetTimer: (id: number) => void;

/** The timers' own table is cleaned through this when an event closes. */
export function onTimersForgotten(forget: (id: number) => void): void {
  forgetTimer = forget;
}
