// https://webidl.spec.whatwg.org/#es-iterable: the iterators of Headers, FormData and URLSearchParams. They are live: the
// pairs are asked for again at every step.
import { defineProperty, getPrototypeOf, symbolIterator } from "./primordials.ts";
import { illegalInvocation, iteratorShape } from "./webidl.ts";

export type Pairs = () => ArrayLike<readonly [unknown, unknown]>;
type Kind = "key" | "value" | "entry";

const iteratorPrototype = getPrototypeOf(getPrototypeOf([][Symbol.iterator]())!)!;

/** Gives `constructor` entries, keys, values, forEach and Symbol.iterator over the pairs of an instance. */
export function iterable(constructor: abstract new (...args: any[]) => any, name: string, pairsOf: (self: unknown) => Pairs): void {
  class PairIterator {
    readonly #pairs: Pairs;
    readonly #kind: Kind;
    #index = 0;

    constructor(pairs: Pairs, kind: Kind) {
      this.#pairs = pairs;
      this.#kind = kind;
    }

    next(): { value: unknown; done: boolean } {
      if (typeof this !== "object" || this === null || !(#pairs in this)) throw illegalInvocation();
      const pairs = this.#pairs();
      if (this.#index >= pairs.length) {
        return { value: undefined, done: true };
      }
      const pair = pairs[this.#index++];
      const value = this.#kind === "key" ? pair[0] : this.#kind === "value" ? pair[1] : [pair[0], pair[1]];
      return { value, done: false };
    }
  }
  iteratorShape(PairIterator, `${name} Iterator`, iteratorPrototype);

  const members = {
    entries(this: unknown): object { return new PairIterator(pairsOf(this), "entry"); },
    keys(this: unknown): object { return new PairIterator(pairsOf(this), "key"); },
    values(this: unknown): object { return new PairIterator(pairsOf(this), "value"); },
    forEach(this: unknown, callback: unknown, thisArgument: unknown = undefined): void {
      const pairs = pairsOf(this);
      if (typeof callback !== "function") {
        throw new TypeError(`Failed to execute 'forEach' on '${name}': parameter 1 is not of type 'Function'.`);
      }
      for (let i = 0, list = pairs(); i < list.length; i++, list = pairs()) {
        Reflect.apply(callback, thisArgument, [list[i][1], list[i][0], this]);
      }
    },
  };
  const define = (key: PropertyKey, value: unknown, enumerable: boolean): void => {
    defineProperty(constructor.prototype, key, { value, writable: true, enumerable, configurable: true });
  };
  define("entries", members.entries, true);
  define("keys", members.keys, true);
  define("values", members.values, true);
  define("forEach", members.forEach, true);
  define(symbolIterator, members.entries, false);
}
