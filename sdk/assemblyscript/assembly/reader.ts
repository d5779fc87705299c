/**
 * Reads deterministic MessagePack: fields by index, one byte form per value. The first fault sticks: everything after it
 * reads as nothing, and the call ends with `Status.DecodeError`.
 */
export class Reader {
  failed: bool = false;

  constructor(
    public at: usize,
    public end: usize,
  ) {}

  /** True when the next value is nil, which is then read. */
  nil(): bool {
    if (this.failed || this.at >= this.end || load<u8>(this.at) != 0xc0) return false;
    this.at++;
    return true;
  }

  bool(): bool {
    const byte = this.byte();
    if (byte != 0xc2 && byte != 0xc3) this.failed = true;
    return byte == 0xc3;
  }

  /** A signed integer of any width; also timestamps and durations, in microseconds. */
  int(): i64 {
    const byte = this.byte();
    let value: i64;
    let shortest: bool;
    if (byte >= 0xe0) return <i64>(<i8>byte);
    if (byte == 0xd0) {
      value = <i64>(<i8>this.number(1, 0));
      shortest = value < -32;
    } else if (byte == 0xd1) {
      value = <i64>(<i16>this.number(2, 0));
      shortest = value < i8.MIN_VALUE;
    } else if (byte == 0xd2) {
      value = <i64>(<i32>this.number(4, 0));
      shortest = value < i16.MIN_VALUE;
    } else if (byte == 0xd3) {
      value = <i64>this.number(8, 0);
      shortest = value < i32.MIN_VALUE;
    } else {
      value = <i64>this.unsigned(byte);
      shortest = value >= 0;
    }
    if (!shortest) this.failed = true;
    return value;
  }

  /** An unsigned integer of any width; also the index of an enum's value. */
  uint(): u64 {
    return this.unsigned(this.byte());
  }

  float32(): f32 {
    if (this.byte() != 0xca) this.failed = true;
    return reinterpret<f32>(<u32>this.number(4, 0));
  }

  float64(): f64 {
    if (this.byte() != 0xcb) this.failed = true;
    return reinterpret<f64>(this.number(8, 0));
  }

  string(): string {
    const byte = this.byte();
    let length: u32 = 0;
    if (byte >= 0xa0 && byte <= 0xbf) length = byte & 0x1f;
    else if (byte == 0xd9) length = <u32>this.number(1, 32);
    else if (byte == 0xda) length = <u32>this.number(2, 0x100);
    else if (byte == 0xdb) length = <u32>this.number(4, 0x10000);
    else this.failed = true;
    const at = this.take(length);
    return at ? String.UTF8.decodeUnsafe(at, length) : "";
  }

  bytes(): Uint8Array {
    const byte = this.byte();
    let length: u32 = 0;
    if (byte == 0xc4) length = <u32>this.number(1, 0);
    else if (byte == 0xc5) length = <u32>this.number(2, 0x100);
    else if (byte == 0xc6) length = <u32>this.number(4, 0x10000);
    else this.failed = true;
    const at = this.take(length);
    if (!at) return new Uint8Array(0);
    const bytes = new Uint8Array(<i32>length);
    memory.copy(bytes.dataStart, at, length);
    return bytes;
  }

  /** The number of items that follow: never more than the bytes that are left could hold. */
  list(): i32 {
    return this.count(0x90, 0xdc, 1);
  }

  /** The number of pairs that follow. */
  map(): i32 {
    return this.count(0x80, 0xde, 2);
  }

  /** The number of fields that follow: fewer than the schema has when the last ones are absent. */
  record(): i32 {
    return this.list();
  }

  /** True when field `index` of a record of `fields` fields has a value, to be read next. For optional fields. */
  present(fields: i32, index: i32): bool {
    return index < fields && !this.failed && !this.nil();
  }

  /** The index of the variant; its value follows. */
  union(): u32 {
    if (this.list() != 2) this.failed = true;
    return <u32>this.uint();
  }

  /** Reads past a value. */
  skip(): void {
    // Values still to be read past: a container adds its items, so that nothing recurses.
    let left: u32 = 1;
    while (left && !this.failed && this.at < this.end) {
      const byte = load<u8>(this.at);
      left--;
      if (byte <= 0x7f || byte >= 0xe0 || byte == 0xc0 || byte == 0xc2 || byte == 0xc3) this.at++;
      else if (byte <= 0x8f || byte == 0xde || byte == 0xdf) left += 2 * this.map();
      else if (byte <= 0x9f || byte == 0xdc || byte == 0xdd) left += this.list();
      else if (byte <= 0xbf || (byte >= 0xd9 && byte <= 0xdb)) this.string();
      else if (byte >= 0xc4 && byte <= 0xc6) this.bytes();
      else if (byte == 0xca) this.float32();
      else if (byte == 0xcb) this.float64();
      else if (byte >= 0xcc && byte <= 0xcf) this.uint();
      else this.int();
    }
    if (left) this.failed = true;
  }

  /** Moves past `length` bytes and returns where they begin, or fails and returns 0. */
  private take(length: u32): usize {
    if (this.failed || this.end - this.at < <usize>length) {
      this.failed = true;
      return 0;
    }
    const at = this.at;
    this.at += length;
    return at;
  }

  private byte(): u8 {
    const at = this.take(1);
    return at ? load<u8>(at) : 0xc1;
  }

  /** A big-endian number of `width` bytes that needs all of them: `smallest` refuses longer forms. */
  private number(width: u32, smallest: u64): u64 {
    const at = this.take(width);
    if (!at) return 0;
    let value: u64 = 0;
    for (let i: u32 = 0; i < width; i++) value = (value << 8) | load<u8>(at + i);
    if (value < smallest) this.failed = true;
    return value;
  }

  private unsigned(byte: u8): u64 {
    if (byte <= 0x7f) return byte;
    if (byte == 0xcc) return this.number(1, 0x80);
    if (byte == 0xcd) return this.number(2, 0x100);
    if (byte == 0xce) return this.number(4, 0x10000);
    if (byte == 0xcf) return this.number(8, 0x100000000);
    this.failed = true;
    return 0;
  }

  private count(small: u8, medium: u8, each: u32): i32 {
    const byte = this.byte();
    let count: u32 = 0;
    if ((byte & 0xf0) == small) count = byte & 0x0f;
    else if (byte == medium) count = <u32>this.number(2, 16);
    else if (byte == medium + 1) count = <u32>this.number(4, 0x10000);
    else this.failed = true;
    if (this.failed || count > <u32>(this.end - this.at) / each) {
      this.failed = true;
      return 0;
    }
    return <i32>count;
  }
}
