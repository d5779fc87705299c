// https://encoding.spec.whatwg.org/#interface-textdecoder
import { bytesOf, isBufferSource } from "../core/primordials.ts";
import { expose, illegalInvocation, toDictionary, toDOMString } from "../core/webidl.ts";
import { Decoder } from "./decoder.ts";
import { encodingOf, type Encoding } from "./labels.ts";

/** The encoding of a label; a RangeError for unknown ones. */
export function requireEncoding(label: unknown): Encoding {
  const text = toDOMString(label);
  const encoding = encodingOf(text);
  if (encoding === undefined) {
    throw new RangeError(`"${text}" is not a valid encoding.`);
  }
  return encoding;
}

export class TextDecoder {
  readonly #encoding: Encoding;
  readonly #fatal: boolean;
  readonly #ignoreBom: boolean;
  readonly #decoder: Decoder;

  constructor(label: unknown = "utf-8", options: unknown = undefined) {
    this.#encoding = requireEncoding(label);
    const dictionary = toDictionary(options, "TextDecoder options");
    this.#fatal = !!dictionary?.fatal;
    this.#ignoreBom = !!dictionary?.ignoreBOM;
    this.#decoder = new Decoder(this.#encoding, this.#fatal, this.#ignoreBom);
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

  decode(input: unknown = undefined, options: unknown = undefined): string {
    if (typeof this !== "object" || this === null || !(#encoding in this)) throw illegalInvocation();
    const stream = !!toDictionary(options, "decode options")?.stream;
    if (input !== undefined && !isBufferSource(input)) {
      throw new TypeError("Failed to execute 'decode' on 'TextDecoder': parameter 1 is not of type 'ArrayBuffer' or 'ArrayBufferView'.");
    }
    const bytes = input === undefined ? new Uint8Array(0) : bytesOf(input);
    return this.#decoder.decode(bytes, stream);
  }
}

export function installTextDecoder(): void {
  expose(TextDecoder, "TextDecoder");
}

