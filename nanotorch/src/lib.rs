//! Deep learning in which the compiler does the framework's work: from a struct of layers it derives the shape of every edge,
//! forward and backward, the parameters' names, a memory plan of constant size, and kernels for the exact sizes.
//!
//! This page is a guide, in the order of the README; each module says what belongs in it.
//!
//! # A model
//! A struct of layers, in the order in which they run. `input` is the shape of one sample; the batch is never written down.
//!
#![cfg_attr(feature = "data", doc = "```no_run")]
#![cfg_attr(not(feature = "data"), doc = "```ignore")]
//! use nanotorch::prelude::*;
//!
//! #[model(input = [8, 8], batch = 32)]
//! pub struct Net {
//!     flatten: Flatten,
//!     fc1: Linear<64, 256>,
//!     relu: Relu,
//!     dropout: Dropout<30>,
//!     fc2: Linear<256, 10>,
//! }
//!
//! // What it costs is known before it runs: parameters, and the bytes of a step of `batch` samples.
//! const _: () = assert!(Net::PARAMS == 64 * 256 + 256 + 256 * 10 + 10 && Net::TRAIN_BYTES < 2 << 20);
//! const _: () = assert!(size_of::<Net>() == 4 * Net::PARAMS);
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let all: Dataset<R2<8, 8>> = data::digits::open("examples/data/digits.csv.gz")?;
//! let (training, test) = all.split(0.8, 1);
//!
//! // A model is a plain value on the heap: the same seed gives the same parameters.
//! let (mut net, loss) = (Net::new(1), CrossEntropy::default());
//! let trainer = Trainer::<Net, 32>::new(loss, AdamW::new(1e-3)).epochs(30).metric(Accuracy::new());
//! trainer.fit(&mut net, &training, None)?;
//!
//! println!("{}\n{}", Net::summary(), net.evaluate(&test, &loss, Accuracy::new())?);
//! net.fc2.bias[3] += 0.5;
//! checkpoint::save(&*net, "digits.safetensors")?;
//! # Ok(())
//! # }
//! ```
//! The [layers](mod@layer) may be generic, other models, and arrays of those (`[Block; 4]`). `Net<f64>` is the same model in
//! double precision. A field marked `#[frozen]` is not trained: it has no gradient and no moments.
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
//!     fc1: Linear<64, 256>,
//!     relu: Relu,
//!     dropout: Dropout<30>,
//!     fc2: Linear<128, 10>,
//!     // field `fc2: Linear<128, 10>` takes 128 features, but `dropout` gives 256; write `Linear<256, 10>`
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
//! # let program = Gated::explain().to_string();
//! # assert!(program.contains("let d_gate = d_sigmoid * sigmoid (1 - sigmoid);"), "{program}");
//! ```
//!
//! What was derived can be read, forward and backward, a line an edge, with formulas, shapes and bytes: `Gated::explain()` as the
//! program runs, `#[model(input = [6], forward, explain)]` in the build. Its backward pass begins:
//!
//! ```text
//! fn backward(d_sum: [6]) {
//!     let d_product2 = d_sum;                          // [6], the same numbers
//!     let d_product = d_product2 * sigmoid;            // [6], 24 bytes at 0 of scratch
//!     let d_sigmoid = d_product2 * product;            // [6], 24 bytes at 24 of scratch
//!     let d_gate = d_sigmoid * sigmoid (1 - sigmoid);  // [6], in place of d_sigmoid
//!     gradient.gate.weight = d_gateᵀ x;
//! ```
//! With `gradcheck` beside it, `cargo test` compares the gradients with differences.
//!
//! # Training
//! [`Trainer`](train::Trainer) is `fit` with metrics, callbacks, schedules, samples changed at random, accumulated gradients,
//! averaged weights, resuming and a progress bar. The same in the open is [`run::Training`], one step a call. Both allocate nothing in a step.
//!
#![cfg_attr(feature = "train", doc = "```")]
#![cfg_attr(not(feature = "train"), doc = "```ignore")]
//! use nanotorch::prelude::*;
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
//! let trainer = Trainer::<Xor, 4>::new(loss, Adam::new(0.05)).epochs(100).schedule(Cosine::new(0.05, 100));
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
//! # A layer of your own
//! A struct of arrays with `#[layer]` and one `impl Layer`, forward and backward side by side; [`gradcheck`] says whether they
//! belong together. [`NEEDS`](model::Layer::NEEDS) says what backward wants to see again, and the plan keeps that alone.
//!
//! ```
//! use nanotorch::prelude::*;
//!
//! /// `y = x` where it is positive, else `slope * x`, with a slope that is learned.
//! #[layer]
//! pub struct PRelu<T: Float = f32> {
//!     slope: [T; 1],
//! }
//!
//! impl<T: Float> Initialize for PRelu<T> {
//!     fn initialize(&mut self, _: &mut Random) {
//!         self.slope = [T::from_f64(0.25)];
//!     }
//! }
//!
//! impl<I: Shape, T: Float> Layer<I> for PRelu<T> {
//!     type Out = I;
//!     const FLOPS: usize = I::LEN;
//!     const NEEDS: Needs = Needs { input: true, ..Needs::NOTHING };
//!
//!     fn forward<P: Pass>(&self, _: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
//!         for (y, &x) in y.iter_mut().zip(x) {
//!             *y = if x > T::ZERO { x } else { self.slope[0] * x };
//!         }
//!     }
//!
//!     fn backward<P: Pass>(
//!         &self,
//!         pass: &mut P,
//!         edges: Backward<'_, T>,
//!         gradient: Option<&mut Self>,
//!         _: Memory<'_, T>,
//!     ) {
//!         let negative = || edges.x.iter().zip(&*edges.dy).filter(|(x, _)| **x <= T::ZERO);
//!         if let Some(gradient) = gradient {
//!             let sum = negative().fold(T::ZERO, |sum, (&x, &dy)| sum + x * dy);
//!             pass.accumulate().store(&mut gradient.slope[0], sum);
//!         }
//!         if let Some(dx) = edges.dx {
//!             for ((dx, &dy), &x) in dx.iter_mut().zip(&*edges.dy).zip(edges.x) {
//!                 *dx = if x > T::ZERO { dy } else { self.slope[0] * dy };
//!             }
//!         }
//!     }
//! }
//!
//! let layer = model::new::<PRelu<f64>>(1);
//! Gradcheck::default().layer::<R1<3>, _>(&*layer, &[0.5, -1.0, 2.0, -0.3, 0.1, -0.7])?;
//! # Ok::<(), nanotorch::gradcheck::GradcheckError>(())
//! ```
//! An activation is less: a value and a derivative.
//!
//! ```
//! use nanotorch::layer::Elementwise;
//! use nanotorch::op::{Keeps, Unary};
//! use nanotorch::prelude::*;
//! use nanotorch::simd::Vector;
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
//! # Weights
//! [`checkpoint`] reads and writes safetensors with PyTorch's names and shapes; a load that fails leaves the model as it was. A
//! field that is a model can be saved and loaded on its own, such as a pretrained trunk.
//!
//! # Features
//! | feature | by default | what it adds |
//! | --- | --- | --- |
//! | (none) | | shapes, layers, memory plans, kernels: no allocator needed |
//! | `alloc` | yes | tensors as memory, running models, summaries, data sets in memory |
//! | `std` | yes | files, instruction sets found at run time |
//! | `data` | yes | readers of IDX and CSV, plain or gzip |
//! | `train` | yes | `fit`, metrics, callbacks |
//! | `progress` | yes | a progress bar |
//! | `tape` | yes | what is computed with tensors outside of models, `einsum!`, and tapes, which differentiate it |
//! | `convolution` | yes | layers of signals, images and volumes: convolution, pooling, resampling, what normalises or drops channels |
//! | `prebuilt` | yes | convolutions and their kin compiled with the crate, so that they are fast in unoptimised programs, too |
//! | `half` | | tensors of `f16` and `bf16`, to be stored and converted |
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
// Numbers in memory, with a shape, and what can be done with them.
#[cfg(feature = "tape")]
pub mod rule;
#[cfg(feature = "alloc")]
pub mod tensor;

