// The checks and conversions of scalar values that generated code calls: the way of a well-typed value through them is short, the
// rest decides what is wrong and says so.
import {
  bytesOf, dateGetTime, isBufferSource, isInteger, isSafeInteger, regExpExec, stringCharCodeAt, typedArrayLength,
} from "../core/primordials.ts";
import { canonicalDecimal, decimalUnits, judgeDecimal } from "./decimals.ts";
import { fail, shown } from "./faults.ts";
import { hasFormat } from "./text-formats.ts";
import type { TextFormat } from "./types.ts";

const integerText = /^-?(?:0|[1-9][0-9]*)$/;
const numberText = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

export const missing = (): never => fail("missing", "a required field is absent");

export function mistyped(expected: string, value: unknown): never {
  return value === undefined ? fail("missing", `${expected} is required`) : fail("mistyped", `expected ${expected}, found ${shown(value)}`);
}

export const outOfRange = (value: unknown, least: unknown, most: unknown): never =>
  fail("out_of_range", `${shown(value)} is not within ${least === undefined ? "" : shown(least)}…${most === undefined ? "" : shown(most)}`);

/** A value that is no integer of its kind by type, or out of its range; the number that a lax text says. */
export function integer(value: unknown, least: number, most: number, lax: boolean): number {
  let number = value;
  if (lax && typeof value === "string" && regExpExec(integerText, value) !== null) number = +value;
  if (typeof number !== "number" || !isInteger(number)) return mistyped("an integer", value);
  return number >= least && number <= most && isSafeInteger(number) ? number : outOfRange(value, least, most);
}

export function wideInteger(value: unknown, least: bigint, most: bigint, lax: boolean): number | bigint {
  let number = value;
  if (lax && typeof value === "string" && regExpExec(integerText, value) !== null) number = BigInt(value);
  if (typeof number === "number" && isInteger(number) && !isSafeInteger(number)) {
    return fail("mistyped", `${number} may have lost digits: integers beyond 2^53 are given as bigint`);
  }
  if (typeof number !== "bigint" && !isSafeInteger(number)) return mistyped("an integer", value);
  return (number as bigint) >= least && (number as bigint) <= most ? (number as bigint) : outOfRange(value, least, most);
}

export function float(value: unknown, lax: boolean): number {
  if (typeof value === "number") return value;
  return lax && typeof value === "string" && regExpExec(numberText, value) !== null ? +value : mistyped("a number", value);
}

/** The float32 next to a number. */
export function single(value: number, round: (value: number) => number): number {
  const rounded = round(value);
  if (rounded - rounded !== 0 && value - value === 0) fail("out_of_range", `${value} is too large for a float32`);
  return rounded;
}

export function bool(value: unknown, lax: boolean): boolean {
  if (lax && (value === "true" || value === "1" || value === 1)) return true;
  if (lax && (value === "false" || value === "0" || value === 0)) return false;
  return mistyped("true or false", value);
}

/** Microseconds since the epoch, of a Date or as they are. */
export function timestamp(value: unknown, lax: boolean): number {
  let micros = value;
  if (typeof value === "object" && value !== null) {
    try {
      micros = dateGetTime(value) * 1000;
    } catch {
      return mistyped("a Date or microseconds", value);
    }
    if (micros !== micros) return fail("mistyped", "the Date is invalid");
  }
  return integer(micros, -9007199254740991, 9007199254740991, lax);
}

/** The one text of a decimal given as text, in any form. */
export function decimal(value: unknown, lax: boolean): string {
  const text = lax && typeof value === "number" && value - value === 0 ? plainNumber(value) : value;
  if (typeof text !== "string") return mistyped("a decimal as text", value);
  const canonical = canonicalDecimal(text);
  if (canonical !== undefined) return canonical;
  return judgeDecimal(text) === "no_number"
    ? mistyped("a decimal as text", value)
    : fail("out_of_range", `${shown(value)} has more than 28 digits`);
}

/** A number without an exponent, as the shortest text that reads back as it. */
function plainNumber(value: number): string {
  const text = `${value}`;
  const parts = regExpExec(/^(-?)([0-9])(?:\.([0-9]+))?e([+-][0-9]+)$/, text);
  if (parts === null) return text;
  const digits = parts[2] + (parts[3] ?? "");
  const exponent = +parts[4];
  if (exponent < 0) return `${parts[1]}0.${zeros(-exponent - 1)}${digits}`;
  return parts[1] + digits + zeros(exponent - digits.length + 1);
}

function zeros(count: number): string {
  let text = "";
  for (let i = 0; i < count; i++) text += "0";
  return text;
}

/** A decimal as it was read from a payload. */
export function decimalRead(text: string): string {
  switch (judgeDecimal(text)) {
    case "canonical": return text;
    case "other_form": return fail("non_canonical", `${shown(text)} is not how this decimal is written`);
    case "too_long": return fail("out_of_range", `${shown(text)} has more than 28 digits`);
    default: return fail("mistyped", `${shown(text)} is no decimal`);
  }
}

export function decimalWithin(text: string, least: string | undefined, most: string | undefined): void {
  const units = decimalUnits(text);
  if ((least !== undefined && units < decimalUnits(least)) || (most !== undefined && units > decimalUnits(most))) outOfRange(text, least, most);
}

/** The bytes of a view or buffer. */
export function binary(value: unknown): Uint8Array {
  return isBufferSource(value) ? bytesOf(value) : mistyped("a Uint8Array", value);
}

export function uuid(value: unknown): string {
  return typeof value === "string" && value.length === 36 ? value : mistyped("a uuid as text", value);
}

export function sized(length: number, least: number, most: number, what: string): void {
  if (length < least || length > most) fail("out_of_range", `${length} ${what} are not within ${least}…${most === Infinity ? "" : most}`);
}

/** Compares the code points of a text with the bounds, without counting where its length decides. */
export function textSized(text: string, least: number, most: number): void {
  const units = text.length;
  if (units <= most && units >= 2 * least) return;
  let points = units;
  for (let i = 1; i < units; i++) {
    if ((stringCharCodeAt(text, i) & 0xfc00) === 0xdc00 && (stringCharCodeAt(text, i - 1) & 0xfc00) === 0xd800) points--;
  }
  sized(points, least, most, "characters");
}

export function textMatches(text: string, pattern: RegExp): void {
  if (regExpExec(pattern, text) === null) fail("out_of_range", `${shown(text)} does not match the pattern`);
}

export function textFormatted(text: string, format: TextFormat): void {
  if (!hasFormat(format, text)) fail("out_of_range", `${shown(text)} is no ${format}`);
}

export const unknownField = (count: number, known: number): never => fail("unknown", `${count} fields, the record has ${known}`);
export const unknownIndex = (index: unknown, known: number): never => fail("unknown", `${shown(index)} is none of the ${known} there are`);
export const unknownName = (name: unknown): never =>
  typeof name === "string" ? fail("unknown", `${shown(name)} is none of the names there are`) : mistyped("a name", name);
export const notAbsent = (): never => fail("non_canonical", "an absent field at the end, or one with its default, is left out");
export const lengthOf = typedArrayLength;
