// https://url.spec.whatwg.org/#url-class. Parsing and the setters' rules are native; this keeps the href and the offsets
// of its components.
import { native } from "../core/bridge.ts";
import { stringCharCodeAt, stringSlice } from "../core/primordials.ts";
import { expose, illegalInvocation, requireArguments, toUSVString } from "../core/webidl.ts";
import { parseUrlEncoded } from "./search-params-list.ts";
import { SearchParamsInner, searchParamsInner, wrapSearchParams, type URLSearchParams } from "./url-search-params.ts";

const none = 0xffffffff;
const Part = { href: 0, protocol: 1, username: 2, password: 3, host: 4, hostname: 5, port: 6, pathname: 7, search: 8, hash: 9 } as const;

let scratch: Uint32Array | undefined;

/** Parses with an optional base; undefined when the input is no URL. */
export function parseUrl(input: string, base?: string): UrlInner | undefined {
  scratch ??= new Uint32Array(9);
  const href = native.urlParse(input, base, scratch);
  return href === undefined ? undefined : new UrlInner(href, scratch);
}

/** The serialized form of an absolute URL, or undefined. */
export function normalizeUrl(input: string): string | undefined {
  scratch ??= new Uint32Array(9);
  return native.urlParse(input, undefined, scratch);
}

/** Component offsets in the manner of ada's url_aggregator:
 *  https://user:pass@example.com:1234/foo/bar?baz#quux
 *        |     |    |          | ^^^^|       |   |
 *        |     |    |          | |   |       |   `----- hashStart
 *        |     |    |          | |   |       `--------- searchStart
 *        |     |    |          | |   `----------------- pathnameStart
 *        |     |    |          | `--------------------- port
 *        |     |    |          `----------------------- hostEnd
 *        |     |    `---------------------------------- hostStart (at the "@" when there are credentials)
 *        |     `--------------------------------------- usernameEnd
 *        `--------------------------------------------- protocolEnd */
export class UrlInner {
  href!: string;
  protocolEnd = 0;
  usernameEnd = 0;
  hostStart = 0;
  hostEnd = 0;
  port = 0;
  pathnameStart = 0;
  searchStart = 0;
  hashStart = 0;
  params: URLSearchParams | undefined = undefined;

  constructor(href: string, out: Uint32Array) {
    this.assign(href, out);
  }

  assign(href: string, out: Uint32Array): void {
    this.href = href;
    this.protocolEnd = out[0];
    this.usernameEnd = out[1];
    this.hostStart = out[2];
    this.hostEnd = out[3];
    this.port = out[4];
    this.pathnameStart = out[5];
    this.searchStart = out[6];
    this.hashStart = out[7];
  }

  set(part: number, value: string): boolean {
    scratch ??= new Uint32Array(9);
    const href = native.urlSet(this.href, part, value, scratch);
    if (href === undefined) {
      return false;
    }
    this.assign(href, scratch);
    return true;
  }

  get protocol(): string { return stringSlice(this.href, 0, this.protocolEnd); }

