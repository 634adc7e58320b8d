//! The header of a safetensors file: which tensors it holds, and where.
//!
//! A file is: 8 bytes that say how long the header is (u64, little-endian); the header, JSON; the numbers. The tensors lie one
//! behind the other without gaps.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::Problem;
use super::json::{Json, quoted, separate};
use super::order::{given_twice, order_of};

/// The bytes that say how long the header is.
const LENGTH_BYTES: usize = 8;
/// The longest header that is read, as in the reference implementation.
const LONGEST: u64 = 100_000_000;
/// The key under which entries beside the tensors stand.
const ENTRIES: &str = "__metadata__";

/// One tensor.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) name: String,
    /// The element type, as safetensors calls it: `F32`.
    pub(super) element: String,
    pub(super) shape: Vec<usize>,
    /// Where in the file.
    pub(super) bytes: Range<usize>,
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    /// In the order of the file.
    pub(super) tensors: Vec<Entry>,
    /// What else is said, by its key.
    pub(super) entries: Vec<(String, String)>,
}

impl Header {
    /// What is said under that key.
    pub(super) fn entry(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|entry| entry.0 == key).map(|entry| entry.1.as_str())
    }

    /// Reads the header, and makes sure that the file is whole and its tensors lie where they should.
    pub(super) fn read(file: &[u8]) -> Result<Header, Problem> {
        let Some((length, rest)) = file.split_first_chunk::<LENGTH_BYTES>() else {
            return Err(Problem::TooShort { found: file.len() });
        };
        let needed = u64::from_le_bytes(*length);
        let text = usize::try_from(needed).ok().filter(|_| needed <= LONGEST).and_then(|n| rest.get(..n));
        let Some(text) = text else {
            return Err(Problem::HeaderTruncated { needed, found: rest.len() });
        };
        let start = LENGTH_BYTES + text.len();
        let text = core::str::from_utf8(text).map_err(|error| Problem::Header {
            offset: LENGTH_BYTES + error.valid_up_to(),
            why: "it is no text (UTF-8)".to_owned(),
        })?;
        let mut header = Header::default();
        let mut seen_entries = false;
        let mut json = Json::new(text, LENGTH_BYTES);
        json.object(&mut |json, name| {
            if name != ENTRIES {
                let entry = tensor(json, name, start)?;
                header.tensors.push(entry);
                return Ok(());
            }
            if core::mem::replace(&mut seen_entries, true) {
                return Err(json.wrong(format_args!("`{ENTRIES}` stands there twice")));
            }
            json.object(&mut |json, key| {
                let value = json.string()?;
                header.entries.push((key, value));
                Ok(())
            })?;
            match given_twice(header.entries.len(), &|index| &header.entries[index].0) {
                None => Ok(()),
                Some(key) => Err(json.wrong(format_args!("the entry `{key}` stands there twice"))),
            }
        })?;
        json.end()?;
        header.check_places(start, file.len())?;
        Ok(header)
    }

    /// Tensors lie one behind the other from `start` to the end of the file, and no two have the same name.
    fn check_places(&mut self, start: usize, length: usize) -> Result<(), Problem> {
        let tensors = &mut self.tensors;
        let place = |index: usize| (tensors[index].bytes.start, tensors[index].bytes.end);
        let (order, mut sorted) = (order_of(0..tensors.len(), &|a, b| place(a).cmp(&place(b))), Vec::new());
        for index in order {
            sorted.push(core::mem::take(&mut tensors[index]));
        }
        self.tensors = sorted;
        let mut end = start;
        for Entry { name, bytes, .. } in &self.tensors {
            if bytes.start != end {
                let why = format!(
                    "`{name}` begins at byte {}, but what stands before it ends at byte {end}",
                    bytes.start
                );
                return Err(Problem::Header { offset: LENGTH_BYTES, why });
            }
            end = bytes.end;
        }
        if end != length {
            return Err(Problem::DataLength { needed: end as u64, found: length });
        }
        match given_twice(self.tensors.len(), &|index| &self.tensors[index].name) {
            Some(name) => {
                let why = format!("the tensor `{name}` stands there twice");
                Err(Problem::Header { offset: LENGTH_BYTES, why })
            }
            None => Ok(()),
        }
    }
}

