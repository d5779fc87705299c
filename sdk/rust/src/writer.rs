use alloc::vec::Vec;

/// Writes deterministic MessagePack.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Writer {
        Writer::default()
    }

    /// What was written.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Nothing: an absent optional.
    pub fn nil(&mut self) {
        self.bytes.push(0xc0);
    }

    /// A boolean.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(if value { 0xc3 } else { 0xc2 });
    }

    /// A signed integer of any width; also timestamps and durations, in microseconds.
    pub fn int(&mut self, value: i64) {
        const I8: i64 = i8::MIN as i64;
        const I16: i64 = i16::MIN as i64;
        const I32: i64 = i32::MIN as i64;
        match value {
            0.. => self.uint(value as u64),
            -32..=-1 => self.bytes.push(value as u8),
            I8..=-33 => self.put(0xd0, &(value as i8).to_be_bytes()),
            I16..=-129 => self.put(0xd1, &(value as i16).to_be_bytes()),
            I32..=-32769 => self.put(0xd2, &(value as i32).to_be_bytes()),
            _ => self.put(0xd3, &value.to_be_bytes()),
        }
    }

    /// An unsigned integer of any width; also the index of an enum's value.
    pub fn uint(&mut self, value: u64) {
        match value {
            0..=0x7f => self.bytes.push(value as u8),
            0x80..=0xff => self.put(0xcc, &[value as u8]),
            0x100..=0xffff => self.put(0xcd, &(value as u16).to_be_bytes()),
            0x1_0000..=0xffff_ffff => self.put(0xce, &(value as u32).to_be_bytes()),
            _ => self.put(0xcf, &value.to_be_bytes()),
        }
    }

    /// A float of 32 bits. Every NaN becomes the one that the codec knows.
    pub fn float32(&mut self, value: f32) {
        let bits = if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() };
        self.put(0xca, &bits.to_be_bytes());
    }

    /// A float of 64 bits. Every NaN becomes the one that the codec knows.
    pub fn float64(&mut self, value: f64) {
        let bits = if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() };
        self.put(0xcb, &bits.to_be_bytes());
    }

    /// A text.
    pub fn string(&mut self, value: &str) {
        match value.len() {
            length @ 0..=31 => self.bytes.push(0xa0 | length as u8),
            length @ 32..=0xff => self.put(0xd9, &[length as u8]),
            length @ 0x100..=0xffff => self.put(0xda, &(length as u16).to_be_bytes()),
            length => self.put(0xdb, &(length as u32).to_be_bytes()),
        }
        self.append(value.as_bytes());
    }

    /// Bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        match value.len() {
            length @ 0..=0xff => self.put(0xc4, &[length as u8]),
            length @ 0x100..=0xffff => self.put(0xc5, &(length as u16).to_be_bytes()),
            length => self.put(0xc6, &(length as u32).to_be_bytes()),
        }
        self.append(value);
    }

    /// The number of items that follow.
    pub fn list(&mut self, items: usize) {
        self.count(0x90, 0xdc, items);
    }

    /// The number of pairs that follow, keys ascending.
    pub fn map(&mut self, pairs: usize) {
        self.count(0x80, 0xde, pairs);
    }

    /// The number of fields up to the last present one; absent ones before it are nil.
    pub fn record(&mut self, fields: usize) {
        self.list(fields);
    }

    /// The index of a variant, whose value follows.
    pub fn union(&mut self, variant: u64) {
        self.list(2);
        self.uint(variant);
    }

    /// Bytes as they are.
    pub fn append(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn put(&mut self, lead: u8, rest: &[u8]) {
        self.bytes.push(lead);
        self.bytes.extend_from_slice(rest);
    }

    fn count(&mut self, small: u8, medium: u8, count: usize) {
        match count {
            0..=15 => self.bytes.push(small | count as u8),
            16..=0xffff => self.put(medium, &(count as u16).to_be_bytes()),
            _ => self.put(medium + 1, &(count as u32).to_be_bytes()),
        }
    }
}