  get #hasAuthority(): boolean {
    return stringCharCodeAt(this.href, this.protocolEnd) === 47 && stringCharCodeAt(this.href, this.protocolEnd + 1) === 47 &&
      this.hostStart > this.protocolEnd;
  }

  get username(): string {
    return this.#hasAuthority && this.usernameEnd > this.protocolEnd + 2
      ? stringSlice(this.href, this.protocolEnd + 2, this.usernameEnd) : "";
  }

  get password(): string {
    return this.hostStart > this.usernameEnd ? stringSlice(this.href, this.usernameEnd + 1, this.hostStart) : "";
  }

  get #hostnameStart(): number {
    return this.hostStart < this.hostEnd && stringCharCodeAt(this.href, this.hostStart) === 64 ? this.hostStart + 1 : this.hostStart;
  }

  get hostname(): string { return stringSlice(this.href, this.#hostnameStart, this.hostEnd); }

  get host(): string {
    return this.port === none ? this.hostname : `${this.hostname}:${this.port}`;
  }

  get portText(): string { return this.port === none ? "" : `${this.port}`; }

  get pathname(): string {
    const end = this.searchStart !== none ? this.searchStart : this.hashStart !== none ? this.hashStart : this.href.length;
    return stringSlice(this.href, this.pathnameStart, end);
  }

  get search(): string {
    if (this.searchStart === none) return "";
    const end = this.hashStart !== none ? this.hashStart : this.href.length;
    return end - this.searchStart <= 1 ? "" : stringSlice(this.href, this.searchStart, end);
  }

  get hash(): string {
    return this.hashStart === none || this.href.length - this.hashStart <= 1 ? "" : stringSlice(this.href, this.hashStart);
  }

  get origin(): string {
    const protocol = this.protocol;
    switch (protocol) {
      case "http:": case "https:": case "ws:": case "wss:": case "ftp:":
        return `${protocol}//${this.host}`;
      case "blob:":
        return blobOrigin(this.pathname);
      default:
        return "null";
    }
  }
}

/** https://url.spec.whatwg.org/#origin: a blob URL's origin is that of the http(s) URL in its path. */
function blobOrigin(path: string): string {
  const inner = parseUrl(path);
  return inner !== undefined && (inner.protocol === "http:" || inner.protocol === "https:") ? inner.origin : "null";
}

export let urlInner: (value: unknown) => UrlInner | undefined;

export class URL {
  #inner: UrlInner;

  constructor(url: unknown, base: unknown = undefined) {
    requireArguments(arguments.length, 1, "'URL' constructor");
    const input = toUSVString(url);
    const inner = parseUrl(input, base === undefined ? undefined : toUSVString(base));
    if (inner === undefined) {
      throw new TypeError("Invalid URL string.");
    }
    this.#inner = inner;
  }

  static #of(url: unknown): UrlInner {
    const inner = urlInner(url);
    if (inner === undefined) throw illegalInvocation();
    return inner;
  }

  static canParse(url: unknown, base: unknown = undefined): boolean {
    requireArguments(arguments.length, 1, "'canParse' on 'URL'");
    return native.urlCanParse(toUSVString(url), base === undefined ? undefined : toUSVString(base));
  }

  static parse(url: unknown, base: unknown = undefined): URL | null {
    requireArguments(arguments.length, 1, "'parse' on 'URL'");
    const input = toUSVString(url);
    const baseText = base === undefined ? undefined : toUSVString(base);
    return native.urlCanParse(input, baseText) ? new URL(input, baseText) : null;
  }

  get href(): string { return URL.#of(this).href; }
  set href(value: unknown) {
    const inner = URL.#of(this);
    if (!inner.set(Part.href, toUSVString(value))) throw new TypeError("Invalid URL string.");
    refreshParams(inner);
  }

  get origin(): string { return URL.#of(this).origin; }

  get protocol(): string { return URL.#of(this).protocol; }
  set protocol(value: unknown) { URL.#of(this).set(Part.protocol, toUSVString(value)); }

  get username(): string { return URL.#of(this).username; }
  set username(value: unknown) { URL.#of(this).set(Part.username, toUSVString(value)); }

  get password(): string { return URL.#of(this).password; }
  set password(value: unknown) { URL.#of(this).set(Part.password, toUSVString(value)); }

  get host(): string { return URL.#of(this).host; }
  set host(value: unknown) { URL.#of(this).set(Part.host, toUSVString(value)); }

  get hostname(): string { return URL.#of(this).hostname; }
  set hostname(value: unknown) { URL.#of(this).set(Part.hostname, toUSVString(value)); }

  get port(): string { return URL.#of(this).portText; }
  set port(value: unknown) { URL.#of(this).set(Part.port, toUSVString(value)); }

  get pathname(): string { return URL.#of(this).pathname; }
  set pathname(value: unknown) { URL.#of(this).set(Part.pathname, toUSVString(value)); }

  get search(): string { return URL.#of(this).search; }
  set search(value: unknown) {
    const inner = URL.#of(this);
    inner.set(Part.search, toUSVString(value));
    refreshParams(inner);
  }

  get searchParams(): URLSearchParams {
    const inner = URL.#of(this);
    if (inner.params === undefined) {
      const onChange = (search: string): void => {
        inner.set(Part.search, search);
      };
      inner.params = wrapSearchParams(new SearchParamsInner(pairsOf(inner), onChange));
    }
    return inner.params;
  }

  get hash(): string { return URL.#of(this).hash; }
  set hash(value: unknown) { URL.#of(this).set(Part.hash, toUSVString(value)); }

  toString(): string { return URL.#of(this).href; }
  toJSON(): string { return URL.#of(this).href; }

  static {
    urlInner = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
  }
}

function pairsOf(inner: UrlInner): ReturnType<typeof parseUrlEncoded> {
  return parseUrlEncoded(stringSlice(inner.search, 1));
}

function refreshParams(inner: UrlInner): void {
  if (inner.params !== undefined) {
    searchParamsInner(inner.params)!.pairs = pairsOf(inner);
  }
}

export function installURL(): void {
  expose(URL, "URL");
}
