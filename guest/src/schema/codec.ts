// Makes a codec of a schema: generates its encoders and decoders as source, compiles that once, and runs it over the realm's one
// writer and one reader.
import {
  bytesOf, copyBytes, create, fround, hasOwn, is, isArray, isBufferSource, isSafeInteger, mapGet, mapSet, SafeMap, stringToLowerCase, typedArrayLength,
  typedArrayTag,
} from "../core/primordials.ts";
import * as checks from "./checks.ts";
import { readSchema } from "./document.ts";
import { fail, inside, keyStep, outside } from "./faults.ts";
import { DecoderGenerator } from "./generate-decode.ts";
import { EncoderGenerator, type Constants } from "./generate-encode.ts";
import { JsonFace } from "./json-face.ts";
import { copyJson, sameJson } from "./json-values.ts";
import { newList } from "./lists.ts";
import { defaultLimits, type Compile, type PayloadLimits, type TextPlatform } from "./platform.ts";
import { Reader, truncated, unordered } from "./reader.ts";
import { Plan, Source } from "./source.ts";
import type { JsonValue, OptionalType, PayloadValue, SchemaModel, SchemaType } from "./types.ts";
import { entriesOf, listLength, putBigInteger, putInteger, sortedKeys, Writer } from "./writer.ts";

export interface CodecOptions {
  compile: Compile;
  limits?: Partial<PayloadLimits>;
}

/** Payloads of one schema. Every method throws a PayloadError for what the schema refuses. */
export interface Codec<Value = PayloadValue> {
  /** The schema's id. */
  readonly id: string;
  /** The payload of a value. A short one shares its ArrayBuffer with others: take a `slice()` before transferring it. */
  encode(value: Value): Uint8Array;
  /** Writes the payload of a value into `target` from `offset` on and returns its length; a RangeError says how much it takes where there is too little room. */
  encodeInto(value: Value, target: Uint8Array, offset?: number): number;
  /** The value of a payload, which shares no memory with it. */
  decode(payload: Uint8Array): Value;
  /** The JSON face of a value that `decode` made. */
  toJson(value: Value): JsonValue;
  /** The value that a JSON face says, for `encode` to check. */
  fromJson(json: JsonValue): Value;
}

interface Machine { writer: Writer; reader: Reader }

const notBool = (first: number): never => fail("mistyped", `expected true or false, found a value that starts with 0x${first < 16 ? "0" : ""}${hexOf(first)}`);
const hexOf = (value: number): string => (value < 16 ? "0123456789abcdef"[value] : hexOf(value >> 4) + hexOf(value & 15));
const notUnion = (): never => fail("mistyped", "a union has two items: the number of the variant and its value");
const duration = (value: unknown, lax: boolean): number => checks.integer(value, -9007199254740991, 9007199254740991, lax);

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  const length = typedArrayLength(left);
  if (length !== typedArrayLength(right)) return false;
  for (let i = 0; i < length; i++) {
    if (left[i] !== right[i]) return false;
  }
  return true;
}

/** What generated code calls by the name `s`. */
const support = {
  bool: checks.bool, binary: checks.binary, decimal: checks.decimal, decimalRead: checks.decimalRead, decimalWithin: checks.decimalWithin,
  float: checks.float, integer: checks.integer, missing: checks.missing, mistyped: checks.mistyped, notAbsent: checks.notAbsent,
  outOfRange: checks.outOfRange, single: checks.single, sized: checks.sized, textFormatted: checks.textFormatted,
  textMatches: checks.textMatches, textSized: checks.textSized, timestamp: checks.timestamp, unknownField: checks.unknownField,
  unknownIndex: checks.unknownIndex, unknownName: checks.unknownName, uuid: checks.uuid, wideInteger: checks.wideInteger,
  copyJson, copyOf: copyBytes, duration, entriesOf, inside, keyStep, listLength, lower: stringToLowerCase, mapGet, mapSet, newList, notBool, notUnion,
  sameBytes, sameJson, sortedKeys, truncated, unordered,
};

const parameters = ["w", "r", "s", "c", "BigInt", "Map", "fround", "hasOwn", "is", "isArray", "isSafeInteger", "lengthOf", "putBigInteger", "putInteger"];

/** Makes codecs for one realm: they share a writer, a reader and what they run on. */
export class CodecFactory {
  readonly #text: TextPlatform;
  #machine: Machine | undefined;

  constructor(text: TextPlatform) {
    this.#text = text;
  }

