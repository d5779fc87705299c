// Bodies of requests and responses. https://fetch.spec.whatwg.org/#bodies
// A body stays what it was made of (text, bytes, the host's stream) until something needs a ReadableStream.
import { native } from "../core/bridge.ts";
import { append, List } from "../core/list.ts";
import {
  bufferByteLength, bufferSlice, bytesOf, concatBytes, copyBytes, isBufferSource, isView, jsonParse, stringToWellFormed, viewBuffer,
  viewByteLength, viewByteOffset,
} from "../core/primordials.ts";
import { illegalInvocation, isObject, toUSVString } from "../core/webidl.ts";
import { rejected } from "../core/promises.ts";
import { Blob, blobInner, newBlob, stripBom } from "../files/blob.ts";
import { MemoryBody, streamOfSource, takeSource, type BodySource } from "../streams/body-source.ts";
import { closeStream, DefaultReaderState, done, readChunk, ReadableState } from "../streams/readable-state.ts";
import { readableState, wrapReadable, type ReadableStream } from "../streams/readable-stream.ts";
import { tee } from "../streams/tee.ts";
import { searchParamsInner } from "../url/url-search-params.ts";
import { serializeUrlEncoded } from "../url/search-params-list.ts";
import { formDataEntries, type FormData } from "./form-data.ts";
import { parseFormData, serializeMultipart } from "./multipart.ts";

export const Source = { none: 0, text: 1, bytes: 2, host: 3, stream: 4 } as const;

export const textType = "text/plain;charset=UTF-8";

/**
 * The body half of a request or a response. Not a base class: V8 makes an object of a derived class in four times the time,
 * and every exchange has two.
 */
export interface BodyInner {
  kind: number;
  /** May hold lone surrogates, which become U+FFFD where it is read or encoded. */
  text: string;
  bytes: Uint8Array | undefined;
  host: BodySource | undefined;
  stream: ReadableState | undefined;
  streamObject: ReadableStream | undefined;
  used: boolean;
  /** The bytes are also another body's (clone), so they must be copied before a guest can write to them. */
  shared: boolean;
}

const alreadyUsed =
  "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.";
const lockedMessage = "This ReadableStream is currently locked to a reader.";

/** https://fetch.spec.whatwg.org/#concept-bodyinit-extract; returns the content type the body brings along. */
export function extractBody(inner: BodyInner, value: unknown): string | null {
  if (typeof value === "string") {
    inner.kind = Source.text;
    inner.text = value;
    return textType;
  }
  if (isObject(value)) {
    const stream = readableState(value);
    if (stream !== undefined) {
      if (stream.disturbed) throw new TypeError(alreadyUsed);
      if (stream.locked) throw new TypeError(lockedMessage);
      inner.kind = Source.stream;
      inner.stream = stream;
      inner.streamObject = value as ReadableStream;
      return null;
    }
    if (isBufferSource(value)) {
      inner.kind = Source.bytes;
      inner.bytes = copyBytes(value);
      return null;
    }
    const params = searchParamsInner(value);
    if (params !== undefined) {
      inner.kind = Source.text;
      inner.text = serializeUrlEncoded(params.pairs);
      return "application/x-www-form-urlencoded;charset=UTF-8";
    }
    const blob = blobInner(value);
    if (blob !== undefined) {
      inner.kind = Source.bytes;
      inner.bytes = blob.bytes;
      inner.shared = true;
      return blob.type === "" ? null : blob.type;
    }
    const entries = formDataEntries(value);
    if (entries !== undefined) {
      const { bytes, type } = serializeMultipart(entries);
      inner.kind = Source.bytes;
      inner.bytes = bytes;
      return type;
    }
  }
  inner.kind = Source.text;
  inner.text = toUSVString(value);
  return textType;
}

export function bodyUsed(inner: BodyInner): boolean {
  return inner.used || (inner.stream !== undefined && inner.stream.disturbed);
}

/** Throws unless the body can be read from its beginning. */
export function requireUnused(inner: BodyInner): void {
  if (bodyUsed(inner)) throw new TypeError(alreadyUsed);
  if (inner.stream !== undefined && inner.stream.locked) throw new TypeError(lockedMessage);
}

/** The `body` attribute. */
export function bodyStream(inner: BodyInner): ReadableStream | null {
  if (inner.kind === Source.none) {
    return null;
  }
  if (inner.streamObject !== undefined) {
    return inner.streamObject;
  }
  if (inner.stream === undefined) {
    const source = inner.kind === Source.host ? inner.host! : new MemoryBody(inner.used ? new Uint8Array(0) : ownedBytes(inner));
    inner.stream = streamOfSource(source);
    inner.kind = Source.stream;
    if (inner.used) {
      inner.stream.disturbed = true;
      closeStream(inner.stream);
    }
  }
  return (inner.streamObject = wrapReadable(inner.stream));
}

/** The bytes of an in-memory body, safe to hand to a guest. */
function ownedBytes(inner: BodyInner): Uint8Array {
  if (inner.kind === Source.text) {
    return native.utf8Encode(inner.text);
  }
  return inner.shared ? copyBytes(inner.bytes!) : inner.bytes!;
}

/** What to send for this body, marking it used: text, bytes, a source, a stream to read, or nothing. */
export function takeBody(inner: BodyInner): string | Uint8Array | BodySource | ReadableState | undefined {
  requireUnused(inner);
  switch (inner.kind) {
    case Source.none:
      return undefined;
    case Source.text:
      inner.used = true;
      return inner.text;
    case Source.bytes:
      inner.used = true;
      return inner.bytes!;
    case Source.host:
      inner.used = true;
      return inner.host!;
  }
  const stream = inner.stream!;
  const source = takeSource(stream);
  return source === undefined ? stream : (source.memory ?? source);
}

