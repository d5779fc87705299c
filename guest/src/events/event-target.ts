// https://dom.spec.whatwg.org/#interface-eventtarget. Targets form no tree here, so an event only ever is at its target.
import { native, type Frame } from "../core/bridge.ts";
import { append, List } from "../core/list.ts";
import { apply } from "../core/primordials.ts";
import { expose, exposeValue, illegalInvocation, isObject, requireArguments, toDOMString } from "../core/webidl.ts";
import { DOMException } from "../clone/dom-exception.ts";
import { Event, eventInner } from "./event.ts";
import { reportException } from "./report-error.ts";

type Callback = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

/** What the `signal` option of addEventListener needs to know of AbortSignal, which is itself an EventTarget. */
export interface SignalAccess {
  isSignal(value: unknown): value is object;
  isAborted(signal: object): boolean;
  onAbort(signal: object, algorithm: () => void): void;
}

let signals: SignalAccess;

export function connectSignals(access: SignalAccess): void {
  signals = access;
}

class Listener {
  type: string;
  callback: Callback;
  capture: boolean;
  once: boolean;
  passive: boolean;
  removed = false;
  /** Set for `onabort`-like attributes: the return value and the object form follow event handler rules. */
  isHandler = false;

  constructor(type: string, callback: Callback, capture: boolean, once: boolean, passive: boolean) {
    this.type = type;
    this.callback = callback;
    this.capture = capture;
    this.once = once;
    this.passive = passive;
  }
}

/** The listeners of one target. */
export class TargetInner {
  owner: object;
  listeners = new List<Listener>();

  constructor(owner: object) {
    this.owner = owner;
  }

  has(type: string): boolean {
    for (let i = 0; i < this.listeners.length; i++) {
      if (this.listeners[i].type === type) {
        return true;
      }
    }
    return false;
  }
}

const globalObject = globalThis;
/** The global object's listeners: the global is an EventTarget without being an instance of the class. */
export const globalTarget = new TargetInner(globalObject);

export let targetInner: (value: unknown) => TargetInner | undefined;

export class EventTarget {
  #inner = new TargetInner(this);

  static #of(target: unknown): TargetInner {
    const inner = targetInner(target);
    if (inner === undefined) throw illegalInvocation();
    return inner;
  }

  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    const inner = EventTarget.#of(this);
    requireArguments(arguments.length, 2, "'addEventListener' on 'EventTarget'");
    addListener(inner, type, callback, options);
  }

  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    const inner = EventTarget.#of(this);
    requireArguments(arguments.length, 2, "'removeEventListener' on 'EventTarget'");
    const name = toDOMString(type);
    const capture = isObject(options) ? !!(options as { capture?: unknown }).capture : !!options;
    for (let i = 0; i < inner.listeners.length; i++) {
      const listener = inner.listeners[i];
      if (!listener.isHandler && listener.type === name && listener.callback === callback && listener.capture === capture) {
        remove(inner, listener);
        return;
      }
    }
  }

  dispatchEvent(event: unknown): boolean {
    const inner = EventTarget.#of(this);
    const eventState = eventInner(event);
    if (eventState === undefined) {
      throw new TypeError("Failed to execute 'dispatchEvent' on 'EventTarget': parameter 1 is not of type 'Event'.");
    }
    if (eventState.dispatching) {
      throw new DOMException("The event is already being dispatched.", "InvalidStateError");
    }
    eventState.trusted = false;
    return dispatch(inner, event as Event);
  }

  static {
    targetInner = (value) =>
      value === undefined || value === null || value === globalObject
        ? globalTarget
        : typeof value === "object" && #inner in value ? value.#inner : undefined;
  }
}

