// Finds what somebody meant by a name that nobody knows.
import { min, stringToLowerCase } from "../core/primordials.ts";
import { newList } from "./lists.ts";

const longest = 64;

/** The known name that is near enough to be meant, or undefined. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best = "";
  let least = Infinity;
  for (let i = 0; i < known.length; i++) {
    const steps = distance(stringToLowerCase(name), stringToLowerCase(known[i]));
    if (steps < least) {
      best = known[i];
      least = steps;
    }
  }
  return least <= (best.length < 6 ? 1 : best.length / 3) ? best : undefined;
}

/** How many characters to insert, remove or replace. */
function distance(a: string, b: string): number {
  if (a.length > longest || b.length > longest) return a === b ? 0 : Infinity;
  let last = newList(b.length + 1) as number[];
  let row = newList(b.length + 1) as number[];
  for (let j = 0; j <= b.length; j++) last[j] = j;
  for (let i = 1; i <= a.length; i++) {
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      row[j] = min(row[j - 1] + 1, last[j] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    const spare = last;
    last = row;
    row = spare;
  }
  return last[b.length];
}
