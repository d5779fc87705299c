// Time as guests may see it. https://w3c.github.io/hr-time/#sec-time-origin
// Top-level code sees a clock that stands at the time origin: what it computes may be frozen into a snapshot.
// A worker without the capability `time.now` sees such a clock always.
import { host, native } from "./bridge.ts";

let origin = 0;
let wallOrigin = 0;

/** Sets the time origin: once per isolate, after it was restored. */
export function startClock(): void {
  origin = host.clockMonotonic() ?? 0;
  wallOrigin = host.clockWall() ?? 0;
}

const isRunning = (): boolean => native.asyncGet()?.event !== undefined;

/** Milliseconds since the time origin. */
export const sinceOrigin = (): number => (isRunning() ? (host.clockMonotonic() ?? origin) - origin : 0);

/** Milliseconds since the Unix epoch at the time origin. */
export const timeOrigin = (): number => wallOrigin;

/** Milliseconds since the Unix epoch. */
export const wallTime = (): number => (isRunning() ? (host.clockWall() ?? wallOrigin) : wallOrigin);
