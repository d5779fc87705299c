// https://w3c.github.io/webcrypto/#Crypto-interface
import { host } from "../core/bridge.ts";
import { isView, typedArrayTag, viewByteLength } from "../core/primordials.ts";
import { expose, exposeValue, illegalConstructor, illegalInvocation, requireArguments } from "../core/webidl.ts";
import { DOMException } from "../clone/dom-exception.ts";
import { requireState } from "../worker/event-state.ts";

const token = {};

export class Crypto {
  readonly #brand = true;

  constructor(key: unknown = undefined) {
    if (key !== token) throw illegalConstructor();
  }

  getRandomValues<T extends ArrayBufferView>(array: T): T {
    if (typeof this !== "object" || this === null || !(#brand in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "'getRandomValues' on 'Crypto'");
    const tag = isView(array) ? typedArrayTag(array) : undefined;
    if (tag === undefined || tag === "Float16Array" || tag === "Float32Array" || tag === "Float64Array") {
      throw new DOMException("The data argument must be an integer-type TypedArray", "TypeMismatchError");
    }
    if (viewByteLength(array) > 65536) {
      throw new DOMException(`getRandomValues() only accepts buffers of size <= 64K but provided ${viewByteLength(array)} bytes.`, "QuotaExceededError");
    }
    requireState();
    host.randomFill(array);
    return array;
  }

  randomUUID(): string {
    if (typeof this !== "object" || this === null || !(#brand in this)) throw illegalInvocation();
    requireState();
    return host.randomUUID();
  }
}

export function installCrypto(): void {
  expose(Crypto, "Crypto");
  exposeValue("crypto", new Crypto(token), true);
}
