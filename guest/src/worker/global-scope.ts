// The global object's own small members: self, navigator.
import { exposeValue, expose, illegalConstructor, illegalInvocation } from "../core/webidl.ts";

const token = {};
let userAgent = "Cloudflare-Workers";

export function setUserAgent(value: string): void {
  userAgent = value;
}

export class Navigator {
  readonly #brand = true;

  constructor(key: unknown = undefined) {
    if (key !== token) throw illegalConstructor();
  }

  static #check(value: unknown): void {
    if (typeof value !== "object" || value === null || !(#brand in value)) throw illegalInvocation();
  }

  get userAgent(): string { Navigator.#check(this); return userAgent; }
  get language(): string { Navigator.#check(this); return "en"; }
  get languages(): string[] { Navigator.#check(this); return ["en"]; }
  get hardwareConcurrency(): number { Navigator.#check(this); return 1; }
  get platform(): string { Navigator.#check(this); return ""; }
}

export function installGlobalScope(): void {
  exposeValue("self", globalThis, true);
  expose(Navigator, "Navigator");
  exposeValue("navigator", new Navigator(token), true);
}
