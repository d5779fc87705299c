// The plugin manifest, `molt.plugin.json`: read strictly, all faults at once.
import { nearestName } from "../../../guest/src/schema/nearest-name.ts";
import { PluginError } from "./errors.ts";

export interface PluginExport {
  readonly functionId: number;
  readonly name: string;
  /** Indexes into the manifest's schemas. */
  readonly inputs: readonly number[];
  readonly defaultInput: number | undefined;
  readonly output: number;
  readonly deterministic: boolean;
  readonly backward: boolean;
  /** Indexes into the manifest's capabilities. */
  readonly capabilities: readonly number[];
}

export interface PluginSchema {
  readonly id: string;
  /** The parsed Schema IR document. */
  readonly document: unknown;
}

export interface PluginManifest {
  readonly moduleName: string;
  readonly moduleVersion: string;
  readonly module: string;
  readonly schemas: readonly PluginSchema[];
  readonly capabilities: readonly string[];
  readonly exports: readonly PluginExport[];
  /** Whether memory and globals go back to what init left after a call. */
  readonly reset: boolean;
}

type Json = Record<string, unknown>;

const topKeys = [
  "abi_version", "module_name", "module_version", "module", "profile", "schemas", "capabilities", "exports", "reset", "http",
];
const exportKeys = [
  "function_id", "name", "input_schemas", "default_schema_id", "output_schema", "codec", "deterministic", "schema_compat", "capabilities",
];
const schemaId = /^schema:\/\/[a-z][a-z0-9_]*\/[a-z][a-z0-9_]*\/v[1-9][0-9]*$/;
const capabilityName = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+(@[0-9]+(\.[0-9]+){0,2})?$/;

/** Reads a manifest. `load` brings the schema documents that it names by path. */
export async function readManifest(source: unknown, load: (path: string) => Promise<unknown>): Promise<PluginManifest> {
  const reader = new ManifestReader();
  const manifest = await reader.read(source, load);
  if (manifest === undefined || reader.faults.length > 0) {
    throw new PluginError("ManifestInvalid", ["The plugin manifest is faulty:", ...reader.faults].join("\n  "));
  }
  return manifest;
}

class ManifestReader {
  readonly faults: string[] = [];

  async read(source: unknown, load: (path: string) => Promise<unknown>): Promise<PluginManifest | undefined> {
    if (!isObject(source)) {
      this.fault("$", "must be an object");
      return undefined;
    }
    this.onlyKeys(source, topKeys, "$");
    if (source.abi_version !== "0.1") this.fault("$.abi_version", `must be "0.1"`);
    if (source.profile !== "wasm_browser") this.fault("$.profile", `must be "wasm_browser" for a module that runs in a page`);
    const reset = source.reset ?? "call";
    if (reset !== "call" && reset !== "request" && reset !== "never") this.fault("$.reset", `must be "call", "request" or "never"`);
    const capabilities = this.texts(source.capabilities ?? [], "$.capabilities");
    capabilities.forEach((name, i) => {
      if (!capabilityName.test(name)) this.fault(`$.capabilities[${i}]`, `"${name}" is no capability; one looks like "acme.greeter"`);
    });
    const schemas = await this.schemas(source.schemas, load);
    const manifest: PluginManifest = {
      moduleName: this.text(source, "module_name", "$"),
      moduleVersion: this.text(source, "module_version", "$"),
      module: this.text(source, "module", "$"),
      schemas,
      capabilities,
      exports: this.exports(source.exports, schemas, capabilities),
      reset: reset !== "never",
    };
    this.http(source.http, manifest.exports);
    return manifest;
  }

