/**
 * Writes deterministic MessagePack. The buffer lies outside the garbage collector's reach: the host frees it after it has
 * copied a result. Text that is not valid Unicode makes the call end with `Status.EncodeError`.
 */
export class Writer {
  data: usize = 0;
  length: u32 = 0;
  failed: bool = false;
  private capacity: u32 = 0;

  nil(): void {
    this.put(0xc0, 0, 0);
  }

  bool(value: bool): void {
    this.put(value ? 0xc3 : 0xc2, 0, 0);
  }

  /** A signed integer of any width; also timestamps and durations, in microseconds. */
  int(value: i64): void {
    if (value >= 0) this.uint(<u64>value);
    else if (value >= -32) this.put(<u8>value, 0, 0);
    else if (value >= i8.MIN_VALUE) this.put(0xd0, 1, <u64>value);
    else if (value >= i16.MIN_VALUE) this.put(0xd1, 2, <u64>value);
    else if (value >= i32.MIN_VALUE) this.put(0xd2, 4, <u64>value);
    else this.put(0xd3, 8, <u64>value);
  }

  /** An unsigned integer of any width; also the index of an enum's value. */
  uint(value: u64): void {
    if (value <= 0x7f) this.put(<u8>value, 0, 0);
    else if (value <= u8.MAX_VALUE) this.put(0xcc, 1, value);
    else if (value <= u16.MAX_VALUE) this.put(0xcd, 2, value);
    else if (value <= u32.MAX_VALUE) this.put(0xce, 4, value);
    else this.put(0xcf, 8, value);
  }

  /** Every NaN becomes the one that the codec knows. */
  float32(value: f32): void {
    this.put(0xca, 4, isNaN(value) ? 0x7fc00000 : reinterpret<u32>(value));
  }

  /** Every NaN becomes the one that the codec knows. */
  float64(value: f64): void {
    this.put(0xcb, 8, isNaN(value) ? 0x7ff8000000000000 : reinterpret<u64>(value));
  }

  string(value: string): void {
    if (!isWellFormed(value)) {
      this.failed = true;
      return;
    }
    const length = <u32>String.UTF8.byteLength(value);
    if (length <= 31) this.put(<u8>(0xa0 | length), 0, 0);
    else if (length <= u8.MAX_VALUE) this.put(0xd9, 1, length);
    else if (length <= u16.MAX_VALUE) this.put(0xda, 2, length);
    else this.put(0xdb, 4, length);
    this.text(value);
  }

  bytes(value: Uint8Array): void {
    const length = <u32>value.length;
    if (length <= u8.MAX_VALUE) this.put(0xc4, 1, length);
    else if (length <= u16.MAX_VALUE) this.put(0xc5, 2, length);
    else this.put(0xc6, 4, length);
    this.append(value.dataStart, length);
  }

  list(items: i32): void {
    this.count(0x90, 0xdc, items);
  }

  /** Pairs follow, keys ascending. */
  map(pairs: i32): void {
    this.count(0x80, 0xde, pairs);
  }

  /** Counts the fields up to the last present one; absent ones before it are nil. */
  record(fields: i32): void {
    this.list(fields);
  }

  union(variant: u32): void {
    this.list(2);
    this.uint(variant);
  }

  /** UTF-8 without a header. */
  text(value: string): void {
    const length = String.UTF8.byteLength(value);
    const at = this.room(<u32>length);
    if (at) String.UTF8.encodeUnsafe(changetype<usize>(value), value.length, at);
  }

  /** Bytes as they are. */
  append(data: usize, length: u32): void {
    const at = this.room(length);
    if (at) memory.copy(at, data, length);
  }

  /** Gives the buffer back. */
  free(): void {
    if (this.data) heap.free(this.data);
    this.data = 0;
    this.length = 0;
    this.capacity = 0;
  }

  private room(length: u32): usize {
    if (this.failed) return 0;
    if (length > this.capacity - this.length) {
      let capacity: u64 = this.capacity ? (<u64>this.capacity) * 2 : 128;
      while (capacity < <u64>this.length + length) capacity *= 2;
      if (capacity > <u64>i32.MAX_VALUE) {
        this.failed = true;
        return 0;
      }
      this.data = this.data ? heap.realloc(this.data, <usize>capacity) : heap.alloc(<usize>capacity);
      this.capacity = <u32>capacity;
    }
    const at = this.data + this.length;
    this.length += length;
    return at;
  }

  /** A leading byte and a big-endian number of `width` bytes. */
  private put(lead: u8, width: u32, value: u64): void {
    const at = this.room(1 + width);
    if (!at) return;
    store<u8>(at, lead);
    for (let i = width; i > 0; i--) {
      store<u8>(at + i, <u8>value);
      value >>= 8;
    }
  }

  private count(small: u8, medium: u8, count: u32): void {
    if (count <= 15) this.put(small | <u8>count, 0, 0);
    else if (count <= u16.MAX_VALUE) this.put(medium, 2, count);
    else this.put(medium + 1, 4, count);
  }
}

function isWellFormed(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit > 0xdbff || i + 1 == text.length) return false;
    const next = text.charCodeAt(++i);
    if (next < 0xdc00 || next > 0xdfff) return false;
  }
  return true;
}
