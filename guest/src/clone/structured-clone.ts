// https://html.spec.whatwg.org/#dom-structuredclone
import { native } from "../core/bridge.ts";
import { append, List, toArray } from "../core/list.ts";
import { getOwnPropertyDescriptor, isArrayBuffer } from "../core/primordials.ts";
import { exposeValue, interfaceOf, isObject, requireArguments, sequenceOf, toDictionary } from "../core/webidl.ts";
import { blobInner, cloneBlob, type Blob } from "../files/blob.ts";
import { describeDOMException, DOMException, isDOMException } from "./dom-exception.ts";

function toTransfer(options: unknown): ArrayBuffer[] {
  const list = toDictionary(options, "structuredClone options")?.transfer;
  if (list === undefined) {
    return [];
  }
  const transfer = new List<ArrayBuffer>();
  for (const item of sequenceOf(list, "Failed to execute 'structuredClone': member transfer is not iterable.")) {
    if (!isArrayBuffer(item)) {
      throw new DOMException("Value not transferable", "DataCloneError");
    }
    append(transfer, item);
  }
  return toArray(transfer);
}

/** The clone of a platform object, which is a plain object to V8; throws when its interface is not serializable. */
function clonePlatform(object: object): object | undefined {
  if (blobInner(object) !== undefined) {
    return cloneBlob(object as Blob);
  }
  if (isDOMException(object)) {
    const { name, message } = describeDOMException(object);
    return new DOMException(message, name);
  }
  const name = interfaceOf(object);
  if (name !== undefined) {
    throw new DOMException(`Could not serialize object of type "${name}". This type does not support serialization.`, "DataCloneError");
  }
  return undefined;
}

/** Throws a DataCloneError where a part of the value cannot be cloned. */
export function cloneValue(value: unknown, transfer: ArrayBuffer[]): unknown {
  try {
    return native.structuredClone(value, transfer, clonePlatform);
  } catch (error) {
    // The native side marks its own failures by name; everything else came from a getter of the guest.
    if (isObject(error) && getOwnPropertyDescriptor(error, "name")?.value === "DataCloneError") {
      throw new DOMException((error as Error).message, "DataCloneError");
    }
    throw error;
  }
}

const operations = {
  structuredClone(value: unknown, options: unknown = undefined): unknown {
    requireArguments(arguments.length, 1, "'structuredClone'");
    return cloneValue(value, toTransfer(options));
  },
};

export function installStructuredClone(): void {
  exposeValue("structuredClone", operations.structuredClone, true);
}
