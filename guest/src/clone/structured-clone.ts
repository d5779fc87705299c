// https://html.spec.whatwg.org/#dom-structuredclone
import { native } from "../core/bridge.ts";
import { getOwnPropertyDescriptor, isArrayBuffer, symbolIterator } from "../core/primordials.ts";
import { exposeValue, isObject, requireArguments, toDictionary } from "../core/webidl.ts";
import { DOMException } from "./dom-exception.ts";

function toTransfer(options: unknown): ArrayBuffer[] {
  const list = toDictionary(options, "structuredClone options")?.transfer;
  const transfer: ArrayBuffer[] = [];
  if (list === undefined) {
    return transfer;
  }
  if (!isObject(list) || typeof (list as any)[symbolIterator] !== "function") {
    throw new TypeError("Failed to execute 'structuredClone': member transfer is not iterable.");
  }
  for (const item of list as Iterable<unknown>) {
    if (!isArrayBuffer(item)) {
      throw new DOMException("Value not transferable", "DataCloneError");
    }
    transfer[transfer.length] = item;
  }
  return transfer;
}

const operations = {
  structuredClone(value: unknown, options: unknown = undefined): unknown {
    requireArguments(arguments.length, 1, "'structuredClone'");
    const transfer = toTransfer(options);
    try {
      return native.structuredClone(value, transfer);
    } catch (error) {
      // The native side marks its own failures by name; everything else came from a getter of the guest.
      if (isObject(error) && getOwnPropertyDescriptor(error, "name")?.value === "DataCloneError") {
        throw new DOMException((error as Error).message, "DataCloneError");
      }
      throw error;
    }
  },
};

export function installStructuredClone(): void {
  exposeValue("structuredClone", operations.structuredClone, true);
}
