// Bodies of requests and responses. https://fetch.spec.whatwg.org/#bodies
// A body stays what it was made of (text, bytes, the host's stream) until something needs a ReadableStream.
import { native } from "../core/bridge.ts";
import { append, List } from "../core/list.ts";
import {
  bufferByteLength, bufferSlice, concatBytes, copyBytes, isBufferSource, isView, jsonParse, stringToWellFormed, typedArrayTag,
  viewBuffer, viewByteLength, viewByteOffset,
} from "../core/primordials.ts";
import { illegalInvocation, isObject, toUSVString } from "../core/webidl.ts";
import { Deferred, rejected } from "../core/promises.ts";
import { cloneValue } from "../clone/structured-clone.ts";
import { Blob, blobInner, newBlob, stripBom } from "../files/blob.ts";
import { MemoryBody, streamOfSource, takeSource, type BodySource } from "../streams/body-source.ts";
import { closeStream, defaultRead, DefaultReaderState, ReadableState, type ReadRequest } from "../streams/readable-state.ts";
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
      // What read the body keeps its lock.
      inner.stream.disturbed = true;
      new DefaultReaderState(inner.stream);
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
      return inner.host!.memory ?? inner.host!;
  }
  const stream = inner.stream!;
  const source = takeSource(stream);
  return source === undefined ? stream : (source.memory ?? source);
}

/** A structured clone of a view would copy all of its buffer. */
const cloneChunk = (chunk: unknown): unknown =>
  typedArrayTag(chunk) === "Uint8Array" ? copyBytes(chunk as Uint8Array) : cloneValue(chunk, []);

/** Splits a body for clone(). `target` is empty. https://fetch.spec.whatwg.org/#concept-body-clone */
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
  const branches = tee(inner.stream ?? streamOfSource(inner.host!), cloneChunk);
  inner.kind = target.kind = Source.stream;
  inner.stream = branches[0];
  inner.streamObject = undefined;
  target.stream = branches[1];
}

/** All chunks of a body. A list, because a promise looks for `then` above what it is resolved with, arrays of bytes too. */
async function readAll(inner: BodyInner): Promise<List<Uint8Array>> {
  const taken = takeBody(inner) as Uint8Array | BodySource | ReadableState | undefined;
  if (taken instanceof ReadableState) {
    return new StreamRead(taken).finished.promise;
  }
  const chunks = new List<Uint8Array>();
  if (isView(taken)) {
    append(chunks, inner.shared ? copyBytes(taken) : taken);
  } else if (taken !== undefined) {
    for (let chunk = await taken.read(); chunk !== null; chunk = await taken.read()) {
      append(chunks, chunk);
    }
  }
  return chunks;
}

/** Reads a stream to its end. https://streams.spec.whatwg.org/#readablestreamdefaultreader-read-all-bytes */
class StreamRead implements ReadRequest {
  readonly finished = new Deferred<List<Uint8Array>>();
  readonly #chunks = new List<Uint8Array>();
  readonly #reader: DefaultReaderState;
  #reading = false;
  #goOn = true;

  constructor(stream: ReadableState) {
    this.#reader = new DefaultReaderState(stream);
    this.#read();
  }

  /** Chunks that are there arrive inside the call: a loop, so that they do not pile up calls. */
  #read(): void {
    this.#goOn = true;
    if (this.#reading) {
      return;
    }
    this.#reading = true;
    while (this.#goOn) {
      this.#goOn = false;
      defaultRead(this.#reader, this);
    }
    this.#reading = false;
  }

  chunk(value: unknown): void {
    if (!isBufferSource(value)) {
      this.error(new TypeError(notBytes(value)));
      return;
    }
    // Whoever enqueued the chunk may use its memory for the next one.
    append(this.#chunks, copyBytes(value));
    this.#read();
  }

  close(): void {
    this.finished.resolve(this.#chunks);
  }

  error(reason: unknown): void {
    this.finished.reject(reason);
  }
}

function joined(chunks: List<Uint8Array>): Uint8Array {
  let total = 0;
  for (let i = 0; i < chunks.length; i++) {
    total += viewByteLength(chunks[i]);
  }
  return concatBytes(chunks, total);
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
  return stripBom(native.utf8Decode(joined(await readAll(inner)), false));
}

async function readBytes(inner: BodyInner): Promise<Uint8Array> {
  if (inner.kind === Source.text) {
    requireUnused(inner);
    inner.used = true;
    return native.utf8Encode(inner.text);
  }
  return joined(await readAll(inner));
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
  return parseFormData(await readBytes(inner), type);
}
