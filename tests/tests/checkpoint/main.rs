//! Checkpoints: what PyTorch and the reference implementation make of them, resumed training, damaged files.

mod damage;
mod interchange;
mod resume;

use std::fs;
use std::path::PathBuf;

use nanotorch::checkpoint::{self, CheckpointError};
use nanotorch::model::Module;
use nanotorch::prelude::*;

/// A model with a part of every kind.
#[model(input = [3])]
pub struct Net {
    first: Linear<3, 5>,
    tanh: Tanh,
    dropout: Dropout<20>,
    #[frozen]
    middle: Linear<5, 4>,
    blocks: [Block; 2],
    last: Linear<4, 2, NoBias>,
}

/// A part of it.
#[model]
pub struct Block {
    fc: Linear<4, 4>,
    relu: Relu,
}

/// A folder for one test, removed with its value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("nanotorch-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the folder for temporary files can be written to");
        Folder(folder)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder is there");
        entries.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The folder lies among temporary files: at worst, it stays there.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// The message of a load that has to fail, which leaves the model as it was.
fn failure<M: Module<Element = f32>>(model: &mut M, bytes: &[u8]) -> CheckpointError {
    let before = bits(model.values());
    let error = checkpoint::from_bytes(model, bytes).expect_err("the bytes don't fit");
    assert_eq!(bits(model.values()), before);
    error
}
