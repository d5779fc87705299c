// Reads a Schema IR document as far as a codec depends on it: shapes, names, numbers and references. What else a document must
// keep to is checked where schemas are registered.
import { arrayIncludes, create, hasOwn, isArray, isFiniteNumber, isInteger, isSafeInteger, jsonParse, objectKeys } from "../core/primordials.ts";
import { fieldStep, shown } from "./faults.ts";
import { newList } from "./lists.ts";
import { integerRanges, isIntegerKind, isWide } from "./types.ts";
import type { RecordField, SchemaModel, SchemaType, TextFormat } from "./types.ts";

/** A document that is no schema. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

type Json = Record<string, unknown>;

const bounds = ["ge", "le"];
const keysOfKind: Readonly<Record<string, readonly string[]>> = {
  __proto__: null as never,
  bool: [], uuid: [], json: [],
  int8: bounds, int16: bounds, int32: bounds, int53: bounds, int64: bounds, uint8: bounds, uint16: bounds, uint32: bounds, uint64: bounds,
  float32: bounds, float64: bounds, timestamp: bounds, duration: bounds, decimal: bounds,
  string: ["minLength", "maxLength", "pattern", "format"],
  bytes: ["minLength", "maxLength"],
  list: ["items", "minItems", "maxItems"],
  map: ["keys", "values", "minItems", "maxItems"],
  record: ["fields"],
  enum: ["values"],
  union: ["variants"],
  optional: ["of", "default"],
  stream: ["of"],
  ref: ["name"],
};
const formats: readonly string[] = ["email", "uri", "hostname", "ipv4", "ipv6", "date", "time"];

/** Reads a document given as text or as parsed JSON. Bounds beyond 53 bits are exact only in text. */
export function readSchema(document: unknown): SchemaModel {
  const root = object(typeof document === "string" ? parse(document) : document, "$");
  onlyKeys(root, ["sir", "id", "doc", "coercion", "definitions", "type"], "$");
  if (own(root, "sir") !== 1) throw fault("$.sir", "must be 1");
  const id = own(root, "id");
  if (typeof id !== "string") throw fault("$.id", "must be a text such as schema://area/name/v1");
  const coercion = own(root, "coercion");
  if (coercion !== undefined && coercion !== "strict" && coercion !== "lax") throw fault("$.coercion", "must be strict or lax");
  const definitions = create(null) as Record<string, SchemaType>;
  const source = own(root, "definitions");
  if (source !== undefined) {
    const names = objectKeys(object(source, "$.definitions"));
    for (let i = 0; i < names.length; i++) definitions[names[i]] = readType((source as Json)[names[i]], "$.definitions" + fieldStep(names[i]));
  }
  const model = { id, lax: coercion === "lax", definitions, type: readType(own(root, "type"), "$.type") };
  const names = objectKeys(definitions);
  for (let i = 0; i < names.length; i++) checkReferences(definitions[names[i]], definitions, "$.definitions" + fieldStep(names[i]));
  checkReferences(model.type, definitions, "$.type");
  return model;
}

function parse(text: string): unknown {
  // An integer that a double cannot hold keeps its digits.
  const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === "number" && isInteger(value) && !isSafeInteger(value) && isDigits(context?.source) ? BigInt(context!.source!) : value;
  try {
    return jsonParse(text, keepDigits as (key: string, value: unknown) => unknown);
  } catch (error) {
    throw new SchemaError(`The schema is not JSON: ${(error as Error).message}`);
  }
}

function isDigits(source: string | undefined): boolean {
  if (source === undefined) return false;
  for (let i = 0; i < source.length; i++) {
    if (source[i] === "." || source[i] === "e" || source[i] === "E") return false;
  }
  return true;
}

function readType(source: unknown, path: string): SchemaType {
  const kind = typeof source === "string" ? source : own(object(source, path), "kind");
  if (typeof kind !== "string" || keysOfKind[kind] === undefined) throw fault(path, `${shown(kind)} is no kind of type`);
  const json: Json = typeof source === "string" ? (create(null) as Json) : (source as Json);
  onlyKeys(json, keysOfKind[kind], path, "kind");
  if (isIntegerKind(kind)) {
    const least = integerRanges[kind][0];
    const most = integerRanges[kind][1];
    const read = (key: string) => bound(json, key, path, (value) =>
      (typeof value === "bigint" || isInteger(value)) && BigInt(value as number) >= least && BigInt(value as number) <= most);
    const ge = read("ge");
    const le = read("le");
    return { kind, ge: isWide(kind) ? wide(ge) : (ge as number), le: isWide(kind) ? wide(le) : (le as number) };
  }
  switch (kind) {
    case "bool": case "uuid": case "json":
      return { kind };
    case "float32": case "float64":
      return { kind, ge: float(bound(json, "ge", path, isNumeric)), le: float(bound(json, "le", path, isNumeric)) };
    case "timestamp": case "duration":
      return { kind, ge: bound(json, "ge", path, isSafeInteger) as number, le: bound(json, "le", path, isSafeInteger) as number };
    case "decimal":
      return { kind, ge: text(json, "ge", path), le: text(json, "le", path) };
    case "string": {
      const format = text(json, "format", path);
      if (format !== undefined && !arrayIncludes(formats as string[], format)) throw fault(path + ".format", `${shown(format)} is no format`);
      return { kind, minLength: count(json, "minLength", path), maxLength: count(json, "maxLength", path), pattern: text(json, "pattern", path), format: format as TextFormat };
    }
    case "bytes":
      return { kind, minLength: count(json, "minLength", path), maxLength: count(json, "maxLength", path) };
    case "list":
      return { kind, items: readType(own(json, "items"), path + ".items"), minItems: count(json, "minItems", path), maxItems: count(json, "maxItems", path) };
    case "map": {
      const keys = own(json, "keys");
      if (keys !== "string" && (typeof keys !== "string" || !isIntegerKind(keys) || isWide(keys))) throw fault(path + ".keys", "must be string or an integer kind of at most 53 bits");
      return { kind, keys, values: readType(own(json, "values"), path + ".values"), minItems: count(json, "minItems", path), maxItems: count(json, "maxItems", path) };
    }
    case "record":
      return { kind, fields: members(json, "fields", path) };
    case "union":
      return { kind, variants: members(json, "variants", path) };
    case "enum": {
      const values = own(json, "values");
      if (!isArray(values) || values.length === 0) throw fault(path + ".values", "must be a list of names");
      for (let i = 0; i < values.length; i++) {
        if (typeof values[i] !== "string") throw fault(`${path}.values[${i}]`, "must be a name");
      }
      return { kind, values: values as string[] };
    }
    case "optional": {
      const of = readType(own(json, "of"), path + ".of");
      return hasOwn(json, "default") ? { kind, of, fallback: json.default } : { kind, of };
    }
    case "stream":
      return { kind, of: readType(own(json, "of"), path + ".of") };
    default: {
      const name = own(json, "name");
      if (typeof name !== "string") throw fault(path + ".name", "must name a definition");
      return { kind: "ref", name };
    }
  }
}

