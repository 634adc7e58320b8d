//! Deep learning in which the compiler does the framework's work: from a struct of layers it derives the shape of every edge,
//! forward and backward, the parameters' names, a memory plan of constant size, and kernels for the exact sizes.
//!
//! This page is a guide, in the order of the README; each module says what belongs in it.
//!
//! # A model
//! A struct of layers, in the order in which they run. `input` is the shape of one sample; the batch is never written down.
//!
//! ```
//! use nanotorch::prelude::*;
//!
//! #[model(input = [8, 8], batch = 32)]
//! pub struct Net {
//!     flatten: Flatten,
//!     fc1: Linear<64, 32>,
//!     relu: Relu,
//!     dropout: Dropout<30>,
//!     fc2: Linear<32, 10>,
//! }
//!
//! // A model is a plain value on the heap: the same seed gives the same parameters.
//! let mut net = Net::new(1);
//! net.fc2.bias[3] = 0.5;
//!
//! // What it costs is known before it runs.
//! assert_eq!(Net::PARAMS, 64 * 32 + 32 + 32 * 10 + 10);
//! assert_eq!(size_of::<Net>(), 4 * Net::PARAMS);
//! assert_eq!((Net::INPUT, Net::OUTPUT), (&[8, 8][..], &[10][..]));
//! const _: () = assert!(Net::TRAIN_BYTES < 256 * 1024);
//! println!("{}", Net::summary());
//! ```
//! The layers are in [`mod@layer`]; fields may be generic, other models, and arrays of those (`[Block; 4]`); `#[frozen]` on a field
//! keeps it from being trained. `Net<f64>` is the same model in double precision.
//!
//! # The error that you get
//! A layer that doesn't fit fails in `cargo check`, under its type:
//!
//! ```compile_fail
//! use nanotorch::prelude::*;
//!
//! #[model(input = [8, 8])]
//! pub struct Net {
//!     flatten: Flatten,
//!     fc1: Linear<64, 32>,
//!     fc2: Linear<16, 10>,
//!     // field `fc2: Linear<16, 10>` takes 16 features, but `fc1` gives 32; write `Linear<32, 10>`
//! }
//! ```
//!
//! # More than a chain
//! With `forward`, a function says how edges are connected. It is ordinary Rust that the macro reads: `let`, fields called as
//! `self.fc.forward(x)`, operators and methods between edges, scalars, loops over arrays of layers.
//!
//! ```
//! use nanotorch::prelude::*;
//!
//! #[model(input = [6], forward)]
//! pub struct Gated {
//!     value: Linear<6, 6>,
//!     gate: Linear<6, 6>,
//!     scale: Param<R1<6>, Ones>,
//! }
//!
//! #[forward]
//! impl Gated {
//!     fn forward(&self, x: Edge) -> Edge {
//!         x + self.scale * self.value.forward(x) * self.gate.forward(x).sigmoid()
//!     }
//! }
//! assert_eq!(Gated::OUTPUT, [6]);
//! ```
//!
//! # Training
//! [`Trainer`](train::Trainer) is `fit` with metrics, callbacks and a progress bar; [`run::Training`] is one step, for a loop by
//! hand. Both allocate nothing in a step.
//!
#![cfg_attr(feature = "train", doc = "```")]
#![cfg_attr(not(feature = "train"), doc = "```ignore")]
//! use nanotorch::data::Dataset;
//! use nanotorch::loss::CrossEntropy;
//! use nanotorch::optimizer::Adam;
//! use nanotorch::prelude::*;
//! use nanotorch::run::{Inference, Training};
//! use nanotorch::train::{Accuracy, Evaluate, Trainer};
//!
//! #[model(input = [2])]
//! pub struct Xor {
//!     hidden: Linear<2, 16>,
//!     tanh: Tanh,
//!     head: Linear<16, 2>,
//! }
//! let set: Dataset<R1<2>> = Dataset::from_rows([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])?;
//! let loss = CrossEntropy::default();
//!
//! // In a line or three:
//! let mut net = Xor::new(1);
//! let trainer = Trainer::<Xor, 4>::new(loss, Adam::new(0.05)).epochs(100).metric(Accuracy::new());
//! trainer.quiet().fit(&mut net, &set, None)?;
//! assert!(net.evaluate(&set, &loss, Accuracy::new())?.loss < 0.1);
//!
//! // By hand:
//! let mut net = Xor::new(1);
//! let mut training = Training::<Xor, UpTo<4>>::new(7);
//! let mut optimizer = Adam::new(0.05).build::<Xor>();
//! let mut batches = set.batches::<4>(7);
//! for epoch in 0..100 {
//!     batches.start_epoch(epoch);
//!     while let Some(batch) = batches.next_batch() {
//!         training.step(&mut net, &mut optimizer, &loss, batch.inputs, batch.targets)?;
//!     }
//! }
//!
//! // An inference has no gradient to carry.
//! let mut inference = Inference::<Xor, Const<1>>::new();
//! let logits = inference.run(&net, &[1.0, 0.0])?;
//! assert!(logits[1] > logits[0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//! A batch is `Const<64>`, always full, or `UpTo<64>`, from 1 to 64 samples. Losses are in [`loss`], optimizers in
//! [`optimizer`], learning rates over time in [`schedule`], files of samples in [`data`].
//!
//! # Weights
//! [`checkpoint`] reads and writes safetensors with PyTorch's names and shapes; a load that fails leaves the model as it was.
//!
//! # A layer of your own
//! A struct of arrays with `#[layer]` and one `impl Layer`, forward and backward side by side; [`gradcheck`] says whether they
//! belong together. An activation is less: a value and a derivative.
//!
//! ```
//! use nanotorch::gradcheck::Gradcheck;
//! use nanotorch::layer::Elementwise;
//! use nanotorch::op::{Keeps, Unary};
//! use nanotorch::simd::Vector;
//! use nanotorch::{model, prelude::*};
//!
//! /// `x²`
//! #[derive(Clone, Copy, Default)]
//! pub struct Square;
//!
//! impl Unary for Square {
//!     const NAME: &'static str = "Square";
//!     const KEEPS: Keeps = Keeps::Input;
//!     fn value<V: Vector>(self, x: V) -> V {
//!         x * x
//!     }
//!     fn derivative<V: Vector>(self, x: V) -> V {
//!         x + x
//!     }
//! }
//!
//! #[model(input = [4])]
//! pub struct Net {
//!     fc: Linear<4, 8>,
//!     square: Elementwise<Square>,
//! }
//! let square = model::new::<Elementwise<Square, f64>>(1);
//! Gradcheck::default().layer::<R1<3>, _>(&*square, &[0.5, -1.5, 2.0])?;
//! # Ok::<(), nanotorch::gradcheck::GradcheckError>(())
//! ```
//!
//! # Features
//! | feature | by default | what it adds |
//! | --- | --- | --- |
//! | (none) | | shapes, layers, memory plans, kernels: no allocator needed |
//! | `alloc` | yes | tensors, running models, summaries, data sets in memory |
//! | `std` | yes | files, instruction sets found at run time |
//! | `data` | yes | readers of IDX and CSV, plain or gzip |
//! | `train` | yes | `fit`, metrics, callbacks |
//! | `progress` | yes | a progress bar |
//! | `plot` | | curves as SVG |
#![cfg_attr(not(feature = "std"), no_std)]
#[cfg(feature = "alloc")]
extern crate alloc;
// The macros write paths that begin with the crate's name, in this crate too.
extern crate self as nanotorch;

