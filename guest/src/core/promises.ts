import { promiseThen, uncurry } from "./primordials.ts";

/** A promise with its resolving functions as fields. */
export class Deferred<T> {
  promise!: Promise<T>;
  resolve!: (value: T | PromiseLike<T>) => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise<T>(capture);
    this.resolve = captured.resolve;
    this.reject = captured.reject;
  }
}

const captured: { resolve: (value: any) => void; reject: (reason: unknown) => void } = { resolve: ignore, reject: ignore };

function capture(resolve: (value: any) => void, reject: (reason: unknown) => void): void {
  captured.resolve = resolve;
  captured.reject = reject;
}

export function ignore(): void {}

const promiseResolve = uncurry(Promise.resolve) as (constructor: PromiseConstructor, value: unknown) => Promise<any>;

/** A promise resolved with `value`; a native promise is returned as it is. */
export function resolved<T>(value?: T | PromiseLike<T>): Promise<T> {
  return promiseResolve(Promise, value);
}

export function rejected<T = never>(reason: unknown): Promise<T> {
  const deferred = new Deferred<T>();
  deferred.reject(reason);
  return deferred.promise;
}

/** Keeps a rejection of `promise` from being reported as unhandled. */
export function markHandled(promise: Promise<unknown>): void {
  promiseThen(promise, undefined, ignore);
}
