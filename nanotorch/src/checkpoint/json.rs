//! As much JSON as a header has: objects, strings, whole numbers, lists of those.
//!
//! The header's form is known, so there is no value of any kind and no recursion that a file could make deep.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use super::Problem;

/// A place in a text that is being read.
pub(super) struct Json<'a> {
    text: &'a str,
    position: usize,
    /// Where in the file the text begins.
    base: usize,
}

impl<'a> Json<'a> {
    pub(super) fn new(text: &'a str, base: usize) -> Self {
        Json { text, position: 0, base }
    }

    /// An error here.
    pub(super) fn wrong(&self, why: impl Into<String>) -> Problem {
        self.wrong_at(self.position, why)
    }

    fn wrong_at(&self, position: usize, why: impl Into<String>) -> Problem {
        Problem::Header { offset: self.base + position, why: why.into() }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or("")
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.position += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Takes `symbol` if it comes next.
    fn take(&mut self, symbol: char) -> bool {
        self.skip_space();
        let there = self.rest().starts_with(symbol);
        self.position += if there { symbol.len_utf8() } else { 0 };
        there
    }

    fn expect(&mut self, symbol: char) -> Result<(), Problem> {
        if self.take(symbol) {
            return Ok(());
        }
        match self.rest().chars().next() {
            Some(found) => Err(self.wrong(format!("`{symbol}` is expected, not {found:?}"))),
            None => Err(self.wrong(format!("`{symbol}` is expected, not the end"))),
        }
    }

    /// Nothing but space may follow.
    pub(super) fn end(&mut self) -> Result<(), Problem> {
        self.skip_space();
        match self.rest().chars().next() {
            Some(found) => Err(self.wrong(format!("the end is expected, not {found:?}"))),
            None => Ok(()),
        }
    }

    /// An object: `member` is called before each value, to read it.
    pub(super) fn object(
        &mut self,
        member: &mut dyn FnMut(&mut Self, String) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.expect('{')?;
        if self.take('}') {
            return Ok(());
        }
        loop {
            let key = self.string()?;
            self.expect(':')?;
            member(self, key)?;
            if !self.take(',') {
                return self.expect('}');
            }
        }
    }

    /// A list of whole numbers.
    pub(super) fn numbers(&mut self) -> Result<Vec<usize>, Problem> {
        self.expect('[')?;
        let mut numbers = Vec::new();
        if self.take(']') {
            return Ok(numbers);
        }
        loop {
            numbers.push(self.number()?);
            if !self.take(',') {
                self.expect(']')?;
                return Ok(numbers);
            }
        }
    }

    fn number(&mut self) -> Result<usize, Problem> {
        self.skip_space();
        let rest = self.rest();
        let digits = &rest[..rest.find(|symbol: char| !symbol.is_ascii_digit()).unwrap_or(rest.len())];
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return Err(self.wrong("a whole number from 0 on is expected"));
        }
        let number =
            digits.parse().map_err(|_| self.wrong(format!("the number {digits} is too large to be true")))?;
        self.position += digits.len();
        Ok(number)
    }

    /// A string, its escapes resolved.
    pub(super) fn string(&mut self) -> Result<String, Problem> {
        self.expect('"')?;
        let start = self.position;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .find(|symbol| matches!(symbol, '"' | '\\' | '\0'..='\u{1f}'))
                .ok_or_else(|| self.wrong_at(start, "a string has no end"))?;
            text.push_str(&rest[..plain]);
            self.position += plain;
            match rest.as_bytes()[plain] {
                b'"' => {
                    self.position += 1;
                    return Ok(text);
                }
                b'\\' => text.push(self.escape()?),
                _ => return Err(self.wrong("a string holds a control character")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.position;
        let symbol = self.rest().as_bytes().get(1).copied();
        self.position += 2;
        Ok(match symbol {
            Some(symbol @ (b'"' | b'\\' | b'/')) => char::from(symbol),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let mut code = self.four_digits(start)?;
                // A character beyond 16 bits is written as two escapes; a half alone is no character.
                if (0xD800..0xDC00).contains(&code) && self.rest().starts_with("\\u") {
                    self.position += 2;
                    let second = self.four_digits(start)?;
                    if (0xDC00..0xE000).contains(&second) {
                        code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
                    }
                }
                char::from_u32(code)
                    .ok_or_else(|| self.wrong_at(start, "an escape stands for no character"))?
            }
            _ => return Err(self.wrong_at(start, "an escape is unknown")),
        })
    }

    fn four_digits(&mut self, start: usize) -> Result<u32, Problem> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|d| d.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.position += 4;
        code.ok_or_else(|| self.wrong_at(start, "four hexadecimal digits are expected after `\\u`"))
    }
}

/// A string as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for symbol in text.chars() {
        match symbol {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(symbol);
            }
            '\0'..='\u{1f}' => {
                // Writing to a string can't fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(symbol));
            }
            _ => quoted.push(symbol),
        }
    }
    quoted.push('"');
    quoted
}
