// https://html.spec.whatwg.org/#timers
import { host, native, type Frame } from "../core/bridge.ts";
import { apply, arraySlice, SafeMap, SafeSet } from "../core/primordials.ts";
import { Deferred } from "../core/promises.ts";
import { exposeValue, requireArguments } from "../core/webidl.ts";
import { reportException } from "../events/report-error.ts";
import { onTimersForgotten, requireState, type EventState } from "../worker/event-state.ts";

class Timer {
  readonly state: EventState;
  readonly frame: Frame;
  readonly callback: (...args: unknown[]) => unknown;
  readonly args: unknown[] | undefined;
  readonly delay: number;
  readonly repeat: boolean;

  constructor(state: EventState, frame: Frame, callback: (...args: unknown[]) => unknown, args: unknown[] | undefined, delay: number, repeat: boolean) {
    this.state = state;
    this.frame = frame;
    this.callback = callback;
    this.args = args;
    this.delay = delay;
    this.repeat = repeat;
  }
}

const timers = new SafeMap<number, Timer>();
let lastId = 0;
const globalObject = globalThis;
const maximumDelay = 2147483647;
const longestRunOut = 1000;

/** Starts a timer in the current event; the callback runs in the current frame. */
export function startTimer(delay: number, repeat: boolean, callback: (...args: unknown[]) => unknown, args?: unknown[]): number {
  const state = requireState();
  const id = ++lastId;
  timers.set(id, new Timer(state, native.asyncGet()!, callback, args, delay, repeat));
  (state.timers ??= new SafeSet()).add(id);
  host.timerStart(state.id, id, delay, repeat);
  return id;
}

export function stopTimer(id: number): void {
  const timer = timers.get(id);
  if (timer !== undefined) {
    timers.delete(id);
    timer.state.timers?.delete(id);
    host.timerClear(id);
  }
}

/** A timer is due. */
export function runTimer(id: number): void {
  const timer = timers.get(id);
  if (timer === undefined) {
    return;
  }
  if (!timer.repeat) {
    timers.delete(id);
    timer.state.timers?.delete(id);
  }
  native.asyncSet(timer.frame);
  try {
    apply(timer.callback, globalObject, timer.args ?? []);
  } catch (error) {
    native.asyncSet(timer.frame);
    reportException(error, "timer");
  } finally {
    native.asyncSet(undefined);
  }
}

/** Waits until the event's timers of a short delay have run, those they start included; for about a second in all. */
export async function timersRunOut(state: EventState): Promise<void> {
  let left = longestRunOut;
  for (let delay = longestDelay(state, left); delay >= 0; delay = longestDelay(state, left)) {
    const last = new Deferred<undefined>();
    // Timers that are due together run in the order they were started.
    startTimer(delay, false, () => last.resolve(undefined));
    await last.promise;
    left -= delay + 1;
  }
}

/** The longest delay up to a limit among the event's timers that run once; below 0 when there is none. */
function longestDelay(state: EventState, limit: number): number {
  let longest = -1;
  state.timers?.forEach((id) => {
    const timer = timers.get(id)!;
    if (!timer.repeat && timer.delay <= limit && timer.delay > longest) {
      longest = timer.delay;
    }
  });
  return longest;
}

onTimersForgotten((id) => {
  if (timers.delete(id)) {
    host.timerClear(id);
  }
});

function start(name: string, given: IArguments, repeat: boolean): number {
  requireArguments(given.length, 1, `'${name}'`);
  const callback: unknown = given[0];
  if (typeof callback !== "function") {
    throw new TypeError(`Failed to execute '${name}': parameter 1 is not of type 'Function'.`);
  }
  const requested = given.length > 1 ? Number(given[1]) : 0;
  // NaN and values below zero mean "at once"; a delay past the maximum would be a timer that never fires.
  const delay = requested > 0 ? (requested > maximumDelay ? maximumDelay : requested) : 0;
  return startTimer(delay, repeat, callback as () => unknown, given.length > 2 ? arraySlice(given as never, 2) : undefined);
}

function clear(id: unknown): void {
  const number = Number(id);
  if (number > 0) {
    stopTimer(number);
  }
}

const operations = {
  setTimeout(_callback: unknown, _delay?: unknown): number { return start("setTimeout", arguments, false); },
  setInterval(_callback: unknown, _delay?: unknown): number { return start("setInterval", arguments, true); },
  clearTimeout(id?: unknown): void { clear(id); },
  clearInterval(id?: unknown): void { clear(id); },
};

export function installTimers(): void {
  exposeValue("setTimeout", operations.setTimeout, true);
  exposeValue("setInterval", operations.setInterval, true);
  exposeValue("clearTimeout", operations.clearTimeout, true);
  exposeValue("clearInterval", operations.clearInterval, true);
}
