// What a codec needs from where it runs: turning generated source into functions, and text into bytes in bulk.

/** `new Function(...parameterNames, body)` or what stands in for it where pages and workers may not compile code. */
export type Compile = (parameterNames: string[], body: string) => (...args: any[]) => any;

/** UTF-8 in bulk. The codec does short texts itself. */
export interface TextPlatform {
  /** The UTF-8 bytes of a well-formed text. */
  encode(text: string): Uint8Array;
  /** The text of UTF-8 bytes, a byte order mark kept; throws where they are not UTF-8. */
  decode(bytes: Uint8Array): string;
  /** Writes a text as UTF-8 at a position where three bytes per code unit are free and returns how many bytes it took, where that is quick. */
  write?(bytes: Uint8Array, position: number, text: string): number;
  /** One character per byte, where there is a quick way to have that; the codec looks only at those below 128. */
  latin1?(bytes: Uint8Array): string;
}

/** How large payloads may be. */
export interface PayloadLimits {
  /** Bytes of a whole payload. */
  maxBytes: number;
  /** Containers within each other. */
  maxDepth: number;
  /** Items of one container. */
  maxItems: number;
}

export const defaultLimits: Readonly<PayloadLimits> = { maxBytes: 16 * 1024 * 1024, maxDepth: 64, maxItems: 1_000_000 };
