// The base classes of "cloudflare:workers".
import { getPrototypeOf } from "../core/primordials.ts";

export class WorkerEntrypoint {
  ctx: unknown;
  env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

export class DurableObject {
  ctx: unknown;
  env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

export class RpcTarget {}

/** True for a class that extends WorkerEntrypoint. */
export function isEntrypointClass(value: unknown): boolean {
  if (typeof value !== "function") {
    return false;
  }
  // Proxies may answer without end; no honest class chain is longer.
  let parent: unknown = value;
  for (let depth = 0; depth < 1000 && typeof parent === "function"; depth++) {
    if (parent === WorkerEntrypoint) {
      return true;
    }
    parent = getPrototypeOf(parent);
  }
  return false;
}
