// https://html.spec.whatwg.org/#atob
import { append, List } from "../core/list.ts";
import { fromCharCode, stringCharCodeAt } from "../core/primordials.ts";
import { exposeValue, requireArguments, toDOMString } from "../core/webidl.ts";
import { DOMException } from "../clone/dom-exception.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values = new List<number>();
for (let i = 0; i < 128; i++) {
  append(values, -1);
}
for (let i = 0; i < 64; i++) {
  values[alphabet.charCodeAt(i)] = i;
}

const invalid = (): DOMException =>
  new DOMException("atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric ASCII characters, and up to two terminal '=' signs when the input data length is divisible by 4 are allowed.)", "InvalidCharacterError");

const operations = {
  atob(data: unknown): string {
    requireArguments(arguments.length, 1, "'atob'");
    const input = toDOMString(data);
    let text = "";
    let bits = 0;
    let count = 0;
    let characters = 0;
    let padding = 0;
    for (let i = 0; i < input.length; i++) {
      const code = stringCharCodeAt(input, i);
      if (code === 32 || code === 9 || code === 10 || code === 12 || code === 13) {
        continue;
      }
      if (code === 61) {
        padding++;
        continue;
      }
      if (padding > 0 || code > 127 || values[code] < 0) {
        throw invalid();
      }
      characters++;
      bits = (bits << 6) | values[code];
      count += 6;
      if (count >= 8) {
        count -= 8;
        text += fromCharCode((bits >> count) & 0xff);
        bits &= (1 << count) - 1;
      }
    }
    const isPadded = padding > 0;
    if (padding > 2 || (isPadded && (characters + padding) % 4 !== 0) || characters % 4 === 1) {
      throw invalid();
    }
    return text;
  },

  btoa(data: unknown): string {
    requireArguments(arguments.length, 1, "'btoa'");
    const input = toDOMString(data);
    let text = "";
    for (let i = 0; i < input.length; i += 3) {
      const first = stringCharCodeAt(input, i);
      const second = i + 1 < input.length ? stringCharCodeAt(input, i + 1) : 0;
      const third = i + 2 < input.length ? stringCharCodeAt(input, i + 2) : 0;
      if (first > 255 || second > 255 || third > 255) {
        throw new DOMException("btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.", "InvalidCharacterError");
      }
      text += alphabet[first >> 2] + alphabet[((first & 3) << 4) | (second >> 4)] +
        (i + 1 < input.length ? alphabet[((second & 15) << 2) | (third >> 6)] : "=") +
        (i + 2 < input.length ? alphabet[third & 63] : "=");
    }
    return text;
  },
};

export function installBase64(): void {
  exposeValue("atob", operations.atob, true);
  exposeValue("btoa", operations.btoa, true);
}
