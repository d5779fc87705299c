// Values as text: what the console and the host's logs show. A part of its own (lazy-parts.mjs), as many workers never log.
export { format } from "./format.ts";
export { inspect } from "./inspect.ts";
export { table } from "./table.ts";
