// Delivers events to the worker's handlers and their results to the host.
import { BodyKind, host, native } from "../core/bridge.ts";
import { apply, isView, stringCharCodeAt, stringIndexOf, stringStartsWith } from "../core/primordials.ts";
import { isObject } from "../core/webidl.ts";
import { DOMException } from "../clone/dom-exception.ts";
import { signalAbort } from "../events/abort.ts";
import { eventInner } from "../events/event.ts";
import { dispatch, globalTarget } from "../events/event-target.ts";
import { bodyUsed, Source, takeBody } from "../fetch/body.ts";
import { HeaderList } from "../fetch/header-list.ts";
import { RequestInner, wrapRequest } from "../fetch/request.ts";
import { isNullBodyStatus, responseInner, type ResponseInner } from "../fetch/response.ts";
import { HostBody, type BodySource } from "../streams/body-source.ts";
import { ReadableState } from "../streams/readable-state.ts";
import { timersRunOut } from "../timers/timers.ts";
import { close, closeIfDone, events, EventState, failCalls } from "./event-state.ts";
import { newContext } from "./context.ts";
import { FetchEvent, fetchEventResponse } from "./fetch-event.ts";
import { Pump } from "./pump.ts";
import { callHandler, type Worker } from "./worker.ts";

const isHead = (head: string): boolean => stringCharCodeAt(head, 0) === 72 && stringStartsWith(head, "HEAD\n");

/** An HTTP request arrives. */
export function deliverFetch(worker: Worker, event: number, head: string, bodyKind: number, body: unknown): void {
  const state = new EventState(event);
  native.asyncSet(state);
  try {
    const inner = new RequestInner();
    inner.head = head;
    inner.immutable = true;
    inner.redirect = "manual";
    inner.state = state;
    if (bodyKind === BodyKind.bytes) {
      inner.kind = Source.bytes;
      inner.bytes = body as Uint8Array;
    } else if (bodyKind === BodyKind.stream) {
      const source = new HostBody(state, event);
      inner.kind = Source.host;
      inner.host = source;
      state.requestBody = source;
    }
    const request = wrapRequest(inner);
    const handler = worker.fetchHandler;
    let result: unknown;
    if (handler === undefined) {
      result = callServiceWorker(request, state);
    } else {
      result = callHandler(worker, handler, request, newContext(state));
    }
    const response = responseInner(result);
    if (response !== undefined) {
      respond(state, response, isHead(head));
    } else {
      respondLater(state, result, isHead(head));
    }
  } catch (error) {
    fail(state, error);
  } finally {
    native.asyncSet(undefined);
    // One that was answered at once is never looked up.
    if (!state.closed) {
      state.listed = true;
      events.set(event, state);
    }
  }
}

async function respondLater(state: EventState, result: unknown, headOnly: boolean): Promise<void> {
  try {
    const value = await result;
    const response = responseInner(value);
    if (response === undefined) {
      throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.");
    }
    respond(state, response, headOnly);
  } catch (error) {
    fail(state, error);
  }
}

function callServiceWorker(request: object, state: EventState): unknown {
  if (!globalTarget.has("fetch")) {
    throw new MissingHandler("Handler does not export a fetch() function.");
  }
  const event = new FetchEvent("fetch", { request }, state);
  eventInner(event)!.trusted = true;
  dispatch(globalTarget, event);
  const result = fetchEventResponse(event);
  if (result === undefined) {
    throw new TypeError("No event listener called respondWith().");
  }
  return result.value;
}

function respond(state: EventState, inner: ResponseInner, headOnly: boolean): void {
  if (state.closed || state.responded) {
    discard(state, inner);
    return;
  }
  if (inner.type === "error") {
    throw new TypeError("Return value from serve handler must not be an error response (like Response.error())");
  }
  let body = takeBody(inner);
  // Complete bodies go along with HEAD: the host sends their length.
  if (body !== undefined && (isNullBodyStatus(inner.status) || (headOnly && typeof body !== "string" && !isView(body)))) {
    cancelBody(state, body);
    body = undefined;
  }
  const statusText = inner.statusText === "" ? undefined : inner.statusText;
  const headers = inner.packHeaders();
  const pending = state.waiting > 0;
  if (body === undefined || typeof body === "string" || isView(body)) {
    const kind = body === undefined ? BodyKind.none : typeof body === "string" ? BodyKind.text : BodyKind.bytes;
    state.responded = true;
    if (!pending) {
      close(state);
    }
    host.respond(state.id, inner.status, statusText, headers, kind, body, pending);
    return;
  }
  const pump = new Pump(state, state.id, body);
  state.responded = true;
  state.bodyOpen = true;
  state.responseBody = pump;
  host.respond(state.id, inner.status, statusText, withLengthOf(body, headers), BodyKind.stream, undefined, true);
  pumpResponse(state, pump);
}