  compile<Value = PayloadValue>(schema: unknown, options: CodecOptions): Codec<Value> {
    const model = readSchema(schema);
    const limits = { ...defaultLimits, ...options.limits };
    const machine = (this.#machine ??= { writer: new Writer(this.#text), reader: new Reader(this.#text) });
    const { source, constants, face } = generate(model, limits);
    const made = options.compile(parameters, source)(
      machine.writer, machine.reader, support, constants, BigInt, Map, fround, hasOwn, is, isArray, isSafeInteger, typedArrayLength, putBigInteger, putInteger,
    ) as { write(value: unknown): void; read(): unknown };
    return new CompiledCodec<Value>(model, limits, machine, made.write, made.read, face);
  }

  /** The source that `compile` hands on, for people to look at. */
  source(schema: unknown, limits?: Partial<PayloadLimits>): string {
    return generate(readSchema(schema), { ...defaultLimits, ...limits }).source;
  }
}

function generate(model: SchemaModel, limits: PayloadLimits): { source: string; constants: Record<number, unknown>; face: JsonFace } {
  const writing = new Plan(model, limits.maxDepth, "write");
  const reading = new Plan(model, limits.maxDepth, "read");
  const face = new JsonFace(writing);
  const fallbacks = new SafeMap<OptionalType, unknown>();
  const fallbackOf = (type: OptionalType): unknown => {
    if (!fallbacks.has(type)) fallbacks.set(type, canonicalFallback(writing.resolve(type.of), face.read(type.of, type.fallback)));
    return fallbacks.get(type);
  };
  const values = create(null) as Record<number, unknown>;
  let count = 0;
  const constants: Constants = {
    add(value) {
      values[count] = value;
      return `c${count++}`;
    },
  };
  const body = new Source();
  new EncoderGenerator(writing, body, constants, fallbackOf).generate(model.type);
  new DecoderGenerator(reading, body, constants, fallbackOf).generate(model.type);
  let head = `"use strict";\n`;
  for (let i = 0; i < count; i++) head += `const c${i} = c[${i}];\n`;
  return { source: `${head}${body.text}return { write, read };\n`, constants: values, face };
}

/** A default as it is decoded. */
function canonicalFallback(type: SchemaType, value: unknown): unknown {
  switch (type.kind) {
    case "int64": case "uint64": return BigInt(checks.wideInteger(value, -9223372036854775808n, 18446744073709551615n, false));
    case "float32": return fround(value as number);
    case "decimal": return checks.decimal(value, false);
    case "uuid": return stringToLowerCase(value as string);
    case "json": return copyJson(value as JsonValue);
    default: return value;
  }
}

class CompiledCodec<Value> implements Codec<Value> {
  readonly id: string;
  readonly #type: SchemaType;
  readonly #limits: PayloadLimits;
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #write: (value: unknown) => void;
  readonly #read: () => unknown;
  readonly #face: JsonFace;

  constructor(model: SchemaModel, limits: PayloadLimits, machine: Machine, write: (value: unknown) => void, read: () => unknown, face: JsonFace) {
    this.id = model.id;
    this.#type = model.type;
    this.#limits = limits;
    this.#writer = machine.writer;
    this.#reader = machine.reader;
    this.#write = write;
    this.#read = read;
    this.#face = face;
  }

  encode(value: Value): Uint8Array {
    const writer = this.#writer;
    const outer = writer.begin(this.#limits, undefined, 0);
    try {
      this.#write(value);
      return writer.payload();
    } catch (error) {
      throw outside(error);
    } finally {
      writer.end(outer);
    }
  }

  encodeInto(value: Value, target: Uint8Array, offset = 0): number {
    if (typedArrayTag(target) !== "Uint8Array") throw new TypeError("The target of encodeInto must be a Uint8Array.");
    if (!isSafeInteger(offset) || offset < 0 || offset > typedArrayLength(target)) throw new RangeError("The offset of encodeInto lies outside of the target.");
    const writer = this.#writer;
    const outer = writer.begin(this.#limits, target, offset);
    try {
      this.#write(value);
      return writer.land(offset);
    } catch (error) {
      throw outside(error);
    } finally {
      writer.end(outer);
    }
  }

  decode(payload: Uint8Array): Value {
    if (!isBufferSource(payload)) throw new TypeError("A payload is a Uint8Array.");
    const reader = this.#reader;
    try {
      reader.begin(bytesOf(payload), this.#limits);
      const value = this.#read();
      reader.finish();
      return value as Value;
    } catch (error) {
      reader.release();
      throw outside(error);
    }
  }

  toJson(value: Value): JsonValue {
    return this.#face.write(this.#type, value);
  }

  fromJson(json: JsonValue): Value {
    try {
      return this.#face.read(this.#type, json) as Value;
    } catch (error) {
      throw outside(error);
    }
  }
}
