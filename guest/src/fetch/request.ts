// https://fetch.spec.whatwg.org/#request-class. The request of an incoming event keeps the host's packed head and looks
// into it when a field is read.
import { stringIndexOf, stringSlice, stringToUpperCase } from "../core/primordials.ts";
import { expose, illegalInvocation, requireArguments, toByteString, toDictionary, toDOMString, toUSVString } from "../core/webidl.ts";
import { dependentSignal, isAbortSignal, newSignal, signalAbort, type AbortSignal } from "../events/abort.ts";
import { takeSource } from "../streams/body-source.ts";
import { urlInner, parseUrl } from "../url/url.ts";
import type { EventState } from "../worker/event-state.ts";
import { type BodyInner, cloneBody, extractBody, mixinBody, requireUnused, Source } from "./body.ts";
import { HeaderList, isTokenText } from "./header-list.ts";
import { fillHeaders, wrapHeaders, type Headers } from "./headers.ts";
import { StreamBody } from "./stream-body.ts";

const token = {};

export type RedirectMode = "follow" | "manual" | "error";

export class RequestInner implements BodyInner {
  kind: number = Source.none;
  text = "";
  bytes: BodyInner["bytes"] = undefined;
  host: BodyInner["host"] = undefined;
  stream: BodyInner["stream"] = undefined;
  streamObject: BodyInner["streamObject"] = undefined;
  used = false;
  shared = false;
  /** "METHOD\nURL\nname\nvalue…" of an incoming event; "" otherwise. */
  head = "";
  #method: string | undefined = undefined;
  #url: string | undefined = undefined;
  list: HeaderList | undefined = undefined;
  headersObject: Headers | undefined = undefined;
  immutable = false;
  redirect: RedirectMode = "follow";
  signal: AbortSignal | undefined = undefined;
  /** The event this is the request of; its signal is the client's connection. */
  state: EventState | undefined = undefined;
  integrity = "";
  cache: string | undefined = undefined;

  get method(): string {
    if (this.#method === undefined) {
      this.#method = stringSlice(this.head, 0, stringIndexOf(this.head, "\n"));
    }
    return this.#method;
  }

  set method(value: string) {
    this.#method = value;
  }

  get url(): string {
    if (this.#url === undefined) {
      const start = stringIndexOf(this.head, "\n") + 1;
      const end = stringIndexOf(this.head, "\n", start);
      this.#url = stringSlice(this.head, start, end === -1 ? this.head.length : end);
    }
    return this.#url;
  }

  set url(value: string) {
    this.#url = value;
  }

  get headers(): HeaderList {
    if (this.list === undefined) {
      const urlStart = stringIndexOf(this.head, "\n") + 1;
      const end = stringIndexOf(this.head, "\n", urlStart);
      this.list = end === -1 || urlStart === 0 ? new HeaderList("", 0) : new HeaderList(this.head, end + 1);
    }
    return this.list;
  }

  contentType(): string | null {
    return this.headers.get("content-type");
  }

  /** request.signal, made when first asked for. */
  abortSignal(): AbortSignal {
    if (this.signal === undefined) {
      const state = this.state;
      if (state === undefined) {
        this.signal = newSignal();
      } else {
        if (state.signal === undefined) {
          state.signal = newSignal();
          if (state.abortedBy !== undefined) signalAbort(state.signal, state.abortedBy);
        }
        this.signal = state.signal;
      }
    }
    return this.signal;
  }
}

export let requestInner: (value: unknown) => RequestInner | undefined;
export let wrapRequest: (inner: RequestInner) => Request;

export class Request {
  #inner: RequestInner;

  constructor(input: unknown, init: unknown = undefined) {
    if (input === token) {
      this.#inner = init as RequestInner;
      return;
    }
    requireArguments(arguments.length, 1, "'Request' constructor");
    this.#inner = makeRequest(input, init);
  }

