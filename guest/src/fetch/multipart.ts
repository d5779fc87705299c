// https://html.spec.whatwg.org/#multipart-form-data and https://www.rfc-editor.org/rfc/rfc7578
import { host, native } from "../core/bridge.ts";
import { append, List } from "../core/list.ts";
import {
  concatBytes, copyBytes, fromCharCode, partOf, stringCharCodeAt, stringIndexOf, stringSlice, stringToLowerCase, viewByteLength,
} from "../core/primordials.ts";
import { BlobInner, blobInner, fileName, newFile } from "../files/blob.ts";
import { parseUrlEncoded } from "../url/search-params-list.ts";
import { requireState } from "../worker/event-state.ts";
import { wrapFormData, type FormData, type FormDataEntry } from "./form-data.ts";
import { parseMimeType } from "./mime-type.ts";

/** Line feeds and quotes inside names are percent-escaped, as in every browser. */
function escapeName(name: string): string {
  let escaped = "";
  for (let i = 0; i < name.length; i++) {
    const code = stringCharCodeAt(name, i);
    escaped += code === 10 ? "%0A" : code === 13 ? "%0D" : code === 34 ? "%22" : fromCharCode(code);
  }
  return escaped;
}

function normalizeLines(text: string): string {
  let normalized = "";
  for (let i = 0; i < text.length; i++) {
    const code = stringCharCodeAt(text, i);
    if (code === 13) {
      normalized += "\r\n";
      if (i + 1 < text.length && stringCharCodeAt(text, i + 1) === 10) i++;
    } else {
      normalized += code === 10 ? "\r\n" : fromCharCode(code);
    }
  }
  return normalized;
}

/** https://html.spec.whatwg.org/#multipart/form-data-encoding-algorithm */
export function serializeMultipart(entries: ArrayLike<FormDataEntry>): { bytes: Uint8Array; type: string } {
  // The boundary is random, which top-level code may not be.
  requireState();
  const boundary = `----MoltFormBoundary${stringSlice(host.randomUUID(), 0, 8)}${stringSlice(host.randomUUID(), 24)}`;
  const chunks = new List<Uint8Array>();
  let total = 0;
  const push = (bytes: Uint8Array): void => {
    append(chunks, bytes);
    total += viewByteLength(bytes);
  };
  for (let i = 0; i < entries.length; i++) {
    const name = entries[i][0];
    const value = entries[i][1];
    const start = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(normalizeLines(name))}"`;
    if (typeof value === "string") {
      push(native.utf8Encode(`${start}\r\n\r\n${normalizeLines(value)}\r\n`));
    } else {
      const blob = blobInner(value)!;
      const type = blob.type === "" ? "application/octet-stream" : blob.type;
      push(native.utf8Encode(`${start}; filename="${escapeName(fileName(value))}"\r\nContent-Type: ${type}\r\n\r\n`));
      push(blob.bytes);
      push(native.utf8Encode("\r\n"));
    }
  }
  push(native.utf8Encode(`--${boundary}--\r\n`));
  return { bytes: concatBytes(chunks, total), type: `multipart/form-data; boundary=${boundary}` };
}

/** Reads a form of a content type; throws when the type is not one of a form. https://fetch.spec.whatwg.org/#dom-body-formdata */
export function parseFormData(bytes: Uint8Array, contentType: string | null): FormData {
  const type = contentType === null ? undefined : parseMimeType(contentType);
  if (type?.essence === "application/x-www-form-urlencoded") {
    return wrapFormData(parseUrlEncoded(native.utf8Decode(bytes, false)));
  }
  if (type?.essence === "multipart/form-data") {
    const boundary = type.parameters.get("boundary");
    if (boundary === undefined || boundary === "") {
      throw new TypeError("No boundary string in Content-Type header. The multipart/form-data MIME type requires a boundary parameter, e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'.");
    }
    return wrapFormData(parseMultipart(bytes, boundary));
  }
  throw new TypeError("Unrecognized Content-Type header value. FormData can only parse the following MIME types: multipart/form-data, application/x-www-form-urlencoded.");
}

const malformed = (): TypeError => new TypeError("Failed to parse body as FormData: the multipart message is malformed.");

