// Generates the decoders of a schema's types: for each container a function that reads its bytes in order and makes its value at once,
// with all its properties, so that all values of a type have one shape.
import { hasOwn } from "../core/primordials.ts";
import { sizeCheck, stepsOf, textChecks, variantSteps, type Constants } from "./generate-encode.ts";
import { literal, type Plan, type Source } from "./source.ts";
import { integerRanges, isIntegerKind, isWide } from "./types.ts";
import type { ListType, MapType, OptionalType, RecordType, SchemaType, UnionType } from "./types.ts";

const nextByte = "h = r.at < r.end ? b[r.at++] : s.truncated();";

export class DecoderGenerator {
  readonly #plan: Plan;
  readonly #out: Source;
  readonly #constants: Constants;
  readonly #fallbackOf: (type: OptionalType) => unknown;

  constructor(plan: Plan, out: Source, constants: Constants, fallbackOf: (type: OptionalType) => unknown) {
    this.#plan = plan;
    this.#out = out;
    this.#constants = constants;
    this.#fallbackOf = fallbackOf;
  }

  /** `read()` and the functions it needs. */
  generate(root: SchemaType): void {
    this.#out.open("function read() {");
    this.#out.line("const b = r.bytes;");
    this.#out.line("let h = 0, v;");
    this.#value(root, "v", "1", "0");
    this.#out.line("return v;");
    this.#out.close();
    for (let next = this.#plan.next(); next !== undefined; next = this.#plan.next()) this.#container(next.type, next.name);
  }

  #container(type: SchemaType, name: string): void {
    const out = this.#out;
    out.open(`function ${name}(${this.#plan.tracksDepth ? "depth" : ""}) {`);
    out.line("const b = r.bytes;");
    out.line("let h = 0, at = 0;");
    if (type.kind === "record") this.#record(type);
    else if (type.kind === "list") this.#list(type);
    else if (type.kind === "map") this.#map(type);
    else this.#union(type as UnionType);
    out.close();
  }

