// A guest's stream as the source of another body: what https://fetch.spec.whatwg.org/#concept-body names a proxy of it.
import { copyBytes, isBufferSource } from "../core/primordials.ts";
import { markHandled } from "../core/promises.ts";
import type { BodySource } from "../streams/body-source.ts";
import { cancelStream, DefaultReaderState, done, readChunk, type ReadableState } from "../streams/readable-state.ts";
import { notBytes } from "./body.ts";

export class StreamBody implements BodySource {
  readonly memory = undefined;
  readonly #stream: ReadableState;
  readonly #reader: DefaultReaderState;

  /** Locks the stream for good. */
  constructor(stream: ReadableState) {
    this.#stream = stream;
    this.#reader = new DefaultReaderState(stream);
    stream.disturbed = true;
  }

  async read(): Promise<Uint8Array | null> {
    const chunk = await readChunk(this.#reader);
    if (chunk === done) {
      return null;
    }
    if (!isBufferSource(chunk)) {
      throw new TypeError(notBytes(chunk));
    }
    // The chunk is still the guest's, and a byte stream would take its memory.
    return copyBytes(chunk);
  }

  cancel(reason: unknown): void {
    markHandled(cancelStream(this.#stream, reason));
  }
}
