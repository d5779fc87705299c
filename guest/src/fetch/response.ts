// https://fetch.spec.whatwg.org/#response-class
import { jsonStringify, stringCharCodeAt } from "../core/primordials.ts";
import { expose, illegalInvocation, requireArguments, toByteString, toDictionary, toUSVString } from "../core/webidl.ts";
import { type BodyInner, cloneBody, extractBody, mixinBody, Source, textType } from "./body.ts";
import { HeaderList } from "./header-list.ts";
import { fillHeaders, wrapHeaders, type Headers } from "./headers.ts";
import { parseUrl } from "../url/url.ts";

const token = {};
const packedText = `content-type\n${textType}`;

export class ResponseInner implements BodyInner {
  kind: number = Source.none;
  text = "";
  bytes: BodyInner["bytes"] = undefined;
  host: BodyInner["host"] = undefined;
  stream: BodyInner["stream"] = undefined;
  streamObject: BodyInner["streamObject"] = undefined;
  used = false;
  shared = false;
  status = 200;
  statusText = "";
  /** Undefined while the only header is the body's own content type. */
  list: HeaderList | undefined = undefined;
  headersObject: Headers | undefined = undefined;
  immutable = false;
  defaultType: string | null = null;
  type: "default" | "error" = "default";
  url = "";
  redirected = false;

  get headers(): HeaderList {
    if (this.list === undefined) {
      this.list = new HeaderList(this.packHeaders(), 0);
    }
    return this.list;
  }

  packHeaders(): string {
    if (this.list !== undefined) {
      return this.list.pack();
    }
    const type = this.defaultType;
    return type === null ? "" : type === textType ? packedText : `content-type\n${type}`;
  }

  contentType(): string | null {
    return this.list === undefined ? this.defaultType : this.list.get("content-type");
  }
}

export let responseInner: (value: unknown) => ResponseInner | undefined;
export let wrapResponse: (inner: ResponseInner) => Response;

export class Response {
  #inner: ResponseInner;

  constructor(body: unknown = null, init: unknown = undefined) {
    if (body === token) {
      this.#inner = init as ResponseInner;
      return;
    }
    const inner = new ResponseInner();
    this.#inner = inner;
    if (init !== undefined && init !== null) {
      initialize(inner, init);
    }
    if (typeof body === "string" && inner.list === undefined && inner.status === 200) {
      inner.defaultType = extractBody(inner, body);
    } else if (body !== null && body !== undefined) {
      setBody(inner, body);
    }
  }

  static #of(response: unknown): ResponseInner {
    const inner = responseInner(response);
    if (inner === undefined) throw illegalInvocation();
    return inner;
  }

  static error(): Response {
    const inner = new ResponseInner();
    inner.type = "error";
    inner.status = 0;
    inner.immutable = true;
    return wrapResponse(inner);
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    requireArguments(arguments.length, 1, "'redirect' on 'Response'");
    const parsed = parseUrl(toUSVString(url));
    if (parsed === undefined) {
      throw new TypeError("Unable to parse URL: Invalid URL string.");
    }
    const code = Number(status) & 0xffff;
    if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308) {
      throw new RangeError(`${code} is not a redirect status code.`);
    }
    const inner = new ResponseInner();
    inner.status = code;
    inner.list = new HeaderList(`location\n${parsed.href}`, 0);
    inner.immutable = true;
    return wrapResponse(inner);
  }

  static json(data: unknown, init: unknown = undefined): Response {
    requireArguments(arguments.length, 1, "'json' on 'Response'");
    const text = jsonStringify(data);
    if (text === undefined) {
      throw new TypeError("The data is not JSON serializable");
    }
    const inner = new ResponseInner();
    if (init !== undefined && init !== null) {
      initialize(inner, init);
    }
    if (isNullBodyStatus(inner.status)) {
      throw nullBodyStatus();
    }
    inner.kind = Source.text;
    inner.text = text;
    setDefaultType(inner, "application/json");
    return wrapResponse(inner);
  }

  get type(): string { return Response.#of(this).type; }
  get url(): string { return Response.#of(this).url; }
  get redirected(): boolean { return Response.#of(this).redirected; }
  get status(): number { return Response.#of(this).status; }
  get ok(): boolean { const { status } = Response.#of(this); return status >= 200 && status <= 299; }
  get statusText(): string { return Response.#of(this).statusText; }

  get headers(): Headers {
    const inner = Response.#of(this);
    return (inner.headersObject ??= wrapHeaders(inner.headers, inner.immutable));
  }

  /** Workers' own attributes, which mean nothing here. */
  get webSocket(): null { Response.#of(this); return null; }
  get cf(): undefined { Response.#of(this); return undefined; }

  clone(): Response {
    const inner = Response.#of(this);
    const copy = new ResponseInner();
    cloneBody(inner, copy);
    copy.status = inner.status;
    copy.statusText = inner.statusText;
    copy.list = inner.list?.copy();
    copy.defaultType = inner.defaultType;
    copy.immutable = inner.immutable;
    copy.type = inner.type;
    copy.url = inner.url;
    copy.redirected = inner.redirected;
    return wrapResponse(copy);
  }

  static {
    responseInner = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
    wrapResponse = (inner) => new Response(token, inner);
  }
}

export const isNullBodyStatus = (status: number): boolean => status === 101 || status === 204 || status === 205 || status === 304;

const nullBodyStatus = (): TypeError => new TypeError("Response with null body status (101, 204, 205, or 304) cannot have a body.");

/** https://fetch.spec.whatwg.org/#initialize-a-response. Another Response may stand for the dictionary. */
function initialize(inner: ResponseInner, init: unknown): void {
  const dictionary = toDictionary(init, "Response init")!;
  const status = dictionary.status;
  if (status !== undefined) {
    const code = Number(status) & 0xffff;
    if (code < 200 || code > 599) {
      throw new RangeError("Responses may only be constructed with status codes in the range 200 to 599, inclusive.");
    }
    inner.status = code;
  }
  const statusText = dictionary.statusText;
  if (statusText !== undefined) {
    inner.statusText = toByteString(statusText);
    if (!isReasonPhrase(inner.statusText)) {
      throw new TypeError("Invalid statusText");
    }
  }
  const headers = dictionary.headers;
  if (headers !== undefined && headers !== null) {
    inner.list = new HeaderList("", 0);
    fillHeaders(inner.list, headers);
  }
}

function setBody(inner: ResponseInner, body: unknown): void {
  if (isNullBodyStatus(inner.status)) {
    throw nullBodyStatus();
  }
  setDefaultType(inner, extractBody(inner, body));
}

function setDefaultType(inner: ResponseInner, type: string | null): void {
  if (inner.list === undefined) {
    inner.defaultType = type;
  } else if (type !== null && !inner.list.has("content-type")) {
    inner.list.append("content-type", type);
  }
}

/** https://httpwg.org/specs/rfc9112.html#status.line */
function isReasonPhrase(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = stringCharCodeAt(text, i);
    if (code !== 9 && (code < 32 || code === 127)) {
      return false;
    }
  }
  return true;
}

mixinBody(Response, (value) => responseInner(value));

export function installResponse(): void {
  expose(Response, "Response");
}
