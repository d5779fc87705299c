// The small event interfaces: CustomEvent, MessageEvent, ErrorEvent, PromiseRejectionEvent.
import { expose, illegalInvocation, requireArguments, toDictionary, toDOMString } from "../core/webidl.ts";
import { Event } from "./event.ts";

/** https://dom.spec.whatwg.org/#interface-customevent */
export class CustomEvent extends Event {
  #detail: unknown;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "'CustomEvent' constructor");
    super(type, init);
    this.#detail = toDictionary(init, "CustomEvent init")?.detail ?? null;
  }

  get detail(): unknown {
    if (!(#detail in this)) throw illegalInvocation();
    return this.#detail;
  }
}

/** https://html.spec.whatwg.org/#messageevent */
export class MessageEvent extends Event {
  #data: unknown;
  #origin: string;
  #lastEventId: string;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "'MessageEvent' constructor");
    super(type, init);
    const dictionary = toDictionary(init, "MessageEvent init");
    this.#data = dictionary?.data ?? null;
    this.#origin = dictionary?.origin === undefined ? "" : toDOMString(dictionary.origin);
    this.#lastEventId = dictionary?.lastEventId === undefined ? "" : toDOMString(dictionary.lastEventId);
  }

  get data(): unknown {
    if (!(#data in this)) throw illegalInvocation();
    return this.#data;
  }

  get origin(): string {
    if (!(#data in this)) throw illegalInvocation();
    return this.#origin;
  }

  get lastEventId(): string {
    if (!(#data in this)) throw illegalInvocation();
    return this.#lastEventId;
  }

  get source(): null { return null; }
  get ports(): unknown[] { return []; }
}

/** https://html.spec.whatwg.org/#errorevent */
export class ErrorEvent extends Event {
  #message: string;
  #error: unknown;
  #filename: string;
  #line: number;
  #column: number;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "'ErrorEvent' constructor");
    super(type, init);
    const dictionary = toDictionary(init, "ErrorEvent init");
    this.#message = dictionary?.message === undefined ? "" : toDOMString(dictionary.message);
    this.#filename = dictionary?.filename === undefined ? "" : toDOMString(dictionary.filename);
    this.#line = Number(dictionary?.lineno ?? 0) >>> 0;
    this.#column = Number(dictionary?.colno ?? 0) >>> 0;
    this.#error = dictionary?.error;
  }

  static #check(event: object): void {
    if (!(#message in event)) throw illegalInvocation();
  }

  get message(): string { ErrorEvent.#check(this); return this.#message; }
  get filename(): string { ErrorEvent.#check(this); return this.#filename; }
  get lineno(): number { ErrorEvent.#check(this); return this.#line; }
  get colno(): number { ErrorEvent.#check(this); return this.#column; }
  get error(): unknown { ErrorEvent.#check(this); return this.#error; }
}

/** https://html.spec.whatwg.org/#promiserejectionevent */
export class PromiseRejectionEvent extends Event {
  #promise: unknown;
  #reason: unknown;

  constructor(type: unknown, init: unknown) {
    requireArguments(arguments.length, 2, "'PromiseRejectionEvent' constructor");
    super(type, init);
    const dictionary = toDictionary(init, "PromiseRejectionEvent init");
    if (dictionary?.promise === undefined) {
      throw new TypeError("Failed to construct 'PromiseRejectionEvent': required member promise is undefined.");
    }
    this.#promise = dictionary.promise;
    this.#reason = dictionary.reason;
  }

  get promise(): unknown {
    if (!(#promise in this)) throw illegalInvocation();
    return this.#promise;
  }

  get reason(): unknown {
    if (!(#promise in this)) throw illegalInvocation();
    return this.#reason;
  }
}

export function installEvents(): void {
  expose(CustomEvent, "CustomEvent");
  expose(MessageEvent, "MessageEvent");
  expose(ErrorEvent, "ErrorEvent");
  expose(PromiseRejectionEvent, "PromiseRejectionEvent");
}
