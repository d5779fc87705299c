// Modules that workers import by name. The runtime makes synthetic modules of these records.
import { AsyncLocalStorage, AsyncResource, asyncHooksDefault } from "../node/async-hooks.ts";
import { waitUntilHere } from "./context.ts";
import { DurableObject, RpcTarget, WorkerEntrypoint } from "./entrypoints.ts";

export type BuiltinModules = Record<string, Record<string, unknown>>;

export function builtinModules(env: object): BuiltinModules {
  const waitUntil = (promise: unknown): void => waitUntilHere(promise);
  return {
    // What is looked up here may have any name.
    __proto__: null as never,
    "cloudflare:workers": { WorkerEntrypoint, DurableObject, RpcTarget, env, waitUntil },
    "node:async_hooks": { AsyncLocalStorage, AsyncResource, default: asyncHooksDefault },
  };
}
