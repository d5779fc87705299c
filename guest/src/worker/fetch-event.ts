// Service worker syntax. https://w3c.github.io/ServiceWorker/#fetchevent-interface
import { host } from "../core/bridge.ts";
import { markHandled, resolved } from "../core/promises.ts";
import { expose, illegalInvocation, toDictionary } from "../core/webidl.ts";
import { DOMException } from "../clone/dom-exception.ts";
import { Event, eventInner } from "../events/event.ts";
import { waitUntil } from "./context.ts";
import type { EventState } from "./event-state.ts";

let stateOf: (event: ExtendableEvent) => EventState | undefined;

/** https://w3c.github.io/ServiceWorker/#extendableevent-interface */
export class ExtendableEvent extends Event {
  #state: EventState | undefined;

  constructor(type: unknown, init: unknown = undefined, state?: EventState) {
    super(type, init);
    this.#state = state;
  }

  waitUntil(promise: unknown): void {
    if (!(#state in this)) throw illegalInvocation();
    if (this.#state === undefined) {
      throw new DOMException("The event is not being dispatched by the runtime.", "InvalidStateError");
    }
    waitUntil(this.#state, promise);
  }

  static {
    stateOf = (event) => event.#state;
  }
}

/** What respondWith was given, if it was called. */
export let fetchEventResponse: (event: FetchEvent) => { value: unknown } | undefined;

export class FetchEvent extends ExtendableEvent {
  #request: unknown;
  #response: { value: unknown } | undefined;

  constructor(type: unknown, init: unknown, state?: EventState) {
    super(type, { cancelable: true }, state);
    this.#request = toDictionary(init, "FetchEvent init")?.request;
  }

  get request(): unknown {
    if (!(#request in this)) throw illegalInvocation();
    return this.#request;
  }

  respondWith(response: unknown): void {
    if (!(#request in this)) throw illegalInvocation();
    if (this.#response !== undefined) {
      throw new DOMException("FetchEvent.respondWith() has already been called; it can only be called once.", "InvalidStateError");
    }
    const inner = eventInner(this)!;
    if (!inner.dispatching) {
      throw new DOMException("Too late to call FetchEvent.respondWith(). It must be called synchronously in the event handler.", "InvalidStateError");
    }
    const value = resolved(response);
    markHandled(value);
    this.#response = { value };
    inner.stopPropagation = true;
    inner.stopImmediate = true;
  }

  passThroughOnException(): void {
    if (!(#request in this)) throw illegalInvocation();
    const state = stateOf(this);
    if (state !== undefined && !state.responded) {
      host.passThrough(state.id);
    }
  }

  static {
    fetchEventResponse = (event) => event.#response;
  }
}

export function installFetchEvent(): void {
  expose(ExtendableEvent, "ExtendableEvent");
  expose(FetchEvent, "FetchEvent");
}
