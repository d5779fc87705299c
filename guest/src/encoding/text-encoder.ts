// https://encoding.spec.whatwg.org/#interface-textencoder
import { native } from "../core/bridge.ts";
import { typedArrayTag } from "../core/primordials.ts";
import { expose, illegalInvocation, requireArguments, toUSVString } from "../core/webidl.ts";

let counts: Uint32Array | undefined;

export class TextEncoder {
  readonly #brand = true;

  get encoding(): string {
    if (!(#brand in this)) throw illegalInvocation();
    return "utf-8";
  }

  encode(input: unknown = ""): Uint8Array {
    if (typeof this !== "object" || this === null || !(#brand in this)) throw illegalInvocation();
    return native.utf8Encode(typeof input === "string" ? input : toUSVString(input));
  }

  encodeInto(source: unknown, destination: unknown): { read: number; written: number } {
    if (typeof this !== "object" || this === null || !(#brand in this)) throw illegalInvocation();
    requireArguments(arguments.length, 2, "'encodeInto' on 'TextEncoder'");
    const text = toUSVString(source);
    if (typedArrayTag(destination) !== "Uint8Array") {
      throw new TypeError("Failed to execute 'encodeInto' on 'TextEncoder': parameter 2 is not of type 'Uint8Array'.");
    }
    counts ??= new Uint32Array(2);
    native.utf8EncodeInto(text, destination as Uint8Array, counts);
    return { read: counts[0], written: counts[1] };
  }
}

export function installTextEncoder(): void {
  expose(TextEncoder, "TextEncoder");
}