  private async schemas(source: unknown, load: (path: string) => Promise<unknown>): Promise<PluginSchema[]> {
    if (!Array.isArray(source)) {
      this.fault("$.schemas", "must be a list of Schema IR documents, or of paths to them");
      return [];
    }
    const documents = await Promise.all(source.map(async (entry, i) => {
      if (typeof entry !== "string") return entry as unknown;
      try {
        return await load(entry);
      } catch (error) {
        this.fault(`$.schemas[${i}]`, `"${entry}" cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    }));
    const seen = new Set<string>();
    return documents.map((document, i) => {
      const id = isObject(document) ? document.id : undefined;
      if (typeof id !== "string" || !schemaId.test(id)) {
        if (document !== undefined) this.fault(`$.schemas[${i}]`, "is no Schema IR document: it needs an id such as schema://shop/order/v1");
        return { id: "", document };
      }
      if (seen.has(id)) this.fault(`$.schemas[${i}]`, `${id} is there already`);
      seen.add(id);
      return { id, document };
    });
  }

  private exports(source: unknown, schemas: PluginSchema[], capabilities: string[]): PluginExport[] {
    if (!Array.isArray(source) || source.length === 0) {
      this.fault("$.exports", "must be a list of at least one function");
      return [];
    }
    const found: PluginExport[] = [];
    source.forEach((entry: unknown, i) => {
      const at = `$.exports[${i}]`;
      if (!isObject(entry)) return this.fault(at, "must be an object");
      this.onlyKeys(entry, exportKeys, at);
      const functionId = entry.function_id;
      if (!isCount(functionId)) this.fault(`${at}.function_id`, "must be a number from 0 to 4294967295");
      if (found.some((other) => other.functionId === functionId)) this.fault(`${at}.function_id`, `${String(functionId)} is there already`);
      const name = this.text(entry, "name", at);
      if (found.some((other) => other.name === name)) this.fault(`${at}.name`, `"${name}" is there already`);
      if (entry.codec !== "msgpack") this.fault(`${at}.codec`, `must be "msgpack"`);
      if (typeof entry.deterministic !== "boolean") this.fault(`${at}.deterministic`, "must be true or false");
      const compat = entry.schema_compat ?? "exact";
      if (compat !== "exact" && compat !== "backward") this.fault(`${at}.schema_compat`, `must be "exact" or "backward"`);
      const inputs = this.texts(entry.input_schemas, `${at}.input_schemas`);
      if (inputs.length === 0) this.fault(`${at}.input_schemas`, "must name at least one schema");
      const indexes = inputs.map((id, j) => this.schema(id, schemas, `${at}.input_schemas[${j}]`));
      let defaultInput: number | undefined;
      if (entry.default_schema_id !== undefined) {
        defaultInput = this.schema(this.text(entry, "default_schema_id", at), schemas, `${at}.default_schema_id`);
        if (!indexes.includes(defaultInput)) this.fault(`${at}.default_schema_id`, "must be one of input_schemas");
      }
      const own = entry.capabilities === undefined ? capabilities : this.texts(entry.capabilities, `${at}.capabilities`);
      own.forEach((name, j) => {
        if (!capabilities.includes(name)) this.fault(`${at}.capabilities[${j}]`, `"${name}" is not among the manifest's capabilities`);
      });
      found.push({
        functionId: functionId as number,
        name,
        inputs: indexes,
        defaultInput,
        output: this.schema(this.text(entry, "output_schema", at), schemas, `${at}.output_schema`),
        deterministic: entry.deterministic === true,
        backward: compat === "backward",
        capabilities: own.map((name) => capabilities.indexOf(name)),
      });
    });
    return found;
  }

  private http(source: unknown, exports: readonly PluginExport[]): void {
    if (source === undefined) return;
    if (!isObject(source)) return this.fault("$.http", "must be an object");
    this.onlyKeys(source, ["function"], "$.http");
    const name = this.text(source, "function", "$.http");
    if (!exports.some((entry) => entry.name === name)) this.fault("$.http.function", `no export is named "${name}"`);
  }

  private schema(id: string, schemas: PluginSchema[], path: string): number {
    const index = schemas.findIndex((schema) => schema.id === id);
    if (index < 0 && id !== "") this.fault(path, `${id} is not among the manifest's schemas`);
    return index;
  }

  private text(source: Json, key: string, path: string): string {
    const value = source[key];
    if (typeof value === "string" && value !== "") return value;
    this.fault(`${path}.${key}`, "must be a text");
    return "";
  }

  private texts(source: unknown, path: string): string[] {
    if (Array.isArray(source) && source.every((value) => typeof value === "string")) return source;
    this.fault(path, "must be a list of texts");
    return [];
  }

  private onlyKeys(source: Json, known: readonly string[], path: string): void {
    for (const key of Object.keys(source)) {
      if (known.includes(key)) continue;
      const nearest = nearestName(key, known);
      this.fault(`${path}.${key}`, `is no key here; ${nearest === undefined ? `known are ${known.join(", ")}` : `did you mean "${nearest}"?`}`);
    }
  }

  private fault(path: string, what: string): void {
    this.faults.push(`${path} ${what}`);
  }
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;
