// Where the bytes of a body come from when the runtime itself provides them: a body in the host, or memory.
import { Deferred, resolved } from "../core/promises.ts";
import { host, native, type Frame } from "../core/bridge.ts";
import { promiseThen, viewByteLength } from "../core/primordials.ts";
import { registerCall, takeCall, type EventState, type PendingCall } from "../worker/event-state.ts";
import { ByteController } from "./byte-controller.ts";
import { DefaultReaderState, ReadableState } from "./readable-state.ts";

export interface BodySource {
  /** The next bytes, or null at the end. One read at a time. */
  read(): Promise<Uint8Array | null>;
  cancel(reason: unknown): void;
  /** All bytes, when they are in memory already. */
  readonly memory: Uint8Array | undefined;
}

class HostRead implements PendingCall {
  readonly state: EventState;
  readonly frame: Frame | undefined;
  readonly deferred = new Deferred<Uint8Array | null>();

  constructor(state: EventState) {
    this.state = state;
    this.frame = native.asyncGet();
  }

  settle(bytes: unknown): void {
    this.deferred.resolve((bytes as Uint8Array | null | undefined) ?? null);
  }

  fail(error: unknown): void {
    this.deferred.reject(error);
  }
}

/** A body that the host holds, read chunk by chunk. */
export class HostBody implements BodySource {
  readonly #state: EventState;
  readonly #rid: number;
  #ended = false;
  #failed = false;
  #error: unknown = undefined;
  /** The read the host has not answered; 0 when there is none. */
  #call = 0;
  readonly memory = undefined;

  constructor(state: EventState, rid: number) {
    this.#state = state;
    this.#rid = rid;
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#failed) {
      throw this.#error;
    }
    if (this.#ended) {
      return null;
    }
    if (this.#state.closed) {
      throw new Error("The body cannot be read any more: the event it belongs to has ended.");
    }
    const pending = new HostRead(this.#state);
    this.#call = registerCall(pending);
    host.bodyRead(this.#call, this.#rid);
    const bytes = await pending.deferred.promise;
    this.#call = 0;
    if (bytes === null) {
      this.#ended = true;
    }
    return bytes;
  }

  cancel(reason: unknown): void {
    if (!this.#ended && !this.#failed) {
      this.#ended = true;
      host.bodyCancel(this.#rid, reasonText(reason));
    }
  }

  /** Makes every later read fail; the host's side is already gone. */
  fail(error: unknown): void {
    if (!this.#ended) {
      this.#failed = true;
      this.#error = error;
    }
  }

  /** Ends the body from this side with an error, also for a read that is waiting. */
  abort(error: unknown): void {
    if (!this.#ended && !this.#failed) {
      this.cancel(error);
      this.#failed = true;
      this.#error = error;
      takeCall(this.#call)?.fail(error);
    }
  }
}

/** Bytes in memory as a source of one chunk. */
export class MemoryBody implements BodySource {
  #bytes: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get memory(): Uint8Array | undefined {
    return this.#bytes;
  }

  read(): Promise<Uint8Array | null> {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    return resolved(bytes === undefined || viewByteLength(bytes) === 0 ? null : bytes);
  }

  cancel(): void {
    this.#bytes = undefined;
  }
}

/** A short text for the host's logs; never runs guest code. */
export function reasonText(reason: unknown): string {
  if (typeof reason === "string") {
    return reason;
  }
  if (typeof reason === "object" && reason !== null) {
    try {
      const message = Reflect.getOwnPropertyDescriptor(reason, "message")?.value;
      return typeof message === "string" ? message : "";
    } catch {
      return "";
    }
  }
  return "";
}

/** A readable byte stream over a source, which bodies can take back while nobody has read from the stream. */
export function streamOfSource(source: BodySource): ReadableState {
  const stream = new ReadableState();
  stream.source = source;
  const controller = new ByteController(
    stream,
    () => promiseThen(source.read(), (bytes: Uint8Array | null) => {
      if (bytes !== null) {
        controller.enqueue(bytes);
        return;
      }
      controller.close();
      if (controller.pendingPullIntos > 0) {
        controller.respond(0);
      }
    }),
    (reason) => {
      source.cancel(reason);
      return resolved();
    },
    0,
    undefined,
  );
  controller.beginNow();
  return stream;
}

/** Takes the source of a stream nobody has touched, leaving the stream locked and disturbed; else undefined. */
export function takeSource(stream: ReadableState): BodySource | undefined {
  const source = stream.source;
  if (source === undefined || stream.disturbed || stream.locked || stream.status !== "readable") {
    return undefined;
  }
  stream.source = undefined;
  stream.disturbed = true;
  new DefaultReaderState(stream);
  return source;
}