function addListener(inner: TargetInner, type: unknown, callback: unknown, options: unknown): void {
  const name = toDOMString(type);
  let capture = false;
  let once = false;
  let passive = false;
  let signal: object | undefined;
  if (isObject(options)) {
    const dictionary = options as Record<string, unknown>;
    capture = !!dictionary.capture;
    once = !!dictionary.once;
    passive = !!dictionary.passive;
    if (dictionary.signal !== undefined) {
      if (!signals.isSignal(dictionary.signal)) {
        throw new TypeError("Failed to execute 'addEventListener' on 'EventTarget': member signal is not of type AbortSignal.");
      }
      signal = dictionary.signal;
    }
  } else {
    capture = !!options;
  }
  if (callback === null || callback === undefined) {
    return;
  }
  if (!isObject(callback)) {
    throw new TypeError("Failed to execute 'addEventListener' on 'EventTarget': parameter 2 is not of type 'Object'.");
  }
  if (signal !== undefined && signals.isAborted(signal)) {
    return;
  }
  for (let i = 0; i < inner.listeners.length; i++) {
    const existing = inner.listeners[i];
    if (!existing.isHandler && existing.type === name && existing.callback === callback && existing.capture === capture) {
      return;
    }
  }
  const listener = new Listener(name, callback as Callback, capture, once, passive);
  append(inner.listeners, listener);
  if (signal !== undefined) {
    signals.onAbort(signal, () => remove(inner, listener));
  }
}

function remove(inner: TargetInner, listener: Listener): void {
  listener.removed = true;
  const kept = new List<Listener>();
  for (let i = 0; i < inner.listeners.length; i++) {
    if (inner.listeners[i] !== listener) {
      append(kept, inner.listeners[i]);
    }
  }
  inner.listeners = kept;
}

/** Runs the listeners; returns false when the event was cancelled. Exceptions are reported, never thrown. */
export function dispatch(inner: TargetInner, event: Event): boolean {
  const state = eventInner(event)!;
  state.dispatching = true;
  state.target = inner.owner;
  state.currentTarget = inner.owner;
  state.phase = 2;
  // Listeners that are added now come behind these, and removing one makes another list.
  const listeners = inner.listeners;
  const count = listeners.length;
  for (let pass = 0; pass < 2 && !state.stopPropagation; pass++) {
    for (let i = 0; i < count && !state.stopImmediate; i++) {
      const listener = listeners[i];
      if (listener.removed || listener.type !== state.type || listener.capture !== (pass === 0)) {
        continue;
      }
      if (listener.once) {
        remove(inner, listener);
      }
      state.inPassiveListener = listener.passive;
      invoke(inner, listener, event);
      state.inPassiveListener = false;
    }
  }
  state.phase = 0;
  state.currentTarget = null;
  state.dispatching = false;
  state.stopPropagation = false;
  state.stopImmediate = false;
  return !state.canceled;
}

function invoke(inner: TargetInner, listener: Listener, event: Event): void {
  const frame: Frame | undefined = native.asyncGet();
  try {
    const callback = listener.callback;
    if (typeof callback === "function") {
      apply(callback, inner.owner, [event]);
      return;
    }
    if (listener.isHandler) {
      return;
    }
    const method = callback.handleEvent;
    if (typeof method !== "function") {
      throw new TypeError("EventListener.handleEvent is not a function.");
    }
    apply(method, callback, [event]);
  } catch (error) {
    reportException(error);
  } finally {
    native.asyncSet(frame);
  }
}

/** Reads the callback of an event handler attribute such as `onabort`. https://html.spec.whatwg.org/#event-handlers */
export function getHandler(inner: TargetInner, type: string): unknown {
  for (let i = 0; i < inner.listeners.length; i++) {
    const listener = inner.listeners[i];
    if (listener.isHandler && listener.type === type) {
      return listener.callback;
    }
  }
  return null;
}

/** Sets or, for a value that is no object, clears an event handler attribute. */
export function setHandler(inner: TargetInner, type: string, value: unknown): void {
  for (let i = 0; i < inner.listeners.length; i++) {
    const listener = inner.listeners[i];
    if (listener.isHandler && listener.type === type) {
      if (isObject(value)) {
        listener.callback = value as Callback;
      } else {
        remove(inner, listener);
      }
      return;
    }
  }
  if (isObject(value)) {
    const listener = new Listener(type, value as Callback, false, false, false);
    listener.isHandler = true;
    append(inner.listeners, listener);
  }
}

export function installEventTarget(): void {
  expose(EventTarget, "EventTarget");
  const { addEventListener, removeEventListener, dispatchEvent } = EventTarget.prototype;
  exposeValue("addEventListener", addEventListener, true);
  exposeValue("removeEventListener", removeEventListener, true);
  exposeValue("dispatchEvent", dispatchEvent, true);
}
