// https://dom.spec.whatwg.org/#aborting-ongoing-activities
import { native, type Frame } from "../core/bridge.ts";
import { append, List } from "../core/list.ts";
import { SafeSet } from "../core/primordials.ts";
import { expose, illegalConstructor, illegalInvocation, requireArguments, sequenceOf, toEnforcedRange } from "../core/webidl.ts";
import { DOMException } from "../clone/dom-exception.ts";
import { startTimer } from "../timers/timers.ts";
import { Event, eventInner } from "./event.ts";
import { connectSignals, dispatch, EventTarget, getHandler, setHandler, targetInner } from "./event-target.ts";

class SignalInner {
  aborted = false;
  reason: unknown = undefined;
  algorithms: SafeSet<() => void> | undefined;
  /** Signals made by `any` that follow this one. */
  dependents: SafeSet<AbortSignal> | undefined;
  /** For a signal made by `any`: what it follows, flattened to signals that are not dependent themselves. */
  sources: SafeSet<AbortSignal> | undefined;
}

let signalInner: (value: unknown) => SignalInner | undefined;
const token = {};

export class AbortSignal extends EventTarget {
  #inner: SignalInner = new SignalInner();

  constructor(key: unknown = undefined) {
    if (key !== token) throw illegalConstructor();
    super();
  }

  static #of(signal: unknown): SignalInner {
    const inner = signalInner(signal);
    if (inner === undefined) throw illegalInvocation();
    return inner;
  }

  static abort(reason: unknown = undefined): AbortSignal {
    const signal = new AbortSignal(token);
    signal.#inner.aborted = true;
    signal.#inner.reason = reason === undefined ? abortError() : reason;
    return signal;
  }

  static timeout(milliseconds: unknown): AbortSignal {
    requireArguments(arguments.length, 1, "'timeout' on 'AbortSignal'");
    const delay = toEnforcedRange(milliseconds, "Delay");
    const signal = new AbortSignal(token);
    startTimer(delay, false, () => {
      signalAbort(signal, new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    });
    return signal;
  }

  static any(signals: unknown): AbortSignal {
    requireArguments(arguments.length, 1, "'any' on 'AbortSignal'");
    const list = new List<AbortSignal>();
    for (const signal of sequenceOf(signals, "Failed to execute 'any' on 'AbortSignal': parameter 1 is not iterable.")) {
      if (!isAbortSignal(signal)) {
        throw new TypeError("Failed to execute 'any' on 'AbortSignal': an element is not of type 'AbortSignal'.");
      }
      append(list, signal);
    }
    return dependentSignal(list);
  }

  get aborted(): boolean { return AbortSignal.#of(this).aborted; }
  get reason(): unknown { return AbortSignal.#of(this).reason; }

  throwIfAborted(): void {
    const inner = AbortSignal.#of(this);
    if (inner.aborted) {
      throw inner.reason;
    }
  }

  get onabort(): unknown { AbortSignal.#of(this); return getHandler(targetInner(this)!, "abort"); }
  set onabort(value: unknown) { AbortSignal.#of(this); setHandler(targetInner(this)!, "abort", value); }

  static {
    signalInner = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
  }
}

function abortError(): DOMException {
  return new DOMException("The operation was aborted", "AbortError");
}

export const isAbortSignal = (value: unknown): value is AbortSignal => signalInner(value) !== undefined;
export const isAborted = (signal: AbortSignal): boolean => signalInner(signal)!.aborted;
export const abortReason = (signal: AbortSignal): unknown => signalInner(signal)!.reason;
export const newSignal = (): AbortSignal => new AbortSignal(token);

/** Runs `algorithm` once when the signal aborts, before its listeners; at once never: ask isAborted first. */
export function addAbortAlgorithm(signal: AbortSignal, algorithm: () => void): void {
  const inner = signalInner(signal)!;
  if (!inner.aborted) {
    (inner.algorithms ??= new SafeSet()).add(algorithm);
  }
}

export function removeAbortAlgorithm(signal: AbortSignal, algorithm: () => void): void {
  signalInner(signal)!.algorithms?.delete(algorithm);
}

/** https://dom.spec.whatwg.org/#create-a-dependent-abort-signal */
export function dependentSignal(signals: ArrayLike<AbortSignal>): AbortSignal {
  const result = new AbortSignal(token);
  const inner = signalInner(result)!;
  for (let i = 0; i < signals.length; i++) {
    const source = signalInner(signals[i])!;
    if (source.aborted) {
      inner.aborted = true;
      inner.reason = source.reason;
      return result;
    }
  }
  const sources = (inner.sources = new SafeSet<AbortSignal>());
  const follow = (source: AbortSignal): void => {
    sources.add(source);
    (signalInner(source)!.dependents ??= new SafeSet()).add(result);
  };
  for (let i = 0; i < signals.length; i++) {
    const source = signalInner(signals[i])!;
    if (source.sources === undefined) {
      follow(signals[i]);
    } else {
      source.sources.forEach(follow);
    }
  }
  return result;
}

/** https://dom.spec.whatwg.org/#abortsignal-signal-abort */
export function signalAbort(signal: AbortSignal, reason?: unknown): void {
  const inner = signalInner(signal)!;
  if (inner.aborted) {
    return;
  }
  inner.aborted = true;
  inner.reason = reason === undefined ? abortError() : reason;
  const ready = new List<AbortSignal>();
  inner.dependents?.forEach((dependent) => {
    const other = signalInner(dependent)!;
    if (!other.aborted) {
      other.aborted = true;
      other.reason = inner.reason;
      append(ready, dependent);
    }
  });
  runAbortSteps(signal, inner);
  for (let i = 0; i < ready.length; i++) {
    runAbortSteps(ready[i], signalInner(ready[i])!);
  }
}

function runAbortSteps(signal: AbortSignal, inner: SignalInner): void {
  const algorithms = inner.algorithms;
  inner.algorithms = undefined;
  const frame: Frame | undefined = native.asyncGet();
  algorithms?.forEach((algorithm) => algorithm());
  native.asyncSet(frame);
  const target = targetInner(signal)!;
  if (target.listeners.length !== 0) {
    const event = new Event("abort");
    eventInner(event)!.trusted = true;
    dispatch(target, event);
  }
}

export class AbortController {
  #signal: AbortSignal = new AbortSignal(token);

  get signal(): AbortSignal {
    if (!(#signal in this)) throw illegalInvocation();
    return this.#signal;
  }

  abort(reason: unknown = undefined): void {
    if (!(#signal in this)) throw illegalInvocation();
    signalAbort(this.#signal, reason);
  }
}

connectSignals({
  isSignal: isAbortSignal,
  isAborted: (signal) => isAborted(signal as AbortSignal),
  onAbort: (signal, algorithm) => addAbortAlgorithm(signal as AbortSignal, algorithm),
});

export function installAbort(): void {
  expose(AbortSignal, "AbortSignal");
  expose(AbortController, "AbortController");
}
