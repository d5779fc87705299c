// Workers' IdentityTransformStream and FixedLengthStream: byte pipes whose readable side is a byte stream and whose writes
// settle when the bytes were read.
import { bytesOf, copyBytes, isBufferSource, promiseThen, viewByteLength } from "../core/primordials.ts";
import { Deferred, rejected, resolved } from "../core/promises.ts";
import { expose, illegalInvocation, requireArguments, toEnforcedRange } from "../core/webidl.ts";
import { notBytes } from "../fetch/body.ts";
import { ByteController } from "./byte-controller.ts";
import { ReadableState } from "./readable-state.ts";
import { wrapReadable, type ReadableStream } from "./readable-stream.ts";
import { WritableController, WritableState } from "./writable-state.ts";
import { wrapWritable, type WritableStream } from "./writable-stream.ts";

/** A writable and a readable side joined by one chunk in flight. */
function bytePipe(length: number | undefined): { readable: ReadableState; writable: WritableState } {
  const readable = new ReadableState();
  readable.length = length;
  const writable = new WritableState();
  let wanted = new Deferred<undefined>();
  let rest = length;

  const reader = new ByteController(readable, () => {
    wanted.resolve(undefined);
    return undefined;
  }, (reason) => {
    controller.errorIfNeeded(reason);
    wanted.resolve(undefined);
    return resolved();
  }, 0, undefined);

  const controller = new WritableController(writable, (chunk) => {
    if (!isBufferSource(chunk)) {
      const error = new TypeError(notBytes(chunk));
      reader.fail(error);
      return rejected(error);
    }
    const size = viewByteLength(bytesOf(chunk));
    if (size === 0) {
      return resolved();
    }
    if (rest !== undefined) {
      if (size > rest) {
        const error = new TypeError("Attempt to write too many bytes through a FixedLengthStream.");
        reader.fail(error);
        return rejected(error);
      }
      rest -= size;
    }
    const bytes = copyBytes(chunk);
    return promiseThen(wanted.promise, () => {
      wanted = new Deferred();
      if (readable.status === "readable") {
        reader.enqueue(bytes);
      }
    });
  }, () => {
    if (rest !== undefined && rest > 0) {
      const error = new TypeError("FixedLengthStream did not see all expected bytes before close().");
      reader.fail(error);
      return rejected(error);
    }
    reader.close();
    if (reader.pendingPullIntos > 0) {
      reader.respond(0);
    }
    return resolved();
  }, (reason) => {
    reader.fail(reason);
    return resolved();
  }, 1, undefined);

  controller.begin(undefined);
  reader.beginNow();
  return { readable, writable };
}

export class IdentityTransformStream {
  #readable: ReadableStream;
  #writable: WritableStream;

  constructor(_options?: unknown, length?: number) {
    const { readable, writable } = bytePipe(length);
    this.#readable = wrapReadable(readable);
    this.#writable = wrapWritable(writable);
  }

  get readable(): ReadableStream {
    if (!(#readable in this)) throw illegalInvocation();
    return this.#readable;
  }

  get writable(): WritableStream {
    if (!(#readable in this)) throw illegalInvocation();
    return this.#writable;
  }
}

export class FixedLengthStream extends IdentityTransformStream {
  constructor(length: unknown, options?: unknown) {
    requireArguments(arguments.length, 1, "'FixedLengthStream' constructor");
    super(options, toEnforcedRange(typeof length === "bigint" ? Number(length) : length, "expectedLength"));
  }
}

export function installIdentity(): void {
  expose(IdentityTransformStream, "IdentityTransformStream");
  expose(FixedLengthStream, "FixedLengthStream");
}
