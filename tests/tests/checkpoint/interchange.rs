//! Files of PyTorch and of the reference implementation, read here and the other way round.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nanotorch::checkpoint::{self, Checkpoint, Contents, Problem};
use nanotorch::model::Module;
use nanotorch::prelude::*;
use nanotorch::run::Inference;
use nanotorch_tests::golden::Golden;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::{Folder, Net, bits, failure};

/// The model of the golden files.
#[model(input = [64])]
pub struct Mlp {
    fc1: Linear<64, 32>,
    relu1: Relu,
    fc2: Linear<32, 16>,
    relu2: Relu,
    fc3: Linear<16, 10>,
}

fn golden_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

#[test]
fn weights_of_pytorch_give_the_outputs_of_pytorch() {
    let golden = Golden::open("models");
    let mut mlp = Mlp::new(5);
    checkpoint::load(&mut *mlp, golden_path("mlp_weights.safetensors")).expect("they fit");
    let input: Vec<f32> = golden.tensor("mlp.x").1.iter().map(|&x| x as f32).collect();
    let mut inference = Inference::<Mlp, Const<5>>::new();
    let logits = inference.run(&mlp, &input).expect("five samples");
    let logits: Vec<f64> = logits.iter().map(|&y| y.into()).collect();
    golden.assert_close("mlp.logits", &logits, 1e-5);
}

#[test]
fn pytorch_reads_weights_written_here() {
    let Ok(python) = std::env::var("PYTORCH_PYTHON") else {
        println!("skipped: PYTORCH_PYTHON names no interpreter that has torch and safetensors");
        return;
    };
    let folder = Folder::new("python");
    let (weights, data) = (folder.join("weights.safetensors"), folder.join("data.safetensors"));
    let mlp = Mlp::new(11);
    checkpoint::save(&*mlp, &weights).expect("the folder can be written to");
    let mut random = Random::new(4);
    let input: Vec<f32> = (0..5 * 64).map(|_| random.normal() as f32).collect();
    let mut inference = Inference::<Mlp, Const<5>>::new();
    let output = inference.run(&mlp, &input).expect("five samples").to_vec();
    let bytes = |values: &[f32]| -> Vec<u8> { values.iter().flat_map(|value| value.to_le_bytes()).collect() };
    let (input, output) = (bytes(&input), bytes(&output));
    let view = |shape, bytes| TensorView::new(Dtype::F32, shape, bytes).expect("shape and bytes agree");
    let tensors = [("__input", view(vec![5, 64], &input[..])), ("__output", view(vec![5, 10], &output[..]))];
    fs::write(&data, safetensors::serialize(tensors, None).expect("it can be written")).expect("likewise");
    let result = Command::new(python)
        .arg(golden_path("check_weights.py"))
        .args([&weights, &data])
        .output()
        .expect("the interpreter can be started");
    let (said, complained) =
        (String::from_utf8_lossy(&result.stdout), String::from_utf8_lossy(&result.stderr));
    println!("{said}");
    assert!(result.status.success(), "{said}{complained}");
}

#[test]
fn the_reference_implementation_reads_the_same() {
    let net = Net::new(3);
    let random = Random::new(8);
    let odd = "quotes \" and \\, a tab\t, 日本語, \u{1F980}, \u{1}";
    let contents = Contents::new().model(&*net).random("data", &random).note(odd, odd);
    let bytes = contents.to_bytes().expect("names differ");
    assert_eq!(bytes, contents.to_bytes().expect("names differ"));
    let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("it is a safetensors file");
    let entries = metadata.metadata().as_ref().expect("there are entries");
    assert_eq!(entries[&format!("nanotorch.note.{odd}")], odd);
    let read = SafeTensors::deserialize(&bytes).expect("it is a safetensors file");
    let mut count = 0;
    nanotorch::model::for_each_parameter::<Net>(|parameter| {
        let view = read.tensor(&parameter.path.to_string()).expect("each parameter is there");
        assert_eq!((view.shape(), view.dtype()), (parameter.dims, Dtype::F32));
        let numbers = view.data().as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
        assert!(numbers.eq(net.values()[parameter.range()].iter().copied()));
        assert_eq!(view.data().as_ptr().align_offset(4), bytes.as_ptr().align_offset(4));
        count += 1;
    });
    assert_eq!(read.len(), count);
    let here = Checkpoint::from_bytes(&bytes).expect("it was written here");
    assert_eq!(here.note(odd), Some(odd));
    assert_eq!(here.random("data").expect("it was saved"), random);
    assert_eq!(here.tensors().map(|(name, _)| name).next(), Some("first.weight"));
}

