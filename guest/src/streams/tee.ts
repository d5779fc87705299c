// https://streams.spec.whatwg.org/#readable-stream-tee. Byte streams are read with a default reader and enqueued into
// byte branches: a branch's BYOB requests are filled from there.
import { copyBytes, promiseThen } from "../core/primordials.ts";
import { Deferred, resolved } from "../core/promises.ts";
import { ByteController } from "./byte-controller.ts";
import { DefaultController } from "./default-controller.ts";
import { cancelStream, defaultRead, DefaultReaderState, ReadableState } from "./readable-state.ts";

interface Branch {
  readonly stream: ReadableState;
  readonly controller: DefaultController | ByteController;
  canceled: boolean;
  reason: unknown;
}

/** Splits a stream into two that see the same chunks. `clone` copies the second branch's chunk of non-byte streams. */
export function tee(stream: ReadableState, clone?: (chunk: unknown) => unknown): [ReadableState, ReadableState] {
  const isBytes = stream.controller instanceof ByteController;
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
          if (!first.canceled && !other.canceled) {
            try {
              second = isBytes ? copyBytes(chunk as Uint8Array) : clone === undefined ? chunk : clone(chunk);
            } catch (error) {
              first.controller.fail(error);
              other.controller.fail(error);
              cancelled.resolve(cancelStream(stream, error));
              return;
            }
          }
          if (!first.canceled) first.controller.enqueue(chunk as never);
          if (!other.canceled) other.controller.enqueue(second as never);
          reading = false;
          if (readAgain) pull();
        });
      },
      close: () => {
        reading = false;
        closeBranch(first);
        closeBranch(other);
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
    const onCancel = (reason: unknown): Promise<unknown> => cancel(branch, sibling(), reason);
    const controller = isBytes
      ? new ByteController(state, pull, onCancel, 0, undefined)
      : new DefaultController(state, pull, onCancel, 1, undefined);
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

function closeBranch(branch: Branch): void {
  if (branch.canceled) {
    return;
  }
  branch.controller.close();
  if (branch.controller instanceof ByteController && branch.controller.pendingPullIntos > 0) {
    branch.controller.respond(0);
  }
}
