// A worker without `time.now`: V8's own clock stands at the epoch.
import { apply, construct, defineProperty, getOwnPropertyDescriptor } from "../core/primordials.ts";

const globalObject = globalThis as unknown as Record<string, any>;

/** Takes the time from Date, Temporal and Intl. What guests kept of them before keeps running. */
export function freezeDate(): void {
  const Real = Date;
  function Frozen(...given: unknown[]): unknown {
    if (new.target === undefined) {
      return apply(Real.prototype.toString, new Real(0), []);
    }
    return construct(Real, given.length === 0 ? [0] : given, new.target);
  }
  defineProperty(Frozen, "name", { value: "Date", configurable: true });
  defineProperty(Frozen, "length", { value: 7, configurable: true });
  defineProperty(Frozen, "prototype", { value: Real.prototype, writable: false });
  defineProperty(Frozen, "UTC", { value: Real.UTC, writable: true, configurable: true });
  defineProperty(Frozen, "parse", { value: Real.parse, writable: true, configurable: true });
  const now = { now: (): number => 0 }.now;
  defineProperty(Frozen, "now", { value: now, writable: true, configurable: true });
  defineProperty(Real, "now", { value: now, writable: true, configurable: true });
  defineProperty(Real.prototype, "constructor", { value: Frozen, writable: true, configurable: true });
  defineProperty(globalObject, "Date", { value: Frozen, writable: true, configurable: true });
  if (globalObject.Temporal !== undefined) {
    delete globalObject.Temporal.Now;
  }
  freezeFormats();
}

/** Intl formats the present when it is given no date. */
function freezeFormats(): void {
  const prototype = globalObject.Intl?.DateTimeFormat?.prototype as object | undefined;
  if (prototype === undefined) {
    return;
  }
  const format = getOwnPropertyDescriptor(prototype, "format")!.get!;
  defineProperty(prototype, "format", {
    configurable: true,
    get(this: unknown) {
      const bound = apply(format, this, []) as (date: unknown) => string;
      return (date: unknown): string => bound(date === undefined ? 0 : date);
    },
  });
  const parts = getOwnPropertyDescriptor(prototype, "formatToParts")!.value as (date: unknown) => unknown;
  defineProperty(prototype, "formatToParts", {
    configurable: true,
    writable: true,
    value(this: unknown, date: unknown): unknown {
      return apply(parts, this, [date === undefined ? 0 : date]);
    },
  });
}
