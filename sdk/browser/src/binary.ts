// Reads the sections of a WebAssembly module, and makes its state reachable: what a module keeps in globals and tables can be
// brought back to what it was after init only when they are exported, so they are, under names a module cannot use itself.
import { PluginError } from "./errors.ts";

/** What the host needs to know of a module, and the module as it is compiled. */
export interface PreparedModule {
  bytes: Uint8Array<ArrayBuffer>;
  /** Export names of the mutable globals. */
  globals: string[];
  /** Export names of the tables. */
  tables: string[];
  /** State lives where it cannot be brought back from outside: an instance serves one call. */
  disposable: boolean;
}

const reserved = "molt:";
const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const Section = { custom: 0, import: 2, table: 4, memory: 5, global: 6, export: 7, element: 9, data: 11 } as const;
const vector128 = 0x7b;

class Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte(): number {
    if (this.at >= this.end) throw truncated();
    return this.bytes[this.at++];
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new PluginError("ModuleInvalid", "The module is no WebAssembly: a number is too long.");
  }

  /** Past a signed or unsigned LEB128 number of any width. */
  number(): void {
    while (this.byte() >= 0x80);
  }

  skip(length: number): void {
    if (length > this.end - this.at) throw truncated();
    this.at += length;
  }

  name(): string {
    const length = this.u32();
    const start = this.at;
    this.skip(length);
    return new TextDecoder().decode(this.bytes.subarray(start, this.at));
  }

  limits(): { flags: number; least: number; most: number | undefined } {
    const flags = this.u32();
    if ((flags & ~1) !== 0) throw new PluginError("ModuleInvalid", "Shared and 64-bit memories and tables are not part of the edge tier.");
    return { flags, least: this.u32(), most: flags & 1 ? this.u32() : undefined };
  }

  /** Past a constant expression. */
  expression(): void {
    for (;;) {
      const opcode = this.byte();
      switch (opcode) {
        case 0x0b: return;
        case 0x41: case 0x42: case 0x23: case 0xd0: case 0xd2: this.number(); break;
        case 0x43: this.skip(4); break;
        case 0x44: this.skip(8); break;
        case 0x6a: case 0x6b: case 0x6c: case 0x7c: case 0x7d: case 0x7e: break;
        case 0xfd:
          if (this.u32() !== 0x0c) throw unknownConstant();
          this.skip(16);
          break;
        default: throw unknownConstant();
      }
    }
  }
}

const truncated = () => new PluginError("ModuleInvalid", "The module is no WebAssembly: it ends too early.");
const unknownConstant = () => new PluginError("ModuleInvalid", "The module initialises something with an instruction that the edge tier does not know.");

/** Prepares a module to be compiled: state exported, memory held to `maxPages`. */
export function prepareModule(source: Uint8Array, maxPages: number): PreparedModule {
  for (let i = 0; i < magic.length; i++) {
    if (source[i] !== magic[i]) throw new PluginError("ModuleInvalid", "The module is no WebAssembly module of version 1.");
  }
  const parts: Uint8Array[] = [source.subarray(0, 8)];
  const globals: string[] = [];
  const tables: string[] = [];
  const added: number[] = [];
  let addedCount = 0;
  let disposable = false;
  let exported = false;

  const add = (name: string, kind: number, index: number): string => {
    const text = new TextEncoder().encode(name);
    added.push(...leb(text.length), ...text, kind, ...leb(index));
    addedCount++;
    return name;
  };
  const putExports = (count: number, entries: Uint8Array): void => {
    exported = true;
    const body = [...leb(count + addedCount), ...entries, ...added];
    parts.push(Uint8Array.from([Section.export, ...leb(body.length), ...body]));
  };

  const outer = new Cursor(source, 8, source.length);
  while (outer.at < source.length) {
    const start = outer.at;
    const id = outer.byte();
    const size = outer.u32();
    const inner = new Cursor(source, outer.at, outer.at + size);
    outer.skip(size);
    // Exports come before start, element, code and data; custom sections may stand anywhere.
    if (!exported && id > Section.export && id !== 13) putExports(0, new Uint8Array(0));
    let kept: Uint8Array = source.subarray(start, outer.at);

    if (id === Section.import) {
      for (let count = inner.u32(); count > 0; count--) {
        const name = `${inner.name()}.${inner.name()}`;
        if (inner.byte() !== 0) throw new PluginError("ManifestInvalid", `The module imports ${name}, which is no function.`);
        inner.u32();
      }
    } else if (id === Section.table) {
      const count = inner.u32();
      for (let i = 0; i < count; i++) tables.push(add(`${reserved}table${i}`, 1, i));
    } else if (id === Section.memory) {
      kept = capMemory(inner, maxPages);
    } else if (id === Section.global) {
      const count = inner.u32();
      for (let i = 0; i < count; i++) {
        const type = inner.byte();
        const mutable = inner.byte() === 1;
        inner.expression();
        if (mutable && type === vector128) disposable = true;
        else if (mutable) globals.push(add(`${reserved}global${i}`, 3, i));
      }
    } else if (id === Section.export) {
      const count = inner.u32();
      const entries = inner.at;
      for (let i = 0; i < count; i++) {
        const name = inner.name();
        if (name.startsWith(reserved)) throw new PluginError("ModuleInvalid", `The module exports ${name}; names that begin with ${reserved} are the host's.`);
        inner.byte();
        inner.u32();
      }
      putExports(count, source.subarray(entries, inner.at));
      continue;
    } else if (id === Section.element || id === Section.data) {
      if (hasPassive(inner, id)) disposable = true;
    }
    parts.push(kept);
  }
  return { bytes: concat(parts), globals, tables, disposable };
}

/** The memory section with a maximum of at most `maxPages`. */
function capMemory(section: Cursor, maxPages: number): Uint8Array {
  if (section.u32() !== 1) throw new PluginError("ModuleInvalid", "A module of the edge tier has one memory.");
  const { least, most } = section.limits();
  if (least > maxPages) throw new PluginError("ModuleInvalid", `The module begins with ${least} pages of memory; the limit is ${maxPages}.`);
  const body = [1, 1, ...leb(least), ...leb(Math.min(most ?? maxPages, maxPages))];
  return Uint8Array.from([Section.memory, ...leb(body.length), ...body]);
}

/** True when a segment can be dropped while the module runs, which cannot be undone. */
function hasPassive(section: Cursor, id: number): boolean {
  let passive = false;
  for (let count = section.u32(); count > 0; count--) {
    const flags = section.u32();
    if (id === Section.data) {
      if (flags === 1) passive = true;
      if (flags === 2) section.u32();
      if (flags !== 1) section.expression();
      section.skip(section.u32());
      continue;
    }
    if ((flags & 3) === 1) passive = true;
    if ((flags & 1) === 0) {
      if (flags & 2) section.u32();
      section.expression();
    }
    if (flags & 3) section.byte();
    for (let items = section.u32(); items > 0; items--) {
      if (flags & 4) section.expression();
      else section.u32();
    }
  }
  return passive;
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = (value - low) / 128;
    bytes.push(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  return bytes;
}

function concat(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
