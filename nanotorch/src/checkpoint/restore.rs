//! What is read from a checkpoint.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;
#[cfg(feature = "std")]
use std::path::Path as FilePath;

use super::contents::{names, prefix_of};
use super::header::{Entry, Header};
use super::number::{Source, element_of, read};
use super::order::order_of_names;
use super::{CheckpointError, Problem, TensorProblem};
use crate::element::Float;
use crate::model::parameters::visit_each;
use crate::model::{Module, Parameter, Parameters, Path, Walk};
use crate::optimizer::{MovingAverage, Optimizer};
use crate::random::Random;

/// A safetensors file in memory, whole and in order, of which parts can be restored.
#[derive(Clone, Debug)]
pub struct Checkpoint<'b> {
    bytes: Cow<'b, [u8]>,
    header: Header,
    path: Option<String>,
}

impl<'b> Checkpoint<'b> {
    /// Reads a file.
    ///
    /// # Errors
    /// It can't be read, is truncated, or is no safetensors file.
    #[cfg(feature = "std")]
    pub fn open(path: impl AsRef<FilePath>) -> Result<Checkpoint<'static>, CheckpointError> {
        let path = path.as_ref();
        Self::read(path)
            .map_err(|problem| CheckpointError { path: Some(path.display().to_string()), problem })
    }

    #[cfg(feature = "std")]
    fn read(path: &FilePath) -> Result<Checkpoint<'static>, Problem> {
        let bytes = std::fs::read(path).map_err(|error| Problem::Io { tried: "read it", error })?;
        let header = Header::read(&bytes)?;
        Ok(Checkpoint { bytes: Cow::Owned(bytes), header, path: Some(path.display().to_string()) })
    }

    /// Takes the bytes of a file.
    ///
    /// # Errors
    /// They are truncated, or aren't those of a safetensors file.
    pub fn from_bytes(bytes: &'b [u8]) -> Result<Self, CheckpointError> {
        Ok(Checkpoint { header: Header::read(bytes)?, bytes: Cow::Borrowed(bytes), path: None })
    }

    /// The tensors' names and shapes, in the order of the file.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.header.tensors.iter().map(|entry| (entry.name.as_str(), entry.shape.as_slice()))
    }

    /// The note of that name, if there is one.
    pub fn note(&self, name: &str) -> Option<&str> {
        self.header.entry(&format!("{}{name}", names::NOTE))
    }

    /// A note that is a number.
    ///
    /// # Errors
    /// There is no such note, or it is no number of the type `N`.
    pub fn number<N: FromStr>(&self, name: &str) -> Result<N, CheckpointError> {
        match self.note(name).map(str::parse) {
            Some(Ok(number)) => Ok(number),
            _ => Err(self.no_number(name, core::any::type_name::<N>())),
        }
    }

    /// Why a note is no number of that type.
    fn no_number(&self, name: &str, expected: &str) -> CheckpointError {
        let entry = format!("{}{name}", names::NOTE);
        self.error(match self.header.entry(&entry) {
            Some(found) => other_entry(&entry, found, &format!("a number of type {expected}")),
            None => Problem::NoEntry { entry },
        })
    }

    /// The random numbers that were saved under that name, to go on with.
    ///
    /// # Errors
    /// There are none, or the entry is no state of random numbers.
    pub fn random(&self, name: &str) -> Result<Random, CheckpointError> {
        let entry = format!("{}{name}", names::RANDOM);
        let found = self.entry(&entry).map_err(|problem| self.error(problem))?;
        match state_of(found) {
            Some(state) => Ok(Random::from_state(state)),
            None => Err(self.error(other_entry(&entry, found, "four hexadecimal numbers of 64 bits"))),
        }
    }

    /// Begins to restore models and optimizers: nothing changes before [`Restore::finish`].
    pub fn restore<'a>(&'a self) -> Restore<'a> {
        let tensors = &self.header.tensors;
        Restore {
            checkpoint: self,
            order: order_of_names(tensors.len(), &|index| &tensors[index].name),
            taken: alloc::vec![false; tensors.len()],
            converting: false,
            with_optimizer: false,
            with_average: false,
            failure: None,
            problems: Vec::new(),
            changes: Vec::new(),
        }
    }

    fn error(&self, problem: Problem) -> CheckpointError {
        CheckpointError { path: self.path.clone(), problem }
    }

    fn entry(&self, entry: &str) -> Result<&str, Problem> {
        self.header.entry(entry).ok_or_else(|| Problem::NoEntry { entry: entry.to_owned() })
    }

    fn number_entry<N: FromStr>(&self, entry: &str, expected: &str) -> Result<N, Problem> {
        let found = self.entry(entry)?;
        found.parse().map_err(|_| other_entry(entry, found, expected))
    }

    /// Puts numbers where they belong: those of each tensor, by its place among the target's.
    #[inline(always)]
    fn fill<T: Float>(&self, sources: &[(usize, usize)], numbers: &mut [T]) {
        if const { T::IS_F32 } {
            self.fill_f32(sources, T::f32s_mut(numbers));
        } else {
            self.fill_all(sources, numbers);
        }
    }

    #[inline(never)]
    fn fill_f32(&self, sources: &[(usize, usize)], numbers: &mut [f32]) {
        self.fill_all(sources, numbers);
    }

    fn fill_all<T: Float>(&self, sources: &[(usize, usize)], numbers: &mut [T]) {
        for &(tensor, start) in sources {
            let entry = &self.header.tensors[tensor];
            let bytes = &self.bytes[entry.bytes.clone()];
            let target = &mut numbers[start..][..entry.shape.iter().product()];
            if entry.element == element_of::<T>() {
                read(bytes, target);
            } else if let Some(source) = Source::named(&entry.element) {
                for (number, bytes) in target.iter_mut().zip(bytes.chunks_exact(source.size())) {
                    *number = T::from_f64(source.number(bytes));
                }
            }
        }
    }
}