  static #of(request: unknown): RequestInner {
    const inner = requestInner(request);
    if (inner === undefined) throw illegalInvocation();
    return inner;
  }

  get method(): string { return Request.#of(this).method; }
  get url(): string { return Request.#of(this).url; }

  get headers(): Headers {
    const inner = Request.#of(this);
    return (inner.headersObject ??= wrapHeaders(inner.headers, inner.immutable));
  }

  get redirect(): string { return Request.#of(this).redirect; }
  get signal(): AbortSignal { return Request.#of(this).abortSignal(); }
  get cf(): undefined { Request.#of(this); return undefined; }
  get fetcher(): null { Request.#of(this); return null; }
  get integrity(): string { return Request.#of(this).integrity; }
  get keepalive(): boolean { Request.#of(this); return false; }
  get cache(): string | undefined { return Request.#of(this).cache; }

  clone(): Request {
    const inner = Request.#of(this);
    const copy = new RequestInner();
    cloneBody(inner, copy);
    copy.method = inner.method;
    copy.url = inner.url;
    copy.list = inner.headers.copy();
    copy.redirect = inner.redirect;
    copy.integrity = inner.integrity;
    copy.cache = inner.cache;
    if (inner.state !== undefined || inner.signal !== undefined) copy.signal = dependentSignal([inner.abortSignal()]);
    return wrapRequest(copy);
  }

  static {
    requestInner = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
    wrapRequest = (inner) => new Request(token, inner);
  }
}

/** https://fetch.spec.whatwg.org/#dom-request */
export function makeRequest(input: unknown, init: unknown): RequestInner {
  const inner = new RequestInner();
  const source = requestInner(input);
  if (source === undefined) {
    const parsed = urlInner(input) ?? parseUrl(toUSVString(input));
    if (parsed === undefined) {
      throw new TypeError(`Invalid URL: ${toUSVString(input)}`);
    }
    if (parsed.username !== "" || parsed.password !== "") {
      throw new TypeError("Request cannot be constructed from a URL that includes credentials.");
    }
    inner.url = parsed.href;
    inner.method = "GET";
  } else {
    inner.url = source.url;
    inner.method = source.method;
    inner.redirect = source.redirect;
    inner.integrity = source.integrity;
    inner.cache = source.cache;
  }
  const dictionary = toDictionary(init, "Request init");
  let signal: AbortSignal | undefined =
    source !== undefined && (source.state !== undefined || source.signal !== undefined) ? source.abortSignal() : undefined;
  let headers: unknown;
  let body: unknown;
  if (dictionary !== undefined) {
    body = dictionary.body;
    headers = dictionary.headers;
    applyInit(inner, dictionary);
    const given = dictionary.signal;
    if (given === null) {
      signal = undefined;
    } else if (given !== undefined) {
      if (!isAbortSignal(given)) {
        throw new TypeError("Failed to construct 'Request': member signal is not of type AbortSignal.");
      }
      signal = given;
    }
  }
  if (signal !== undefined) {
    inner.signal = dependentSignal([signal]);
  }
  if (headers !== undefined && headers !== null) {
    inner.list = new HeaderList("", 0);
    fillHeaders(inner.list, headers);
  } else {
    inner.list = source === undefined ? new HeaderList("", 0) : source.headers.copy();
  }
  const hasBody = body !== undefined && body !== null;
  const inheritsBody = body === undefined && source !== undefined && source.kind !== Source.none;
  if ((hasBody || inheritsBody) && (inner.method === "GET" || inner.method === "HEAD")) {
    throw new TypeError("Request with a GET or HEAD method cannot have a body.");
  }
  if (hasBody) {
    const type = extractBody(inner, body);
    if (type !== null && !inner.list.has("content-type")) {
      inner.list.append("content-type", type);
    }
  } else if (inheritsBody) {
    moveBody(source!, inner);
  }
  return inner;
}

function applyInit(inner: RequestInner, dictionary: Record<string, any>): void {
  const { method, redirect, integrity, cache } = dictionary;
  if (method !== undefined) {
    inner.method = normalizeMethod(toByteString(method));
  }
  if (redirect !== undefined) {
    const mode = toDOMString(redirect);
    if (mode !== "follow" && mode !== "manual" && mode !== "error") {
      throw new TypeError(`Invalid redirect value, must be one of "follow", "manual" or "error" ("${mode}" given).`);
    }
    inner.redirect = mode;
  }
  if (integrity !== undefined) {
    inner.integrity = toDOMString(integrity);
  }
  if (cache !== undefined && cache !== null) {
    const mode = toDOMString(cache);
    if (mode !== "no-store" && mode !== "no-cache" && mode !== "reload" && mode !== "default") {
      throw new TypeError(`Unsupported cache mode: ${mode}`);
    }
    inner.cache = mode;
  }
}

/** https://fetch.spec.whatwg.org/#concept-method-normalize */
function normalizeMethod(method: string): string {
  if (!isTokenText(method)) {
    throw new TypeError(`Invalid HTTP method string: ${method}`);
  }
  const upper = stringToUpperCase(method);
  switch (upper) {
    case "CONNECT": case "TRACE": case "TRACK":
      throw new TypeError(`'${method}' HTTP method is unsupported.`);
    // PATCH is not in the specification's list, but Workers normalize it too.
    case "DELETE": case "GET": case "HEAD": case "OPTIONS": case "PATCH": case "POST": case "PUT":
      return upper;
    default:
      return method;
  }
}

/** A request made from another takes its body along. The source counts as used; a stream it had is left with it, locked. */
function moveBody(source: RequestInner, target: RequestInner): void {
  requireUnused(source);
  if (source.stream !== undefined) {
    target.kind = Source.host;
    target.host = takeSource(source.stream) ?? new StreamBody(source.stream);
    return;
  }
  target.kind = source.kind;
  target.text = source.text;
  target.bytes = source.bytes;
  target.shared = source.shared;
  target.host = source.host;
  source.used = true;
  source.kind = Source.bytes;
  source.bytes = undefined;
}

mixinBody(Request, (value) => requestInner(value));

export function installRequest(): void {
  expose(Request, "Request");
}
