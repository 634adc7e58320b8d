//! Finding the layer at which numbers stop being finite.

use std::borrow::ToOwned;
use std::cell::RefCell;
use std::fmt::Write;
use std::ops::Range;
use std::string::{String, ToString};

use super::Origin;
use crate::device::{Device, Kernel, Name, Scope, Watcher};
use crate::element::Float;
use crate::kernel::flat;
use crate::model::parameters::visit_each;
use crate::model::{Model, Parameters, Path, Walk};
use crate::random::Random;
use crate::run::Training;
use crate::shape::{Batch, Shape};

/// A device that does what another does, and notes the first layer whose output is not finite.
pub struct Inspector<D> {
    device: D,
    trail: Trail,
}

impl<D: Device> Inspector<D> {
    /// On top of `device`.
    pub fn new(device: D) -> Self {
        Inspector { device, trail: Trail::default() }
    }

    /// The path of the first layer whose output was not finite, such as `blocks.1.fc`.
    pub fn first(&self) -> Option<&str> {
        self.trail.first.as_deref()
    }
}

impl<D: Device> Device for Inspector<D> {
    fn run<T: Float, K: Kernel<T>>(&mut self, kernel: K) {
        self.device.run(kernel);
    }

    fn enter(&mut self, scope: &Scope<'_>) {
        self.trail.enter(scope.name);
        self.device.enter(scope);
    }

    fn leave<T: Float>(&mut self, scope: &Scope<'_>, output: &[T]) {
        self.device.leave(scope, output);
        self.trail.leave(&|| flat::all_finite(output));
    }
}

/// What the search for the cause found: the layer, and where the trouble comes from. Samples are numbered in the batch.
pub(super) type Finding = (Option<String>, Origin);

/// Looks for the same while a pass runs.
#[derive(Default)]
struct Search(RefCell<Trail>);

/// Where a pass is, and the first layer whose output was not finite.
#[derive(Default)]
struct Trail {
    path: String,
    first: Option<String>,
}

impl Trail {
    fn enter(&mut self, name: Name) {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        // Writing to a string can't fail.
        let _ = write!(self.path, "{name}");
    }

    fn leave(&mut self, finite: &dyn Fn() -> bool) {
        if self.first.is_none() && !finite() {
            self.first = Some(self.path.clone());
        }
        self.path.truncate(self.path.rfind('.').unwrap_or(0));
    }
}

impl Watcher for Search {
    fn enter(&self, name: Name) {
        self.0.borrow_mut().enter(name);
    }

    fn leave(&self, finite: &dyn Fn() -> bool) {
        self.0.borrow_mut().leave(finite);
    }
}

/// Why the loss of a batch is not finite: runs the forward pass again, with the same random numbers, and looks for the first
/// layer whose output isn't.
pub(super) fn explain_loss<M: Model, B: Batch>(
    memory: &mut Training<M, B>,
    model: &M,
    inputs: &[M::Element],
    random: Random,
) -> Finding {
    let search = Search::default();
    memory.follow(model, inputs, random, &search);
    explain(search, flat::first_not_finite(inputs), <M::Input as Shape>::LEN, first_not_finite(model))
}

/// Why it isn't, if `search` has looked for the layer, `input` is the place of the first input that is not finite, and
/// `parameter` the first such parameter.
fn explain(search: Search, input: Option<usize>, sample: usize, parameter: Option<String>) -> Finding {
    let layer = search.0.into_inner().first;
    if let Some(index) = input {
        return (layer, Origin::Input { sample: index / sample, index: index % sample });
    }
    let origin = match (&layer, parameter) {
        (_, Some(name)) => Origin::Parameter(name),
        (Some(_), None) => Origin::Output,
        (None, None) => Origin::Loss,
    };
    (layer, origin)
}

/// The name of the first parameter that is not finite.
pub(super) fn first_not_finite<P: Parameters>(model: &P) -> Option<String> {
    let numbers = model.values();
    first_in(P::describe, &|range| flat::all_finite(&numbers[range]))
}

fn first_in(describe: fn(&Path<'_>, &mut Walk<'_>), finite: &dyn Fn(Range<usize>) -> bool) -> Option<String> {
    let mut first = None;
    visit_each(describe, &mut |each| {
        if first.is_none() && !finite(each.range()) {
            first = Some(each.path.to_string());
        }
    });
    first
}

/// Why the gradient is not finite though the loss is: the parameter nearest to the output whose gradient isn't.
pub(super) fn explain_gradient<M: Model>(gradient: &M::Gradient) -> Finding {
    let numbers = gradient.values();
    last_in(M::describe, &|range| flat::all_finite(&numbers[range]))
}

fn last_in(describe: fn(&Path<'_>, &mut Walk<'_>), finite: &dyn Fn(Range<usize>) -> bool) -> Finding {
    let mut last = None;
    visit_each(describe, &mut |each| {
        if let Some(range) = each.gradient_range()
            && !finite(range)
        {
            last = Some(each.path.to_string());
        }
    });
    let name = last.unwrap_or_default();
    let layer = name.rsplit_once('.').map(|(layer, _)| layer.to_owned());
    (layer, Origin::Gradient(name))
}