/// The state of random numbers, as it is saved.
fn state_of(text: &str) -> Option<[u64; 4]> {
    let (mut words, mut state) = (text.split(' '), [0; 4]);
    for word in &mut state {
        *word = u64::from_str_radix(words.next()?, 16).ok()?;
    }
    if words.next().is_none() { Some(state) } else { None }
}

/// An entry that isn't what is expected.
fn other_entry(entry: &str, found: &str, expected: &str) -> Problem {
    Problem::Entry { entry: entry.to_owned(), found: found.to_owned(), expected: expected.to_owned() }
}

/// A kind of numbers.
#[derive(Clone, Copy)]
struct Kind {
    element: &'static str,
    /// Whether a finite number is a finite one of this kind.
    holds: fn(f64) -> bool,
}

impl Kind {
    fn of<T: Float>() -> Kind {
        Kind { element: element_of::<T>(), holds: |value| T::from_f64(value).is_finite() }
    }
}

/// A change that is made once everything is known to fit.
type Change<'a> = Box<dyn FnOnce() + 'a>;

/// Models and optimizers that are to be restored from one file: all of them, or none. Made by [`Checkpoint::restore`].
#[must_use = "nothing is restored before `finish`"]
pub struct Restore<'a> {
    checkpoint: &'a Checkpoint<'a>,
    /// The places of the file's tensors in the order of their names.
    order: Vec<usize>,
    taken: Vec<bool>,
    converting: bool,
    with_optimizer: bool,
    with_average: bool,
    failure: Option<Problem>,
    problems: Vec<TensorProblem>,
    changes: Vec<Change<'a>>,
}

impl<'a> Restore<'a> {
    /// Converts tensors of `F64`, `F32`, `F16` and `BF16` to the element type of what they are loaded into; say so first.
    pub fn converting(mut self) -> Self {
        self.converting = true;
        self
    }

    /// Restores the parameters of a model.
    pub fn model<M: Parameters>(mut self, model: &'a mut M) -> Self {
        let sources = self.find::<M>("");
        self.change(sources, model.values_mut());
        self
    }

    fn change<T: Float>(&mut self, sources: Vec<(usize, usize)>, numbers: &'a mut [T]) {
        let checkpoint = self.checkpoint;
        self.changes.push(Box::new(move || checkpoint.fill(&sources, numbers)));
    }

    /// Restores the state of an optimizer: moments, steps, learning rate.
    pub fn optimizer<M: Module, O: Optimizer<M>>(mut self, optimizer: &'a mut O) -> Self {
        self.with_optimizer = true;
        let entries = self.optimizer_entries(optimizer.name());
        let Some((steps, rate)) = self.note_failure(entries) else { return self };
        let mut sources = Vec::new();
        optimizer.moments(&mut |name, _| sources.push(self.find::<M::Gradient>(&prefix_of(name))));
        let checkpoint = self.checkpoint;
        self.changes.push(Box::new(move || {
            let mut sources = sources.iter();
            optimizer.moments_mut(&mut |_, moment| {
                if let Some(sources) = sources.next() {
                    checkpoint.fill(sources, moment.values_mut());
                }
            });
            optimizer.set_steps(steps);
            optimizer.set_learning_rate(rate);
        }));
        self
    }

    /// Restores a moving average.
    pub fn average<M: Parameters>(mut self, average: &'a mut MovingAverage<M>) -> Self {
        self.with_average = true;
        let updates = self.updates();
        let Some(updates) = self.note_failure(updates) else { return self };
        let sources = self.find::<M>(names::AVERAGE_PREFIX);
        let checkpoint = self.checkpoint;
        self.changes.push(Box::new(move || {
            checkpoint.fill(&sources, average.model_mut().values_mut());
            average.set_updates(updates);
        }));
        self
    }

    /// What was found, or nothing and the first reason why.
    fn note_failure<V>(&mut self, found: Result<V, Problem>) -> Option<V> {
        match found {
            Ok(found) => Some(found),
            Err(problem) => {
                self.note_problem(problem);
                None
            }
        }
    }

    fn note_problem(&mut self, problem: Problem) {
        if self.failure.is_none() {
            self.failure = Some(problem);
        }
    }

