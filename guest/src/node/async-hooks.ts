// https://nodejs.org/api/async_context.html, over the frame V8 carries along promises.
import { native, type Frame } from "../core/bridge.ts";
import { apply, defineProperty, SafeMap } from "../core/primordials.ts";

type AnyFunction = (...args: any[]) => unknown;
type Store = ReadonlyMap<object, unknown>;

/** A frame of the running event with one storage's value changed. */
function frameWith(storage: object, value: unknown): Frame {
  const current = native.asyncGet();
  const store = new SafeMap<object, unknown>();
  current?.store?.forEach((other, key) => store.set(key, other));
  store.set(storage, value);
  return { event: current?.event, store };
}

/** Calls with the values of `store`, in the event that is running now: a captured context never brings its event along. */
function callWithin(store: Store | undefined, callback: AnyFunction, receiver: unknown, args: unknown[]): unknown {
  const current = native.asyncGet();
  native.asyncSet(current === undefined && store === undefined ? undefined : { event: current?.event, store });
  try {
    return apply(callback, receiver, args);
  } finally {
    native.asyncSet(current);
  }
}

function requireFunction(value: unknown): asserts value is AnyFunction {
  if (typeof value !== "function") {
    throw new TypeError("The \"fn\" argument must be of type function.");
  }
}

export class AsyncLocalStorage {
  #defaultValue: unknown = undefined;
  #name = "";

  constructor(options: { defaultValue?: unknown; name?: unknown } = {}) {
    this.#defaultValue = options.defaultValue;
    this.#name = options.name === undefined ? "" : `${options.name as string}`;
  }

  static bind(callback: unknown): AnyFunction {
    requireFunction(callback);
    const store = native.asyncGet()?.store;
    return function (this: unknown, ...args: unknown[]) {
      return callWithin(store, callback, this, args);
    };
  }

  static snapshot(): AnyFunction {
    const store = native.asyncGet()?.store;
    return (callback: AnyFunction, ...args: unknown[]) => {
      requireFunction(callback);
      return callWithin(store, callback, undefined, args);
    };
  }

  get name(): string {
    return this.#name;
  }

  getStore(): unknown {
    const store = native.asyncGet()?.store;
    return store !== undefined && store.has(this) ? store.get(this) : this.#defaultValue;
  }

  run(value: unknown, callback: unknown, ...args: unknown[]): unknown {
    requireFunction(callback);
    const current = native.asyncGet();
    native.asyncSet(frameWith(this, value));
    try {
      return apply(callback, undefined, args);
    } finally {
      native.asyncSet(current);
    }
  }

  exit(callback: unknown, ...args: unknown[]): unknown {
    return this.run(undefined, callback, ...args);
  }

  enterWith(value: unknown): void {
    native.asyncSet(frameWith(this, value));
  }

  disable(): void {
    native.asyncSet(frameWith(this, undefined));
  }
}

export class AsyncResource {
  readonly #store: Store | undefined = native.asyncGet()?.store;

  constructor(type: unknown) {
    if (typeof type !== "string") {
      throw new TypeError("The \"type\" argument must be of type string.");
    }
  }

  static bind(callback: unknown, type?: unknown, thisArgument?: unknown): AnyFunction {
    return new AsyncResource(typeof type === "string" ? type : "bound-anonymous-fn").bind(callback, thisArgument);
  }

  bind(callback: unknown, thisArgument?: unknown): AnyFunction {
    requireFunction(callback);
    const store = this.#store;
    const bound = function (this: unknown, ...args: unknown[]) {
      return callWithin(store, callback, thisArgument === undefined ? this : thisArgument, args);
    };
    defineProperty(bound, "length", { value: callback.length, configurable: true });
    return bound;
  }

  runInAsyncScope(callback: unknown, thisArgument?: unknown, ...args: unknown[]): unknown {
    requireFunction(callback);
    return callWithin(this.#store, callback, thisArgument, args);
  }

  asyncId(): number { return 0; }
  triggerAsyncId(): number { return 0; }
  emitDestroy(): this { return this; }
}

export const asyncHooksDefault = { AsyncLocalStorage, AsyncResource };
