// What a module is told at init, and what it may ask about its limits.
import type { HostCall } from "./host.ts";
import type { PluginLimits } from "./plugin.ts";

const pageBytes = 65536;

/** `schema://molt/runtime_config/v1` as the record without fields: a page has nothing to put into it. */
export const emptyRuntimeConfig = Uint8Array.of(0x90);

/** The kinds of `molt_limit`. */
const Limit = { memoryBytes: 0, timeLeftMs: 1, outputBytes: 2 } as const;

/** A limit in its own unit, or -1 where a page has none. */
export function limitOf(kind: number, limits: Required<PluginLimits>, call: HostCall | undefined): bigint {
  switch (kind) {
    case Limit.memoryBytes: return BigInt(limits.pages * pageBytes);
    case Limit.timeLeftMs: return call === undefined || call.deadline === Infinity ? -1n : BigInt(Math.max(0, Math.floor(call.deadline - performance.now())));
    case Limit.outputBytes: return BigInt(limits.outputBytes);
    default: return -1n;
  }
}
