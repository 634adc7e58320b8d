//! Finding the layer at which numbers stop being finite.

use std::borrow::ToOwned;
use std::fmt::Write;
use std::string::{String, ToString};

use super::Origin;
use crate::device::{Calling, Device, Kernel, Scope, TrainingPass, Wants};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::model::parameters::visit_each;
use crate::model::{Layer, Memory, Model, OutputOf, Parameters, Path, Walk, facts};
use crate::random::Random;
use crate::shape::Shape;
use crate::storage::{Block, take};

/// A device that does what another does, and notes the first layer whose output is not finite.
pub struct Inspector<D> {
    device: D,
    path: String,
    first: Option<String>,
}

impl<D: Device> Inspector<D> {
    /// On top of `device`.
    pub fn new(device: D) -> Self {
        Inspector { device, path: String::new(), first: None }
    }

    /// The path of the first layer whose output was not finite, such as `blocks.1.fc`.
    pub fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }
}

impl<D: Device> Device for Inspector<D> {
    fn run<T: Float, K: Kernel<T>>(&mut self, kernel: K) {
        self.device.run(kernel);
    }

    fn enter(&mut self, scope: &Scope<'_>) {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        // Writing to a string can't fail.
        let _ = write!(self.path, "{}", scope.name);
        self.device.enter(scope);
    }

    fn leave<T: Float>(&mut self, scope: &Scope<'_>, output: &[T]) {
        self.device.leave(scope, output);
        if self.first.is_none() && !finite(output) {
            self.first = Some(self.path.clone());
        }
        self.path.truncate(self.path.rfind('.').unwrap_or(0));
    }
}

fn finite<T: Float>(numbers: &[T]) -> bool {
    numbers.iter().all(|number| number.is_finite())
}

/// What the search for the cause found: the layer, and where the trouble comes from. Samples are numbered in the batch.
pub(super) type Finding = (Option<String>, Origin);

/// Runs the forward pass of a batch again, with the same random numbers, and looks for the first layer whose output is not
/// finite.
pub(super) fn find_layer<M: Model>(model: &M, inputs: &[M::Element], mut random: Random) -> Option<String> {
    let rows = inputs.len() / <M::Input as Shape>::LEN;
    let needs = <M as Layer<M::Input>>::FIRST_NEEDS;
    let mut block = Block::<M::Element>::zeros(facts::train_numbers::<M>(rows, false));
    let mut numbers = block.as_mut_slice();
    let y = take(&mut numbers, rows * <OutputOf<M> as Shape>::LEN);
    let saved = take(&mut numbers, rows * needs.saved);
    let scratch = take(&mut numbers, rows * needs.forward);
    let workspace = take(&mut numbers, needs.workspace);
    let device = Inspector::new(Calling::alone());
    let mut pass = TrainingPass {
        device,
        rows,
        accumulate: Accumulate::Replace,
        wants: Wants::Parameters,
        random: &mut random,
    };
    model.forward(&mut pass, inputs, y, Memory { saved, scratch, workspace });
    pass.device.first
}

/// Why the loss of a batch is not finite.
pub(super) fn explain_loss<M: Model>(model: &M, inputs: &[M::Element], random: Random) -> Finding {
    let layer = find_layer(model, inputs, random);
    explain(layer, inputs, <M::Input as Shape>::LEN, first_not_finite(model))
}

/// Why it isn't, if `parameter` is the first parameter that is not finite.
fn explain<T: Float>(
    layer: Option<String>,
    inputs: &[T],
    sample: usize,
    parameter: Option<String>,
) -> Finding {
    if let Some(index) = inputs.iter().position(|number| !number.is_finite()) {
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
    first_in(P::describe, model.values())
}

fn first_in<T: Float>(describe: fn(&Path<'_>, &mut Walk<'_>), numbers: &[T]) -> Option<String> {
    let mut first = None;
    visit_each(describe, &mut |each| {
        if first.is_none() && !finite(&numbers[each.range()]) {
            first = Some(each.path.to_string());
        }
    });
    first
}

/// Why the gradient is not finite though the loss is: the parameter nearest to the output whose gradient isn't.
pub(super) fn explain_gradient<M: Model>(gradient: &M::Gradient) -> Finding {
    last_in(M::describe, gradient.values())
}

fn last_in<T: Float>(describe: fn(&Path<'_>, &mut Walk<'_>), gradient: &[T]) -> Finding {
    let mut last = None;
    visit_each(describe, &mut |each| {
        if let Some(range) = each.gradient_range()
            && !finite(&gradient[range])
        {
            last = Some(each.path.to_string());
        }
    });
    let name = last.unwrap_or_default();
    let layer = name.rsplit_once('.').map(|(layer, _)| layer.to_owned());
    (layer, Origin::Gradient(name))
}
