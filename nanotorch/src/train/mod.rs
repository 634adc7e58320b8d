//! Training: `fit`, and the parts that it is made of.
//!
//! [`Trainer`] trains a model on a [`Dataset`](crate::data::Dataset) and returns a [`History`]; [`Evaluate`] says how good a
//! model is and what it answers. A [`Metric`] is measured, a [`Callback`] is told about each epoch and may stop the run.
//!
//! The same by hand, for whoever wants to do something else in the middle:
//!
//! ```
//! use nanotorch::{data::Dataset, loss::CrossEntropy, optimizer::Adam, prelude::*, run::Training};
//!
//! #[model(input = [2])]
//! pub struct Xor {
//!     hidden: Linear<2, 16>,
//!     tanh: Tanh,
//!     head: Linear<16, 2>,
//! }
//! let set: Dataset<R1<2>> = Dataset::from_rows([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])?;
//! let mut model = Xor::new(1);
//! let mut training = Training::<Xor, UpTo<4>>::new(7);
//! let mut optimizer = Adam::new(0.05).build::<Xor>();
//! let mut batches = set.batches::<4>(7);
//! let mut loss = f32::INFINITY;
//! for epoch in 0..100 {
//!     batches.start_epoch(epoch);
//!     while let Some(batch) = batches.next_batch() {
//!         loss = training.step(&mut model, &mut optimizer, &CrossEntropy::default(), batch.inputs, batch.targets)?;
//!     }
//! }
//! assert!(loss < 0.1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod best;
mod callback;
mod confusion;
mod csv_log;
mod error;
mod evaluate;
mod fit;
mod history;
mod inspector;
mod learner;
mod metric;
#[cfg(feature = "plot")]
mod plot;
mod progress;
mod regression;
mod resume;
mod score;
mod trainer;

pub use best::{BestCheckpoint, EarlyStopping};
pub use callback::{Best, Callback, OnEpoch, State};
pub use confusion::ConfusionMatrix;
pub use csv_log::CsvLog;
pub use error::{Origin, TrainError};
pub use evaluate::Evaluate;
pub use history::{Epoch, History};
pub use inspector::Inspector;
pub use metric::{Accuracy, BinaryAccuracy, Metric, TopK};
pub use regression::{MeanAbsoluteError, MeanSquaredError, RSquared};
pub use score::{Evaluation, Scale, Score};
pub use trainer::{OptimizerFor, Trainer};
