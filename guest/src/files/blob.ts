// https://w3c.github.io/FileAPI/
import { native } from "../core/bridge.ts";
import { wallTime } from "../core/clock.ts";
import { append, List } from "../core/list.ts";
import {
  bufferSlice, concatBytes, copyBytes, floor, isBufferSource, isFiniteNumber, partOf, stringCharCodeAt, stringSlice, stringToLowerCase,
  trunc, viewBuffer, viewByteLength, viewByteOffset,
} from "../core/primordials.ts";
import { rejected, resolved } from "../core/promises.ts";
import {
  expose, illegalInvocation, requireArguments, sequenceOf, toClamped, toDictionary, toDOMString, toUSVString,
} from "../core/webidl.ts";
import { MemoryBody, streamOfSource } from "../streams/body-source.ts";
import { wrapReadable, type ReadableStream } from "../streams/readable-stream.ts";

const token = {};

export class BlobInner {
  readonly bytes: Uint8Array;
  readonly type: string;

  constructor(bytes: Uint8Array, type: string) {
    this.bytes = bytes;
    this.type = type;
  }
}

export let blobInner: (value: unknown) => BlobInner | undefined;
export const newBlob = (bytes: Uint8Array, type: string): Blob => new Blob(token, new BlobInner(bytes, toType(type)));

export class Blob {
  #inner: BlobInner;

  constructor(parts: unknown = undefined, options: unknown = undefined) {
    if (parts === token) {
      this.#inner = options as BlobInner;
      return;
    }
    const chunks = parts === undefined ? new List<Uint8Array>() : toParts(parts);
    const dictionary = toDictionary(options, "Blob options");
    const endings = dictionary?.endings === undefined ? "transparent" : toDOMString(dictionary.endings);
    if (endings !== "transparent" && endings !== "native") {
      throw new TypeError(`The provided value '${endings}' is not a valid enum value of type EndingType.`);
    }
    const type = dictionary?.type === undefined ? "" : toType(toDOMString(dictionary.type));
    let total = 0;
    for (let i = 0; i < chunks.length; i++) {
      total += viewByteLength(chunks[i]);
    }
    this.#inner = new BlobInner(concatBytes(chunks, total), type);
  }

  static #of(blob: unknown): BlobInner {
    const inner = blobInner(blob);
    if (inner === undefined) throw illegalInvocation();
    return inner;
  }

  get size(): number { return viewByteLength(Blob.#of(this).bytes); }
  get type(): string { return Blob.#of(this).type; }

  slice(start: unknown = undefined, end: unknown = undefined, contentType: unknown = undefined): Blob {
    const inner = Blob.#of(this);
    const size = viewByteLength(inner.bytes);
    const from = relative(start === undefined ? 0 : toClamped(start), size);
    const to = relative(end === undefined ? size : toClamped(end), size);
    const type = contentType === undefined ? "" : toType(toDOMString(contentType));
    return new Blob(token, new BlobInner(partOf(inner.bytes, from, from > to ? from : to), type));
  }

  text(): Promise<string> {
    const inner = blobInner(this);
    if (inner === undefined) return rejected(illegalInvocation());
    return resolved(stripBom(native.utf8Decode(inner.bytes, false)));
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    const inner = blobInner(this);
    if (inner === undefined) return rejected(illegalInvocation());
    const start = viewByteOffset(inner.bytes);
    return resolved(bufferSlice(viewBuffer(inner.bytes), start, start + viewByteLength(inner.bytes)));
  }

  bytes(): Promise<Uint8Array> {
    const inner = blobInner(this);
    if (inner === undefined) return rejected(illegalInvocation());
    return resolved(copyBytes(inner.bytes));
  }

  stream(): ReadableStream {
    return wrapReadable(streamOfSource(new MemoryBody(copyBytes(Blob.#of(this).bytes))));
  }

  static {
    blobInner = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
  }
}

/** A leading byte order mark is not part of decoded text. */
export function stripBom(text: string): string {
  return text.length > 0 && stringCharCodeAt(text, 0) === 0xfeff ? stringSlice(text, 1) : text;
}

function relative(position: number, size: number): number {
  return position < 0 ? (size + position < 0 ? 0 : size + position) : position > size ? size : position;
}

/** Types with characters outside printable ASCII count as none. */
function toType(type: string): string {
  for (let i = 0; i < type.length; i++) {
    const code = stringCharCodeAt(type, i);
    if (code < 0x20 || code > 0x7e) {
      return "";
    }
  }
  return stringToLowerCase(type);
}

function toParts(parts: unknown): List<Uint8Array> {
  const chunks = new List<Uint8Array>();
  for (const part of sequenceOf(parts, "Failed to construct 'Blob': the provided value cannot be converted to a sequence.")) {
    if (isBufferSource(part)) {
      append(chunks, copyBytes(part));
    } else {
      const inner = blobInner(part);
      append(chunks, inner === undefined ? native.utf8Encode(toUSVString(part)) : inner.bytes);
    }
  }
  return chunks;
}

export let isFile: (value: unknown) => value is File;
export let fileName: (file: File) => string;
export let newFile: (inner: BlobInner, name: string) => File;
/** Another File over the same bytes, as old as the given one. */
export let renamedFile: (file: File, name: string) => File;

export class File extends Blob {
  #name: string;
  #lastModified: number;

  constructor(parts: unknown, name: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 2, "'File' constructor");
    super(parts, options);
    this.#name = toUSVString(name);
    const lastModified = parts === token ? undefined : toDictionary(options, "File options")?.lastModified;
    this.#lastModified = lastModified === undefined ? floor(wallTime()) : toInteger(lastModified);
  }

  get name(): string {
    if (!(#name in this)) throw illegalInvocation();
    return this.#name;
  }

  get lastModified(): number {
    if (!(#name in this)) throw illegalInvocation();
    return this.#lastModified;
  }

  get webkitRelativePath(): string {
    if (!(#name in this)) throw illegalInvocation();
    return "";
  }

  static {
    isFile = (value): value is File => typeof value === "object" && value !== null && #name in value;
    fileName = (file) => file.#name;
    newFile = (inner, name) => new File(token, name, inner);
    renamedFile = (file, name) => {
      const copy = newFile(blobInner(file)!, name);
      copy.#lastModified = file.#lastModified;
      return copy;
    };
  }
}

/** `long long`, without the wrapping of values that no date has. */
function toInteger(value: unknown): number {
  const number = trunc(Number(value));
  return isFiniteNumber(number) ? number + 0 : 0;
}

/** Another Blob or File over the same bytes, which never change. */
export const cloneBlob = (blob: Blob): Blob => (isFile(blob) ? renamedFile(blob, fileName(blob)) : new Blob(token, blobInner(blob)));

export function installFiles(): void {
  expose(Blob, "Blob");
  expose(File, "File");
}
