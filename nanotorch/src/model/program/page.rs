//! Text that constants can write.

#[cfg(feature = "alloc")]
use core::fmt;

#[cfg(feature = "alloc")]
use super::Program;
use super::Value;

/// The column at which remarks stand.
const REMARK: usize = 72;

/// Text on its way to a buffer: what doesn't fit is only counted.
pub(super) struct Page<'a> {
    pub(super) bytes: &'a mut [u8],
    pub(super) length: usize,
    pub(super) column: usize,
}

impl Page<'_> {
    #[inline]
    pub(super) const fn text(&mut self, text: &str) {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() {
            self.byte(text[index]);
            index += 1;
        }
    }

    #[inline]
    pub(super) const fn byte(&mut self, byte: u8) {
        if self.length < self.bytes.len() {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
        if byte == b'\n' {
            self.column = 0;
        } else if byte & 0xC0 != 0x80 {
            self.column += 1;
        }
    }

    #[inline]
    pub(super) const fn number(&mut self, number: usize) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    /// `[1, 28, 28]`, or `([10], [1])` of several edges.
    #[inline]
    pub(super) const fn shape(&mut self, value: &Value) {
        if value.edges > 1 {
            self.text("(");
        }
        let mut edge = 0;
        while edge < value.edges {
            self.text(if edge > 0 { ", [" } else { "[" });
            let mut axis = 0;
            while axis < value.ranks[edge] {
                if axis > 0 {
                    self.text(", ");
                }
                self.number(value.dims[edge][axis]);
                axis += 1;
            }
            self.text("]");
            edge += 1;
        }
        if value.edges > 1 {
            self.text(")");
        }
    }

    /// Goes to the column of remarks.
    #[inline]
    pub(super) const fn remark(&mut self) {
        self.byte(b' ');
        while self.column < REMARK {
            self.byte(b' ');
        }
        self.text("// ");
    }
}

#[cfg(feature = "alloc")]
impl fmt::Display for Program {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = alloc::vec![0; self.write(&mut [])];
        self.write(&mut bytes);
        formatter.write_str(&alloc::string::String::from_utf8_lossy(&bytes))
    }
}

#[cfg(feature = "alloc")]
impl fmt::Debug for Program {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
