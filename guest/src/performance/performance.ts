// https://w3c.github.io/hr-time/#sec-performance
import { native } from "../core/bridge.ts";
import { expose, exposeValue, illegalConstructor, illegalInvocation } from "../core/webidl.ts";
import { EventTarget } from "../events/event-target.ts";

const token = {};
let origin = 0;
let wallOrigin = 0;

/** Sets the time origin: once per isolate, after it was restored. */
export function startClock(): void {
  origin = native.now();
  wallOrigin = native.wallClock();
}

/** Milliseconds since the time origin. */
export const sinceOrigin = (): number => native.now() - origin;

export class Performance extends EventTarget {
  readonly #brand = true;

  constructor(key?: unknown) {
    if (key !== token) throw illegalConstructor();
    super();
  }

  static #check(value: unknown): void {
    if (typeof value !== "object" || value === null || !(#brand in value)) throw illegalInvocation();
  }

  get timeOrigin(): number { Performance.#check(this); return wallOrigin; }
  now(): number { Performance.#check(this); return sinceOrigin(); }
  toJSON(): object { Performance.#check(this); return { timeOrigin: wallOrigin }; }
}

export function installPerformance(): void {
  expose(Performance, "Performance");
  exposeValue("performance", new Performance(token), true);
}
