// What is wrong with a payload or a value, and where. A fault gathers its path on the way out of the functions of a codec, so that
// nothing is spent on paths while all is well.
import { freeze, jsonStringify, stringCharCodeAt, stringSlice } from "../core/primordials.ts";

export type FaultKind =
  | "unknown" | "missing" | "mistyped" | "out_of_range" | "too_large" | "too_deep" | "non_canonical" | "truncated" | "trailing";

/** A payload, or a value to be made one, that the schema refuses. */
export class PayloadError extends Error {
  /** What is wrong, by the same name in every language. */
  readonly kind: FaultKind;
  override readonly name = "PayloadError";
  /** Where, as `$.lines[3].qty`. */
  readonly path: string;

  constructor(kind: FaultKind, path: string, detail: string) {
    super(`${path}: ${detail} (${kind})`);
    this.kind = kind;
    this.path = path;
  }
}

freeze(PayloadError);
freeze(PayloadError.prototype);

/** On its way through the functions of a codec; never seen outside. */
export class Fault {
  readonly #brand = true;
  readonly kind: FaultKind;
  readonly detail: string;
  path = "";

  constructor(kind: FaultKind, detail: string) {
    this.kind = kind;
    this.detail = detail;
  }

  static is(value: unknown): value is Fault {
    return typeof value === "object" && value !== null && #brand in value;
  }
}

export function fail(kind: FaultKind, detail: string): never {
  throw new Fault(kind, detail);
}

/** Puts the step that a container takes to the failed part before the path, and gives the error back to be thrown. */
export function inside(error: unknown, step: string): unknown {
  if (Fault.is(error)) {
    error.path = step + error.path;
  }
  return error;
}

/** What the caller of a codec gets to see of an error that came out of it. */
export function outside(error: unknown): unknown {
  return Fault.is(error) ? new PayloadError(error.kind, "$" + error.path, error.detail) : error;
}

const identifierStart = (code: number): boolean =>
  (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 36;

/** The step to a field: `.name`, or `["a name"]` where that is no identifier. */
export function fieldStep(name: string): string {
  if (name === "") return `[""]`;
  for (let i = 0; i < name.length; i++) {
    const code = stringCharCodeAt(name, i);
    if (!identifierStart(code) && !(i > 0 && code >= 48 && code <= 57)) {
      return `[${jsonStringify(name)}]`;
    }
  }
  return `.${name}`;
}

/** The step to a key of a map, an integer one too as text. */
export const keyStep = (key: unknown): string => `[${typeof key === "string" ? jsonStringify(key) : `"${shown(key)}"`}]`;

/** A value for a message: short, and never by running its methods. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return jsonStringify(value.length > 40 ? stringSlice(value, 0, 40) + "…" : value);
    case "number":
    case "boolean":
    case "undefined":
      return `${value}`;
    case "bigint":
      return `${value}n`;
    case "object":
      return value === null ? "null" : "an object";
    default:
      return `a ${typeof value}`;
  }
}
