// https://w3c.github.io/hr-time/#sec-performance
import { sinceOrigin, timeOrigin } from "../core/clock.ts";
import { expose, exposeValue, illegalConstructor, illegalInvocation } from "../core/webidl.ts";
import { EventTarget } from "../events/event-target.ts";

const token = {};
export class Performance extends EventTarget {
  readonly #brand = true;

  constructor(key: unknown = undefined) {
    if (key !== token) throw illegalConstructor();
    super();
  }

  static #check(value: unknown): void {
    if (typeof value !== "object" || value === null || !(#brand in value)) throw illegalInvocation();
  }

  get timeOrigin(): number { Performance.#check(this); return timeOrigin(); }
  now(): number { Performance.#check(this); return sinceOrigin(); }
  toJSON(): object { Performance.#check(this); return { timeOrigin: timeOrigin() }; }
}

export function installPerformance(): void {
  expose(Performance, "Performance");
  exposeValue("performance", new Performance(token), true);
}
