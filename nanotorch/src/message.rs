//! Sentences that the compiler writes: text built in constants, so that a compile error can hold decimal numbers.
//!
//! Here is only the string builder; what a layer has to say is with the layer.

use core::fmt;

use crate::shape::Shape;

/// How many bytes a message holds; what is longer ends in `...`.
const CAPACITY: usize = 512;

/// A short text that constants can build.
///
/// ```
/// use nanotorch::message::Text;
/// const TEXT: Text = Text::new("takes ").number(240).text(" features");
/// assert_eq!(TEXT.as_str(), "takes 240 features");
/// ```
#[derive(Clone, Copy)]
pub struct Text {
    bytes: [u8; CAPACITY],
    length: usize,
}

impl Text {
    /// No text.
    pub const EMPTY: Text = Text { bytes: [0; CAPACITY], length: 0 };

    /// The given text.
    #[inline]
    pub const fn new(text: &str) -> Text {
        Text::EMPTY.text(text)
    }

    /// This text, then `more`.
    #[inline]
    pub const fn text(mut self, more: &str) -> Text {
        let more = more.as_bytes();
        let mut index = 0;
        while index < more.len() {
            if self.length == CAPACITY {
                return self.shortened();
            }
            self.bytes[self.length] = more[index];
            self.length += 1;
            index += 1;
        }
        self
    }

    /// This text, then another one.
    #[inline]
    pub const fn then(self, more: &Text) -> Text {
        self.text(more.as_str())
    }

    /// This text, then a number in decimals.
    #[inline]
    pub const fn number(self, number: usize) -> Text {
        let mut digits = [0; 20];
        let (mut rest, mut start) = (number, digits.len());
        loop {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let (_, digits) = digits.split_at(start);
        match core::str::from_utf8(digits) {
            Ok(digits) => self.text(digits),
            Err(_) => self,
        }
    }

    /// This text, then a shape as `[1, 28, 28]`, "a scalar", or `[4] and [3]` for several edges.
    #[inline]
    pub const fn shape<S: Shape>(mut self) -> Text {
        let mut part = 0;
        while part < edges_of::<S>() {
            if part > 0 {
                self = self.text(" and ");
            }
            self = if S::PART_RANKS[part] == 0 {
                self.text("a scalar")
            } else {
                self.list(&S::PART_DIMS[part], S::PART_RANKS[part])
            };
            part += 1;
        }
        self
    }

    /// This text, then a shape as `#[model]` declares it: `[1, 28, 28]`, `[]`, or `([4], [3])` for several edges.
    #[inline]
    pub const fn declaration<S: Shape>(mut self) -> Text {
        let several = edges_of::<S>() > 1;
        self = if several { self.text("(") } else { self };
        let mut part = 0;
        while part < edges_of::<S>() {
            self = if part > 0 { self.text(", ") } else { self };
            self = self.list(&S::PART_DIMS[part], S::PART_RANKS[part]);
            part += 1;
        }
        if several { self.text(")") } else { self }
    }

    /// This text, then the first `count` numbers as `[1, 28, 28]`.
    #[inline]
    pub const fn list(mut self, numbers: &[usize], count: usize) -> Text {
        self = self.text("[");
        let mut index = 0;
        while index < count {
            self = if index > 0 { self.text(", ") } else { self };
            self = self.number(numbers[index]);
            index += 1;
        }
        self.text("]")
    }

    /// This text, then which axes there are: "its axes are 0 to 2".
    #[inline]
    pub const fn axes(self, rank: usize) -> Text {
        match rank {
            0 => self.text("a scalar has no axes"),
            1 => self.text("its one axis is axis 0"),
            _ => self.text("its axes are 0 to ").number(rank - 1),
        }
    }

    /// This text, then a number with what it counts: "1 edge", "2 edges".
    #[inline]
    pub const fn counted(self, number: usize, what: &str) -> Text {
        let counted = self.number(number).text(" ").text(what);
        if number == 1 { counted } else { counted.text("s") }
    }

    /// This text, then the lengths of a shape with `between` between them, as `16 x 4 x 4`.
    #[inline]
    pub const fn lengths<S: Shape>(mut self, between: &str) -> Text {
        let mut axis = 0;
        while axis < S::RANK {
            if axis > 0 {
                self = self.text(between);
            }
            self = self.number(S::DIMS[axis]);
            axis += 1;
        }
        self
    }

    /// Whether there is no text.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The text.
    #[inline]
    pub const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.length);
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    /// Only ASCII overwrites the end; a character cut in half would make the text unreadable, so the cut backs up to a whole one.
    #[inline]
    const fn shortened(mut self) -> Text {
        let mut end = CAPACITY - 3;
        while end > 0 && (self.bytes[end] & 0xC0) == 0x80 {
            end -= 1;
        }
        self.bytes[end] = b'.';
        self.bytes[end + 1] = b'.';
        self.bytes[end + 2] = b'.';
        self.length = end + 3;
        self
    }
}

/// How many edges are joined in a shape; 1 for a plain one.
#[inline]
pub(crate) const fn edges_of<S: Shape>() -> usize {
    let mut part = 1;
    while part < S::PARTS.len() && S::PARTS[part] > 0 {
        part += 1;
    }
    part
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let mut text = Text::EMPTY;
        for _ in 0..300 {
            text = text.text("é");
        }
        assert!(text.as_str().ends_with("..."));
        assert!(text.as_str().starts_with("éé"));
        assert_eq!(Text::new("a").text("b").number(0).as_str(), "ab0");
    }

    #[test]
    fn shapes_are_told_as_they_are_written() {
        use crate::computed::Joined;
        use crate::shape::{R0, R1, R2};
        assert_eq!(Text::EMPTY.shape::<R2<4, 6>>().as_str(), "[4, 6]");
        assert_eq!(Text::EMPTY.shape::<R0>().as_str(), "a scalar");
        assert_eq!(Text::EMPTY.shape::<Joined<(R1<4>, R0)>>().as_str(), "[4] and a scalar");
        assert_eq!(Text::EMPTY.declaration::<Joined<(R1<4>, R1<3>)>>().as_str(), "([4], [3])");
        assert_eq!(Text::EMPTY.declaration::<R0>().as_str(), "[]");
        assert_eq!(Text::EMPTY.counted(1, "edge").as_str(), "1 edge");
        assert_eq!(Text::EMPTY.counted(2, "edge").as_str(), "2 edges");
    }
}
