// https://encoding.spec.whatwg.org/#interface-textencoderstream and #interface-textdecoderstream
import { native } from "../core/bridge.ts";
import { bytesOf, isBufferSource, stringCharCodeAt, stringSlice } from "../core/primordials.ts";
import { rejected, resolved } from "../core/promises.ts";
import { expose, illegalInvocation, toDictionary, toDOMString } from "../core/webidl.ts";
import { wrapReadable, type ReadableStream } from "../streams/readable-stream.ts";
import { TransformState } from "../streams/transform-state.ts";
import { wrapWritable, type WritableStream } from "../streams/writable-stream.ts";
import { Decoder } from "./decoder.ts";
import type { Encoding } from "./labels.ts";
import { requireEncoding } from "./text-decoder.ts";

/** A transform stream around synchronous functions; an exception errors both sides. */
function transform(step: (chunk: unknown) => unknown, flush: () => unknown): TransformState {
  const emit = (produce: () => unknown): Promise<unknown> => {
    try {
      const chunk = produce();
      if (chunk !== undefined) state.enqueue(chunk);
      return resolved();
    } catch (error) {
      return rejected(error);
    }
  };
  const state: TransformState = new TransformState({
    transform: (chunk) => emit(() => step(chunk)),
    flush: () => emit(flush),
    cancel: () => resolved(),
  }, { highWaterMark: 1, size: undefined }, { highWaterMark: 0, size: undefined });
  state.begin(undefined);
  return state;
}

export class TextEncoderStream {
  #readable: ReadableStream;
  #writable: WritableStream;

  constructor() {
    let high = "";
    const state = transform((chunk) => {
      let text = high + toDOMString(chunk);
      high = "";
      const last = text.length === 0 ? 0 : stringCharCodeAt(text, text.length - 1);
      if (last >= 0xd800 && last <= 0xdbff) {
        high = stringSlice(text, text.length - 1);
        text = stringSlice(text, 0, text.length - 1);
      }
      return text === "" ? undefined : native.utf8Encode(text);
    }, () => (high === "" ? undefined : native.utf8Encode(high)));
    this.#readable = wrapReadable(state.readable);
    this.#writable = wrapWritable(state.writable);
  }

  get encoding(): string {
    if (!(#readable in this)) throw illegalInvocation();
    return "utf-8";
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

export class TextDecoderStream {
  readonly #encoding: Encoding;
  readonly #fatal: boolean;
  readonly #ignoreBom: boolean;
  #readable: ReadableStream;
  #writable: WritableStream;

  constructor(label: unknown = "utf-8", options: unknown = undefined) {
    this.#encoding = requireEncoding(label);
    const dictionary = toDictionary(options, "TextDecoderStream options");
    this.#fatal = !!dictionary?.fatal;
    this.#ignoreBom = !!dictionary?.ignoreBOM;
    const decoder = new Decoder(this.#encoding, this.#fatal, this.#ignoreBom);
    const state = transform((chunk) => {
      if (!isBufferSource(chunk)) {
        throw new TypeError("The chunk is not of type 'ArrayBuffer' or 'ArrayBufferView'.");
      }
      const text = decoder.decode(bytesOf(chunk), true);
      return text === "" ? undefined : text;
    }, () => {
      const text = decoder.decode(new Uint8Array(0), false);
      return text === "" ? undefined : text;
    });
    this.#readable = wrapReadable(state.readable);
    this.#writable = wrapWritable(state.writable);
  }

  get encoding(): string {
    if (!(#encoding in this)) throw illegalInvocation();
    return this.#encoding;
  }

  get fatal(): boolean {
    if (!(#encoding in this)) throw illegalInvocation();
    return this.#fatal;
  }

  get ignoreBOM(): boolean {
    if (!(#encoding in this)) throw illegalInvocation();
    return this.#ignoreBom;
  }

  get readable(): ReadableStream {
    if (!(#encoding in this)) throw illegalInvocation();
    return this.#readable;
  }

  get writable(): WritableStream {
    if (!(#encoding in this)) throw illegalInvocation();
    return this.#writable;
  }
}

export function installTextStreams(): void {
  expose(TextEncoderStream, "TextEncoderStream");
  expose(TextDecoderStream, "TextDecoderStream");
}
