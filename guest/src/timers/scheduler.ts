// Workers' own `scheduler.wait(delay, { signal })`.
import { Deferred, rejected } from "../core/promises.ts";
import { expose, exposeValue, illegalConstructor, requireArguments, toDictionary } from "../core/webidl.ts";
import { abortReason, addAbortAlgorithm, isAborted, isAbortSignal, removeAbortAlgorithm } from "../events/abort.ts";
import { startTimer, stopTimer } from "./timers.ts";

const token = {};

export class Scheduler {
  constructor(key: unknown = undefined) {
    if (key !== token) throw illegalConstructor();
  }

  wait(delay: unknown, options: unknown = undefined): Promise<undefined> {
    try {
      requireArguments(arguments.length, 1, "'wait' on 'Scheduler'");
      return wait(Number(delay), toDictionary(options, "wait options")?.signal);
    } catch (error) {
      return rejected(error);
    }
  }
}

function wait(delay: number, signal: unknown): Promise<undefined> {
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw new TypeError("Failed to execute 'wait' on 'Scheduler': member signal is not of type AbortSignal.");
  }
  if (signal !== undefined && isAborted(signal)) {
    return rejected(abortReason(signal));
  }
  const deferred = new Deferred<undefined>();
  const onAbort = (): void => {
    stopTimer(id);
    deferred.reject(abortReason(signal!));
  };
  const id = startTimer(delay > 0 ? delay : 0, false, () => {
    if (signal !== undefined) removeAbortAlgorithm(signal, onAbort);
    deferred.resolve(undefined);
  });
  if (signal !== undefined) addAbortAlgorithm(signal, onAbort);
  return deferred.promise;
}

export function installScheduler(): void {
  expose(Scheduler, "Scheduler");
  exposeValue("scheduler", new Scheduler(token), true);
}
