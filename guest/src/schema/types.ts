// The types of the Schema IR as the codec generator walks them, and the values that JavaScript has for them.

export type IntegerKind = "int8" | "int16" | "int32" | "int53" | "int64" | "uint8" | "uint16" | "uint32" | "uint64";
export type FloatKind = "float32" | "float64";
export type TextFormat = "email" | "uri" | "hostname" | "ipv4" | "ipv6" | "date" | "time";

/** Bounds are bigint for int64 and uint64, decimal text for decimal, number for everything else. */
export interface IntegerType { kind: IntegerKind; ge?: number | bigint; le?: number | bigint }
export interface FloatType { kind: FloatKind; ge?: number; le?: number }
export interface MomentType { kind: "timestamp" | "duration"; ge?: number; le?: number }
export interface DecimalType { kind: "decimal"; ge?: string; le?: string }
export interface StringType { kind: "string"; minLength?: number; maxLength?: number; pattern?: string; format?: TextFormat }
export interface BytesType { kind: "bytes"; minLength?: number; maxLength?: number }
export interface PlainType { kind: "bool" | "uuid" | "json" }
export interface ListType { kind: "list"; items: SchemaType; minItems?: number; maxItems?: number }
export interface MapType { kind: "map"; keys: "string" | IntegerKind; values: SchemaType; minItems?: number; maxItems?: number }
export interface RecordField { name: string; type: SchemaType }
export interface RecordType { kind: "record"; fields: RecordField[] }
export interface EnumType { kind: "enum"; values: string[] }
export interface UnionType { kind: "union"; variants: RecordField[] }
/** `fallback` is the default as its JSON face, absent when there is none. */
export interface OptionalType { kind: "optional"; of: SchemaType; fallback?: unknown }
export interface StreamType { kind: "stream"; of: SchemaType }
export interface RefType { kind: "ref"; name: string }

export type ScalarType = IntegerType | FloatType | MomentType | DecimalType | StringType | BytesType | PlainType;
export type SchemaType = ScalarType | ListType | MapType | RecordType | EnumType | UnionType | OptionalType | StreamType | RefType;

export interface SchemaModel {
  id: string;
  lax: boolean;
  /** Has no prototype: any name is a definition's. */
  definitions: Record<string, SchemaType>;
  type: SchemaType;
}

/** Any JSON value; objects that the codec makes have no prototype. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** A value of a union: the variant's name and what it holds. */
export interface UnionValue<Tag extends string = string, Value = unknown> { tag: Tag; value: Value }

/** A record as JavaScript sees it; absent optional fields are undefined. */
export interface RecordValue { [field: string]: PayloadValue }

/** A map with string keys; the codec's own have no prototype. */
export interface StringMapValue { [key: string]: PayloadValue }

/**
 * What a payload is in JavaScript. Integers of up to 53 bits, floats, timestamps and durations (microseconds) and stream handles are
 * numbers, int64 and uint64 bigint, uuid, decimal and enum strings, bytes Uint8Array, maps with integer keys Map.
 */
export type PayloadValue =
  | undefined | boolean | number | bigint | string | Uint8Array | Date | JsonValue | PayloadValue[] | Map<number, PayloadValue>
  | Map<string, PayloadValue> | UnionValue<string, PayloadValue> | RecordValue | StringMapValue;

/** The numbers an integer kind can hold, as bigint. */
export const integerRanges: Readonly<Record<IntegerKind, readonly [bigint, bigint]>> = {
  int8: [-128n, 127n],
  int16: [-32768n, 32767n],
  int32: [-2147483648n, 2147483647n],
  int53: [-9007199254740991n, 9007199254740991n],
  int64: [-9223372036854775808n, 9223372036854775807n],
  uint8: [0n, 255n],
  uint16: [0n, 65535n],
  uint32: [0n, 4294967295n],
  uint64: [0n, 18446744073709551615n],
};

export const isIntegerKind = (kind: string): kind is IntegerKind =>
  kind === "int8" || kind === "int16" || kind === "int32" || kind === "int53" || kind === "int64" ||
  kind === "uint8" || kind === "uint16" || kind === "uint32" || kind === "uint64";

export const isWide = (kind: string): kind is "int64" | "uint64" => kind === "int64" || kind === "uint64";
