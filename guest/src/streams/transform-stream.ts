// The public transform stream classes. https://streams.spec.whatwg.org/#ts
import { apply } from "../core/primordials.ts";
import { Deferred, rejected, resolved } from "../core/promises.ts";
import { expose, illegalConstructor, illegalInvocation, toDictionary } from "../core/webidl.ts";
import { wrapReadable, type ReadableStream } from "./readable-stream.ts";
import { toStrategy, withDefault } from "./strategies.ts";
import { TransformState } from "./transform-state.ts";
import { invoke, method, wrapWritable, type WritableStream } from "./writable-stream.ts";

const token = {};

export class TransformStream {
  #readable: ReadableStream;
  #writable: WritableStream;

  constructor(transformer: unknown = undefined, writableStrategy: unknown = undefined, readableStrategy: unknown = undefined) {
    if (transformer === null) {
      throw new TypeError("The transformer must be an object.");
    }
    const givenWritable = toStrategy(writableStrategy);
    const givenReadable = toStrategy(readableStrategy);
    const dictionary = toDictionary(transformer, "The transformer");
    const cancel = method(dictionary, "cancel");
    const flush = method(dictionary, "flush");
    if (dictionary?.readableType !== undefined) {
      throw new RangeError("Invalid readableType was specified");
    }
    const start = method(dictionary, "start");
    const transform = method(dictionary, "transform");
    if (dictionary?.writableType !== undefined) {
      throw new RangeError("Invalid writableType was specified");
    }
    const readable = withDefault(givenReadable, 0);
    const writable = withDefault(givenWritable, 1);
    let api: TransformStreamDefaultController;
    const state = new TransformState({
      transform: (chunk) => {
        if (transform !== undefined) {
          return invoke(transform, dictionary, [chunk, api]);
        }
        try {
          state.enqueue(chunk);
          return resolved();
        } catch (error) {
          return rejected(error);
        }
      },
      flush: () => (flush === undefined ? resolved() : invoke(flush, dictionary, [api])),
      cancel: (reason) => {
        if (cancel === undefined) {
          return resolved();
        }
        // Two microtasks after the guest's promise, as WebIDL converts it: what cancel() did to a stream that starts is done by then.
        const result = new Deferred<unknown>();
        result.resolve(invoke(cancel, dictionary, [reason]));
        return result.promise;
      },
    }, writable, readable);
    api = new TransformStreamDefaultController(token, state);
    this.#readable = wrapReadable(state.readable);
    this.#writable = wrapWritable(state.writable);
    state.begin(start === undefined ? undefined : apply(start, dictionary, [api]));
  }

  get readable(): ReadableStream {
    if (!(#readable in this)) throw illegalInvocation();
    return this.#readable;
  }

  get writable(): WritableStream {
    if (!(#readable in this)) throw illegalInvocation();
    return this.#writable;
  }
}

export class TransformStreamDefaultController {
  #state: TransformState;

  constructor(key: unknown = undefined, state: TransformState | undefined = undefined) {
    if (key !== token) throw illegalConstructor();
    this.#state = state!;
  }

  static #of(controller: unknown): TransformState {
    if (typeof controller !== "object" || controller === null || !(#state in controller)) throw illegalInvocation();
    return controller.#state;
  }

  get desiredSize(): number | null { return TransformStreamDefaultController.#of(this).readableController.desiredSize; }
  enqueue(chunk: unknown = undefined): void { TransformStreamDefaultController.#of(this).enqueue(chunk); }
  error(reason: unknown = undefined): void { TransformStreamDefaultController.#of(this).error(reason); }
  terminate(): void { TransformStreamDefaultController.#of(this).terminate(); }
}

export function installTransform(): void {
  expose(TransformStream, "TransformStream");
  expose(TransformStreamDefaultController, "TransformStreamDefaultController");
}
