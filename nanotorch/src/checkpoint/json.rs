//! As much JSON as a header has: objects, strings, whole numbers, lists of those.
//!
//! The header's form is known, so there is no value of any kind and no recursion that a file could make deep.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

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
    pub(super) fn wrong(&self, why: fmt::Arguments<'_>) -> Problem {
        self.wrong_at(self.position, why)
    }

    fn wrong_at(&self, position: usize, why: fmt::Arguments<'_>) -> Problem {
        Problem::Header { offset: self.base + position, why: why.to_string() }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or("")
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.next() {
            self.position += 1;
        }
    }

    /// Takes `symbol` if it comes next.
    fn take(&mut self, symbol: u8) -> bool {
        self.skip_space();
        let there = self.next() == Some(symbol);
        self.position += usize::from(there);
        there
    }

    fn expect(&mut self, symbol: u8) -> Result<(), Problem> {
        if self.take(symbol) { Ok(()) } else { Err(self.other(&format!("`{}`", char::from(symbol)))) }
    }

    /// Nothing but space may follow.
    pub(super) fn end(&mut self) -> Result<(), Problem> {
        self.skip_space();
        if self.next().is_none() { Ok(()) } else { Err(self.other("the end")) }
    }

    /// Something else is expected here.
    fn other(&self, expected: &str) -> Problem {
        match self.rest().chars().next() {
            Some(found) => self.wrong(format_args!("{expected} is expected, not {found:?}")),
            None => self.wrong(format_args!("{expected} is expected, not the end")),
        }
    }

    /// An object: `member` is called before each value, to read it.
    pub(super) fn object(
        &mut self,
        member: &mut dyn FnMut(&mut Self, String) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.expect(b'{')?;
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            member(self, key)?;
            if !self.take(b',') {
                return self.expect(b'}');
            }
        }
    }

    /// A list of whole numbers.
    pub(super) fn numbers(&mut self) -> Result<Vec<usize>, Problem> {
        self.expect(b'[')?;
        let mut numbers = Vec::new();
        if self.take(b']') {
            return Ok(numbers);
        }
        loop {
            numbers.push(self.number()?);
            if !self.take(b',') {
                self.expect(b']')?;
                return Ok(numbers);
            }
        }
    }

    fn number(&mut self) -> Result<usize, Problem> {
        self.skip_space();
        let start = self.position;
        while let Some(b'0'..=b'9') = self.next() {
            self.position += 1;
        }
        let digits = &self.text[start..self.position];
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return Err(self.wrong_at(start, format_args!("a whole number from 0 on is expected")));
        }
        match digits.parse() {
            Ok(number) => Ok(number),
            Err(_) => Err(self.wrong_at(start, format_args!("the number {digits} is too large to be true"))),
        }
    }

    /// A string, its escapes resolved.
    pub(super) fn string(&mut self) -> Result<String, Problem> {
        self.expect(b'"')?;
        let start = self.position;
        let mut text = String::new();
        loop {
            let plain = self.position;
            let symbol = loop {
                match self.next() {
                    Some(symbol @ (b'"' | b'\\' | ..b' ')) => break symbol,
                    Some(_) => self.position += 1,
                    None => return Err(self.wrong_at(start, format_args!("a string has no end"))),
                }
            };
            text.push_str(&self.text[plain..self.position]);
            match symbol {
                b'"' => {
                    self.position += 1;
                    return Ok(text);
                }
                b'\\' => text.push(self.escape()?),
                _ => return Err(self.wrong(format_args!("a string holds a control character"))),
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
                    .ok_or_else(|| self.wrong_at(start, format_args!("an escape stands for no character")))?
            }
            _ => return Err(self.wrong_at(start, format_args!("an escape is unknown"))),
        })
    }

    fn four_digits(&mut self, start: usize) -> Result<u32, Problem> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.next().and_then(|byte| char::from(byte).to_digit(16)) else {
                return Err(
                    self.wrong_at(start, format_args!("four hexadecimal digits are expected after `\\u`"))
                );
            };
            code = code << 4 | digit;
            self.position += 1;
        }
        Ok(code)
    }
}

/// A comma between members, of which the first follows a bracket.
pub(super) fn separate(text: &mut String) {
    if !matches!(text.as_bytes().last(), Some(b'{' | b'[')) {
        text.push(',');
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
            '\0'..='\u{1f}' => quoted += &format!("\\u{:04x}", u32::from(symbol)),
            _ => quoted.push(symbol),
        }
    }
    quoted.push('"');
    quoted
}
