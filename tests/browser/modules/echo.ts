// Reads every kind of value and writes it again, but for the one it reads past.
import { Call, Status, register } from "../../../sdk/assemblyscript/assembly/index";
export { call, cancel, init, molt_alloc, molt_free, poll } from "../../../sdk/assemblyscript/assembly/module";

function echo(call: Call): i32 {
  const input = call.input;
  const output = call.output;
  const fields = input.record();
  output.record(fields > 10 ? 10 : 9);
  output.int(input.int());
  output.uint(input.uint());
  output.float32(input.float32());
  output.float64(input.float64());
  output.string(input.string());
  output.bytes(input.bytes());
  const items = input.list();
  output.list(items);
  for (let i = 0; i < items; i++) output.int(input.int());
  const pairs = input.map();
  output.map(pairs);
  for (let i = 0; i < pairs; i++) {
    output.string(input.string());
    output.uint(input.uint());
  }
  const variant = input.union();
  output.union(variant);
  if (variant == 0) output.bool(input.bool());
  else output.string(input.string());
  input.skip();
  if (input.present(fields, 10)) output.int(input.int());
  return input.at == input.end ? Status.Ok : call.fail(Status.DecodeError, "not at the end");
}

register(1, 1, echo);
