// https://html.spec.whatwg.org/#report-an-exception
import { host, native, type ReportKind } from "../core/bridge.ts";
import { exposeValue, requireArguments } from "../core/webidl.ts";
import { describeDOMException, isDOMException } from "../clone/dom-exception.ts";
import { getOwnPropertyDescriptor } from "../core/primordials.ts";
import { eventInner } from "./event.ts";
import { dispatch, globalTarget } from "./event-target.ts";
import { ErrorEvent } from "./events.ts";

let reporting = false;

/** Tells the global's `error` listeners, and the host unless one of them cancelled the event. Never throws. */
export function reportException(error: unknown, kind: ReportKind = "listener"): void {
  if (!reporting && globalTarget.has("error")) {
    reporting = true;
    try {
      const event = new ErrorEvent("error", { message: messageOf(error), error, cancelable: true });
      eventInner(event)!.trusted = true;
      if (!dispatch(globalTarget, event)) {
        return;
      }
    } finally {
      reporting = false;
    }
  }
  host.report(native.asyncGet()?.event?.id ?? 0, kind, error);
}

/** The message of an error read from its own data property: no getter of the guest runs. */
function messageOf(error: unknown): string {
  if (typeof error !== "object" || error === null) {
    return typeof error === "symbol" || typeof error === "function" ? "Uncaught exception" : `Uncaught ${error}`;
  }
  if (isDOMException(error)) {
    const { name, message } = describeDOMException(error);
    return `Uncaught ${name}: ${message}`;
  }
  try {
    const message = getOwnPropertyDescriptor(error, "message")?.value;
    return typeof message === "string" ? `Uncaught ${message}` : "Uncaught exception";
  } catch {
    return "Uncaught exception";
  }
}

export function installReportError(): void {
  exposeValue("reportError", {
    reportError(error: unknown): void {
      requireArguments(arguments.length, 1, "'reportError'");
      reportException(error);
    },
  }.reportError, true);
}
