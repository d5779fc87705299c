// What both generators share: building source text, and what a schema's shape decides about it. Names and texts of a schema get
// into source as literals of `literal` alone, so that no name is ever read as code.
import { create, jsonStringify, SafeMap, stringRepeat } from "../core/primordials.ts";
import type { SchemaModel, SchemaType } from "./types.ts";

export class Source {
  text = "";
  #depth = 0;

  line(text: string): void {
    this.text += stringRepeat("  ", this.#depth) + text + "\n";
  }

  /** A line that opens a block; `close` ends it. */
  open(text: string): void {
    this.line(text);
    this.#depth++;
  }

  close(text = "}"): void {
    this.#depth--;
    this.line(text);
  }

  /** Ends a block and opens another: `} else {`. */
  turn(text: string): void {
    this.#depth--;
    this.open(text);
  }
}

/** A value as source that yields it. */
export function literal(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "number") return value === undefined ? "void 0" : jsonStringify(value);
  if (value !== value) return "(0 / 0)";
  if (value === Infinity) return "(1 / 0)";
  if (value === -Infinity) return "(-1 / 0)";
  return value === 0 && 1 / value < 0 ? "-0" : `${value}`;
}

/** What a schema's shape means for the code made of it. */
export class Plan {
  readonly #prefix: string;
  readonly #definitions: SchemaModel["definitions"];
  readonly #names = new SafeMap<SchemaType, string>();
  /** Types that get a function of their own, in the order in which they were met. */
  readonly #queue = create(null) as Record<number, SchemaType>;
  #queued = 0;
  #taken = 0;
  /** Whether functions are told how deep they are: depth is fixed where nothing recurs and nothing is json. */
  readonly tracksDepth: boolean;
  readonly lax: boolean;

  /** `prefix` begins the names of this plan's functions. */
  constructor(model: SchemaModel, maxDepth: number, prefix: string) {
    this.#prefix = prefix;
    this.#definitions = model.definitions;
    this.lax = model.lax;
    this.tracksDepth = this.#depthOf(model.type, new SafeMap(), 0) > maxDepth;
  }

  /** Follows references. */
  resolve(type: SchemaType): SchemaType {
    let found = type;
    while (found.kind === "ref") found = this.#definitions[found.name];
    return found;
  }

  /** Whether values are written inline: not containers, and nothing that is read by running code of its own. */
  isSimple(type: SchemaType): boolean {
    const resolved = this.resolve(type);
    switch (resolved.kind) {
      case "list": case "map": case "record": case "union": case "json": return false;
      case "optional": return this.isSimple(resolved.of);
      default: return true;
    }
  }

  /** The name of a type's function, to be made when it was not asked for yet. */
  functionFor(type: SchemaType): string {
    let name = this.#names.get(type);
    if (name === undefined) {
      name = `${this.#prefix}_${type.kind}${this.#queued}`;
      this.#names.set(type, name);
      this.#queue[this.#queued++] = type;
    }
    return name;
  }

  /** The next type that needs a function, and its name. */
  next(): { type: SchemaType; name: string } | undefined {
    if (this.#taken === this.#queued) return undefined;
    const type = this.#queue[this.#taken++];
    return { type, name: this.#names.get(type)! };
  }

  /** How many containers a value can be within each other; without end where types recur or there is json. */
  #depthOf(type: SchemaType, above: SafeMap<SchemaType, true>, depth: number): number {
    const resolved = this.resolve(type);
    if (above.has(resolved) || depth > 1000) return Infinity;
    above.set(resolved, true);
    let deepest = 0;
    const look = (part: SchemaType, steps: number): void => {
      const below = this.#depthOf(part, above, depth + 1) + steps;
      if (below > deepest) deepest = below;
    };
    switch (resolved.kind) {
      case "json": deepest = Infinity; break;
      case "list": look(resolved.items, 1); break;
      case "map": look(resolved.values, 1); break;
      case "optional": look(resolved.of, 0); break;
      case "record":
        deepest = 1;
        for (let i = 0; i < resolved.fields.length && deepest !== Infinity; i++) look(resolved.fields[i].type, 1);
        break;
      case "union":
        deepest = 1;
        for (let i = 0; i < resolved.variants.length && deepest !== Infinity; i++) look(resolved.variants[i].type, 1);
        break;
    }
    above.delete(resolved);
    return deepest;
  }
}
