// What the console shows of the runtime's own classes, whose state is private.
import { abortReason, isAborted, isAbortSignal } from "../events/abort.ts";
import { eventInner } from "../events/event.ts";
import { bodyUsed } from "../fetch/body.ts";
import { formDataEntries } from "../fetch/form-data.ts";
import { headerList, wrapHeaders } from "../fetch/headers.ts";
import { requestInner } from "../fetch/request.ts";
import { responseInner } from "../fetch/response.ts";
import { blobInner, fileName, isFile } from "../files/blob.ts";
import { readableState } from "../streams/readable-stream.ts";
import { writableState } from "../streams/writable-stream.ts";
import { searchParamsInner } from "../url/url-search-params.ts";
import { urlInner } from "../url/url.ts";

export type Fields = ArrayLike<readonly [name: string, value: unknown]>;
/** Names and values to show as `Class { name: value }`, or as `Class { name => value }` for the ones with pairs. */
export interface PlatformView {
  readonly fields: Fields;
  readonly isList: boolean;
}

const fields = (entries: Fields): PlatformView => ({ fields: entries, isList: false });
const list = (entries: Fields): PlatformView => ({ fields: entries, isList: true });

/** Undefined for a value that is no object of the runtime's. */
export function platformView(value: object): PlatformView | undefined {
  const headers = headerList(value);
  if (headers !== undefined) return list(headers.sorted());
  const request = requestInner(value);
  if (request !== undefined) {
    return fields([
      ["method", request.method], ["url", request.url], ["headers", wrapHeaders(request.headers, true)], ["redirect", request.redirect],
      ["bodyUsed", bodyUsed(request)],
    ]);
  }
  const response = responseInner(value);
  if (response !== undefined) {
    return fields([
      ["status", response.status], ["statusText", response.statusText], ["headers", wrapHeaders(response.headers.copy(), true)],
      ["ok", response.status >= 200 && response.status <= 299], ["bodyUsed", bodyUsed(response)], ["redirected", response.redirected],
      ["type", response.type], ["url", response.url],
    ]);
  }
  const url = urlInner(value);
  if (url !== undefined) {
    return fields([
      ["href", url.href], ["origin", url.origin], ["protocol", url.protocol], ["username", url.username], ["password", url.password],
      ["host", url.host], ["hostname", url.hostname], ["port", url.portText], ["pathname", url.pathname], ["search", url.search],
      ["hash", url.hash],
    ]);
  }
  const params = searchParamsInner(value);
  if (params !== undefined) return list(params.pairs);
  const form = formDataEntries(value);
  if (form !== undefined) return list(form);
  const blob = blobInner(value);
  if (blob !== undefined) {
    const size: Fields[0] = ["size", blob.bytes.length];
    const type: Fields[0] = ["type", blob.type];
    return fields(isFile(value) ? [size, type, ["name", fileName(value)]] : [size, type]);
  }
  if (isAbortSignal(value)) {
    return fields(isAborted(value) ? [["aborted", true], ["reason", abortReason(value)]] : [["aborted", false]]);
  }
  const event = eventInner(value);
  if (event !== undefined) {
    return fields([["type", event.type], ["defaultPrevented", event.canceled], ["cancelable", event.cancelable], ["timeStamp", event.timeStamp]]);
  }
  const readable = readableState(value);
  if (readable !== undefined) return fields([["locked", readable.locked], ["state", readable.status]]);
  const writable = writableState(value);
  if (writable !== undefined) return fields([["locked", writable.locked], ["state", writable.status]]);
  return undefined;
}

