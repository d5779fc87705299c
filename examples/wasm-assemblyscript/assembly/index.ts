// A small shop: quotes orders, and greets with the help of a capability that the host application offers.
import { Call, Status, Writer, capabilityCall, register } from "../../../sdk/assemblyscript/assembly/index";

export { call, cancel, init, molt_alloc, molt_free, poll } from "../../../sdk/assemblyscript/assembly/module";

// The schemas, the capabilities and the greeter's operations by their place in the manifest and the declaration.
namespace Schema {
  export const Quote: u32 = 1;
  export const Greeting: u32 = 3;
}
namespace Capability {
  export const Greeter: u32 = 0;
}
namespace Greeter {
  export const Greet: u32 = 0;
}
namespace Coupon {
  export const TenPercent: u64 = 0;
  export const FreeShipping: u64 = 1;
}
namespace Delivery {
  export const Days: u32 = 0;
  export const Hours: u32 = 1;
}

const standardShipping: i64 = 490;
const expressShipping: i64 = 1290;

function quote(call: Call): i32 {
  const input = call.input;
  const fields = input.record();
  const customer = input.string();
  const lines = input.list();
  let pieces: i64 = 0;
  let subtotal: i64 = 0;
  for (let i = 0; i < lines; i++) {
    input.record();
    input.skip(); // the item's name
    const quantity = <i64>input.uint();
    pieces += quantity;
    subtotal += quantity * input.int();
  }
  let discount: i64 = 0;
  let free = false;
  if (input.present(fields, 2)) {
    const coupon = input.uint();
    if (coupon == Coupon.TenPercent) discount = subtotal / 10;
    free = coupon == Coupon.FreeShipping;
  }
  const express = input.present(fields, 3) && input.bool();
  const shipping: i64 = free ? 0 : express ? expressShipping : standardShipping;

  const output = call.output;
  output.record(8);
  output.string(customer);
  output.uint(pieces);
  output.int(subtotal);
  output.int(discount);
  output.int(shipping);
  output.int(subtotal - discount + shipping);
  output.float64(<f64>subtotal / <f64>pieces);
  output.union(express ? Delivery.Hours : Delivery.Days);
  output.uint(express ? 24 : 3);
  return Status.Ok;
}

function greet(call: Call): i32 {
  const fields = call.input.record();
  const request = new Writer();
  request.record(fields);
  request.string(call.input.string());
  if (call.input.present(fields, 1)) request.int(call.input.int());
  const answer = capabilityCall(Capability.Greeter, Greeter.Greet, request);
  if (answer.status != Status.Ok) return call.fail(answer.status, answer.message());
  const greeting = answer.reader();
  greeting.record();
  call.output.record(1);
  call.output.string(greeting.string());
  answer.free();
  return Status.Ok;
}

register(1, Schema.Quote, quote);
register(2, Schema.Greeting, greet);
