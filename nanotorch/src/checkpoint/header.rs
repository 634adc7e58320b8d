//! The header of a safetensors file: which tensors it holds, and where.
//!
//! A file is: 8 bytes that say how long the header is (u64, little-endian); the header, JSON; the numbers. The tensors lie one
//! behind the other without gaps.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use core::ops::Range;

use super::Problem;
use super::json::{Json, quoted};
use super::order::{given_twice, order_of};

/// The bytes that say how long the header is.
const LENGTH_BYTES: usize = 8;
/// The longest header that is read, as in the reference implementation.
const LONGEST: u64 = 100_000_000;
/// The key under which entries beside the tensors stand.
const ENTRIES: &str = "__metadata__";

/// One tensor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    /// The element type, as safetensors calls it: `F32`.
    pub(super) element: String,
    pub(super) shape: Vec<usize>,
    /// Where in the file.
    pub(super) bytes: Range<usize>,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
                return Err(json.wrong(format!("`{ENTRIES}` stands there twice")));
            }
            json.object(&mut |json, key| {
                let value = json.string()?;
                header.entries.push((key, value));
                Ok(())
            })?;
            let keys: Vec<&str> = header.entries.iter().map(|entry| entry.0.as_str()).collect();
            match given_twice(&keys) {
                None => Ok(()),
                Some(key) => Err(json.wrong(format!("the entry `{key}` stands there twice"))),
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
        let order = order_of(tensors.len(), &|a, b| place(a).cmp(&place(b)));
        *tensors = order.into_iter().map(|index| core::mem::take(&mut tensors[index])).collect();
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
        let names: Vec<&str> = self.tensors.iter().map(|entry| entry.name.as_str()).collect();
        match given_twice(&names) {
            Some(name) => {
                let why = format!("the tensor `{name}` stands there twice");
                Err(Problem::Header { offset: LENGTH_BYTES, why })
            }
            None => Ok(()),
        }
    }

    /// The bytes from the file's beginning up to the numbers, of tensors that lie in this order.
    pub(super) fn write<'a>(
        tensors: impl Iterator<Item = (&'a str, &'static str, &'a [usize], usize)>,
        entries: &[(String, String)],
    ) -> Vec<u8> {
        let mut text = String::from("{");
        // Writing to a string can't fail.
        if !entries.is_empty() {
            let members: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))).collect();
            let _ = write!(text, "\"{ENTRIES}\":{{{}}}", members.join(","));
        }
        let mut start = 0;
        for (name, element, shape, length) in tensors {
            let comma = if text.len() > 1 { "," } else { "" };
            let lengths: Vec<String> = shape.iter().map(|length| format!("{length}")).collect();
            let (name, shape, end) = (quoted(name), lengths.join(","), start + length);
            let _ = write!(
                text,
                "{comma}{name}:{{\"dtype\":\"{element}\",\"shape\":[{shape}],\"data_offsets\":[{start},{end}]}}"
            );
            start = end;
        }
        text.push('}');
        // Numbers begin at a multiple of 8, so that a mapped file can be used in place.
        while !text.len().is_multiple_of(8) {
            text.push(' ');
        }
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(text.as_bytes());
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
            _ => return Err(json.wrong(format!("`{name}` has a key `{key}`, which tensors don't have"))),
        };
        if again { Err(json.wrong(format!("`{name}` has two keys `{key}`"))) } else { Ok(()) }
    })?;
    let (Some(element), Some(shape), Some(offsets)) = (element, shape, offsets) else {
        return Err(json.wrong(format!("`{name}` lacks one of `dtype`, `shape` and `data_offsets`")));
    };
    let places = match offsets[..] {
        [first, end] if first <= end => first.checked_add(start).zip(end.checked_add(start)),
        _ => None,
    };
    let Some((first, end)) = places else {
        return Err(json.wrong(format!("the `data_offsets` of `{name}` are {offsets:?}; a begin and an end")));
    };
    let elements = shape.iter().try_fold(1_usize, |product, &length| product.checked_mul(length));
    if let Some(bits) = element_bits(&element) {
        let needed = elements.and_then(|elements| elements.checked_mul(bits)).map(|bits| bits.div_ceil(8));
        if needed != Some(end - first) {
            let found = end - first;
            return Err(
                json.wrong(format!("`{name}` of {element} {shape:?} can't be the {found} bytes that it has"))
            );
        }
    }
    Ok(Entry { name, element, shape, bytes: first..end })
}

/// The size of an element; `None` of those that came after this was written.
fn element_bits(element: &str) -> Option<usize> {
    Some(match element {
        "F4" => 4,
        "F6_E2M3" | "F6_E3M2" => 6,
        "BOOL" | "U8" | "I8" | "F8_E5M2" | "F8_E4M3" | "F8_E8M0" => 8,
        "I16" | "U16" | "F16" | "BF16" => 16,
        "I32" | "U32" | "F32" => 32,
        "I64" | "U64" | "F64" | "C64" => 64,
        _ => return None,
    })
}
