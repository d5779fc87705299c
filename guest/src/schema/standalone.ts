// The codec for pages and node: `compileCodec` over what they have for text and for compiling code. Nothing of an isolate is needed.
import { uncurry } from "../core/primordials.ts";
import { CodecFactory, type Codec, type CodecOptions } from "./codec.ts";
import type { Compile, TextPlatform } from "./platform.ts";
import type { PayloadValue } from "./types.ts";

declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (label: string, options?: { fatal: boolean; ignoreBOM: boolean }) => { decode(bytes: Uint8Array): string };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// Node's buffers turn bytes into a string of one-byte characters, and texts into bytes in place, quicker than anything else there.
interface BufferMethods { latin1Slice?: () => string; utf8Write?: (text: string, position: number, most: number) => number }
const { latin1Slice, utf8Write }: BufferMethods = (globalThis as { Buffer?: { prototype: BufferMethods } }).Buffer?.prototype ?? {};
const writeUtf8 = utf8Write && uncurry(utf8Write);

const text: TextPlatform = {
  encode: (value) => encoder.encode(value),
  decode: (bytes) => decoder.decode(bytes),
  write: writeUtf8 && ((bytes, position, value) => writeUtf8(bytes, value, position, 3 * value.length)),
  latin1: latin1Slice && uncurry(latin1Slice),
};

const compile: Compile = (parameterNames, body) => new Function(...parameterNames, body) as (...args: unknown[]) => unknown;
const factory = new CodecFactory(text);

/** The codec of a schema, given as the text of its document or as parsed JSON. */
export function compileCodec<Value = PayloadValue>(schema: unknown, options: Partial<CodecOptions> = {}): Codec<Value> {
  return factory.compile<Value>(schema, { compile, ...options });
}

/** The source that is compiled for a schema. */
export const codecSource = (schema: unknown): string => factory.source(schema);

export { defaultLimits } from "./platform.ts";
export type { Compile, PayloadLimits } from "./platform.ts";
export type { Codec, CodecOptions } from "./codec.ts";
export { PayloadError } from "./faults.ts";
export type { FaultKind } from "./faults.ts";
export { SchemaError } from "./document.ts";
export type { JsonValue, PayloadValue, RecordValue, StringMapValue, UnionValue } from "./types.ts";
