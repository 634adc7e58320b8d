//! What is written to a checkpoint.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;
use core::ops::Range;
#[cfg(feature = "std")]
use std::path::Path as FilePath;

use super::header::Draft;
use super::number::{bytes_of, element_of};
use super::order::given_twice;
use super::{CheckpointError, Problem};
use crate::model::parameters::visit_each;
use crate::model::{Module, Parameters, Path, Walk};
use crate::optimizer::{MovingAverage, Optimizer};
use crate::random::Random;

/// Names of entries and prefixes of tensors, for the writer and the reader.
pub(super) mod names {
    /// The kind of optimizer.
    pub(in super::super) const OPTIMIZER: &str = "nanotorch.optimizer";
    /// How many steps it has taken.
    pub(in super::super) const STEPS: &str = "nanotorch.optimizer.steps";
    /// Its learning rate.
    pub(in super::super) const LEARNING_RATE: &str = "nanotorch.optimizer.learning_rate";
    /// How often the moving average was updated.
    pub(in super::super) const UPDATES: &str = "nanotorch.average.updates";
    /// Before the name of random numbers.
    pub(in super::super) const RANDOM: &str = "nanotorch.random.";
    /// Before the name of a note.
    pub(in super::super) const NOTE: &str = "nanotorch.note.";
    /// Before the names of the optimizer's tensors.
    pub(in super::super) const OPTIMIZER_PREFIX: &str = "optimizer.";
    /// Before the names of the average's tensors.
    pub(in super::super) const AVERAGE_PREFIX: &str = "average.";
}

/// What stands before the names of the tensors of an optimizer's moment.
pub(super) fn prefix_of(moment: &str) -> String {
    format!("{}{moment}.", names::OPTIMIZER_PREFIX)
}

/// What goes into a checkpoint: borrowed, until [`save`](Contents::save) writes it.
///
/// ```
/// use nanotorch::checkpoint::{Checkpoint, Contents};
/// use nanotorch::{loss::Mse, optimizer::Adam, prelude::*, run::Training};
/// # #[model(input = [2])]
/// # pub struct Line {
/// #     fc: Linear<2, 1>,
/// # }
/// # let batch = ([0.0, 1.0, 1.0, 0.0], [1.0, 2.0]);
/// let mut line = Line::new(1);
/// let mut training = Training::<Line, Const<2>>::new(7);
/// let mut adam = Adam::new(0.1).build::<Line>();
/// training.step(&mut line, &mut adam, &Mse::default(), &batch.0, &batch.1)?;
/// let bytes = Contents::new()
///     .model(&*line)
///     .optimizer(&adam)
///     .random("training", training.random())
///     .note("epoch", 3)
///     .to_bytes()?;
///
/// let checkpoint = Checkpoint::from_bytes(&bytes)?;
/// let mut resumed = Line::new(2);
/// let mut resumed_adam = Adam::new(0.1).build::<Line>();
/// checkpoint.restore().model(&mut *resumed).optimizer(&mut resumed_adam).finish()?;
/// training.set_random(checkpoint.random("training")?);
/// assert_eq!(checkpoint.note("epoch"), Some("3"));
/// assert_eq!(resumed.fc.weight, line.fc.weight);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is written before `save` or `to_bytes`"]
#[derive(Debug, Default)]
pub struct Contents<'a> {
    tensors: Vec<Tensor<'a>>,
    /// In the order of their keys.
    entries: Vec<(String, String)>,
}

