// Generates the encoders of a schema's types: for each container a function that reads all it needs of its value, checks it, and then
// writes runs of scalars with one reservation. `at` names the part at work, for the path of a fault.
import { hasOwn, is } from "../core/primordials.ts";
import { fieldStep } from "./faults.ts";
import { newList } from "./lists.ts";
import { compilePattern } from "./pattern.ts";
import { literal, type Plan, type Source } from "./source.ts";
import { integerRanges, isIntegerKind, isWide } from "./types.ts";
import type { EnumType, IntegerKind, ListType, MapType, OptionalType, RecordType, SchemaType, UnionType } from "./types.ts";

/** Constants that generated code refers to by index: patterns, tables of steps, defaults. */
export interface Constants { add(value: unknown): string }

export class EncoderGenerator {
  readonly #plan: Plan;
  readonly #out: Source;
  readonly #constants: Constants;
  readonly #fallbackOf: (type: OptionalType) => unknown;
  readonly #lax: string;

  constructor(plan: Plan, out: Source, constants: Constants, fallbackOf: (type: OptionalType) => unknown) {
    this.#plan = plan;
    this.#out = out;
    this.#constants = constants;
    this.#fallbackOf = fallbackOf;
    this.#lax = `${plan.lax}`;
  }

  /** `write(value)` and the functions it needs. */
  generate(root: SchemaType): void {
    this.#out.open("function write(value) {");
    this.#out.line("let v = value;");
    this.#value(root, "v", "1", "0");
    this.#out.close();
    for (let next = this.#plan.next(); next !== undefined; next = this.#plan.next()) this.#container(next.type, next.name);
  }

  #container(type: SchemaType, name: string): void {
    const out = this.#out;
    if (type.kind === "enum") return this.#enum(type, name);
    out.open(`function ${name}(value${this.#plan.tracksDepth ? ", depth" : ""}) {`);
    if (this.#plan.tracksDepth) out.line("w.deep(depth);");
    if (type.kind === "record") this.#record(type);
    else if (type.kind === "list") this.#list(type);
    else if (type.kind === "map") this.#map(type);
    else this.#union(type as UnionType);
    out.close();
  }

  #call(type: SchemaType, value: string, depth: string): string {
    return `${this.#plan.functionFor(this.#plan.resolve(type))}(${value}${this.#plan.tracksDepth ? `, ${depth}` : ""});`;
  }

  /** Checks and writes a value that is not part of a run. `depth` is that of a container it may be, `above` that of what it is in. */
  #value(type: SchemaType, v: string, depth: string, above: string): void {
    const out = this.#out;
    const resolved = this.#plan.resolve(type);
    if (resolved.kind === "optional") {
      out.open(`if (${v} === void 0${this.#isJson(resolved.of) ? "" : ` || ${v} === null`}) {`);
      out.line("w.nil();");
      out.turn("} else {");
      this.#value(resolved.of, v, depth, above);
      if (this.#isJson(resolved.of)) out.line(`if (${v} === null) s.mistyped("a value other than null", ${v});`);
      out.close();
    } else if (resolved.kind === "json") {
      out.line(`if (${v} === void 0) s.missing();`);
      out.line(`w.json(${v}, ${this.#plan.tracksDepth ? above : "0"});`);
    } else if (this.#plan.isSimple(resolved)) {
      this.#check(resolved, v);
      out.line(`w.reserve(${this.#size(resolved, v)});`);
      out.open("{");
      out.line("const b = w.bytes;");
      out.line("let p = w.at;");
      this.#put(resolved, v);
      out.line("w.at = p;");
      out.close();
    } else {
      out.line(this.#call(resolved, v, depth));
    }
  }

  #isJson(type: SchemaType): boolean {
    return this.#plan.resolve(type).kind === "json";
  }

