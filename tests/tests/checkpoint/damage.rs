//! Files that are missing, damaged or of another model.

use std::fs;

use nanotorch::checkpoint::{self, Contents, Problem, TensorProblem};
use nanotorch::prelude::*;
use proptest::prelude::*;
use safetensors::SafeTensors;

use crate::{Folder, Net, bits, failure};

/// The model as it would be with other sizes and names.
#[model(input = [3])]
pub struct Wrong {
    first: Linear<3, 6>,
    tanh: Tanh,
    other: Linear<6, 2>,
}

#[test]
fn each_tensor_that_does_not_fit_is_named() {
    let folder = Folder::new("names");
    let path = folder.join("wrong.safetensors");
    checkpoint::save(&*Wrong::new(1), &path).expect("the folder can be written to");
    let mut net = Net::new(3);
    let before = bits(net.values());
    let error = checkpoint::load(&mut *net, &path).expect_err("it is another model");
    assert_eq!(bits(net.values()), before);
    let expected = "\
11 tensors don't fit:
  `first.weight` is [6, 3] in the file, but [5, 3] is expected
  `first.bias` is [6] in the file, but [5] is expected
  `middle.weight` [4, 5] is missing in the file
  `middle.bias` [4] is missing in the file
  `blocks.0.fc.weight` [4, 4] is missing in the file
  `blocks.0.fc.bias` [4] is missing in the file
  `blocks.1.fc.weight` [4, 4] is missing in the file
  `blocks.1.fc.bias` [4] is missing in the file
  `last.weight` [2, 4] is missing in the file
  `other.weight` [2, 6] is in the file, but in nothing that it is loaded into
  `other.bias` [2] is in the file, but in nothing that it is loaded into";
    assert_eq!(error.to_string(), format!("{}: {expected}", path.display()));
    let Problem::Tensors(tensors) = &error.problem else { panic!("{error:?}") };
    assert_eq!(tensors[2], TensorProblem::Missing { name: "middle.weight".into(), shape: vec![4, 5] });
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let folder = Folder::new("files");
    let path = folder.join("net.safetensors");
    let mut net = Net::new(3);
    let error = checkpoint::load(&mut *net, &path).expect_err("there is no such file");
    assert!(error.to_string().starts_with(&format!("{}: cannot read it: ", path.display())), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    let bytes = checkpoint::to_bytes(&*net).expect("names differ");
    let length = bytes.len();
    fs::write(&path, &bytes[..length - 100]).expect("the folder can be written to");
    let error = checkpoint::load(&mut *net, &path).expect_err("it is truncated");
    let (path, left) = (path.display(), length - 100);
    assert_eq!(
        error.to_string(),
        format!(
            "{path}: the file is truncated: it has {left} of {length} bytes, 100 are missing; copy it anew"
        )
    );
    let message = |net: &mut Net, bytes: &[u8]| failure(net, bytes).to_string();
    assert_eq!(
        message(&mut net, &bytes[..5]),
        "a safetensors file begins with 8 bytes that say how long its header is, but there are only 5 bytes"
    );
    let header = u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes"));
    assert_eq!(
        message(&mut net, &bytes[..100]),
        format!(
            "the header should have {header} bytes, but only 92 follow: the file is truncated, or no safetensors file"
        )
    );
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(
        message(&mut net, &longer),
        format!("the file has {} bytes, but its tensors end at byte {length}", length + 1)
    );
    let file = |header: &str, data: usize| -> Vec<u8> {
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend_from_slice(header.as_bytes());
        file.resize(file.len() + data, 0);
        file
    };
    let cases = [
        ("not json", 0, "at byte 8: `{` is expected, not 'n'"),
        ("{}x", 0, "at byte 10: the end is expected, not 'x'"),
        (r#"{"a"#, 0, "at byte 10: a string has no end"),
        (r#"{"a\q":{}}"#, 0, "at byte 11: an escape is unknown"),
        (r#"{"a\ud800":{}}"#, 0, "at byte 11: an escape stands for no character"),
        (r#"{"a":{"dtype":"F32"}}"#, 0, "`a` lacks one of `dtype`, `shape` and `data_offsets`"),
        (
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
            4,
            "`a` of F32 [2] can't be the 4 bytes",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
            4,
            "at byte 37: a whole number from 0 on",
        ),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "are [4, 0]; a begin and an end"),
        (
            r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            8,
            "`a` begins at byte 66, but what stands before it ends at byte 62",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[18446744073709551615,18446744073709551615],"data_offsets":[0,4]}}"#,
            4,
            "can't be the 4 bytes",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
            4,
            "too large to be true",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            8,
            "the tensor `a` stands there twice",
        ),
        (r#"{"a":{"dtype":"F32","dtype":"F32"}}"#, 0, "`a` has two keys `dtype`"),
        (r#"{"__metadata__":{"x":1}}"#, 0, "`\"` is expected, not '1'"),
    ];
    for (header, data, expected) in cases {
        let message = message(&mut net, &file(header, data));
        assert!(message.contains(expected), "{header}: {message}");
    }
}

#[test]
fn a_save_is_all_or_nothing() {
    let folder = Folder::new("save");
    let path = folder.join("net.safetensors");
    let net = Net::new(3);
    checkpoint::save(&*net, &path).expect("the folder can be written to");
    checkpoint::save(&*net, &path).expect("a file may be replaced");
    assert_eq!(folder.names(), ["net.safetensors"]);
    let nowhere = folder.join("none").join("net.safetensors");
    let error = checkpoint::save(&*net, &nowhere).expect_err("there is no such folder");
    assert!(
        error.to_string().starts_with(&format!("{}: cannot write the file beside it", nowhere.display()))
    );
    let taken = folder.join("taken");
    fs::create_dir_all(taken.join("inside")).expect("the folder can be written to");
    let error = checkpoint::save(&*net, &taken).expect_err("a folder stands there");
    assert!(error.to_string().contains("cannot move the new file to its place"), "{error}");
    let mut names = folder.names();
    names.sort();
    assert_eq!(names, ["net.safetensors", "taken"]);
    let error = checkpoint::save(&*net, "/").expect_err("that is no file");
    assert!(error.to_string().contains("the path names no file"), "{error}");
    let twice = Contents::new().model(&*net).model(&*net).to_bytes().expect_err("each name is there twice");
    assert!(twice.to_string().starts_with("two tensors have the name `first.weight`"), "{twice}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Damaged bytes never panic and never change a model that they aren't loaded into whole; and what is accepted here, the
    /// reference implementation accepts.
    #[test]
    fn damaged_files_change_nothing(
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
            any::<u8>(), prop::sample::select(br#"{}[]",:\u0129 ndF"#.to_vec()),
        ], any::<bool>(), any::<bool>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        extra in 0..3_usize,
    ) {
        let net = Net::new(1);
        let random = Random::new(2);
        let mut bytes = Contents::new().model(&*net).random("data", &random).to_bytes().expect("names differ");
        let header = 8 + u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes")) as usize;
        for (place, byte, in_header, insert) in edits {
            let place = place.index(if in_header { header } else { bytes.len() });
            if insert { bytes.insert(place, byte) } else { bytes[place] = byte }
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        bytes.resize(bytes.len() + extra, 0);
        let mut other = Net::new(5);
        let before = bits(other.values());
        match checkpoint::from_bytes(&mut *other, &bytes) {
            Ok(()) => {
                let reference = SafeTensors::deserialize(&bytes);
                prop_assert!(reference.is_ok(), "{:?}", reference.err());
            }
            Err(error) => {
                prop_assert_eq!(bits(other.values()), before);
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    /// No bytes at all make it panic.
    #[test]
    fn arbitrary_bytes_are_an_error(
        mut bytes in prop::collection::vec(any::<u8>(), 0..200), small in any::<bool>(),
    ) {
        if small && bytes.len() >= 8 {
            let length = (bytes.len() - 8) as u64;
            bytes[..8].copy_from_slice(&length.to_le_bytes());
        }
        let mut net = Net::new(5);
        prop_assert!(checkpoint::from_bytes(&mut *net, &bytes).is_err());
    }
}
