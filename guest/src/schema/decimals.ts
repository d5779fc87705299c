// Decimal numbers as text: -?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?, no -0, at most 28 digits that count and 28 behind the point.
import { regExpExec, stringIndexOf, stringSlice } from "../core/primordials.ts";

const mostDigits = 28;
const anyForm = /^-?[0-9]+(?:\.[0-9]+)?$/;
const oneForm = /^(?:-(?!0$))?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?$/;
const fewDigits = /^-?[0-9]{1,14}(?:\.[0-9]{1,14})?$/;

export type DecimalState = "canonical" | "other_form" | "too_long" | "no_number";

export function judgeDecimal(text: string): DecimalState {
  if (regExpExec(oneForm, text) === null) return regExpExec(anyForm, text) === null ? "no_number" : "other_form";
  return regExpExec(fewDigits, text) !== null || hasFewDigits(text) ? "canonical" : "too_long";
}

function hasFewDigits(text: string): boolean {
  const digits = text[0] === "-" ? stringSlice(text, 1) : text;
  const point = stringIndexOf(digits, ".");
  const whole = point < 0 ? digits.length : point;
  const scale = point < 0 ? 0 : digits.length - point - 1;
  let zeros = 0;
  if (digits[0] === "0") {
    while (digits[2 + zeros] === "0") zeros++;
  }
  return scale <= mostDigits && (digits[0] === "0" ? scale - zeros : whole + scale) <= mostDigits;
}

/** The one form of a number given in any; undefined for what is no number or has too many digits. */
export function canonicalDecimal(text: string): string | undefined {
  const state = judgeDecimal(text);
  if (state === "canonical") return text;
  if (state !== "other_form") return undefined;
  const isNegative = text[0] === "-";
  let start = isNegative ? 1 : 0;
  let end = text.length;
  if (stringIndexOf(text, ".") >= 0) {
    while (text[end - 1] === "0") end--;
    if (text[end - 1] === ".") end--;
  }
  while (text[start] === "0") start++;
  let digits = stringSlice(text, start, end);
  if (digits === "" || digits[0] === ".") digits = "0" + digits;
  const shortened = isNegative && digits !== "0" ? "-" + digits : digits;
  return judgeDecimal(shortened) === "canonical" ? shortened : undefined;
}

/** A number in its one form, in units of 10^-28. */
export function decimalUnits(text: string): bigint {
  const point = stringIndexOf(text, ".");
  const digits = point < 0 ? text : stringSlice(text, 0, point) + stringSlice(text, point + 1);
  const scale = point < 0 ? 0 : text.length - point - 1;
  return BigInt(digits) * 10n ** BigInt(mostDigits - scale);
}
