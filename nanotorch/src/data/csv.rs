//! CSV: tables of numbers, with or without a header, plain or gzip.
//!
//! A [`CsvReader`] gives a [`Table`], and a table gives a [`Dataset`](super::Dataset) once it is said which column is the label
//! ([`Table::classification`]) or which are the targets ([`Table::regression`]). Every field is a finite number: text,
//! categories and missing values are to be replaced before.
//!
//! Source: RFC 4180.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::source::{Source, with_file};
use super::{DataError, MAX_BYTES};

pub use super::table::{Column, Table};

/// Whether the first line of a CSV file holds names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// It does if none of its fields is a number.
    #[default]
    Detect,
    /// It does.
    Present,
    /// It holds numbers.
    Absent,
}

/// How to read a CSV file: with commas and a detected header, unless it is told otherwise.
///
/// ```
/// use nanotorch::data::{DataError, csv::CsvReader};
///
/// let table = CsvReader::new().delimiter(b';').read("length; width\n1.5; 2\n3; 4e-1\n".as_bytes())?;
/// assert_eq!(table.names(), ["length", "width"]);
/// assert_eq!(table.values(), [1.5, 2.0, 3.0, 0.4]);
///
/// let error = CsvReader::new().read("1,2\n3,four\n".as_bytes()).unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column 2: `four` is not a finite number");
/// # Ok::<(), DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CsvReader {
    delimiter: u8,
    header: Header,
}

impl Default for CsvReader {
    fn default() -> Self {
        Self::new()
    }
}

impl CsvReader {
    /// Fields between commas; a header is detected.
    #[must_use]
    pub fn new() -> Self {
        Self { delimiter: b',', header: Header::Detect }
    }

    /// The byte between fields, such as `b';'` or `b'\t'`.
    #[must_use]
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Whether there is a header.
    #[must_use]
    pub fn header(mut self, header: Header) -> Self {
        self.header = header;
        self
    }

    /// Reads the whole of `reader`, plain or gzip. Blank lines are skipped.
    ///
    /// # Errors
    /// If a field is not a finite number, a line has more or fewer fields than the first, there are no rows, the gzip
    /// stream is damaged, or there are more than [`MAX_BYTES`].
    pub fn read(&self, reader: impl Read) -> Result<Table, DataError> {
        self.read_boxed(Box::new(reader))
    }

    fn read_boxed(&self, reader: Box<dyn Read + '_>) -> Result<Table, DataError> {
        let mut content = BufReader::new(Source::new(reader, MAX_BYTES)?);
        let mut table = Table::new();
        let mut record = Record::new(self.delimiter);
        let mut text = Vec::new();
        // Line by line, so that a line's number is the one an editor shows, and a lost quote doesn't swallow the rest.
        for line in 1.. {
            text.clear();
            match content.read_until(b'\n', &mut text) {
                Ok(0) => break,
                Ok(_) => text.extend((!text.ends_with(b"\n")).then_some(b'\n')),
                Err(error) => return Err(content.get_ref().explain(&error)),
            }
            let mut rest = &text[..];
            while record.parse(line, &mut rest)? {
                self.append(&mut table, line, &record)?;
            }
        }
        match table.columns {
            0 => Err(DataError::Empty { what: "CSV" }),
            _ if table.values.is_empty() => Err(DataError::Empty { what: "CSV after its header" }),
            _ => Ok(table),
        }
    }

    /// Reads a file, plain or gzip.
    ///
    /// ```
    /// let error = nanotorch::data::csv::CsvReader::new().open("no/such.csv").unwrap_err();
    /// assert!(error.to_string().starts_with("no/such.csv: can't be read: "));
    /// ```
    ///
    /// # Errors
    /// Those of [`read`](Self::read), and if the file can't be opened or read.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Table, DataError> {
        self.open_path(path.as_ref())
    }

    fn open_path(&self, path: &Path) -> Result<Table, DataError> {
        with_file(path, |file| Ok(Table { path: Some(path.display().to_string()), ..self.read(file)? }))
    }

    fn append(&self, table: &mut Table, line: u64, record: &Record) -> Result<(), DataError> {
        let found = record.len;
        if table.columns == 0 {
            table.columns = found;
            if self.is_header(record) {
                for index in 0..found {
                    table.names.push(String::from_utf8_lossy(record.field(index)).trim().to_owned());
                }
                return Ok(());
            }
        }
        if found != table.columns {
            return Err(DataError::Ragged { line, found, expected: table.columns });
        }
        table.lines.push(line);
        for index in 0..found {
            let field = record.field(index);
            match number(field) {
                Some(number) if number.is_finite() => table.values.push(number),
                _ => return Err(DataError::NotANumber { line, column: index + 1, text: excerpt(field) }),
            }
        }
        Ok(())
    }

    fn is_header(&self, record: &Record) -> bool {
        match self.header {
            Header::Present => true,
            Header::Absent => false,
            // A single stray word among numbers is an error to report, not a header to skip in silence.
            Header::Detect => (0..record.len).all(|index| number(record.field(index)).is_none()),
        }
    }
}

/// The fields of the record that was parsed last; the memory is used again for the next.
struct Record {
    parser: csv_core::Reader,
    delimiter: u8,
    unquoted: Vec<u8>,
    ends: Vec<usize>,
    len: usize,
}

impl Record {
    fn new(delimiter: u8) -> Self {
        let parser = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        Self { parser, delimiter, unquoted: Vec::new(), ends: Vec::new(), len: 0 }
    }

    /// Takes the next record off `rest`, which is a line with its end; `false` if there is none.
    fn parse(&mut self, line: u64, rest: &mut &[u8]) -> Result<bool, DataError> {
        let separators =
            rest.iter().filter(|&&byte| byte == self.delimiter || matches!(byte, b'\r' | b'\n')).count();
        self.unquoted.resize(self.unquoted.len().max(rest.len()), 0);
        self.ends.resize(self.ends.len().max(separators + 1), 0);
        let (result, read, written, count) =
            self.parser.read_record(rest, &mut self.unquoted, &mut self.ends);
        *rest = &rest[read..];
        self.len = count;
        match result {
            csv_core::ReadRecordResult::Record => Ok(true),
            _ if written == 0 => Ok(false),
            // The line ended within quotes.
            _ => {
                let text = excerpt(&self.unquoted[self.start(count)..written]);
                Err(DataError::NotANumber { line, column: count + 1, text })
            }
        }
    }

    /// Where a field begins.
    fn start(&self, index: usize) -> usize {
        if index == 0 { 0 } else { self.ends[index - 1] }
    }

    fn field(&self, index: usize) -> &[u8] {
        &self.unquoted[self.start(index)..self.ends[index]]
    }
}

fn number(field: &[u8]) -> Option<f64> {
    core::str::from_utf8(field).ok()?.trim().parse().ok()
}

fn excerpt(field: &[u8]) -> String {
    let whole = String::from_utf8_lossy(&field[..field.len().min(160)]);
    let whole = whole.trim();
    match whole.char_indices().nth(40) {
        Some((end, _)) => alloc::format!("{}...", &whole[..end]),
        None => whole.to_owned(),
    }
}
