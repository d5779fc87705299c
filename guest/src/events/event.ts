// https://dom.spec.whatwg.org/#interface-event
import { sinceOrigin } from "../core/clock.ts";
import { constants, expose, illegalInvocation, requireArguments, toDictionary, toDOMString } from "../core/webidl.ts";

/** The internal side of an event, which dispatch works on. */
export class EventInner {
  type: string;
  bubbles: boolean;
  cancelable: boolean;
  composed: boolean;
  target: object | null = null;
  currentTarget: object | null = null;
  phase = 0;
  timeStamp: number;
  dispatching = false;
  stopPropagation = false;
  stopImmediate = false;
  canceled = false;
  inPassiveListener = false;
  trusted = false;

  constructor(type: string, bubbles: boolean, cancelable: boolean, composed: boolean) {
    this.type = type;
    this.bubbles = bubbles;
    this.cancelable = cancelable;
    this.composed = composed;
    this.timeStamp = sinceOrigin();
  }
}

/** The internal side, or undefined for a value that is no Event. */
export let eventInner: (value: unknown) => EventInner | undefined;

export class Event {
  #inner: EventInner;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "'Event' constructor");
    const dictionary = toDictionary(init, "Event init");
    this.#inner = new EventInner(toDOMString(type), !!dictionary?.bubbles, !!dictionary?.cancelable, !!dictionary?.composed);
  }

  static #of(event: unknown): EventInner {
    const inner = eventInner(event);
    if (inner === undefined) throw illegalInvocation();
    return inner;
  }

  get type(): string { return Event.#of(this).type; }
  get target(): object | null { return Event.#of(this).target; }
  get srcElement(): object | null { return Event.#of(this).target; }
  get currentTarget(): object | null { return Event.#of(this).currentTarget; }
  get eventPhase(): number { return Event.#of(this).phase; }
  get bubbles(): boolean { return Event.#of(this).bubbles; }
  get cancelable(): boolean { return Event.#of(this).cancelable; }
  get composed(): boolean { return Event.#of(this).composed; }
  get timeStamp(): number { return Event.#of(this).timeStamp; }
  get isTrusted(): boolean { return Event.#of(this).trusted; }
  get defaultPrevented(): boolean { return Event.#of(this).canceled; }
  get returnValue(): boolean { return !Event.#of(this).canceled; }
  set returnValue(value: unknown) { if (!value) cancel(Event.#of(this)); }
  get cancelBubble(): boolean { return Event.#of(this).stopPropagation; }
  set cancelBubble(value: unknown) { const inner = Event.#of(this); if (value) inner.stopPropagation = true; }

  composedPath(): object[] {
    const current = Event.#of(this).currentTarget;
    return current === null ? [] : [current];
  }

  stopPropagation(): void { Event.#of(this).stopPropagation = true; }

  stopImmediatePropagation(): void {
    const inner = Event.#of(this);
    inner.stopPropagation = true;
    inner.stopImmediate = true;
  }

  preventDefault(): void { cancel(Event.#of(this)); }

  static {
    eventInner = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
  }
}

function cancel(inner: EventInner): void {
  if (inner.cancelable && !inner.inPassiveListener) {
    inner.canceled = true;
  }
}

export function installEvent(): void {
  expose(Event, "Event");
  constants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });
}
