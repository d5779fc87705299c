// https://html.spec.whatwg.org/#microtask-queuing
import { native } from "../core/bridge.ts";
import { promiseThen } from "../core/primordials.ts";
import { resolved } from "../core/promises.ts";
import { exposeValue, requireArguments } from "../core/webidl.ts";
import { reportException } from "../events/report-error.ts";

const operations = {
  queueMicrotask(callback: unknown): void {
    requireArguments(arguments.length, 1, "'queueMicrotask'");
    if (typeof callback !== "function") {
      throw new TypeError("Failed to execute 'queueMicrotask': parameter 1 is not of type 'Function'.");
    }
    const frame = native.asyncGet();
    promiseThen(resolved(), () => {
      try {
        (callback as () => void)();
      } catch (error) {
        native.asyncSet(frame);
        reportException(error, "microtask");
      }
    });
  },
};

export function installMicrotask(): void {
  exposeValue("queueMicrotask", operations.queueMicrotask, true);
}