  get #depth(): string {
    return this.#plan.tracksDepth ? "depth" : "1";
  }

  /** Reads a value into `v`. `depth` is that of a container it may be, `above` that of what it is in. */
  #value(type: SchemaType, v: string, depth: string, above: string): void {
    const out = this.#out;
    const resolved = this.#plan.resolve(type);
    switch (resolved.kind) {
      case "optional":
        out.open("if (b[r.at] === 0xc0) {");
        out.line("r.at++;");
        out.line(`${v} = void 0;`);
        out.turn("} else {");
        this.#value(resolved.of, v, depth, above);
        return out.close();
      case "json":
        return out.line(`${v} = r.json(${this.#plan.tracksDepth ? above : "0"});`);
      case "list": case "map": case "record": case "union":
        return out.line(`${v} = ${this.#plan.functionFor(resolved)}(${this.#plan.tracksDepth ? depth : ""});`);
      default:
        return this.#scalar(resolved, v);
    }
  }

  #scalar(type: SchemaType, v: string): void {
    const out = this.#out;
    const kind = type.kind;
    if (isWide(kind)) {
      const least = (type as { ge?: bigint }).ge ?? integerRanges[kind][0];
      const most = (type as { le?: bigint }).le ?? integerRanges[kind][1];
      out.line(nextByte);
      out.line(`${v} = BigInt(h < 0x80 ? h : r.integer(h));`);
      out.line(`if (${v} < ${literal(least)} || ${v} > ${literal(most)}) s.outOfRange(${v}, ${literal(least)}, ${literal(most)});`);
      return;
    }
    if (isIntegerKind(kind)) {
      const least = (type as { ge?: number }).ge ?? Number(integerRanges[kind][0]);
      const most = (type as { le?: number }).le ?? Number(integerRanges[kind][1]);
      return this.#integer(v, least, most);
    }
    switch (type.kind) {
      case "bool":
        out.line(nextByte);
        return out.line(`${v} = h === 0xc3 || h !== 0xc2 && s.notBool(h);`);
      case "float32": case "float64": {
        out.line(`${v} = r.${type.kind}();`);
        if (type.ge === undefined && type.le === undefined) return;
        const low = literal(type.ge ?? -Infinity);
        const high = literal(type.le ?? Infinity);
        return out.line(`if (!(${v} >= ${low} && ${v} <= ${high})) s.outOfRange(${v}, ${low}, ${high});`);
      }
      case "timestamp": case "duration":
        return this.#integer(v, type.ge ?? -Number.MAX_SAFE_INTEGER, type.le ?? Number.MAX_SAFE_INTEGER);
      case "string":
        out.line(`${v} = r.string();`);
        return textChecks(out, this.#constants, type, v);
      case "bytes":
        out.line(`${v} = r.binary();`);
        return sizeCheck(out, `lengthOf(${v})`, type.minLength, type.maxLength, "bytes");
      case "uuid":
        return out.line(`${v} = r.uuid();`);
      case "decimal":
        out.line(`${v} = s.decimalRead(r.string());`);
        if (type.ge !== undefined || type.le !== undefined) out.line(`s.decimalWithin(${v}, ${literal(type.ge)}, ${literal(type.le)});`);
        return;
      case "enum":
        out.line(nextByte);
        out.line("if (h >= 0x80) h = r.integer(h);");
        out.line(`if (!(h >= 0 && h < ${type.values.length})) s.unknownIndex(h, ${type.values.length});`);
        return out.line(`${v} = ${this.#constants.add(type.values)}[h];`);
      case "stream":
        return this.#integer(v, 0, 4294967295);
    }
  }

  #integer(v: string, least: number, most: number): void {
    const out = this.#out;
    out.line(nextByte);
    out.line(`${v} = h < 0x80 ? h : r.integer(h);`);
    out.line(`if (${v} < ${literal(least)} || ${v} > ${literal(most)}) s.outOfRange(${v}, ${literal(least)}, ${literal(most)});`);
  }

  #record(type: RecordType): void {
    const out = this.#out;
    const fields = type.fields;
    out.line(`const count = r.array(${this.#depth});`);
    out.line(`if (count > ${fields.length}) s.unknownField(count, ${fields.length});`);
    let names = "";
    let properties = "";
    for (let i = 0; i < fields.length; i++) {
      const name = literal(fields[i].name);
      names += `${i > 0 ? ", " : ""}f${i}`;
      properties += `${i > 0 ? ", " : ""}${fields[i].name === "__proto__" ? `[${name}]` : name}: f${i}`;
    }
    if (names !== "") out.line(`let ${names};`);
    out.open("try {");
    for (let i = 0; i < fields.length; i++) {
      out.line(`at = ${i};`);
      this.#field(type, i);
    }
    out.turn("} catch (error) {");
    out.line(`throw s.inside(error, ${this.#constants.add(stepsOf(type))}[at]);`);
    out.close();
    out.line(`return { ${properties} };`);
  }

  #field(type: RecordType, i: number): void {
    const out = this.#out;
    const v = `f${i}`;
    const resolved = this.#plan.resolve(type.fields[i].type);
    if (resolved.kind !== "optional") {
      const nil = resolved.kind === "json" ? "" : " || b[r.at] === 0xc0";
      out.line(`if (count <= ${i}${nil}) s.missing();`);
      return this.#value(resolved, v, "depth + 1", "depth");
    }
    const hasFallback = hasOwn(resolved, "fallback");
    const fallback = hasFallback ? this.#fallbackOf(resolved) : undefined;
    const inner = this.#plan.resolve(resolved.of);
    const isObject = inner.kind === "bytes" || inner.kind === "json";
    const constant = hasFallback && isObject ? this.#constants.add(fallback) : "";
    const absent = !hasFallback ? "void 0" : isObject ? `s.${inner.kind === "bytes" ? "copyOf" : "copyJson"}(${constant})` : literal(fallback);
    out.open(`if (count <= ${i}) {`);
    out.line(`${v} = ${absent};`);
    out.turn("} else if (b[r.at] === 0xc0) {");
    out.line(`if (count === ${i + 1}) s.notAbsent();`);
    out.line("r.at++;");
    out.line(`${v} = ${absent};`);
    out.turn("} else {");
    this.#value(inner, v, "depth + 1", "depth");
    if (hasFallback) {
      const same = isObject ? `s.same${inner.kind === "bytes" ? "Bytes" : "Json"}(${v}, ${constant})`
        : inner.kind === "float32" || inner.kind === "float64" ? `is(${v}, ${literal(fallback)})` : `${v} === ${literal(fallback)}`;
      out.line(`if (${same}) s.notAbsent();`);
    }
    out.close();
  }

  #list(type: ListType): void {
    const out = this.#out;
    out.line(`const count = r.array(${this.#depth});`);
    sizeCheck(out, "count", type.minItems, type.maxItems, "items");
    out.line("const list = s.newList(count);");
    out.open("try {");
    out.open("for (let v; at < count; at++) {");
    this.#value(type.items, "v", "depth + 1", "depth");
    out.line("list[at] = v;");
    out.close();
    out.turn("} catch (error) {");
    out.line("throw s.inside(error, `[${at}]`);");
    out.close();
    out.line("return list;");
  }

  #map(type: MapType): void {
    const out = this.#out;
    const isText = type.keys === "string";
    out.line(`const count = r.map(${this.#depth});`);
    sizeCheck(out, "count", type.minItems, type.maxItems, "items");
    out.line(`const map = ${isText ? "{ __proto__: null }" : "new Map()"};`);
    out.line("let k, v, lastStart = 0, lastEnd = 0;");
    out.open("for (; at < count; at++) {");
    if (isText) {
      out.line("k = r.string();");
      out.line("const start = r.textStart, end = r.at;");
      out.line("if (at > 0) r.ascending(lastStart, lastEnd, start, end, k);");
      out.line("lastStart = start;");
      out.line("lastEnd = end;");
    } else {
      out.line("const last = k;");
      this.#scalar({ kind: type.keys } as SchemaType, "k");
      out.line("if (at > 0 && k <= last) s.unordered(k);");
    }
    out.open("try {");
    this.#value(type.values, "v", "depth + 1", "depth");
    out.turn("} catch (error) {");
    out.line("throw s.inside(error, s.keyStep(k));");
    out.close();
    out.line(isText ? "map[k] = v;" : "s.mapSet(map, k, v);");
    out.close();
    out.line("return map;");
  }

  #union(type: UnionType): void {
    const out = this.#out;
    out.line(`if (r.array(${this.#depth}) !== 2) s.notUnion();`);
    out.line(nextByte);
    out.line("at = h < 0x80 ? h : r.integer(h);");
    out.line(`if (!(at >= 0 && at < ${type.variants.length})) s.unknownIndex(at, ${type.variants.length});`);
    out.line("let v;");
    out.open("try {");
    out.open("switch (at) {");
    for (let i = 0; i < type.variants.length; i++) {
      out.open(`case ${i}: {`);
      this.#value(type.variants[i].type, "v", "depth + 1", "depth");
      out.line(`return { tag: ${literal(type.variants[i].name)}, value: v };`);
      out.close();
    }
    out.close();
    out.turn("} catch (error) {");
    out.line(`throw s.inside(error, ${this.#constants.add(variantSteps(type))}[at]);`);
    out.close();
  }
}
