// Lists in which no prototype takes part. Where an array has no element of its own, an assignment asks Array.prototype and
// Object.prototype for a setter and a read asks them for a getter, and the guest may have put one there; a list has nothing above it.
import { arrayToSpliced, setPrototypeOf } from "./primordials.ts";

declare const brand: unique symbol;

/** An array of the runtime's own. Walk it by index; a guest gets `toArray` of it, or a value made of its items. */
export interface List<T> {
  readonly [brand]: T;
  [index: number]: T;
  length: number;
}

export const List = class List extends Array {} as unknown as new <T>() => List<T>;
setPrototypeOf(List.prototype as unknown as object, null);

export function append<T>(list: List<T>, item: T): void {
  list[list.length] = item;
}

/** An ordinary array of the items. */
export const toArray = <T>(list: List<T>): T[] => arrayToSpliced(list, list.length, 0) as T[];
