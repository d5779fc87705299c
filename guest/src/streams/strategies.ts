// https://streams.spec.whatwg.org/#qs
import { defineProperty } from "../core/primordials.ts";
import { expose, illegalInvocation, requireArguments, toDictionary } from "../core/webidl.ts";

export type SizeAlgorithm = ((chunk: unknown) => number) | undefined;

export interface Strategy {
  highWaterMark: number;
  /** Undefined counts every chunk as 1. */
  size: SizeAlgorithm;
}

/** A QueuingStrategy dictionary as it was given. */
export interface GivenStrategy {
  highWaterMark: number | undefined;
  size: SizeAlgorithm;
}

/** Reads a QueuingStrategy dictionary. Constructors do so before they look at their underlying object. */
export function toStrategy(value: unknown): GivenStrategy {
  const dictionary = toDictionary(value, "The queuing strategy");
  const given = dictionary?.highWaterMark;
  const highWaterMark = given === undefined ? undefined : Number(given);
  const size = dictionary?.size;
  if (size !== undefined && typeof size !== "function") {
    throw new TypeError("The queuing strategy's size must be a function.");
  }
  return { highWaterMark, size: size === undefined ? undefined : (chunk) => Number(size(chunk)) };
}

/** https://streams.spec.whatwg.org/#validate-and-normalize-high-water-mark */
export function withDefault(given: GivenStrategy, defaultMark: number): Strategy {
  const highWaterMark = given.highWaterMark ?? defaultMark;
  if (isNaN(highWaterMark) || highWaterMark < 0) {
    throw new RangeError("The queuing strategy's highWaterMark must be a non-negative number.");
  }
  return { highWaterMark, size: given.size };
}

function highWaterMarkOf(init: unknown, name: string): number {
  const dictionary = toDictionary(init, `${name} init`);
  if (dictionary?.highWaterMark === undefined) {
    throw new TypeError(`Failed to construct '${name}': required member highWaterMark is undefined.`);
  }
  return Number(dictionary.highWaterMark);
}

const byteLengthSize = (chunk: { byteLength: number }): number => chunk.byteLength;
const countSize = (): number => 1;
defineProperty(byteLengthSize, "name", { value: "size", configurable: true });
defineProperty(countSize, "name", { value: "size", configurable: true });

export class ByteLengthQueuingStrategy {
  #highWaterMark: number;

  constructor(init: unknown) {
    requireArguments(arguments.length, 1, "'ByteLengthQueuingStrategy' constructor");
    this.#highWaterMark = highWaterMarkOf(init, "ByteLengthQueuingStrategy");
  }

  get highWaterMark(): number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return this.#highWaterMark;
  }

  get size(): (chunk: { byteLength: number }) => number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return byteLengthSize;
  }
}

export class CountQueuingStrategy {
  #highWaterMark: number;

  constructor(init: unknown) {
    requireArguments(arguments.length, 1, "'CountQueuingStrategy' constructor");
    this.#highWaterMark = highWaterMarkOf(init, "CountQueuingStrategy");
  }

  get highWaterMark(): number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return this.#highWaterMark;
  }

  get size(): () => number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return countSize;
  }
}

export function installStrategies(): void {
  expose(ByteLengthQueuingStrategy, "ByteLengthQueuingStrategy");
  expose(CountQueuingStrategy, "CountQueuingStrategy");
}