function parseMultipart(bytes: Uint8Array, boundary: string): List<FormDataEntry> {
  // Latin-1 keeps one character per byte, so string searches find byte positions.
  const text = native.latin1Decode(bytes);
  const delimiter = `--${boundary}`;
  const entries = new List<FormDataEntry>();
  let at = stringIndexOf(text, delimiter);
  if (at !== 0 && !(at > 1 && text[at - 1] === "\n")) {
    throw malformed();
  }
  at += delimiter.length;
  for (;;) {
    if (stringSlice(text, at, at + 2) === "--") {
      return entries;
    }
    // Transport padding may follow the boundary.
    while (text[at] === " " || text[at] === "\t") at++;
    if (stringSlice(text, at, at + 2) !== "\r\n") {
      throw malformed();
    }
    at += 2;
    let disposition: PartHeaders | undefined;
    let contentType = "";
    for (;;) {
      const lineEnd = stringIndexOf(text, "\r\n", at);
      if (lineEnd === -1) throw malformed();
      if (lineEnd === at) {
        at += 2;
        break;
      }
      const colon = stringIndexOf(text, ":", at);
      if (colon === -1 || colon > lineEnd) throw malformed();
      const name = stringToLowerCase(stringSlice(text, at, colon));
      // The value is UTF-8 on the wire.
      const value = native.utf8Decode(partOf(bytes, colon + 1, lineEnd), false);
      if (name === "content-disposition") disposition = parseDisposition(value);
      else if (name === "content-type") contentType = trimSpaces(value);
      at = lineEnd + 2;
    }
    if (disposition === undefined) throw malformed();
    const end = stringIndexOf(text, `\r\n${delimiter}`, at);
    if (end === -1) throw malformed();
    const content = copyBytes(partOf(bytes, at, end));
    append(entries, disposition.filename === undefined
      ? [disposition.name, native.utf8Decode(content, false)]
      : [disposition.name, newFile(new BlobInner(content, contentType === "" ? "text/plain" : contentType), disposition.filename)]);
    at = end + 2 + delimiter.length;
  }
}

interface PartHeaders {
  name: string;
  filename: string | undefined;
}

function trimSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && (text[start] === " " || text[start] === "\t")) start++;
  while (end > start && (text[end - 1] === " " || text[end - 1] === "\t")) end--;
  return stringSlice(text, start, end);
}

/** `form-data; name="…"; filename="…"`, with the escapes that browsers write. */
function parseDisposition(value: string): PartHeaders | undefined {
  let at = stringIndexOf(value, ";");
  if (at === -1 || stringToLowerCase(trimSpaces(stringSlice(value, 0, at))) !== "form-data") {
    return undefined;
  }
  let name: string | undefined;
  let filename: string | undefined;
  while (at < value.length) {
    at++;
    while (value[at] === " " || value[at] === "\t") at++;
    const equals = stringIndexOf(value, "=", at);
    if (equals === -1) break;
    const key = stringToLowerCase(trimSpaces(stringSlice(value, at, equals)));
    let parsed = "";
    at = equals + 1;
    if (value[at] === "\"") {
      at++;
      while (at < value.length && value[at] !== "\"") {
        if (value[at] === "\\" && (value[at + 1] === "\"" || value[at + 1] === "\\")) at++;
        parsed += value[at];
        at++;
      }
      at = stringIndexOf(value, ";", at);
      if (at === -1) at = value.length;
    } else {
      const end = stringIndexOf(value, ";", at);
      parsed = trimSpaces(stringSlice(value, at, end === -1 ? value.length : end));
      at = end === -1 ? value.length : end;
    }
    if (key === "name") name = unescapeName(parsed);
    else if (key === "filename") filename = unescapeName(parsed);
  }
  return name === undefined ? undefined : { name, filename };
}

function unescapeName(text: string): string {
  let result = "";
  for (let i = 0; i < text.length; i++) {
    const sequence = text[i] === "%" ? stringSlice(text, i + 1, i + 3) : "";
    const decoded = sequence === "0A" || sequence === "0a" ? "\n" : sequence === "0D" || sequence === "0d" ? "\r" : sequence === "22" ? "\"" : "";
    if (decoded !== "") {
      result += decoded;
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}
