// https://streams.spec.whatwg.org/#queue-with-sizes and the plain lists of requests the specification keeps.
import { append, List } from "../core/list.ts";

/** First in, first out, with constant-time removal from the front. */
export class Fifo<T> {
  #items = new List<T | undefined>();
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    append(this.#items, item);
  }

  peek(): T {
    return this.#items[this.#head] as T;
  }

  shift(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined;
    this.#head++;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      const rest = new List<T | undefined>();
      for (let i = this.#head; i < this.#items.length; i++) {
        append(rest, this.#items[i]);
      }
      this.#items = rest;
      this.#head = 0;
    }
    return item;
  }

  /** Empties the list and returns what it held. */
  takeAll(): List<T> {
    const all = new List<T>();
    while (this.length > 0) {
      append(all, this.shift());
    }
    return all;
  }
}

interface Sized<T> {
  value: T;
  size: number;
}

/** A queue whose entries have sizes that add up to `total`. */
export class SizedQueue<T> {
  readonly #entries = new Fifo<Sized<T>>();
  total = 0;

  get length(): number {
    return this.#entries.length;
  }

  enqueue(value: T, size: number): void {
    if (!(size >= 0) || size === Infinity) {
      throw new RangeError("The return value of a queuing strategy's size function must be a finite, non-NaN, non-negative number");
    }
    this.#entries.push({ value, size });
    this.total += size;
  }

  dequeue(): T {
    const entry = this.#entries.shift();
    this.total -= entry.size;
    if (this.total < 0) {
      this.total = 0;
    }
    return entry.value;
  }

  peek(): T {
    return this.#entries.peek().value;
  }

  reset(): void {
    this.#entries.takeAll();
    this.total = 0;
  }
}
