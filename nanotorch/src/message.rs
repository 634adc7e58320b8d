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
    pub const fn new(text: &str) -> Text {
        Text::EMPTY.text(text)
    }

    /// This text, then `more`.
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
    pub const fn then(self, more: &Text) -> Text {
        self.text(more.as_str())
    }

    /// This text, then a number in decimals.
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

    /// This text, then the lengths of a shape as `[1, 28, 28]`.
    pub const fn shape<S: Shape>(self) -> Text {
        if S::PARTS[1] > 0 {
            return self.number(S::LEN).text(" numbers of several edges");
        }
        self.text("[").lengths::<S>(", ").text("]")
    }

    /// This text, then the lengths of a shape with `between` between them, as `16 x 4 x 4`.
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
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The text.
    pub const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.length);
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    /// Only ASCII overwrites the end; a character cut in half would make the text unreadable, so the cut backs up to a whole one.
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
}
