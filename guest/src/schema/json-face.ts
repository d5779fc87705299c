// The JSON face of values, for people: records as objects, enums by name, times and bytes as text. `read` turns it into the value that
// the encoder takes, which then checks it; `write` turns a decoded value into it.
import {
  create, dateToISOString, dateUTC, floor, hasOwn, isArray, isSafeInteger, mapForEach, mapSet, objectKeys, regExpExec, stringSlice,
} from "../core/primordials.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { fail, fieldStep, inside, keyStep, shown } from "./faults.ts";
import { newList } from "./lists.ts";
import { nearestName } from "./nearest-name.ts";
import type { Plan } from "./source.ts";
import { isIntegerKind, isWide } from "./types.ts";
import type { JsonValue, MapType, RecordType, SchemaType, UnionType } from "./types.ts";

const integerText = /^-?(?:0|[1-9][0-9]*)$/;
const moment = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?Z$/;
const span = /^(-?)PT([0-9]+)(?:\.([0-9]{1,6}))?S$/;

type Json = Record<string, JsonValue>;

export class JsonFace {
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** The value that a JSON face says. */
  read(declared: SchemaType, json: unknown, depth = 1): unknown {
    const type = this.#plan.resolve(declared);
    if (isIntegerKind(type.kind)) {
      return isWide(type.kind) && typeof json === "string" && regExpExec(integerText, json) !== null ? BigInt(json) : json;
    }
    switch (type.kind) {
      case "float32": case "float64":
        return json === "NaN" ? NaN : json === "Infinity" ? Infinity : json === "-Infinity" ? -Infinity : json;
      case "bytes":
        return (typeof json === "string" ? fromBase64(json) : undefined) ?? mistyped("bytes as base64", json);
      case "timestamp":
        return readTimestamp(json);
      case "duration":
        return readDuration(json);
      case "optional":
        return json === null ? undefined : this.read(type.of, json, depth);
      case "list": case "map": case "record": case "union":
        if (depth > 1000) return fail("too_deep", "containers are nested too deeply");
        return this.#readContainer(type, json, depth + 1);
      default:
        return json;
    }
  }

  #readContainer(type: SchemaType, json: unknown, depth: number): unknown {
    if (type.kind === "list") {
      if (!isArray(json)) return mistyped("an array", json);
      const list = newList(json.length);
      for (let i = 0; i < list.length; i++) list[i] = this.#part(type.items, json[i], `[${i}]`, depth);
      return list;
    }
    if (typeof json !== "object" || json === null || isArray(json)) return mistyped("an object", json);
    if (type.kind === "record") return this.#readRecord(type, json as Json, depth);
    if (type.kind === "union") return this.#readUnion(type, json as Json, depth);
    return this.#readMap(type as MapType, json as Json, depth);
  }

  #part(type: SchemaType, json: unknown, step: string, depth: number): unknown {
    try {
      return this.read(type, json, depth);
    } catch (error) {
      throw inside(error, step);
    }
  }

  #readRecord(type: RecordType, json: Json, depth: number): unknown {
    const record = create(null) as Record<string, unknown>;
    const names = create(null) as Record<string, true>;
    for (let i = 0; i < type.fields.length; i++) {
      const { name, type: fieldType } = type.fields[i];
      names[name] = true;
      // Null is absence, but for a field of JSON.
      if (hasOwn(json, name) && (json[name] !== null || this.#plan.resolve(fieldType).kind === "json")) {
        record[name] = this.#part(fieldType, json[name], fieldStep(name), depth);
      }
    }
    const keys = objectKeys(json);
    for (let i = 0; i < keys.length; i++) {
      if (!names[keys[i]]) return unknownName(keys[i], objectKeys(names), "field");
    }
    return record;
  }

  #readUnion(type: UnionType, json: Json, depth: number): unknown {
    const keys = objectKeys(json);
    if (keys.length !== 1) return mistyped("an object with one key, the variant's name", json);
    const known = newList(type.variants.length) as string[];
    for (let i = 0; i < type.variants.length; i++) {
      const { name, type: variantType } = type.variants[i];
      if (name === keys[0]) return { tag: name, value: this.#part(variantType, json[name], fieldStep(name), depth) };
      known[i] = name;
    }
    return unknownName(keys[0], known, "variant");
  }

  #readMap(type: MapType, json: Json, depth: number): unknown {
    const keys = objectKeys(json);
    const map = type.keys === "string" ? (create(null) as Record<string, unknown>) : new Map<number, unknown>();
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const value = this.#part(type.values, json[key], keyStep(key), depth);
      if (type.keys === "string") {
        (map as Record<string, unknown>)[key] = value;
      } else if (regExpExec(integerText, key) !== null) {
        mapSet(map, +key, value);
      } else {
        return mistyped("an integer as key", key);
      }
    }
    return map;
  }

  /** The JSON face of a decoded value. */
  write(declared: SchemaType, value: any): JsonValue {
    const type = this.#plan.resolve(declared);
    if (isIntegerKind(type.kind)) {
      if (typeof value !== "bigint") return value;
      const number = Number(value);
      return isSafeInteger(number) ? number : `${value}`;
    }
    switch (type.kind) {
      case "float32": case "float64":
        return value - value === 0 ? value : `${value}`;
      case "bytes":
        return toBase64(value);
      case "timestamp":
        return writeTimestamp(value);
      case "duration":
        return `${value < 0 ? "-" : ""}PT${seconds(value < 0 ? -value : value)}S`;
      case "optional":
        return value === undefined ? null : this.write(type.of, value);
      case "list": {
        const list = newList(value.length) as JsonValue[];
        for (let i = 0; i < list.length; i++) list[i] = this.write(type.items, value[i]);
        return list;
      }
      case "union":
        for (let i = 0; i < type.variants.length; i++) {
          const { name, type: variantType } = type.variants[i];
          if (name === value.tag) return dataObject(name, this.write(variantType, value.value));
        }
        return null;
      case "record": {
        const object = create(null) as Json;
        for (let i = 0; i < type.fields.length; i++) {
          const { name, type: fieldType } = type.fields[i];
          if (value[name] !== undefined) object[name] = this.write(fieldType, value[name]);
        }
        return object;
      }
      case "map": {
        const object = create(null) as Json;
        if (type.keys === "string") {
          const keys = objectKeys(value);
          for (let i = 0; i < keys.length; i++) object[keys[i]] = this.write(type.values, value[keys[i]]);
        } else {
          mapForEach(value as Map<number, unknown>, (item, key) => void (object[`${key}`] = this.write(type.values, item)));
        }
        return object;
      }
      default:
        return value;
    }
  }
}

