// The host's side of ABI 0.1. A module imports what it uses; each import stands for a capability that the manifest names.
import { Reader } from "./reader";
import { Status } from "./status";
import { Writer } from "./writer";

@external("molt", "molt_call")
declare function molt_call(capability: u32, operation: u32, data: usize, length: u32, out: usize): i32;
@external("molt", "molt_poll")
declare function molt_poll(task: u32, out: usize): i32;
@external("molt", "molt_cancel")
declare function molt_cancel(task: u32, reason: u32): i32;
@external("molt", "molt_stream_open")
declare function molt_stream_open(capability: u32, operation: u32, data: usize, length: u32, out: usize): i32;
@external("molt", "molt_stream_read")
declare function molt_stream_read(stream: u32, out: usize): i32;
@external("molt", "molt_stream_write")
declare function molt_stream_write(stream: u32, data: usize, length: u32): i32;
@external("molt", "molt_stream_close")
declare function molt_stream_close(stream: u32, reason: u32): i32;
@external("molt", "molt_log")
declare function molt_log(level: u32, data: usize, length: u32): void;
@external("molt", "molt_now_ms")
declare function molt_now_ms(): f64;
@external("molt", "molt_random_bytes")
declare function molt_random_bytes(data: usize, length: u32): i32;
@external("molt", "molt_limit")
declare function molt_limit(kind: u32): i64;

/** What the host answers: a status, and a payload, a message (when the status is not `Status.Ok`) or a task to poll. */
export class Result {
  data: usize = 0;
  length: u32 = 0;
  schema: u32 = 0;
  task: u32 = 0;
  status: i32 = 0;

  /** True when a stream has no more items. */
  get isEnd(): bool {
    return this.schema == u32.MAX_VALUE;
  }

  /** The payload. */
  reader(): Reader {
    return new Reader(this.data, this.data + this.length);
  }

  /** The message of a call that failed. */
  message(): string {
    return this.data ? String.UTF8.decodeUnsafe(this.data, this.length) : "";
  }

  /** Asks again for a result that was pending. */
  poll(): Result {
    this.status = molt_poll(this.task, changetype<usize>(this));
    return this;
  }

  /** Gives the payload's memory back. */
  free(): void {
    if (this.data) heap.free(this.data);
    this.data = 0;
    this.length = 0;
  }
}

/** Operation `operation` of the capability at index `capability` of the manifest's `capabilities`. Frees `input`. */
export function capabilityCall(capability: u32, operation: u32, input: Writer): Result {
  const result = new Result();
  result.status = input.failed
    ? Status.EncodeError
    : molt_call(capability, operation, input.data, input.length, changetype<usize>(result));
  input.free();
  return result;
}

/** Cancels a pending call of this module. */
export function capabilityCancel(task: u32, reason: u32): i32 {
  return molt_cancel(task, reason);
}

/** Opens a stream; its number is the `task` of the result. Frees `input`. */
export function streamOpen(capability: u32, operation: u32, input: Writer): Result {
  const result = new Result();
  result.status = input.failed
    ? Status.EncodeError
    : molt_stream_open(capability, operation, input.data, input.length, changetype<usize>(result));
  input.free();
  return result;
}

/** The next item of a stream, or a task to poll for it; after the last one `isEnd` holds. */
export function streamRead(stream: u32): Result {
  const result = new Result();
  result.status = molt_stream_read(stream, changetype<usize>(result));
  return result;
}

/** Writes an item, and frees it. The answer is a status, or less than 0: the negated number of a task to poll. */
export function streamWrite(stream: u32, item: Writer): i32 {
  const status = item.failed ? Status.EncodeError : molt_stream_write(stream, item.data, item.length);
  item.free();
  return status;
}

/** Ends a stream: reason 0, or one of `CancelReason`. */
export function streamClose(stream: u32, reason: u32): i32 {
  return molt_stream_close(stream, reason);
}

/** `console.log`. */
export namespace LogLevel {
  export const Debug: u32 = 0;
  export const Log: u32 = 1;
  export const Info: u32 = 2;
  export const Warn: u32 = 3;
  export const Error: u32 = 4;
}

/** Capability `console.log`. */
export function log(level: u32, message: string): void {
  const text = String.UTF8.encode(message);
  molt_log(level, changetype<usize>(text), text.byteLength);
}

/** Capability `time.now`: milliseconds since the Unix epoch, 0 where the clock may not be seen. */
export function nowMs(): f64 {
  return molt_now_ms();
}

/** Capability `rand.bytes`; at most 65,536 at a time. */
export function randomBytes(length: i32): Uint8Array {
  const bytes = new Uint8Array(length);
  if (molt_random_bytes(bytes.dataStart, length) != Status.Ok) unreachable();
  return bytes;
}

/** What `limit` can be asked for. */
export namespace Limit {
  export const MemoryBytes: u32 = 0;
  export const TimeLeftMs: u32 = 1;
  export const OutputBytes: u32 = 2;
  export const OperationsLeft: u32 = 3;
  export const OperationBytes: u32 = 4;
}

/** `resource.limits`, always allowed; -1 for what has no limit. */
export function limit(kind: u32): i64 {
  return molt_limit(kind);
}
