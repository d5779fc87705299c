// https://streams.spec.whatwg.org/#qs
import { expose, illegalInvocation, requireArguments, toDictionary } from "../core/webidl.ts";

export type SizeAlgorithm = ((chunk: unknown) => number) | undefined;

export interface Strategy {
  highWaterMark: number;
  /** Undefined counts every chunk as 1. */
  size: SizeAlgorithm;
}

/** Reads a QueuingStrategy dictionary. https://streams.spec.whatwg.org/#validate-and-normalize-high-water-mark */
export function toStrategy(value: unknown, defaultMark: number): Strategy {
  const dictionary = toDictionary(value, "The queuing strategy");
  const given = dictionary?.highWaterMark;
  const size = dictionary?.size;
  if (size !== undefined && typeof size !== "function") {
    throw new TypeError("The queuing strategy's size must be a function.");
  }
  let highWaterMark = defaultMark;
  if (given !== undefined) {
    highWaterMark = Number(given);
    if (isNaN(highWaterMark) || highWaterMark < 0) {
      throw new RangeError("The queuing strategy's highWaterMark must be a non-negative number.");
    }
  }
  return { highWaterMark, size: size === undefined ? undefined : (chunk) => Number(size(chunk)) };
}

function highWaterMarkOf(init: unknown, name: string): number {
  const dictionary = toDictionary(init, `${name} init`);
  if (dictionary?.highWaterMark === undefined) {
    throw new TypeError(`Failed to construct '${name}': required member highWaterMark is undefined.`);
  }
  return Number(dictionary.highWaterMark);
}

const byteLengthSize = { size: (chunk: { byteLength: number }): number => chunk.byteLength }.size;
const countSize = { size: (): number => 1 }.size;

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
