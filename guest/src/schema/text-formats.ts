// The formats a string may have: small grammars over ASCII, the same in every language that has the codec.
import { regExpExec, stringIndexOf, stringLastIndexOf, stringSlice } from "../core/primordials.ts";
import type { TextFormat } from "./types.ts";

const hostname = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const uri = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*(?:#(?:[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?$/;
const ipv4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;
const group = /^[0-9A-Fa-f]{1,4}$/;
const date = /^([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/;
const time = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/;

const matches = (pattern: RegExp, text: string): boolean => regExpExec(pattern, text) !== null;

export function hasFormat(format: TextFormat, text: string): boolean {
  switch (format) {
    case "email": return isEmail(text);
    case "uri": return matches(uri, text);
    case "hostname": return isHostname(text);
    case "ipv4": return matches(ipv4, text);
    case "ipv6": return isIpv6(text);
    case "date": return isDate(text);
    case "time": return matches(time, text);
  }
}

/** RFC 1123, section 2.1, without a final dot. */
const isHostname = (text: string): boolean => text.length <= 253 && matches(hostname, text);

/** RFC 5321, section 4.1.2: Dot-string @ Domain; no quoted strings, no address literals. */
function isEmail(text: string): boolean {
  const at = stringLastIndexOf(text, "@");
  return at >= 1 && at <= 64 && text.length <= 254 && matches(localPart, stringSlice(text, 0, at)) && isHostname(stringSlice(text, at + 1));
}

/** RFC 4291, section 2.2: "::" stands for at least one group, an IPv4 address for the last two; no zone. */
function isIpv6(text: string): boolean {
  const gap = stringIndexOf(text, "::");
  if (gap < 0) return groups(text, true) === 8;
  const before = groups(stringSlice(text, 0, gap), false);
  const after = groups(stringSlice(text, gap + 2), true);
  return before >= 0 && after >= 0 && before + after < 8;
}

/** How many groups a part of an IPv6 address has, or -1 when it is none. */
function groups(text: string, isLast: boolean): number {
  if (text === "") return 0;
  let count = 0;
  let start = 0;
  for (;;) {
    const colon = stringIndexOf(text, ":", start);
    const part = stringSlice(text, start, colon < 0 ? text.length : colon);
    if (colon < 0 && isLast && matches(ipv4, part)) return count + 2;
    if (!matches(group, part)) return -1;
    count++;
    if (colon < 0) return count;
    start = colon + 1;
  }
}

/** RFC 3339, section 5.6, full-date. */
function isDate(text: string): boolean {
  const parts = regExpExec(date, text);
  if (parts === null) return false;
  const year = +parts[1];
  const month = +parts[2];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (isLeap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return +parts[3] <= days;
}
