// The worker's main module: which handlers it has and how they are called.
import { bindCapability } from "../boundary/stubs.ts";
import { apply, assign, construct, hasOwn, jsonParse, objectKeys, ownKeys } from "../core/primordials.ts";
import { isObject } from "../core/webidl.ts";
import { globalTarget } from "../events/event-target.ts";
import type { ExecutionContext } from "./context.ts";
import { isEntrypointClass } from "./entrypoints.ts";

type AnyFunction = (...args: any[]) => unknown;

const handlerNames = ["fetch", "scheduled", "queue", "email", "tail", "trace", "tailStream", "test"];

export class Worker {
  /** The one env object of the isolate, which `import { env } from "cloudflare:workers"` shares. */
  readonly env: Record<string, unknown> = {};
  #namespace: Record<string, unknown> = {};
  #main: unknown = undefined;
  /** The default export's fetch: a method to call on it, or the class to instantiate. Undefined: service worker syntax. */
  fetchHandler: AnyFunction | undefined = undefined;
  isClass = false;

  /** Puts capabilities into env. */
  bindCapabilities(bindingsJson: string): void {
    const bindings = jsonParse(bindingsJson) as Record<string, string>;
    const names = objectKeys(bindings);
    for (let i = 0; i < names.length; i++) {
      this.env[names[i]!] = bindCapability(bindings[names[i]!]!);
    }
  }

  /**
   * Takes the evaluated main module; returns the names of the handlers it has. Where the default export has none, these are what named exports can be
   * called for, and where there is nothing at all, what the default export has instead, each name behind a "?".
   */
  bind(namespace: unknown, envJson: string): string {
    if (envJson !== "") {
      assign(this.env, jsonParse(envJson));
    }
    this.#namespace = isObject(namespace) ? (namespace as Record<string, unknown>) : {};
    this.#main = hasOwn(this.#namespace, "default") ? this.#namespace.default : undefined;
    this.isClass = isEntrypointClass(this.#main);
    this.fetchHandler = undefined;
    const holder = this.isClass ? (this.#main as { prototype: unknown }).prototype : this.#main;
    let names = "";
    if (isObject(holder)) {
      for (let i = 0; i < handlerNames.length; i++) {
        const handler = (holder as Record<string, unknown>)[handlerNames[i]];
        if (typeof handler === "function") {
          names += `${names === "" ? "" : ","}${handlerNames[i]}`;
          if (handlerNames[i] === "fetch") this.fetchHandler = handler as AnyFunction;
        }
      }
    }
    if (names === "" && globalTarget.has("fetch")) {
      names = "fetch";
    }
    if (names === "" && this.isClass) {
      names = "entrypoint";
    }
    if (names === "") {
      names = this.#namedHandlers();
    }
    return names === "" && isObject(holder) ? otherMembers(holder) : names;
  }

  /** An export by name is an entrypoint, or has tests. */
  #namedHandlers(): string {
    const exported = objectKeys(this.#namespace);
    for (let i = 0; i < exported.length; i++) {
      const value = exported[i] === "default" ? undefined : this.#namespace[exported[i]!];
      if (isEntrypointClass(value)) {
        return "entrypoint";
      }
      if (isObject(value) && typeof (value as Record<string, unknown>).test === "function") {
        return "test";
      }
    }
    return "";
  }

  get main(): unknown {
    return this.#main;
  }

  exported(name: string): unknown {
    return hasOwn(this.#namespace, name) ? this.#namespace[name] : undefined;
  }

  /** An entrypoint class is instantiated per event; anything else is used as it is. */
  instantiate(target: object, context: ExecutionContext): object {
    return isEntrypointClass(target) ? construct(target as AnyFunction, [context, this.env]) : target;
  }
}

function otherMembers(holder: object): string {
  const keys = ownKeys(holder);
  let names = "";
  for (let i = 0; i < keys.length && names.length < 1024; i++) {
    const key = keys[i];
    if (typeof key === "string") {
      names += `${names === "" ? "" : ","}?${key}`;
    }
  }
  return names;
}

/** Calls a handler of the default export with its arguments. */
export function callHandler(worker: Worker, handler: AnyFunction, argument: unknown, context: ExecutionContext): unknown {
  if (worker.isClass) {
    return apply(handler, worker.instantiate(worker.main as object, context), [argument]);
  }
  return apply(handler, worker.main, [argument, worker.env, context]);
}