/// A header that is being written.
pub(super) struct Draft {
    text: String,
    /// How many bytes of numbers the tensors have so far.
    end: usize,
}

impl Draft {
    /// With what there is beside the tensors.
    pub(super) fn new(entries: &[(String, String)]) -> Self {
        let mut text = String::from("{");
        if !entries.is_empty() {
            text += &format!("\"{ENTRIES}\":{{");
            for (key, value) in entries {
                separate(&mut text);
                text += &format!("{}:{}", quoted(key), quoted(value));
            }
            text.push('}');
        }
        Draft { text, end: 0 }
    }

    /// Adds a tensor of so many bytes, which follow those of the one before.
    pub(super) fn add(&mut self, name: &str, element: &str, shape: &[usize], bytes: usize) {
        let (text, start) = (&mut self.text, self.end);
        self.end += bytes;
        separate(text);
        *text += &format!("{}:{{\"dtype\":\"{element}\",\"shape\":[", quoted(name));
        for length in shape {
            separate(text);
            *text += &format!("{length}");
        }
        *text += &format!("],\"data_offsets\":[{start},{}]}}", self.end);
    }

    /// The bytes from the file's beginning up to the numbers.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.text.push('}');
        // Numbers begin at a multiple of 8, so that a mapped file can be used in place.
        while !self.text.len().is_multiple_of(8) {
            self.text.push(' ');
        }
        let mut bytes = (self.text.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(self.text.as_bytes());
        bytes
    }
}

/// Reads what the header says of the tensor `name`; the file's numbers begin at byte `start`.
fn tensor(json: &mut Json<'_>, name: String, start: usize) -> Result<Entry, Problem> {
    let (mut element, mut shape, mut offsets) = (None, None, None);
    json.object(&mut |json, key| {
        let again = match key.as_str() {
            "dtype" => element.replace(json.string()?).is_some(),
            "shape" => shape.replace(json.numbers()?).is_some(),
            "data_offsets" => offsets.replace(json.numbers()?).is_some(),
            _ => return Err(json.wrong(format_args!("`{name}` has a key `{key}`, which tensors don't have"))),
        };
        if again { Err(json.wrong(format_args!("`{name}` has two keys `{key}`"))) } else { Ok(()) }
    })?;
    let (Some(element), Some(shape), Some(offsets)) = (element, shape, offsets) else {
        return Err(json.wrong(format_args!("`{name}` lacks one of `dtype`, `shape` and `data_offsets`")));
    };
    let places = match offsets[..] {
        [first, end] if first <= end => first.checked_add(start).zip(end.checked_add(start)),
        _ => None,
    };
    let Some((first, end)) = places else {
        return Err(
            json.wrong(format_args!("the `data_offsets` of `{name}` are {offsets:?}; a begin and an end"))
        );
    };
    if let Some((_, bits)) = ELEMENTS.iter().find(|(name, _)| *name == element) {
        let (mut elements, found) = (1_usize, end - first);
        for &length in &shape {
            elements = elements.saturating_mul(length);
        }
        if elements.saturating_mul(*bits).div_ceil(8) != found {
            return Err(json.wrong(format_args!(
                "`{name}` of {element} {shape:?} can't be the {found} bytes that it has"
            )));
        }
    }
    Ok(Entry { name, element, shape, bytes: first..end })
}

/// The element types with the bits that they have; others may have come after this was written.
const ELEMENTS: [(&str, usize); 20] = [
    ("BOOL", 8),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("U8", 8),
    ("I8", 8),
    ("F8_E5M2", 8),
    ("F8_E4M3", 8),
    ("F8_E8M0", 8),
    ("I16", 16),
    ("U16", 16),
    ("F16", 16),
    ("BF16", 16),
    ("I32", 32),
    ("U32", 32),
    ("F32", 32),
    ("I64", 64),
    ("U64", 64),
    ("F64", 64),
    ("C64", 64),
];