/// Bytes that the reference implementation writes: tensors in the order of their names, entries in any order.
fn reference(net: &Net, dtype: Dtype, convert: impl Fn(f32) -> Vec<u8>) -> Vec<u8> {
    let mut tensors = Vec::new();
    nanotorch::model::for_each_parameter::<Net>(|parameter| {
        let bytes: Vec<u8> =
            net.values()[parameter.range()].iter().flat_map(|&number| convert(number)).collect();
        tensors.push((parameter.path.to_string(), parameter.dims.to_vec(), bytes));
    });
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (name, TensorView::new(dtype, shape.clone(), bytes).expect("shape and bytes agree"))
    });
    let entries =
        HashMap::from([("format".to_owned(), "pt".to_owned()), ("ä\u{7}\"".to_owned(), "ö\n".to_owned())]);
    safetensors::serialize(views, Some(entries)).expect("it can be written")
}

#[test]
fn what_the_reference_implementation_writes_can_be_read() {
    let (net, mut other) = (Net::new(3), Net::new(4));
    checkpoint::from_bytes(&mut *other, &reference(&net, Dtype::F32, |number| number.to_le_bytes().into()))
        .expect("it fits");
    assert_eq!(bits(net.values()), bits(other.values()));
}

#[test]
fn other_element_types_are_converted_if_asked_for() {
    let folder = Folder::new("convert");
    let path = folder.join("net.safetensors");
    let net = Net::new(3);
    let mut other = Net::new(4);
    let load = |bytes: Vec<u8>, other: &mut Net| {
        fs::write(&path, bytes).expect("the folder can be written to");
        checkpoint::load_converting(other, &path)
    };
    let doubles = reference(&net, Dtype::F64, |number| f64::from(number).to_le_bytes().into());
    let message = failure(&mut *other, &doubles).to_string();
    assert!(
        message.starts_with("9 tensors don't fit:\n  `first.weight` is of F64 in the file, but F32 is expected; `load_converting` converts it"),
        "{message}"
    );
    load(doubles, &mut other).expect("each is a number of f32");
    assert_eq!(bits(net.values()), bits(other.values()));
    let brain = |number: f32| ((number.to_bits() >> 16) as u16).to_le_bytes().into();
    load(reference(&net, Dtype::BF16, brain), &mut other).expect("bfloat16 is a part of f32");
    for (number, cut) in net.values().iter().zip(other.values()) {
        assert_eq!(number.to_bits() & 0xFFFF_0000, cut.to_bits());
    }
    load(reference(&net, Dtype::F16, |_| vec![0x00, 0xBC]), &mut other).expect("half is a part of f32");
    assert!(other.values().iter().all(|&number| number == -1.0));
    let huge = reference(&net, Dtype::F64, |_| 1e300_f64.to_le_bytes().into());
    let error = load(huge, &mut other).expect_err("f32 ends before");
    assert!(
        error.to_string().contains("`last.weight` holds 1e300, which is beyond the range of F32"),
        "{error}"
    );
    assert!(other.values().iter().all(|&number| number == -1.0));
    let integers = reference(&net, Dtype::I32, |_| vec![0; 4]);
    let error = load(integers, &mut other).expect_err("these are no floating-point numbers");
    assert!(
        error.to_string().ends_with("`last.weight` is of I32 in the file, but F32 is expected"),
        "{error}"
    );

    let twin = <Net as Module>::With::<f64>::zeroed();
    checkpoint::save(&*twin, &path).expect("the folder can be written to");
    let error = checkpoint::load(&mut *other, &path).expect_err("these are f64");
    assert!(matches!(&error.problem, Problem::Tensors(tensors) if tensors.len() == 9));
}
