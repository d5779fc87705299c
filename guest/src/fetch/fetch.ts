// https://fetch.spec.whatwg.org/#fetch-method
import { CapabilityError } from "../boundary/capability-error.ts";
import { BodyKind, host, native, type Frame } from "../core/bridge.ts";
import { isView, promiseThen, stringIndexOf, stringSlice } from "../core/primordials.ts";
import { Deferred, ignore, markHandled, rejected } from "../core/promises.ts";
import { exposeValue, requireArguments } from "../core/webidl.ts";
import { abortReason, addAbortAlgorithm, isAborted, removeAbortAlgorithm } from "../events/abort.ts";
import { HostBody } from "../streams/body-source.ts";
import { cancelStream, ReadableState } from "../streams/readable-state.ts";
import { registerCall, requireState, takeCall, type EventState, type PendingCall } from "../worker/event-state.ts";
import { Pump } from "../worker/pump.ts";
import { Source, takeBody } from "./body.ts";
import { HeaderList } from "./header-list.ts";
import { makeRequest, requestInner, type RequestInner } from "./request.ts";
import { ResponseInner, wrapResponse, type Response } from "./response.ts";

class PendingFetch implements PendingCall {
  readonly state: EventState;
  readonly frame: Frame | undefined = native.asyncGet();
  readonly deferred = new Deferred<Response>();
  readonly #request: RequestInner;
  call = 0;
  upload: Pump | undefined;
  #body: HostBody | undefined;
  readonly onAbort = (): void => this.#abort();

  constructor(state: EventState, request: RequestInner) {
    this.state = state;
    this.#request = request;
  }

  settle(head: unknown, rid: unknown): void {
    if (typeof head === "number") {
      // The capability was taken away while the request was open.
      this.fail(new CapabilityError(head, "http.fetch", "send", rid as string));
      return;
    }
    const inner = parseResponse(head as string);
    if ((rid as number) !== 0) {
      this.#body = new HostBody(this.state, rid as number);
      inner.kind = Source.host;
      inner.host = this.#body;
    }
    this.deferred.resolve(wrapResponse(inner));
  }

  fail(error: unknown): void {
    this.upload?.stop(error);
    if (this.#request.signal !== undefined) {
      removeAbortAlgorithm(this.#request.signal, this.onAbort);
    }
    this.deferred.reject(error);
  }

  /** Before the answer the call is dropped; after it the response's body fails. */
  #abort(): void {
    const reason = abortReason(this.#request.signal!);
    if (takeCall(this.call) !== undefined) {
      host.fetchAbort(this.call);
      this.fail(reason);
    } else {
      this.#body?.abort(reason);
    }
  }
}

/** "STATUS\nSTATUSTEXT\nURL\nREDIRECTED" and then the header pairs. */
function parseResponse(head: string): ResponseInner {
  const statusEnd = stringIndexOf(head, "\n");
  const textEnd = stringIndexOf(head, "\n", statusEnd + 1);
  const urlEnd = stringIndexOf(head, "\n", textEnd + 1);
  const flagEnd = stringIndexOf(head, "\n", urlEnd + 1);
  const inner = new ResponseInner();
  inner.status = Number(stringSlice(head, 0, statusEnd));
  inner.statusText = stringSlice(head, statusEnd + 1, textEnd);
  inner.url = stringSlice(head, textEnd + 1, urlEnd);
  inner.redirected = head[urlEnd + 1] === "1";
  inner.list = flagEnd === -1 ? new HeaderList("", 0) : new HeaderList(head, flagEnd + 1);
  inner.immutable = true;
  return inner;
}

/** Sends a request through a service of the host: "" is the worker's global outbound. */
export function fetchFrom(service: string, input: unknown, init: unknown): Promise<Response> {
  let pending: PendingFetch;
  try {
    const state = requireState();
    const existing = init === undefined || init === null ? requestInner(input) : undefined;
    const request = existing ?? makeRequest(input, init);
    const signal = existing !== undefined && existing.signal === undefined ? undefined : request.signal;
    const body = takeBody(request);
    if (signal !== undefined && isAborted(signal)) {
      const reason = abortReason(signal);
      if (body instanceof ReadableState) markHandled(cancelStream(body, reason));
      else if (typeof body === "object" && !isView(body)) body.cancel(reason);
      return rejected(reason);
    }
    pending = new PendingFetch(state, request);
    pending.call = registerCall(pending);
    const headers = request.headers.pack();
    const head = `${request.method}\n${withoutFragment(request.url)}\n${request.redirect}${headers === "" ? "" : "\n"}${headers}`;
    try {
      start(pending, service, head, body);
    } catch (error) {
      takeCall(pending.call);
      throw error;
    }
    if (signal !== undefined) {
      addAbortAlgorithm(signal, pending.onAbort);
    }
  } catch (error) {
    return rejected(error);
  }
  return pending.deferred.promise;
}

const withoutFragment = (url: string): string => {
  const hash = stringIndexOf(url, "#");
  return hash === -1 ? url : stringSlice(url, 0, hash);
};

function start(pending: PendingFetch, service: string, head: string, body: ReturnType<typeof takeBody>): void {
  const event = pending.state.id;
  if (body === undefined) {
    host.fetch(pending.call, event, service, head, BodyKind.none, undefined);
  } else if (typeof body === "string") {
    host.fetch(pending.call, event, service, head, BodyKind.text, body);
  } else if (isView(body)) {
    host.fetch(pending.call, event, service, head, BodyKind.bytes, body);
  } else {
    const rid = host.fetch(pending.call, event, service, head, BodyKind.stream, undefined);
    const pump = (pending.upload = new Pump(pending.state, rid, body));
    promiseThen(pump.run(), ignore, (error) => {
      // The host learned of it through bodyAbort; the caller learns the cause here.
      if (takeCall(pending.call) !== undefined) {
        host.fetchAbort(pending.call);
        pending.fail(error);
      }
    });
  }
}

export function installFetch(): void {
  exposeValue("fetch", {
    fetch(input: unknown, init: unknown = undefined): Promise<Response> {
      try {
        requireArguments(arguments.length, 1, "'fetch'");
      } catch (error) {
        return rejected(error);
      }
      return fetchFrom("", input, init);
    },
  }.fetch, true);
}