// Which way is down, and how far to go.
pub mod loss;
pub mod optimizer;
pub mod schedule;
// What was done with tensors, and the way back.
#[cfg(feature = "tape")]
pub mod tape;
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

/// Sums over products, with a letter for each axis: what has two letters of a kind is multiplied, what the result doesn't have
/// is summed. For tensors, and for variables of a tape.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
///
/// let (a, b) = (tensor![[1.0, 2.0], [3.0, 4.0]], tensor![[1.0, 0.0], [1.0, 1.0]]);
/// assert_eq!(einsum!("ij,jk->ik", a, b), a.matmul(&b));
/// assert_eq!(einsum!("ij,ij->", a, b), Tensor::from(8.0));
/// assert_eq!(einsum!("ij->j", a), tensor![4.0, 6.0]);
/// assert_eq!(einsum!("ij,jk,k->i", a, b, tensor![1.0, 2.0]), tensor![7.0, 15.0]);
/// ```
/// Letters that don't fit don't compile:
/// ```compile_fail
/// # use nanotorch::{prelude::*, tensor};
/// let _ = einsum!("ij,jk->iz", tensor![[1.0]], tensor![[1.0]]);
/// ```
#[cfg(feature = "tape")]
pub use nanotorch_macros::einsum;
pub use nanotorch_macros::{__derive_forward, forward, layer, model};

/// What most programs use: `use nanotorch::prelude::*;` is enough for every program in the README and in `examples`.
pub mod prelude {
    #[cfg(feature = "alloc")]
    pub use crate::checkpoint;
    #[cfg(feature = "alloc")]
    pub use crate::data::{self, Dataset, Normalization};
    pub use crate::device::Pass;
    #[cfg(feature = "tape")]
    pub use crate::einsum;
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
    #[cfg(feature = "tape")]
    pub use crate::tape::{Recording, Tape, TapeError, Var};
    #[cfg(feature = "tape")]
    pub use crate::tensor::{
        Combinations, Functions, Normalizations, Picks, Products, Rearrangements, Reductions,
    };
    #[cfg(all(feature = "tape", feature = "convolution"))]
    pub use crate::tensor::{Resamplings, Windows};
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
/// What the macros write, by its own name, as messages show it.
#[doc(hidden)]
#[cfg(feature = "alloc")]
pub mod __alloc {
    pub use alloc::boxed::Box;
}
