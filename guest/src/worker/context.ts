// The `ctx` argument of handlers.
import { host } from "../core/bridge.ts";
import { promiseThen } from "../core/primordials.ts";
import { resolved } from "../core/promises.ts";
import { illegalInvocation, shape } from "../core/webidl.ts";
import { closeIfDone, requireState, type EventState } from "./event-state.ts";

let keyedState: EventState | undefined;

export class ExecutionContext {
  #state: EventState;
  props: unknown;

  constructor() {
    // Only newContext sets the state; a guest that calls the constructor gets the error.
    if (keyedState === undefined) throw new TypeError("Illegal constructor");
    this.#state = keyedState;
    this.props = {};
  }

  waitUntil(promise: unknown): void {
    if (typeof this !== "object" || this === null || !(#state in this)) throw illegalInvocation();
    waitUntil(this.#state, promise);
  }

  passThroughOnException(): void {
    if (typeof this !== "object" || this === null || !(#state in this)) throw illegalInvocation();
    if (!this.#state.responded) {
      host.passThrough(this.#state.id);
    }
  }
}

shape(ExecutionContext, "ExecutionContext");

export function newContext(state: EventState): ExecutionContext {
  keyedState = state;
  try {
    return new ExecutionContext();
  } finally {
    keyedState = undefined;
  }
}

/** Keeps the event open until the promise settles; a rejection is reported. */
export function waitUntil(state: EventState, promise: unknown): void {
  state.waiting++;
  promiseThen(resolved(promise), () => {
    state.waiting--;
    closeIfDone(state);
  }, (error) => {
    state.waiting--;
    if (!state.closed) {
      host.report(state.id, "waitUntil", error);
    }
    closeIfDone(state);
  });
}

/** `waitUntil` of the event whose code is running. */
export function waitUntilHere(promise: unknown): void {
  waitUntil(requireState(), promise);
}
