// https://streams.spec.whatwg.org/#readable-stream-tee
import { promiseThen } from "../core/primordials.ts";
import { Deferred, resolved } from "../core/promises.ts";
import { ByteController } from "./byte-controller.ts";
import { ByteTee } from "./byte-tee.ts";
import { DefaultController } from "./default-controller.ts";
import { cancelStream, defaultRead, DefaultReaderState, ReadableState } from "./readable-state.ts";

interface Branch {
  readonly stream: ReadableState;
  readonly controller: DefaultController;
  canceled: boolean;
  reason: unknown;
}

/** Splits a stream into two that see the same chunks. `clone` copies the second branch's chunk; of bytes it is a copy always. */
export function tee(stream: ReadableState, clone?: (chunk: unknown) => unknown): [ReadableState, ReadableState] {
  if (stream.controller instanceof ByteController) {
    const { first, second } = new ByteTee(stream);
    return [first.stream, second.stream];
  }
  return teeChunks(stream, clone);
}

/** https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaulttee */
function teeChunks(stream: ReadableState, clone: ((chunk: unknown) => unknown) | undefined): [ReadableState, ReadableState] {
  const reader = new DefaultReaderState(stream);
  const cancelled = new Deferred<undefined>();
  let reading = false;
  let readAgain = false;

  const pull = (): Promise<unknown> => {
    if (reading) {
      readAgain = true;
      return resolved();
    }
    reading = true;
    defaultRead(reader, {
      chunk: (chunk) => {
        promiseThen(resolved(), () => {
          readAgain = false;
          let second: unknown = chunk;
          if (clone !== undefined && !other.canceled) {
            try {
              second = clone(chunk);
            } catch (error) {
              first.controller.fail(error);
              other.controller.fail(error);
              cancelled.resolve(cancelStream(stream, error));
              return;
            }
          }
          if (!first.canceled) first.controller.enqueue(chunk);
          if (!other.canceled) other.controller.enqueue(second);
          reading = false;
          if (readAgain) pull();
        });
      },
      close: () => {
        reading = false;
        if (!first.canceled) first.controller.close();
        if (!other.canceled) other.controller.close();
        if (!first.canceled || !other.canceled) cancelled.resolve(undefined);
      },
      error: () => {
        reading = false;
      },
    });
    return resolved();
  };

  const cancel = (branch: Branch, sibling: Branch, reason: unknown): Promise<unknown> => {
    branch.canceled = true;
    branch.reason = reason;
    if (sibling.canceled) {
      cancelled.resolve(cancelStream(stream, [first.reason, other.reason]));
    }
    return cancelled.promise;
  };

  const make = (sibling: () => Branch): Branch => {
    const state = new ReadableState();
    const controller = new DefaultController(state, pull, (reason) => cancel(branch, sibling(), reason), 1, undefined);
    const branch: Branch = { stream: state, controller, canceled: false, reason: undefined };
    return branch;
  };
  const first: Branch = make(() => other);
  const other: Branch = make(() => first);
  first.controller.begin(undefined);
  other.controller.begin(undefined);
  promiseThen(reader.closed.promise, undefined, (reason) => {
    first.controller.fail(reason);
    other.controller.fail(reason);
    if (!first.canceled || !other.canceled) cancelled.resolve(undefined);
  });
  return [first.stream, other.stream];
}
