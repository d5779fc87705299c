// Arrays whose elements are their own before they are given values: an assignment then overwrites, where on a hole it would ask
// the prototypes for a setter.
import { arrayFrom, arrayToSpliced } from "../core/primordials.ts";

const some: undefined[] = [
  undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
  undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
  undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
  undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
];

/** An array of `length` elements, all undefined and its own. */
export function newList(length: number): unknown[] {
  switch (length) {
    case 0: return [];
    case 1: return [undefined];
    case 2: return [undefined, undefined];
    case 3: return [undefined, undefined, undefined];
    case 4: return [undefined, undefined, undefined, undefined];
  }
  return length <= some.length
    ? arrayToSpliced(some, length, some.length - length)
    : arrayFrom({ __proto__: null, length } as unknown as ArrayLike<undefined>);
}
