// The codec of the guest runtime, as a page has it: `new Function` compiles what it generates, so a content security policy of the
// page has to allow 'unsafe-eval'.
import { PayloadError, compileCodec } from "../../../guest/src/schema/standalone.ts";
import type { Codec } from "../../../guest/src/schema/standalone.ts";

export { PayloadError };
export type { Codec };

/** The codec of a Schema IR document. */
export const codecOf = (document: unknown): Codec => compileCodec(document);