// The architecture: a module imports only what is above it in this list, and a test sees to that.
//
// Numbers, many of them in one instruction, and who works on them.
pub mod extent;
pub mod random;
pub mod simd;
pub use simd::element;
pub mod threads;
// Algorithms on slices.
pub mod kernel;
// Shapes as types, sentences about them, and memory.
pub mod shape;
pub mod computed;
pub mod message;
mod storage;
// Samples, and files of them.
#[cfg(feature = "alloc")]
pub mod data;
// What there is to compute, and on what.
pub mod device;
pub mod op;
// Layers and models.
pub mod model;
pub mod graph;
pub mod layer;
// Numbers in memory, with a shape.
#[cfg(feature = "alloc")]
pub mod tensor;
// Which way is down, and how far to go.
pub mod loss;
pub mod optimizer;
pub mod schedule;
// Models in files.
#[cfg(feature = "alloc")]
pub mod checkpoint;
// Models at work.
pub mod run;
#[cfg(feature = "alloc")]
pub mod gradcheck;
#[cfg(feature = "alloc")]
pub mod recorder;
#[cfg(feature = "alloc")]
pub mod summary;
#[cfg(feature = "train")]
pub mod train;

pub use nanotorch_macros::{__derive_forward, forward, layer, model};

/// What most programs use: `use nanotorch::prelude::*;` is enough for every program in the README and in `examples`.
pub mod prelude {
    #[cfg(feature = "alloc")]
    pub use crate::checkpoint;
    #[cfg(feature = "alloc")]
    pub use crate::data::{self, Dataset, Normalization};
    pub use crate::device::Pass;
    pub use crate::element::Float;
    #[cfg(feature = "alloc")]
    pub use crate::gradcheck::Gradcheck;
    pub use crate::layer::*;
    pub use crate::loss::{
        BceWithLogits, CrossEntropy, Hinge, Huber, KlDivergence, Mae, Mse, MultiClassHinge, SmoothL1,
        SoftCrossEntropy,
    };
    pub use crate::model::{Backward, Initialize, Layer, Memory, Model, Module, Needs, Parameters};
    #[cfg(feature = "alloc")]
    pub use crate::optimizer::MovingAverage;
    pub use crate::optimizer::{Adam, AdamW, Optimizer, RmsProp, Sgd};
    pub use crate::random::Random;
    pub use crate::run::{Goal, Inference, Training};
    pub use crate::schedule::{Cosine, OneCycle, Schedule};
    pub use crate::shape::{Const, R0, R1, R2, R3, R4, R5, R6, Shape, UpTo};
    #[cfg(feature = "alloc")]
    pub use crate::tensor::{Tensor, View};
    #[cfg(feature = "train")]
    pub use crate::train::{
        Accuracy, BestCheckpoint, ConfusionMatrix, CsvLog, EarlyStopping, Evaluate, History,
        MeanAbsoluteError, RSquared, TopK, Trainer,
    };
    pub use crate::{forward, layer, model, shape};
}

/// Its content if there is an allocator.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "alloc")]
macro_rules! __if_alloc {
    ($($item:item)*) => { $($item)* };
}
/// Nothing, for there is no allocator.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "alloc"))]
macro_rules! __if_alloc {
    ($($item:item)*) => {};
}
#[doc(hidden)]
#[cfg(feature = "alloc")]
pub use alloc::boxed::Box as __Box;