/**
 * The packed headers with the Content-Length of a stream. What the worker says of one it made or transformed does not count, for
 * headers are often another response's: only a FixedLengthStream keeps its word, and the host's own bodies are passed on as they came.
 */
function withLengthOf(body: BodySource | ReadableState, packed: string): string {
  if (!(body instanceof ReadableState) || (body.length === undefined && stringIndexOf(packed, "content-length\n") === -1)) {
    return packed;
  }
  const headers = new HeaderList(packed, 0);
  headers.delete("content-length");
  if (body.length !== undefined) {
    headers.append("content-length", `${body.length}`);
  }
  return headers.pack();
}

function cancelBody(state: EventState, body: ReturnType<typeof takeBody>): void {
  if (typeof body === "object" && !isView(body)) {
    new Pump(state, state.id, body).stop(state.abortedBy);
  }
}

/** Nobody waits for this response any more. */
function discard(state: EventState, inner: ResponseInner): void {
  if (!bodyUsed(inner) && inner.stream?.locked !== true) {
    cancelBody(state, takeBody(inner));
  }
}

async function pumpResponse(state: EventState, pump: Pump): Promise<void> {
  try {
    await pump.run();
  } catch (error) {
    if (!state.closed) {
      host.report(state.id, "listener", error);
    }
  }
  state.bodyOpen = false;
  state.responseBody = undefined;
  closeIfDone(state);
}

/** The worker has nothing to handle the event with; told apart by the host, so never made by guest code. */
class MissingHandler extends TypeError {
  readonly #missing = true;

  static is(error: unknown): boolean {
    return typeof error === "object" && error !== null && #missing in error;
  }
}

function fail(state: EventState, error: unknown): void {
  if (state.closed || state.responded) {
    return;
  }
  const pending = state.waiting > 0;
  state.responded = true;
  if (!pending) {
    close(state);
  }
  host.fail(state.id, error, pending, MissingHandler.is(error));
}

/** A `test(controller, env, ctx)` method is asked to run; success is a response with status 200. */
export function deliverTest(worker: Worker, event: number, name: string): void {
  const state = new EventState(event);
  state.listed = true;
  events.set(event, state);
  native.asyncSet(state);
  try {
    runTest(worker, state, name);
  } finally {
    native.asyncSet(undefined);
  }
}

async function runTest(worker: Worker, state: EventState, name: string): Promise<void> {
  try {
    const target = worker.exported(name);
    if (!isObject(target)) {
      throw new MissingHandler(`The worker has no export named '${name}'.`);
    }
    const context = newContext(state);
    const instance = worker.instantiate(target, context);
    const test = (instance as { test?: unknown }).test;
    if (typeof test !== "function") {
      throw new MissingHandler(`The export '${name}' has no test() method.`);
    }
    await apply(test, instance, instance === target ? [{}, worker.env, context] : [{}]);
    await timersRunOut(state);
  } catch (error) {
    fail(state, error);
    return;
  }
  if (!state.closed) {
    const pending = state.waiting > 0;
    state.responded = true;
    if (!pending) {
      close(state);
    }
    host.respond(state.id, 200, undefined, "", BodyKind.none, undefined, pending);
  }
}

/** The host ends an event: its I/O fails with the reason and nothing more is said about it. */
export function abortEvent(event: number, reason: string): void {
  const state = events.get(event);
  if (state !== undefined) {
    const error = cancelExchange(state, reason);
    state.abortedBy = error;
    failCalls(state, error);
    close(state);
    signal(state, error);
  }
}

/** The client went away. What was given to waitUntil goes on; without any the event is over. The host hears of the end through eventDone. */
export function disconnectEvent(event: number, reason: string): void {
  const state = events.get(event);
  if (state === undefined) {
    return;
  }
  if (state.waiting === 0) {
    abortEvent(event, reason);
    host.eventDone(event);
    return;
  }
  const error = cancelExchange(state, reason);
  state.responded = true;
  signal(state, error);
}

/** Ends the bodies of the exchange, in the event's frame. */
function cancelExchange(state: EventState, reason: string): Error {
  const error = new DOMException(reason, "AbortError") as unknown as Error;
  inFrame(state, () => {
    state.requestBody?.fail(error);
    state.responseBody?.stop(error);
  });
  return error;
}

function signal(state: EventState, error: Error): void {
  inFrame(state, () => {
    if (state.signal !== undefined) {
      signalAbort(state.signal, error);
    }
  });
}

function inFrame(state: EventState, run: () => void): void {
  native.asyncSet(state);
  try {
    run();
  } finally {
    native.asyncSet(undefined);
  }
}
