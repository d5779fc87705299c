// The exports of ABI 0.1. The entry file of a module says: export { init, call, poll, cancel, molt_alloc, molt_free } from "…/module";
import { Reader } from "./reader";
import { Status } from "./status";
import { Writer } from "./writer";

/** A call of one of the module's functions: the payload in, the payload out. */
export class Call {
  output: Writer = new Writer();
  /** Not 0: the answer comes later, and the function given to `onPoll` is asked for it. */
  task: u32 = 0;

  constructor(
    /** function_id of the manifest. */
    public functionId: u32,
    /** Index of the payload's schema in the manifest's `schemas`. */
    public schema: u32,
    public input: Reader,
    /** Index of the result's schema; preset by `register`. */
    public outputSchema: u32,
  ) {}

  /** Ends the call with a status and a message for the caller: `return call.fail(Status.InvalidInput, "…");` */
  fail(status: i32, message: string): i32 {
    this.output.free();
    this.output.failed = false;
    this.task = 0;
    this.output.text(message);
    return status;
  }
}

class Entry {
  constructor(
    public id: u32,
    public outputSchema: u32,
    public run: (call: Call) => i32,
  ) {}
}

const entries: Entry[] = [];
let initialise: (config: Reader) => i32 = (config: Reader): i32 => Status.Ok;
let ask: (call: Call) => i32 = (call: Call): i32 => call.fail(Status.InvalidInput, "no such task");
let drop: (task: u32, reason: u32) => i32 = (task: u32, reason: u32): i32 => Status.Ok;

/** Makes a function callable under its function_id. Called at the top level of the module. */
export function register(id: u32, outputSchema: u32, run: (call: Call) => i32): void {
  entries.push(new Entry(id, outputSchema, run));
}

/** Runs once, at init. What it leaves in memory is what every call starts from. */
export function onInit(run: (config: Reader) => i32): void {
  initialise = run;
}

/** Asked for the answers of calls that set `task`; the answer is ready when it sets `task` to 0 and `outputSchema`. */
export function onPoll(run: (call: Call) => i32): void {
  ask = run;
}

/** Told when the host no longer waits for a task. */
export function onCancel(run: (task: u32, reason: u32) => i32): void {
  drop = run;
}

function finish(call: Call, status: i32, out: usize): i32 {
  if (status == Status.Ok && call.input.failed) {
    status = call.fail(Status.DecodeError, "the payload is not what the function reads");
  }
  if (status == Status.Ok && call.output.failed) {
    status = call.fail(Status.EncodeError, "the result cannot be encoded");
  }
  store<u32>(out, <u32>call.output.data, 0);
  store<u32>(out, call.output.length, 4);
  store<u32>(out, call.outputSchema, 8);
  store<u32>(out, call.task, 12);
  // The minimal runtime collects only when told to.
  if (ASC_RUNTIME == 1) __collect();
  return status;
}

export function molt_alloc(length: i32): usize {
  if (<u32>length > 0x3fffffff) return 0;
  return heap.alloc(<usize>length);
}

export function molt_free(data: usize, length: i32): void {
  heap.free(data);
}

export function init(data: usize, length: u32): i32 {
  return initialise(new Reader(data, data + length));
}

export function call(functionId: u32, schema: u32, data: usize, length: u32, out: usize): i32 {
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    if (entry.id != functionId) continue;
    const started = new Call(functionId, schema, new Reader(data, data + length), entry.outputSchema);
    return finish(started, entry.run(started), out);
  }
  const unknown = new Call(functionId, schema, new Reader(data, data + length), 0);
  return finish(unknown, unknown.fail(Status.InvalidInput, "no such function"), out);
}

export function poll(task: u32, out: usize): i32 {
  const asked = new Call(0, 0, new Reader(0, 0), 0);
  asked.task = task;
  return finish(asked, ask(asked), out);
}

export function cancel(task: u32, reason: u32): i32 {
  return drop(task, reason);
}