/** Splits a body for clone(). `target` is empty. */
export function cloneBody(inner: BodyInner, target: BodyInner): void {
  requireUnused(inner);
  switch (inner.kind) {
    case Source.none:
      return;
    case Source.text:
      target.kind = Source.text;
      target.text = inner.text;
      return;
    case Source.bytes:
      inner.shared = true;
      target.kind = Source.bytes;
      target.bytes = inner.bytes;
      target.shared = true;
      return;
  }
  const branches = tee(inner.stream ?? streamOfSource(inner.host!));
  inner.kind = target.kind = Source.stream;
  inner.stream = branches[0];
  inner.streamObject = undefined;
  target.stream = branches[1];
}

async function readAll(inner: BodyInner): Promise<Uint8Array> {
  const taken = takeBody(inner) as Uint8Array | BodySource | ReadableState | undefined;
  if (taken === undefined) {
    return new Uint8Array(0);
  }
  if (taken instanceof ReadableState) {
    return readStream(taken);
  }
  if (isView(taken)) {
    return inner.shared ? copyBytes(taken) : taken;
  }
  const chunks = new List<Uint8Array>();
  let total = 0;
  for (let chunk = await taken.read(); chunk !== null; chunk = await taken.read()) {
    append(chunks, chunk);
    total += viewByteLength(chunk);
  }
  return concatBytes(chunks, total);
}

async function readStream(stream: ReadableState): Promise<Uint8Array> {
  const reader = new DefaultReaderState(stream);
  const chunks = new List<Uint8Array>();
  let total = 0;
  for (let chunk = await readChunk(reader); chunk !== done; chunk = await readChunk(reader)) {
    if (!isBufferSource(chunk)) {
      throw new TypeError(notBytes(chunk));
    }
    const bytes = bytesOf(chunk);
    append(chunks, bytes);
    total += viewByteLength(bytes);
  }
  // A single chunk is still the memory of whoever enqueued it.
  return chunks.length === 1 ? copyBytes(chunks[0]) : concatBytes(chunks, total);
}

/** The message for a chunk that is no bytes, in workerd's words. */
export function notBytes(chunk: unknown): string {
  return typeof chunk === "string"
    ? "This TransformStream is being used as a byte stream, but received a string on its writable side. If you wish to write a string, you'll probably want to explicitly UTF-8-encode it with TextEncoder."
    : "This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.";
}

async function readText(inner: BodyInner): Promise<string> {
  if (inner.kind === Source.text) {
    requireUnused(inner);
    inner.used = true;
    return stripBom(stringToWellFormed(inner.text));
  }
  if (inner.kind === Source.bytes) {
    requireUnused(inner);
    inner.used = true;
    return stripBom(native.utf8Decode(inner.bytes!, false));
  }
  return stripBom(native.utf8Decode(await readAll(inner), false));
}

async function readBytes(inner: BodyInner): Promise<Uint8Array> {
  if (inner.kind === Source.text) {
    requireUnused(inner);
    inner.used = true;
    return native.utf8Encode(inner.text);
  }
  return readAll(inner);
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const buffer = viewBuffer(bytes);
  const start = viewByteOffset(bytes);
  const length = viewByteLength(bytes);
  return start === 0 && length === bufferByteLength(buffer) ? buffer : bufferSlice(buffer, start, start + length);
}

/** Gives a class the Body mixin. https://fetch.spec.whatwg.org/#body-mixin */
export function mixinBody(constructor: abstract new (...args: any[]) => any, innerOf: (value: unknown) => (BodyInner & { contentType(): string | null }) | undefined): void {
  const members = {
    get body(): ReadableStream | null {
      const inner = innerOf(this);
      if (inner === undefined) throw illegalInvocation();
      return bodyStream(inner);
    },
    get bodyUsed(): boolean {
      const inner = innerOf(this);
      if (inner === undefined) throw illegalInvocation();
      return bodyUsed(inner);
    },
    arrayBuffer(): Promise<ArrayBuffer> {
      const inner = innerOf(this);
      return inner === undefined ? rejected(illegalInvocation()) : readArrayBuffer(inner);
    },
    blob(): Promise<Blob> {
      const inner = innerOf(this);
      return inner === undefined ? rejected(illegalInvocation()) : readBlob(inner, inner.contentType());
    },
    bytes(): Promise<Uint8Array> {
      const inner = innerOf(this);
      return inner === undefined ? rejected(illegalInvocation()) : readBytes(inner);
    },
    formData(): Promise<FormData> {
      const inner = innerOf(this);
      return inner === undefined ? rejected(illegalInvocation()) : readFormData(inner, inner.contentType());
    },
    json(): Promise<unknown> {
      const inner = innerOf(this);
      return inner === undefined ? rejected(illegalInvocation()) : readJson(inner);
    },
    text(): Promise<string> {
      const inner = innerOf(this);
      return inner === undefined ? rejected(illegalInvocation()) : readText(inner);
    },
  };
  Object.defineProperties(constructor.prototype, Object.getOwnPropertyDescriptors(members));
}

async function readArrayBuffer(inner: BodyInner): Promise<ArrayBuffer> {
  return exactBuffer(await readBytes(inner));
}

async function readJson(inner: BodyInner): Promise<unknown> {
  return jsonParse(await readText(inner));
}

async function readBlob(inner: BodyInner, type: string | null): Promise<Blob> {
  return newBlob(await readBytes(inner), type ?? "");
}

async function readFormData(inner: BodyInner, type: string | null): Promise<FormData> {
  const parse = parseFormData(type);
  return parse(await readBytes(inner));
}
