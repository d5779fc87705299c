// Moves a body to the host, one write at a time: the host answers a write when it has room for more.
import { host, native, type Frame } from "../core/bridge.ts";
import { bytesOf, isBufferSource, min, partOf, viewByteLength } from "../core/primordials.ts";
import { Deferred, markHandled } from "../core/promises.ts";
import { notBytes } from "../fetch/body.ts";
import { reasonText, type BodySource } from "../streams/body-source.ts";
import { cancelStream, DefaultReaderState, done, readChunk, ReadableState } from "../streams/readable-state.ts";
import { registerCall, type EventState, type PendingCall } from "./event-state.ts";

/** The host copies what is written: a stream holds no more of it than this, however large its chunks are. */
const mostWritten = 64 << 10;

class HostWrite implements PendingCall {
  readonly state: EventState;
  readonly frame: Frame | undefined;
  readonly deferred = new Deferred<undefined>();

  constructor(state: EventState) {
    this.state = state;
    this.frame = native.asyncGet();
  }

  settle(): void {
    this.deferred.resolve(undefined);
  }

  fail(error: unknown): void {
    this.deferred.reject(error);
  }
}

function write(state: EventState, rid: number, bytes: Uint8Array): Promise<undefined> {
  const pending = new HostWrite(state);
  host.bodyWrite(registerCall(pending), rid, bytes);
  return pending.deferred.promise;
}

/** A body on its way to the host. */
export class Pump {
  readonly #state: EventState;
  readonly #rid: number;
  readonly #source: BodySource | ReadableState;
  #reader: DefaultReaderState | undefined;
  #stopped = false;

  constructor(state: EventState, rid: number, source: BodySource | ReadableState) {
    this.#state = state;
    this.#rid = rid;
    this.#source = source;
    if (source instanceof ReadableState) {
      this.#reader = new DefaultReaderState(source);
    }
  }

  /** Runs to the end; throws what made the body fail, after telling the host. Returns early when stopped. */
  async run(): Promise<void> {
    try {
      for (let chunk = await this.#next(); chunk !== null && !this.#stopped; chunk = await this.#next()) {
        const length = viewByteLength(chunk);
        if (length > mostWritten) {
          await this.#writeParts(chunk);
        } else if (length !== 0) {
          await write(this.#state, this.#rid, chunk);
        }
      }
    } catch (error) {
      if (this.#stopped) {
        return;
      }
      this.#stopped = true;
      this.#cancel(error);
      host.bodyAbort(this.#rid, reasonText(error));
      throw error;
    }
    if (!this.#stopped) {
      this.#stopped = true;
      host.bodyEnd(this.#rid);
    }
  }

  /** The length is asked for again: the guest may shrink or detach the buffer in between. */
  async #writeParts(chunk: Uint8Array): Promise<void> {
    let length = viewByteLength(chunk);
    for (let start = 0; start < length && !this.#stopped; length = viewByteLength(chunk)) {
      await write(this.#state, this.#rid, partOf(chunk, start, min(start + mostWritten, length)));
      start += mostWritten;
    }
  }

  async #next(): Promise<Uint8Array | null> {
    if (this.#reader === undefined) {
      return (this.#source as BodySource).read();
    }
    const chunk = await readChunk(this.#reader);
    if (chunk === done) {
      return null;
    }
    if (!isBufferSource(chunk)) {
      throw new TypeError(notBytes(chunk));
    }
    return bytesOf(chunk);
  }

  #cancel(reason: unknown): void {
    if (this.#source instanceof ReadableState) {
      markHandled(cancelStream(this.#source, reason));
    } else {
      this.#source.cancel(reason);
    }
  }

  /** The other side is gone: stops reading, without a word to the host. */
  stop(reason: unknown): void {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#cancel(reason);
    }
  }
}