  #record(type: RecordType): void {
    const out = this.#out;
    const fields = type.fields;
    out.line(`if (typeof value !== "object" || value === null || isArray(value)) s.mistyped("a record", value);`);
    for (let i = 0; i < fields.length; i++) {
      const name = literal(fields[i].name);
      out.line(`let f${i} = ${fields[i].name in Object.prototype ? `hasOwn(value, ${name}) ? value[${name}] : void 0` : `value[${name}]`};`);
    }
    const stepTable = this.#constants.add(stepsOf(type));
    out.line("let at = 0;");
    out.open("try {");
    let required = 0;
    for (let i = 0; i < fields.length; i++) {
      if (this.#plan.resolve(fields[i].type).kind !== "optional") required = i + 1;
    }
    for (let i = 0; i < fields.length; i++) this.#checkField(fields[i].type, i);
    this.#count(required, fields.length);
    for (let i = 0; i < fields.length;) {
      let end = i;
      while (end < fields.length && this.#plan.isSimple(fields[end].type) && end >= required === i >= required) end++;
      if (end > i) this.#run(type, i, end, required);
      else this.#field(type, end++, required);
      i = end;
    }
    out.turn("} catch (error) {");
    out.line(`throw s.inside(error, ${stepTable}[at]);`);
    out.close();
  }

  #checkField(type: SchemaType, i: number): void {
    const out = this.#out;
    const resolved = this.#plan.resolve(type);
    const v = `f${i}`;
    if (resolved.kind !== "optional") {
      if (this.#plan.isSimple(resolved)) {
        out.line(`at = ${i};`);
        this.#check(resolved, v);
      } else {
        out.line(`if (${v} === void 0) { at = ${i}; s.missing(); }`);
      }
      return;
    }
    if (!this.#isJson(resolved.of)) out.line(`if (${v} === null) ${v} = void 0;`);
    if (!this.#plan.isSimple(resolved.of)) {
      if (hasOwn(resolved, "fallback")) {
        out.line(`if (${v} !== void 0 && s.sameJson(${v}, ${this.#constants.add(this.#fallbackOf(resolved))})) ${v} = void 0;`);
      }
      return;
    }
    out.open(`if (${v} !== void 0) {`);
    out.line(`at = ${i};`);
    const inner = this.#plan.resolve(resolved.of);
    this.#check(inner, v);
    if (hasOwn(resolved, "fallback")) {
      const fallback = this.#fallbackOf(resolved);
      out.line(`if (${this.#equals(inner, v, fallback)}) ${v} = void 0;`);
    }
    out.close();
  }

  /** Whether a checked value is the default. */
  #equals(type: SchemaType, v: string, fallback: unknown): string {
    switch (type.kind) {
      case "enum": return `${v} === ${literal(indexOf(type, fallback))}`;
      case "bytes": return `s.sameBytes(${v}, ${this.#constants.add(fallback)})`;
      case "uuid": return `s.lower(${v}) === ${literal(fallback)}`;
      case "float32": case "float64": return `is(${v}, ${literal(fallback)})`;
      case "int64": case "uint64": return `${v} == ${literal(fallback)}`;
      default: return `${v} === ${literal(fallback)}`;
    }
  }

