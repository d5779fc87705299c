// What a page offers to the modules it runs: data in, data out, both checked against schemas. No object of the page is reachable.

/** An operation of a capability. */
export interface OfferedOperation {
  /** Id of the schema of what the module sends; a schema of the plugin's manifest, or of `Offer.schemas`. */
  input: string;
  /** Id of the schema of what it gets. */
  output: string;
  /** The same value always has the same answer: deterministic functions may call it. */
  strict?: boolean;
  /** Answers, at once or later. `signal` ends with the call that asked. */
  handle(value: any, signal: AbortSignal): unknown;
}

/** A capability that a page offers. */
export interface Offer {
  readonly id: string;
  readonly version: string;
  /** In the order of their declaration, which is how modules name them. */
  readonly operations: readonly (OfferedOperation & { readonly name: string })[];
  /** Schema IR documents beside those of the manifest. */
  readonly schemas: readonly unknown[];
}

/**
 * Declares a capability:
 * `offer("acme.greeter", "1.0.0", { greet: { input: "schema://acme/greet/v1", output: "schema://acme/greeting/v1", handle: … } })`.
 */
export function offer(id: string, version: string, operations: Record<string, OfferedOperation>, schemas: readonly unknown[] = []): Offer {
  if (!/^[0-9]+\.[0-9]+\.[0-9]+$/.test(version)) throw new TypeError(`"${version}" is no version; one looks like "1.0.0"`);
  return {
    id,
    version,
    operations: Object.entries(operations).map(([name, operation]) => ({
      name,
      input: operation.input,
      output: operation.output,
      strict: operation.strict === true,
      handle: (value, signal) => operation.handle(value, signal),
    })),
    schemas,
  };
}

/** True when an offer is what a manifest asks for: the same id, and where it names a version, the same major and at least that. */
export function satisfies(offered: Offer, wanted: string): boolean {
  const [id, version] = wanted.split("@");
  if (offered.id !== id) return false;
  if (version === undefined) return true;
  const have = offered.version.split(".").map(Number);
  const want = version.split(".").map(Number);
  if (have[0] !== want[0]) return false;
  for (let i = 1; i < want.length; i++) {
    if (have[i] !== want[i]) return have[i] > want[i];
  }
  return true;
}