    /// Makes all changes, if everything fits and no tensor is left over. The state of an optimizer or a moving average
    /// that wasn't asked for is not left over.
    ///
    /// # Errors
    /// A tensor is missing, left over, or of another shape or element type: the error names all of them. An entry is missing or
    /// of another optimizer. Then nothing has changed.
    pub fn finish(mut self) -> Result<(), CheckpointError> {
        if let Some(problem) = self.failure.take() {
            return Err(self.checkpoint.error(problem));
        }
        let header = &self.checkpoint.header;
        let optimizer_aside = !self.with_optimizer && header.entry(names::OPTIMIZER).is_some();
        let average_aside = !self.with_average && header.entry(names::UPDATES).is_some();
        for (Entry { name, shape, .. }, taken) in header.tensors.iter().zip(&self.taken) {
            let aside = (optimizer_aside && name.starts_with(names::OPTIMIZER_PREFIX))
                || (average_aside && name.starts_with(names::AVERAGE_PREFIX));
            if !taken && !aside {
                self.problems.push(TensorProblem::Extra { name: name.clone(), shape: shape.clone() });
            }
        }
        if !self.problems.is_empty() {
            return Err(self.checkpoint.error(Problem::Tensors(self.problems)));
        }
        for change in self.changes {
            change();
        }
        Ok(())
    }

    fn updates(&self) -> Result<u64, Problem> {
        self.checkpoint.number_entry(names::UPDATES, "a number")
    }

    fn optimizer_entries(&self, name: &str) -> Result<(u64, f64), Problem> {
        let found = self.checkpoint.entry(names::OPTIMIZER)?;
        if found != name {
            let expected = format!("`{name}`, the optimizer that is to go on");
            return Err(other_entry(names::OPTIMIZER, found, &expected));
        }
        let steps = self.checkpoint.number_entry(names::STEPS, "a number")?;
        let rate = self.checkpoint.number_entry(names::LEARNING_RATE, "a number")?;
        Ok((steps, rate))
    }

    /// The file's tensors for each of `P`: which, and where its numbers begin. What doesn't fit is noted.
    fn find<P: Parameters>(&mut self, prefix: &str) -> Vec<(usize, usize)> {
        self.find_each(prefix, P::describe, Kind::of::<P::Element>())
    }

    /// The same for all models: so it is compiled in the crate, rather than for each.
    fn find_each(
        &mut self,
        prefix: &str,
        describe: fn(&Path<'_>, &mut Walk<'_>),
        kind: Kind,
    ) -> Vec<(usize, usize)> {
        let mut sources = Vec::new();
        visit_each(describe, &mut |parameter| sources.extend(self.find_one(prefix, parameter, kind)));
        sources
    }

    fn find_one(&mut self, prefix: &str, parameter: &Parameter<'_>, kind: Kind) -> Option<(usize, usize)> {
        let place = self.find_shape(prefix, parameter)?;
        if let Some(problem) = self.element_problem(&self.checkpoint.header.tensors[place], kind) {
            self.problems.push(problem);
            return None;
        }
        Some((place, parameter.offset))
    }

    /// The place of the tensor that has the parameter's name, if it has its shape.
    fn find_shape(&mut self, prefix: &str, parameter: &Parameter<'_>) -> Option<usize> {
        let name = format!("{prefix}{}", parameter.path);
        let tensors = &self.checkpoint.header.tensors;
        let found = self.order.binary_search_by(|&place| tensors[place].name.cmp(&name));
        let Ok(found) = found else {
            self.problems.push(TensorProblem::Missing { name, shape: parameter.dims.to_vec() });
            return None;
        };
        let place = self.order[found];
        self.taken[place] = true;
        if tensors[place].shape == parameter.dims {
            return Some(place);
        }
        let (expected, found) = (parameter.dims.to_vec(), tensors[place].shape.clone());
        self.problems.push(TensorProblem::Shape { name, expected, found });
        None
    }

    /// Whether a tensor's numbers can't be numbers of that kind.
    fn element_problem(&self, entry: &Entry, kind: Kind) -> Option<TensorProblem> {
        let Kind { element: expected, holds } = kind;
        if entry.element == expected {
            return None;
        }
        let source = match self.source(entry, expected) {
            Ok(source) => source,
            Err(problem) => return Some(problem),
        };
        let bytes = &self.checkpoint.bytes[entry.bytes.clone()];
        for number in bytes.chunks_exact(source.size()) {
            let value = source.number(number);
            if value.is_finite() && !holds(value) {
                return Some(TensorProblem::Range { name: entry.name.clone(), value, expected });
            }
        }
        None
    }

    /// What a tensor's numbers are to be converted from.
    fn source(&self, entry: &Entry, expected: &'static str) -> Result<Source, TensorProblem> {
        let source = Source::named(&entry.element);
        let convertible = source.is_some();
        source.filter(|_| self.converting).ok_or_else(|| {
            let (name, found) = (entry.name.clone(), entry.element.clone());
            TensorProblem::ElementType { name, expected, found, convertible }
        })
    }
}