  /** The head of a record, whose absent fields at the end are left out. */
  #count(required: number, total: number): void {
    let count = literal(required);
    for (let i = required; i < total; i++) count = `f${i} !== void 0 ? ${i + 1} : ${count}`;
    this.#out.line(`const count = ${count};`);
    this.#out.line("w.arrayHead(count);");
  }

  /** Writes simple fields that stand together, with one reservation. */
  #run(type: RecordType, from: number, to: number, required: number): void {
    const out = this.#out;
    let fixed = 0;
    let sizes = "";
    for (let i = from; i < to; i++) {
      const resolved = this.#plan.resolve(type.fields[i].type);
      const isOptional = resolved.kind === "optional";
      const size = this.#size(isOptional ? this.#plan.resolve(resolved.of) : resolved, `f${i}`);
      if (+size === +size) fixed += +size;
      else sizes += ` + (${isOptional ? `f${i} === void 0 ? 1 : ` : ""}${size})`;
    }
    out.open("{");
    out.line(`w.reserve(${fixed}${sizes});`);
    out.line("const b = w.bytes;");
    out.line("let p = w.at;");
    for (let i = from; i < to; i++) {
      const resolved = this.#plan.resolve(type.fields[i].type);
      if (resolved.kind !== "optional") {
        if (resolved.kind === "string" || resolved.kind === "uuid") out.line(`at = ${i};`);
        this.#put(resolved, `f${i}`);
        continue;
      }
      if (i >= required) out.open(`if (count > ${i}) {`);
      out.open(`if (f${i} === void 0) {`);
      out.line("b[p++] = 0xc0;");
      out.turn("} else {");
      out.line(`at = ${i};`);
      this.#put(this.#plan.resolve(resolved.of), `f${i}`);
      out.close();
      if (i >= required) out.close();
    }
    out.line("w.at = p;");
    out.close();
  }

  #field(type: RecordType, i: number, required: number): void {
    const out = this.#out;
    if (i >= required) out.open(`if (count > ${i}) {`);
    out.line(`at = ${i};`);
    this.#value(type.fields[i].type, `f${i}`, "depth + 1", "depth");
    if (i >= required) out.close();
  }

  #list(type: ListType): void {
    const out = this.#out;
    out.line(`if (!isArray(value)) s.mistyped("an array", value);`);
    out.line("const count = s.listLength(value);");
    sizeCheck(out, "count", type.minItems, type.maxItems, "items");
    out.line("w.arrayHead(count);");
    out.line("let at = 0;");
    out.open("try {");
    out.open("for (; at < count; at++) {");
    out.line("let v = value[at];");
    this.#value(type.items, "v", "depth + 1", "depth");
    out.close();
    out.turn("} catch (error) {");
    out.line("throw s.inside(error, `[${at}]`);");
    out.close();
  }

  #map(type: MapType): void {
    const out = this.#out;
    const isText = type.keys === "string";
    out.line(`const entries = s.entriesOf(value, ${isText});`);
    out.line(`if (entries === void 0) s.mistyped(${isText ? `"a Map or an object of data alone"` : `"a Map"`}, value);`);
    out.line("const keys = entries.keys;");
    out.line("const map = entries.map;");
    out.line("const count = keys.length;");
    sizeCheck(out, "count", type.minItems, type.maxItems, "items");
    out.line("let at = 0;");
    out.open("try {");
    out.open("for (; at < count; at++) {");
    out.line("let k = keys[at];");
    if (isText) {
      out.line(`if (typeof k !== "string") s.mistyped("a text as key", k);`);
    } else {
      this.#check({ kind: type.keys as IntegerKind }, "k");
    }
    out.close();
    out.line("s.sortedKeys(keys);");
    out.line("w.mapHead(count);");
    out.open("for (at = 0; at < count; at++) {");
    out.line("const k = keys[at];");
    out.line(isText ? "let v = map === void 0 ? value[k] : s.mapGet(map, k);" : "let v = s.mapGet(map, k);");
    if (isText) {
      out.line("w.key(k);");
    } else {
      out.line("w.reserve(9);");
      out.line("w.at = putInteger(w.bytes, w.at, k);");
    }
    this.#value(type.values, "v", "depth + 1", "depth");
    out.close();
    out.turn("} catch (error) {");
    out.line("throw s.inside(error, s.keyStep(keys[at]));");
    out.close();
  }

  #union(type: UnionType): void {
    const out = this.#out;
    out.line(`if (typeof value !== "object" || value === null) s.mistyped("an object with tag and value", value);`);
    out.line("const tag = value.tag;");
    out.line("let v = value.value;");
    out.line("let at = 0;");
    out.line("switch (tag) {");
    for (let i = 0; i < type.variants.length; i++) out.line(`  case ${literal(type.variants[i].name)}: at = ${i}; break;`);
    out.line(`  default: s.unknownName(tag);`);
    out.line("}");
    out.line("w.arrayHead(2);");
    out.line("w.reserve(5);");
    out.line("w.at = putInteger(w.bytes, w.at, at);");
    out.open("try {");
    out.open("switch (at) {");
    for (let i = 0; i < type.variants.length; i++) {
      out.open(`case ${i}: {`);
      this.#value(type.variants[i].type, "v", "depth + 1", "depth");
      out.line("break;");
      out.close();
    }
    out.close();
    out.turn("} catch (error) {");
    out.line(`throw s.inside(error, ${this.#constants.add(variantSteps(type))}[at]);`);
    out.close();
  }

  #enum(type: EnumType, name: string): void {
    const out = this.#out;
    out.open(`function ${name}(name) {`);
    out.open("switch (name) {");
    for (let i = 0; i < type.values.length; i++) out.line(`case ${literal(type.values[i])}: return ${i};`);
    out.line("default: return s.unknownName(name);");
    out.close();
    out.close();
  }

  /** Leaves a value in `v` that is right and in the form that `#put` takes. Runs no code of the value. */
  #check(type: SchemaType, v: string): void {
    const out = this.#out;
    const kind = type.kind;
    if (isWide(kind)) {
      const least = (type as { ge?: bigint }).ge ?? integerRanges[kind][0];
      const most = (type as { le?: bigint }).le ?? integerRanges[kind][1];
      out.line(`${v} = s.wideInteger(${v}, ${literal(least)}, ${literal(most)}, ${this.#lax});`);
    } else if (isIntegerKind(kind)) {
      const least = literal((type as { ge?: number }).ge ?? Number(integerRanges[kind][0]));
      const most = literal((type as { le?: number }).le ?? Number(integerRanges[kind][1]));
      const isInteger = kind === "int53" ? `!isSafeInteger(${v})` : kind === "uint32" ? `(${v} >>> 0) !== ${v}` : `(${v} | 0) !== ${v}`;
      out.line(`if (typeof ${v} !== "number" || ${isInteger} || ${v} < ${least} || ${v} > ${most}) ${v} = s.integer(${v}, ${least}, ${most}, ${this.#lax});`);
    } else {
      this.#checkOther(type, v);
    }
  }

  #checkOther(type: SchemaType, v: string): void {
    const out = this.#out;
    switch (type.kind) {
      case "bool":
        return out.line(`if (typeof ${v} !== "boolean") ${v} = s.bool(${v}, ${this.#lax});`);
      case "float32": case "float64":
        out.line(`if (typeof ${v} !== "number") ${v} = s.float(${v}, ${this.#lax});`);
        if (type.kind === "float32") out.line(`${v} = s.single(${v}, fround);`);
        return this.#within(v, type.ge, type.le);
      case "timestamp": case "duration":
        out.line(`if (!isSafeInteger(${v})) ${v} = s.${type.kind === "timestamp" ? "timestamp" : "duration"}(${v}, ${this.#lax});`);
        return this.#within(v, type.ge, type.le);
      case "string":
        out.line(`if (typeof ${v} !== "string") s.mistyped("a text", ${v});`);
        return textChecks(out, this.#constants, type, v);
      case "bytes":
        out.line(`${v} = s.binary(${v});`);
        return sizeCheck(out, `lengthOf(${v})`, type.minLength, type.maxLength, "bytes");
      case "uuid":
        return out.line(`if (typeof ${v} !== "string" || ${v}.length !== 36) s.uuid(${v});`);
      case "decimal":
        out.line(`${v} = s.decimal(${v}, ${this.#lax});`);
        if (type.ge !== undefined || type.le !== undefined) out.line(`s.decimalWithin(${v}, ${literal(type.ge)}, ${literal(type.le)});`);
        return;
      case "enum":
        return out.line(`${v} = ${this.#plan.functionFor(type)}(${v});`);
      case "stream":
        return out.line(`if (typeof ${v} !== "number" || (${v} >>> 0) !== ${v}) ${v} = s.integer(${v}, 0, 4294967295, false);`);
    }
  }

  #within(v: string, least: number | undefined, most: number | undefined): void {
    if (least === undefined && most === undefined) return;
    const low = least === undefined ? "" : `${v} >= ${literal(least)}`;
    const high = most === undefined ? "" : `${v} <= ${literal(most)}`;
    this.#out.line(`if (!(${low}${low && high && " && "}${high})) s.outOfRange(${v}, ${literal(least)}, ${literal(most)});`);
  }

  /** The most bytes a checked value takes, as source. */
  #size(type: SchemaType, v: string): string {
    switch (type.kind) {
      case "bool": return "1";
      case "float32": case "int32": case "uint32": case "enum": case "stream": return "5";
      case "int8": case "uint8": return "2";
      case "int16": case "uint16": return "3";
      case "uuid": return "110";
      case "string": case "decimal": return `3 * ${v}.length + 5`;
      case "bytes": return `lengthOf(${v}) + 5`;
      default: return "9";
    }
  }

  /** Writes a checked value at `p`. */
  #put(type: SchemaType, v: string): void {
    const out = this.#out;
    switch (type.kind) {
      case "bool":
        return out.line(`b[p++] = ${v} ? 0xc3 : 0xc2;`);
      case "float64":
        return out.line(`p = w.float64(p, ${v});`);
      case "float32":
        return out.line(`p = w.float32(p, ${v});`);
      case "string": case "decimal":
        return out.line(`p = w.text(p, ${v});`);
      case "bytes":
        return out.line(`p = w.binary(p, ${v}, lengthOf(${v}));`);
      case "uuid":
        return out.line(`p = w.uuid(p, ${v});`);
      case "int64": case "uint64":
        return out.line(`p = typeof ${v} === "bigint" ? putBigInteger(b, p, ${v}) : putInteger(b, p, ${v});`);
      default:
        return out.line(`if (${v} >= 0 && ${v} < 0x80) b[p++] = ${v}; else p = putInteger(b, p, ${v});`);
    }
  }
}