function members(json: Json, key: string, path: string): RecordField[] {
  const source = own(json, key);
  if (!isArray(source)) throw fault(`${path}.${key}`, "must be a list");
  const read = newList(source.length) as RecordField[];
  const seen = create(null) as Record<string, true>;
  for (let i = 0; i < source.length; i++) {
    const at = `${path}.${key}[${i}]`;
    const member = object(source[i], at);
    onlyKeys(member, ["name", "type", "doc", "deprecated"], at);
    const name = own(member, "name");
    if (typeof name !== "string" || name === "") throw fault(at + ".name", "must be a name");
    if (seen[name]) throw fault(at + ".name", `${shown(name)} is there already`);
    seen[name] = true;
    read[i] = { name, type: readType(own(member, "type"), at + ".type") };
  }
  return read;
}

/** Every reference must name a definition, and lead to something other than itself. */
function checkReferences(type: SchemaType, definitions: Record<string, SchemaType>, path: string): void {
  switch (type.kind) {
    case "list": return checkReferences(type.items, definitions, path + ".items");
    case "map": return checkReferences(type.values, definitions, path + ".values");
    case "optional": case "stream": {
      const inner = resolve(type.of, definitions, path + ".of");
      if (type.kind === "optional" && inner.kind === "optional") throw fault(path + ".of", "is optional already");
      return checkReferences(type.of, definitions, path + ".of");
    }
    case "record":
      for (let i = 0; i < type.fields.length; i++) checkReferences(type.fields[i].type, definitions, `${path}.fields[${i}].type`);
      return;
    case "union":
      for (let i = 0; i < type.variants.length; i++) checkReferences(type.variants[i].type, definitions, `${path}.variants[${i}].type`);
      return;
    case "ref": resolve(type, definitions, path);
  }
}

function resolve(type: SchemaType, definitions: Record<string, SchemaType>, path: string): SchemaType {
  const seen = create(null) as Record<string, true>;
  let found = type;
  while (found.kind === "ref") {
    if (seen[found.name]) throw fault(path, `${shown(found.name)} has no finite value`);
    seen[found.name] = true;
    const next = definitions[found.name];
    if (next === undefined) throw fault(path, `no definition is named ${shown(found.name)}`);
    found = next;
  }
  return found;
}

const fault = (path: string, what: string): SchemaError => new SchemaError(`The schema is faulty: ${path}: ${what}`);

const own = (json: Json, key: string): unknown => (hasOwn(json, key) ? json[key] : undefined);

function object(source: unknown, path: string): Json {
  if (typeof source !== "object" || source === null || isArray(source)) throw fault(path, "must be an object");
  return source as Json;
}

function onlyKeys(json: Json, allowed: readonly string[], path: string, besides?: string): void {
  const keys = objectKeys(json);
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] !== besides && !arrayIncludes(allowed as string[], keys[i])) throw fault(path + fieldStep(keys[i]), "is not a key that belongs here");
  }
}

function bound(json: Json, key: string, path: string, allowed: (value: unknown) => boolean): number | bigint | undefined {
  const value = own(json, key);
  if (value !== undefined && !allowed(value)) throw fault(`${path}.${key}`, `${shown(value)} is no bound of this kind`);
  return value as number | bigint | undefined;
}

const isNumeric = (value: unknown): boolean => typeof value === "bigint" || isFiniteNumber(value);
const wide = (value: number | bigint | undefined): bigint | undefined => (value === undefined ? undefined : BigInt(value));
const float = (value: number | bigint | undefined): number | undefined => (value === undefined ? undefined : Number(value));

function text(json: Json, key: string, path: string): string | undefined {
  const value = own(json, key);
  if (value !== undefined && typeof value !== "string") throw fault(`${path}.${key}`, "must be a text");
  return value;
}

function count(json: Json, key: string, path: string): number | undefined {
  const value = own(json, key);
  if (value !== undefined && !(isSafeInteger(value) && (value as number) >= 0)) throw fault(`${path}.${key}`, "must be a count");
  return value as number | undefined;
}