const mistyped = (expected: string, json: unknown): never => fail("mistyped", `expected ${expected}, found ${shown(json)}`);

function unknownName(name: string, known: readonly string[], what: string): never {
  const nearest = nearestName(name, known);
  return fail("unknown", `there is no ${what} ${shown(name)}${nearest === undefined ? "" : `; did you mean ${shown(nearest)}?`}`);
}

function dataObject(key: string, value: JsonValue): Json {
  const object = create(null) as Json;
  object[key] = value;
  return object;
}

function readTimestamp(json: unknown): number {
  const parts = typeof json === "string" ? regExpExec(moment, json) : null;
  if (parts === null) return mistyped("a time such as 2026-01-31T08:30:00Z", json);
  const milliseconds = dateUTC(+parts[1], +parts[2] - 1, +parts[3], +parts[4], +parts[5], +parts[6]);
  // A day or hour that does not exist comes out as another.
  if (stringSlice(dateToISOString(new Date(milliseconds)), 0, 19) !== stringSlice(json as string, 0, 19)) return mistyped("a time that exists", json);
  return milliseconds * 1000 + micros(parts[7]);
}

function readDuration(json: unknown): number {
  const parts = typeof json === "string" ? regExpExec(span, json) : null;
  if (parts === null) return mistyped("a duration such as PT1.5S", json);
  const length = +parts[2] * 1_000_000 + micros(parts[3]);
  return parts[1] === "-" && length !== 0 ? -length : length;
}

/** The digits behind a point as microseconds. */
const micros = (digits: string | undefined): number => (digits === undefined ? 0 : +stringSlice(digits + "00000", 0, 6));

function writeTimestamp(value: number): string {
  const whole = floor(value / 1_000_000);
  const text = stringSlice(dateToISOString(new Date(whole * 1000)), 0, 19);
  return `${text}${fraction(value - whole * 1_000_000)}Z`;
}

function seconds(micros: number): string {
  const whole = floor(micros / 1_000_000);
  return `${whole}${fraction(micros - whole * 1_000_000)}`;
}

/** Microseconds below a second, as `.5` or nothing. */
function fraction(micros: number): string {
  if (micros === 0) return "";
  const digits = `${1_000_000 + micros}`;
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  return "." + stringSlice(digits, 1, end);
}
