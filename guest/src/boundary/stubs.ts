// What `env` offers of a capability: an object with a method for each operation, which takes and gives values instead of bytes.
// Made from the declaration; the codecs of an operation are compiled when it is first called.
import { native } from "../core/bridge.ts";
import { create, defineProperty, freeze, stringIndexOf, stringSlice, symbolAsyncIterator } from "../core/primordials.ts";
import { rejected, resolved } from "../core/promises.ts";
import type { Codec, CodecFactory } from "../schema/codec.ts";
import loadCodec from "../schema/codec.ts?lazy";
import { requireState } from "../worker/event-state.ts";
import { answerView, callBytes, callPrepared, fault, isPending, open, type Opened, type Operation, PendingAnswer, requests, StreamEnd } from "./carrier.ts";

let factory: CodecFactory | undefined;

function codecs(): CodecFactory {
  return factory ??= new (loadCodec() as typeof import("../schema/codec.ts")).CodecFactory({
    encode: (text) => native.utf8Encode(text),
    decode: (bytes) => native.utf8Decode(bytes, true),
    latin1: (bytes) => native.latin1Decode(bytes),
  });
}

const options = { compile: (names: string[], body: string) => native.compileFunction(names, body) };

/** The codecs of one operation. */
class Coding {
  readonly input: Codec<unknown>;
  readonly output: Codec<unknown>;
  readonly item: Codec<unknown> | undefined;
  readonly decode: (payload: Uint8Array) => unknown;

  constructor(operation: Operation) {
    const factory = codecs();
    this.input = factory.compile<unknown>(operation.input, options);
    this.output = factory.compile<unknown>(operation.output, options);
    this.item = operation.item === undefined ? undefined : factory.compile<unknown>(operation.item, options);
    this.decode = (payload) => this.output.decode(payload);
  }
}

/** A stream of values. */
class TypedStream {
  readonly #end: StreamEnd;
  readonly #coding: Coding;

  constructor(end: StreamEnd, coding: Coding) {
    this.#end = end;
    this.#coding = coding;
  }

  /** The next value, or null at the end. */
  read(): Promise<unknown> {
    try {
      return resolved(this.#end.read(this.#coding.decode));
    } catch (error) {
      return rejected(error);
    }
  }

  /** Sends a value; fulfilled when there is room for the next. */
  write(value: unknown): Promise<void> {
    try {
      const { item } = this.#coding;
      if (item === undefined) {
        throw new TypeError(`${this.#end.operation.name} takes no items.`);
      }
      return resolved(this.#end.write(item.encode(value)));
    } catch (error) {
      return rejected(error);
    }
  }

  close(): void { this.#end.finish(); }
  cancel(reason: unknown = "The worker cancelled the stream."): void { this.#end.cancel(`${reason as string}`); }
  [symbolAsyncIterator](): AsyncGenerator<unknown> { return this.#end.items(this.#coding.decode); }
}

function makeCall(opened: Opened, operation: Operation): (value: unknown) => Promise<unknown> {
  let coding: Coding | undefined;
  const finish = (payload: Uint8Array | null): unknown => coding!.decode(payload!);
  return (value) => {
    try {
      coding ??= new Coding(operation);
      const state = requireState();
      const result = send(state, value, coding);
      if (typeof result === "number" && result >= 0) {
        return resolved(coding.output.decode(answerView(result)));
      }
      if (isPending(result)) {
        return new PendingAnswer<unknown>(state, opened, operation, finish).deferred.promise;
      }
      if (typeof result === "object") {
        return resolved(coding.output.decode(result));
      }
      throw fault(opened, operation, result);
    } catch (error) {
      return rejected(error);
    }
  };

  function send(state: ReturnType<typeof requireState>, value: unknown, { input }: Coding): number | Uint8Array | undefined {
    const area = requests();
    const before = area.uses;
    let length: number;
    try {
      length = input.encodeInto(value, area.bytes, 0);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // Larger than the buffer, unless it is an error of the value's own: then it is thrown again.
      return callBytes(state, opened, operation, input.encode(value), undefined);
    }
    // A getter of the value may have made a call of its own, over the same buffer.
    return area.uses === before
      ? callPrepared(state, opened, operation, length, undefined, undefined)
      : callBytes(state, opened, operation, input.encode(value), undefined);
  }
}

function makeStream(opened: Opened, operation: Operation): (value: unknown) => TypedStream {
  let coding: Coding | undefined;
  return (value) => {
    coding ??= new Coding(operation);
    return new TypedStream(new StreamEnd(requireState(), opened, operation, coding.input.encode(value)), coding);
  };
}

/** The object for a capability that was opened. */
export function makeStub(opened: Opened): object {
  const stub = create(null) as Record<string, unknown>;
  for (let i = 0; i < opened.list.length; i++) {
    const operation = opened.list[i]!;
    const method = operation.streams === 0 ? makeCall(opened, operation) : makeStream(opened, operation);
    defineProperty(method, "name", { value: operation.name, configurable: true });
    stub[operation.name] = method;
  }
  return freeze(stub);
}

/** The stub for `acme.greeter` or `acme.greeter@1.2`. */
export function bindCapability(reference: string): object {
  const at = stringIndexOf(reference, "@");
  return makeStub(at === -1 ? open(reference, undefined, undefined) : open(stringSlice(reference, 0, at), stringSlice(reference, at + 1), undefined));
}