#[derive(Debug)]
struct Tensor<'a> {
    name: String,
    element: &'static str,
    shape: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Contents<'a> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The parameters of a model, under their own names: `fc1.weight`.
    pub fn model<M: Parameters>(mut self, model: &'a M) -> Self {
        self.add_all("", model);
        self
    }

    /// The state of an optimizer: its moments as `optimizer.exp_avg.fc1.weight`, its steps and learning rate.
    pub fn optimizer<M: Module, O: Optimizer<M>>(mut self, optimizer: &'a O) -> Self {
        optimizer.moments(&mut |name, moment: &'a M::Gradient| self.add_all(&prefix_of(name), moment));
        self.enter_optimizer(optimizer.name(), optimizer.steps(), optimizer.learning_rate());
        self
    }

    fn enter_optimizer(&mut self, name: &str, steps: u64, learning_rate: f64) {
        self.enter(names::OPTIMIZER, name.to_string());
        self.enter(names::STEPS, steps.to_string());
        // `{:?}` of a float is the shortest text that is read as the same number.
        self.enter(names::LEARNING_RATE, format!("{learning_rate:?}"));
    }

    /// A moving average of the model, as `average.fc1.weight`.
    pub fn average<M: Parameters>(mut self, average: &'a MovingAverage<M>) -> Self {
        self.add_all(names::AVERAGE_PREFIX, average.model());
        self.enter(names::UPDATES, average.updates().to_string());
        self
    }

    /// The state of random numbers, under a name of one's choice.
    pub fn random(mut self, name: &str, random: &Random) -> Self {
        let [a, b, c, d] = random.state();
        self.enter(&format!("{}{name}", names::RANDOM), format!("{a:016x} {b:016x} {c:016x} {d:016x}"));
        self
    }

    /// Anything else that can be written as text: an epoch, the best loss so far.
    pub fn note(mut self, name: &str, value: impl Display) -> Self {
        self.enter_note(name, &value);
        self
    }

    /// Not generic, so that it is compiled once.
    fn enter_note(&mut self, name: &str, value: &dyn Display) {
        self.enter(&format!("{}{name}", names::NOTE), value.to_string());
    }

    /// Enters a text; what was there under that name is replaced.
    fn enter(&mut self, name: &str, value: String) {
        match self.entries.binary_search_by(|entry| entry.0.as_str().cmp(name)) {
            Ok(place) => self.entries[place].1 = value,
            Err(place) => self.entries.insert(place, (name.to_string(), value)),
        }
    }

    fn add_all<P: Parameters>(&mut self, prefix: &str, numbers: &'a P) {
        let values = numbers.values();
        let bytes = |range: Range<usize>| bytes_of::<P::Element>(&values[range]);
        self.add_each(prefix, P::describe, element_of::<P::Element>(), &bytes);
    }

    /// The same for all models: so it is compiled in the crate, rather than for each.
    fn add_each(
        &mut self,
        prefix: &str,
        describe: fn(&Path<'_>, &mut Walk<'_>),
        element: &'static str,
        bytes: &dyn Fn(Range<usize>) -> Cow<'a, [u8]>,
    ) {
        visit_each(describe, &mut |parameter| {
            let (name, shape) = (format!("{prefix}{}", parameter.path), parameter.dims.to_vec());
            self.tensors.push(Tensor { name, element, shape, bytes: bytes(parameter.range()) });
        });
    }

    /// The first bytes of the file, up to the numbers.
    fn header(&self) -> Result<Vec<u8>, Problem> {
        let tensors = &self.tensors;
        if let Some(name) = given_twice(tensors.len(), &|index| &tensors[index].name) {
            return Err(Problem::SameName { name: name.to_string() });
        }
        let mut header = Draft::new(&self.entries);
        for Tensor { name, element, shape, bytes } in tensors {
            header.add(name, element, shape, bytes.len());
        }
        Ok(header.finish())
    }

    /// The file, piece by piece.
    fn pieces<'b>(&'b self, header: &'b [u8]) -> Vec<&'b [u8]> {
        let mut pieces = Vec::from([header]);
        for tensor in &self.tensors {
            pieces.push(&tensor.bytes);
        }
        pieces
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// Two tensors have the same name.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        Ok(self.pieces(&self.header()?).concat())
    }

    /// Writes the file, in one move: what stands there is the old one or the new one, never a part.
    ///
    /// # Errors
    /// Two tensors have the same name; the folder doesn't exist or can't be written to; the disk is full.
    #[cfg(feature = "std")]
    pub fn save(&self, path: impl AsRef<FilePath>) -> Result<(), CheckpointError> {
        let path = path.as_ref();
        self.write(path)
            .map_err(|problem| CheckpointError { path: Some(path.display().to_string()), problem })
    }

    #[cfg(feature = "std")]
    fn write(&self, path: &FilePath) -> Result<(), Problem> {
        super::file::write(path, &self.pieces(&self.header()?))
    }
}