const indexOf = (type: EnumType, name: unknown): number => {
  for (let i = 0; i < type.values.length; i++) {
    if (is(type.values[i], name)) return i;
  }
  return -1;
};

/** The check of a length that is constrained. */
export function sizeCheck(out: Source, length: string, least: number | undefined, most: number | undefined, unit: "items" | "bytes"): void {
  if (least === undefined && most === undefined) return;
  out.line(`s.sized(${length}, ${literal(least ?? 0)}, ${literal(most ?? Infinity)}, "${unit}");`);
}

/** The checks of a string's constraints. */
export function textChecks(out: Source, constants: Constants, type: SchemaType & { kind: "string" }, v: string): void {
  if (type.minLength !== undefined || type.maxLength !== undefined) {
    out.line(`s.textSized(${v}, ${literal(type.minLength ?? 0)}, ${literal(type.maxLength ?? Infinity)});`);
  }
  if (type.pattern !== undefined) out.line(`s.textMatches(${v}, ${constants.add(compilePattern(type.pattern))});`);
  if (type.format !== undefined) out.line(`s.textFormatted(${v}, ${literal(type.format)});`);
}

/** The steps from a record to its fields. */
export function stepsOf(type: RecordType): string[] {
  const steps = newList(type.fields.length) as string[];
  for (let i = 0; i < type.fields.length; i++) steps[i] = fieldStep(type.fields[i].name);
  return steps;
}

/** The steps from a union to its variants' values. */
export function variantSteps(type: UnionType): string[] {
  const steps = newList(type.variants.length) as string[];
  for (let i = 0; i < type.variants.length; i++) steps[i] = fieldStep(type.variants[i].name);
  return steps;
}
