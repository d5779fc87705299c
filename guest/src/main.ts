// The bundle's completion value: boot(native, host) => entry.
import { CapabilityError } from "./boundary/capability-error.ts";
import { ffiModule } from "./boundary/ffi.ts";
import { freezeDate } from "./boundary/frozen-clock.ts";
import { connect, native, type Host, type Native } from "./core/bridge.ts";
import { installConsole, rendering } from "./console/console.ts";
import { takeIsError } from "./console/exotic.ts";
import { thrownText } from "./console/thrown.ts";
import { startClock } from "./core/clock.ts";
import { stackOf } from "./core/stack-trace.ts";
import { DOMException, installDOMException } from "./clone/dom-exception.ts";
import { installStructuredClone } from "./clone/structured-clone.ts";
import { installCrypto } from "./crypto/crypto.ts";
import { installBase64 } from "./encoding/base64.ts";
import { installTextDecoder } from "./encoding/text-decoder.ts";
import { installTextEncoder } from "./encoding/text-encoder.ts";
import { installTextStreams } from "./encoding/text-streams.ts";
import { installEvent, eventInner } from "./events/event.ts";
import { dispatch, globalTarget, installEventTarget } from "./events/event-target.ts";
import { installAbort } from "./events/abort.ts";
import { installEvents, PromiseRejectionEvent } from "./events/events.ts";
import { installReportError } from "./events/report-error.ts";
import { installHeaders } from "./fetch/headers.ts";
import { installFormData } from "./fetch/form-data.ts";
import { installRequest } from "./fetch/request.ts";
import { installResponse } from "./fetch/response.ts";
import { installFetch } from "./fetch/fetch.ts";
import { installFiles } from "./files/blob.ts";
import { installPerformance } from "./performance/performance.ts";
import { installReadable } from "./streams/readable-stream.ts";
import { installStrategies } from "./streams/strategies.ts";
import { installTransform } from "./streams/transform-stream.ts";
import { installIdentity } from "./streams/identity.ts";
import { installWritable } from "./streams/writable-stream.ts";
import { installMicrotask } from "./timers/microtask.ts";
import { installScheduler } from "./timers/scheduler.ts";
import { installTimers, runTimer } from "./timers/timers.ts";
import { installURL } from "./url/url.ts";
import { installURLSearchParams } from "./url/url-search-params.ts";
import { builtinModules } from "./worker/builtins.ts";
import { abortEvent, disconnectEvent, deliverFetch, deliverTest } from "./worker/dispatch.ts";
import { takeCall } from "./worker/event-state.ts";
import { installFetchEvent } from "./worker/fetch-event.ts";
import { installGlobalScope, setUserAgent } from "./worker/global-scope.ts";
import { Worker } from "./worker/worker.ts";
import { jsonParse } from "./core/primordials.ts";

function install(): void {
  installGlobalScope();
  installDOMException();
  installEvent();
  installEvents();
  installEventTarget();
  installReportError();
  installAbort();
  installTimers();
  installMicrotask();
  installScheduler();
  installStrategies();
  installReadable();
  installWritable();
  installTransform();
  installIdentity();
  installTextEncoder();
  installTextDecoder();
  installTextStreams();
  installBase64();
  installURL();
  installURLSearchParams();
  installFiles();
  installHeaders();
  installFormData();
  installRequest();
  installResponse();
  installFetch();
  installFetchEvent();
  installCrypto();
  installPerformance();
  installStructuredClone();
  installConsole();
}

function errorOf(name: string, message: string): unknown {
  switch (name) {
    case "TypeError": return new TypeError(message);
    case "RangeError": return new RangeError(message);
    case "AbortError": case "TimeoutError": case "DataCloneError": case "NotSupportedError": case "InvalidStateError":
      return new DOMException(message, name);
    default: {
      const error = new Error(message);
      if (name !== "Error" && name !== "") {
        error.name = name;
      }
      return error;
    }
  }
}

/** Puts the web platform on the global object and returns what the host calls. Runs once, before the snapshot. */
export function boot(nativeFunctions: Native, hostFunctions: Host): object {
  connect(nativeFunctions, hostFunctions);
  install();
  const worker = new Worker();
  return {
    builtins: builtinModules(worker.env),

    start(configJson: string): void {
      const config = jsonParse(configJson) as { userAgent?: string; clock?: boolean };
      setUserAgent(config.userAgent ?? "Cloudflare-Workers");
      if (config.clock === false) {
        freezeDate();
      } else {
        startClock();
      }
      takeIsError();
      native.tellStacks(stackOf);
    },

    bind: (namespace: unknown, envJson: string): string => worker.bind(namespace, envJson),

    fetch(event: number, head: string, bodyKind: number, body: unknown): void {
      deliverFetch(worker, event, head, bodyKind, body);
    },

    test(event: number, name: string): void {
      deliverTest(worker, event, name);
    },

    settle(call: number, a: unknown, b: unknown): void {
      const pending = takeCall(call);
      if (pending !== undefined) {
        native.asyncSet(pending.frame);
        try {
          pending.settle(a, b);
        } finally {
          native.asyncSet(undefined);
        }
      }
    },

    settleError(call: number, name: string, message: string): void {
      const pending = takeCall(call);
      if (pending !== undefined) {
        native.asyncSet(pending.frame);
        try {
          pending.fail(errorOf(name, message));
        } finally {
          native.asyncSet(undefined);
        }
      }
    },

    timer(id: number): void {
      runTimer(id);
    },

    disconnect(event: number, reason: string): void {
      disconnectEvent(event, reason);
    },
    abort(event: number, reason: string): void {
      abortEvent(event, reason);
    },

    capabilityError: (status: number, capability: string, operation: string, message: string): unknown =>
      new CapabilityError(status, capability, operation, message),

    /** The exports of `molt:ffi` as a package sees it. */
    ffi: ffiModule,

    freezeDate,

    /** Puts capabilities into `env`: a JSON object of name → reference. */
    bindCapabilities: (bindingsJson: string): void => worker.bindCapabilities(bindingsJson),

    unhandled(promise: unknown, reason: unknown): boolean {
      if (!globalTarget.has("unhandledrejection")) {
        return false;
      }
      const event = new PromiseRejectionEvent("unhandledrejection", { promise, reason, cancelable: true });
      eventInner(event)!.trusted = true;
      return !dispatch(globalTarget, event);
    },

    thrownText,

    inspect: (value: unknown): string => rendering().inspect(value),
  };
}

