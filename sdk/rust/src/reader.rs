use core::str;

/// The payload is not what is being read: another kind of value, a longer form than needed, or an early end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault;

type Read<T> = Result<T, Fault>;

/// Reads deterministic MessagePack. Text and bytes stay where they are in the payload.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of a payload.
    pub fn new(payload: &'a [u8]) -> Reader<'a> {
        Reader { left: payload }
    }

    /// True when the next value is nil, which is then read.
    pub fn nil(&mut self) -> bool {
        let is = self.left.first() == Some(&0xc0);
        if is {
            self.left = &self.left[1..];
        }
        is
    }

    /// A boolean.
    pub fn bool(&mut self) -> Read<bool> {
        match self.byte()? {
            0xc2 => Ok(false),
            0xc3 => Ok(true),
            _ => Err(Fault),
        }
    }

    /// A signed integer of any width; also timestamps and durations, in microseconds.
    pub fn int(&mut self) -> Read<i64> {
        let byte = self.byte()?;
        let (value, shortest) = match byte {
            0xe0..=0xff => return Ok(byte as i8 as i64),
            0xd0 => (self.number(1, 0)? as i8 as i64, -33),
            0xd1 => (self.number(2, 0)? as i16 as i64, i8::MIN as i64 - 1),
            0xd2 => (self.number(4, 0)? as i32 as i64, i16::MIN as i64 - 1),
            0xd3 => (self.number(8, 0)? as i64, i32::MIN as i64 - 1),
            _ => return i64::try_from(self.unsigned(byte)?).map_err(|_| Fault),
        };
        if value > shortest {
            return Err(Fault);
        }
        Ok(value)
    }

    /// An unsigned integer of any width; also the index of an enum's value.
    pub fn uint(&mut self) -> Read<u64> {
        let byte = self.byte()?;
        self.unsigned(byte)
    }

    /// A float of 32 bits.
    pub fn float32(&mut self) -> Read<f32> {
        self.expect(0xca)?;
        Ok(f32::from_bits(self.number(4, 0)? as u32))
    }

    /// A float of 64 bits.
    pub fn float64(&mut self) -> Read<f64> {
        self.expect(0xcb)?;
        Ok(f64::from_bits(self.number(8, 0)?))
    }

    /// A text.
    pub fn string(&mut self) -> Read<&'a str> {
        let length = match self.byte()? {
            byte @ 0xa0..=0xbf => (byte & 0x1f) as u64,
            0xd9 => self.number(1, 32)?,
            0xda => self.number(2, 0x100)?,
            0xdb => self.number(4, 0x10000)?,
            _ => return Err(Fault),
        };
        str::from_utf8(self.take(length)?).map_err(|_| Fault)
    }

    /// Bytes.
    pub fn bytes(&mut self) -> Read<&'a [u8]> {
        let length = match self.byte()? {
            0xc4 => self.number(1, 0)?,
            0xc5 => self.number(2, 0x100)?,
            0xc6 => self.number(4, 0x10000)?,
            _ => return Err(Fault),
        };
        self.take(length)
    }

    /// The number of items that follow: never more than the bytes that are left could hold.
    pub fn list(&mut self) -> Read<usize> {
        self.count(0x90, 0xdc, 1)
    }

    /// The number of pairs that follow.
    pub fn map(&mut self) -> Read<usize> {
        self.count(0x80, 0xde, 2)
    }

    /// The number of fields that follow: fewer than the schema has when the last ones are absent.
    pub fn record(&mut self) -> Read<usize> {
        self.list()
    }

    /// True when field `index` of a record of `fields` fields has a value, to be read next. For optional fields.
    pub fn present(&mut self, fields: usize, index: usize) -> bool {
        index < fields && !self.nil()
    }

    /// The index of the variant; its value follows.
    pub fn union(&mut self) -> Read<u64> {
        if self.list()? != 2 {
            return Err(Fault);
        }
        self.uint()
    }

    /// Reads past a value.
    pub fn skip(&mut self) -> Read<()> {
        // Values still to be read past: a container adds its items, so that nothing recurses.
        let mut values = 1usize;
        while values > 0 {
            values -= 1;
            match *self.left.first().ok_or(Fault)? {
                0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => self.left = &self.left[1..],
                0x80..=0x8f | 0xde | 0xdf => values += 2 * self.map()?,
                0x90..=0x9f | 0xdc | 0xdd => values += self.list()?,
                0xa0..=0xbf | 0xd9..=0xdb => drop(self.string()?),
                0xc4..=0xc6 => drop(self.bytes()?),
                0xca => drop(self.float32()?),
                0xcb => drop(self.float64()?),
                0xcc..=0xcf => drop(self.uint()?),
                0xd0..=0xd3 => drop(self.int()?),
                _ => return Err(Fault),
            }
        }
        Ok(())
    }

    /// True when nothing is left.
    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    fn take(&mut self, length: u64) -> Read<&'a [u8]> {
        if length > self.left.len() as u64 {
            return Err(Fault);
        }
        let (taken, left) = self.left.split_at(length as usize);
        self.left = left;
        Ok(taken)
    }

    fn byte(&mut self) -> Read<u8> {
        Ok(self.take(1)?[0])
    }

    fn expect(&mut self, lead: u8) -> Read<()> {
        if self.byte()? == lead {
            Ok(())
        } else {
            Err(Fault)
        }
    }

    /// A big-endian number of `width` bytes that needs all of them: `smallest` refuses longer forms.
    fn number(&mut self, width: u64, smallest: u64) -> Read<u64> {
        let value = self.take(width)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        if value < smallest {
            return Err(Fault);
        }
        Ok(value)
    }

    fn unsigned(&mut self, byte: u8) -> Read<u64> {
        match byte {
            0x00..=0x7f => Ok(byte.into()),
            0xcc => self.number(1, 0x80),
            0xcd => self.number(2, 0x100),
            0xce => self.number(4, 0x10000),
            0xcf => self.number(8, 0x1_0000_0000),
            _ => Err(Fault),
        }
    }

    fn count(&mut self, small: u8, medium: u8, each: u64) -> Read<usize> {
        let byte = self.byte()?;
        let count = if byte & 0xf0 == small {
            (byte & 0x0f).into()
        } else if byte == medium {
            self.number(2, 16)?
        } else if byte == medium + 1 {
            self.number(4, 0x10000)?
        } else {
            return Err(Fault);
        };
        if count > self.left.len() as u64 / each {
            return Err(Fault);
        }
        Ok(count as usize)
    }
}
