//! Whether a backward pass is right: every gradient is compared with what a small change of the number does to the loss.
//!
//! In double precision, which any model can be had in: `Net<f64>` for a `#[model] struct Net`. For a layer or loss of one's own
//! this is the test to write first.
//!
//! ```
//! use nanotorch::{gradcheck::Gradcheck, loss::CrossEntropy, model, prelude::*};
//!
//! #[model(input = [4])]
//! pub struct Net {
//!     hidden: Linear<4, 8>,
//!     tanh: Tanh,
//!     head: Linear<8, 3>,
//! }
//! let trained = Net::new(1);
//! let mut net = model::new::<Net<f64>>(1);
//! model::convert(&*trained, &mut *net);
//! let samples = [0.1, 0.2, 0.3, 0.4, -0.5, 0.6, 0.7, -0.8];
//! Gradcheck::default().model(&*net, &CrossEntropy::default(), &samples, &[2, 0])?;
//! # Ok::<(), nanotorch::gradcheck::GradcheckError>(())
//! ```
//!
//! The difference quotient is the central one, `(f(x + h) - f(x - h)) / 2h`, whose error shrinks with `h²`. At a kink, such as
//! ReLU's at 0, each slope between that of the left and that of the right is right. Memory is filled with NaN before each
//! pass, so numbers that are read but never written show; dropout draws the same numbers in each pass.

mod error;
#[cfg(feature = "tape")]
mod function;
mod pass;

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::kernel::Accumulate;
use crate::layer::Reshape;
use crate::loss::{Loss, Pointwise};
use crate::model::{Layer, Model, Module, OutputOf, Parameters, for_each_parameter};
use crate::random::Random;
use crate::shape::Shape;
use crate::simd::Vector;
pub use error::GradcheckError;
#[cfg(feature = "tape")]
pub use function::Inputs;
use pass::{Buffers, Problem};

/// A comparison of gradients with differences, and its settings; the default ones do for nearly everything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradcheck {
    /// By how much a number is changed, relative to it and at least absolutely; by default 1e-5.
    pub step: f64,
    /// By how much gradients may be off, relative to them and to the typical gradient; by default 1e-6.
    pub tolerance: f64,
    /// The seed of dropout, and of the gradients that [`layer`](Gradcheck::layer) puts in.
    pub seed: u64,
    /// How many numbers of each tensor are compared at most, spread over it; by default all.
    pub most: usize,
}

impl Default for Gradcheck {
    fn default() -> Self {
        Gradcheck { step: 1e-5, tolerance: 1e-6, seed: 1, most: usize::MAX }
    }
}

/// How much smaller the second step is, which is taken near kinks.
const CLOSER: f64 = 64.0;

/// How many cases a property is tested in.
const CASES: u64 = 8;

/// How many numbers of each tensor are compared in one of them.
const NUMBERS_OF_A_CASE: usize = 64;

/// What rounding makes a loss uncertain by, relative to it.
const NOISE: f64 = 4e-15;

impl Gradcheck {
    /// Compares the gradients by every trained parameter and by the input of a whole model: whatever the layers do together,
    /// in the memory that they share.
    ///
    /// # Errors
    /// The first gradient that is off; or inputs and targets that are no batch.
    pub fn model<M, L>(
        &self,
        model: &M,
        loss: &L,
        inputs: &[f64],
        targets: &[L::Target],
    ) -> Result<(), GradcheckError>
    where
        M: Model<Element = f64>,
        L: Loss<OutputOf<M>, f64>,
    {
        self.compare::<M::Input, M, L>(model, loss, inputs, targets)
    }

    /// Compares the gradients of one layer on inputs of the shape `I`, for a random gradient by the output. If the layer can
    /// work in place, that is compared too.
    ///
    /// ```
    /// use nanotorch::{gradcheck::Gradcheck, model, prelude::*};
    ///
    /// let layer = model::new::<Linear<3, 2, Bias, f64>>(1);
    /// Gradcheck::default().layer::<R1<3>, _>(&*layer, &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])?;
    /// # Ok::<(), nanotorch::gradcheck::GradcheckError>(())
    /// ```
    /// # Errors
    /// The first gradient that is off; or inputs that are no batch.
    pub fn layer<I: Shape, M: Layer<I, Element = f64>>(
        &self,
        layer: &M,
        inputs: &[f64],
    ) -> Result<(), GradcheckError> {
        let rows = inputs.len() / I::LEN.max(1);
        let mut random = Random::new(self.seed);
        let weights: Vec<f64> = (0..rows * M::Out::LEN).map(|_| 2.0 * random.uniform_f64() - 1.0).collect();
        self.compare::<I, M, WeightedSum>(layer, &WeightedSum, inputs, &weights)?;
        if M::NEEDS.in_place { self.compare_in_place::<I, M>(layer, inputs, &weights) } else { Ok(()) }
    }

    /// Compares the gradient of a loss by predictions of the shape `S`.
    ///
    /// ```
    /// use nanotorch::{gradcheck::Gradcheck, loss::Huber, prelude::*};
    ///
    /// Gradcheck::default().loss::<R1<2>, _>(&Huber::default(), &[0.5, -3.0], &[0.0, 0.0])?;
    /// # Ok::<(), nanotorch::gradcheck::GradcheckError>(())
    /// ```
    /// # Errors
    /// The first gradient that is off; or predictions and targets that are no batch.
    pub fn loss<S: Shape, L: Loss<S, f64>>(
        &self,
        loss: &L,
        predictions: &[f64],
        targets: &[L::Target],
    ) -> Result<(), GradcheckError> {
        let same: Box<Reshape<S, f64>> = Parameters::zeroed();
        self.compare::<S, Reshape<S, f64>, L>(&same, loss, predictions, targets)
    }

    /// Compares the gradients of a layer or model on inputs of the shape `I` for parameters, inputs, gradients by the output
    /// and numbers of samples that are drawn anew in each of several cases: the test that `gradcheck` in `#[model(..)]` and
    /// `#[layer(..)]` makes.
    ///
    /// ```
    /// use nanotorch::{gradcheck::Gradcheck, prelude::*};
    ///
    /// Gradcheck::default().property::<R2<3, 4>, Linear<4, 2, Bias, f64>>()?;
    /// # Ok::<(), nanotorch::gradcheck::GradcheckError>(())
    /// ```
    /// # Errors
    /// The first gradient that is off.
    pub fn property<I: Shape, M: Layer<I, Element = f64>>(&self) -> Result<(), GradcheckError> {
        for case in 0..CASES {
            let mut random = Random::new(self.seed.wrapping_add(case));
            let mut layer = crate::model::new::<M>(random.next_u64());
            // Away from what parameters begin with, such as 0 and 1, where mistakes can hide.
            layer.values_mut().iter_mut().for_each(|number| *number += random.uniform_f64() - 0.5);
            let rows = 1 + case as usize % 3;
            let inputs: Vec<f64> = (0..rows * I::LEN).map(|_| random.normal()).collect();
            let most = self.most.min(NUMBERS_OF_A_CASE);
            Gradcheck { seed: random.next_u64(), most, ..*self }.layer::<I, M>(&layer, &inputs)?;
        }
        Ok(())
    }

    /// How far apart the numbers lie that are compared of a tensor.
    #[inline]
    fn stride(&self, length: usize) -> usize {
        length.div_ceil(self.most.max(1)).max(1)
    }

    fn compare<I, M, L>(
        &self,
        model: &M,
        loss: &L,
        inputs: &[f64],
        targets: &[L::Target],
    ) -> Result<(), GradcheckError>
    where
        I: Shape,
        M: Layer<I, Element = f64>,
        L: Loss<M::Out, f64>,
    {
        let mut problem = Problem::<I, M, L>::new(loss, inputs.len(), targets, self.seed)?;
        let mut numbers = Buffers::of::<I, M>(problem.rows);
        let mut gradient = M::Gradient::zeroed();
        gradient.values_mut().fill(f64::NAN);
        let mut input_gradient = alloc::vec![f64::NAN; inputs.len()];
        let value = problem.gradients(
            model,
            inputs,
            &mut numbers,
            Accumulate::Replace,
            &mut gradient,
            Some(&mut input_gradient),
        );
        if !value.is_finite() {
            return Err(GradcheckError::Loss { value });
        }
        let typical = root_mean_square(gradient.values().iter().chain(&input_gradient));

        let mut moved = model.boxed_copy();
        let mut first = Ok(());
        for_each_parameter::<M>(|parameter| {
            let Some(places) = parameter.gradient_range() else { return };
            for (number, place) in parameter.range().zip(places).step_by(self.stride(parameter.len())) {
                if first.is_err() {
                    return;
                }
                let at = model.values()[number];
                let compared = self.compare_number(at, gradient.values()[place], typical, |x| {
                    moved.values_mut()[number] = x;
                    problem.value(&moved, inputs, &mut numbers)
                });
                moved.values_mut()[number] = at;
                first = compared.map_err(|(expected, got)| GradcheckError::Parameter {
                    parameter: parameter.path.to_string(),
                    index: position(number - parameter.offset, parameter.dims),
                    expected,
                    got,
                });
            }
        });
        first?;

        let mut moved = inputs.to_vec();
        for (number, &got) in input_gradient.iter().enumerate().step_by(self.stride(inputs.len())) {
            let at = inputs[number];
            let compared = self.compare_number(at, got, typical, |x| {
                moved[number] = x;
                problem.value(model, &moved, &mut numbers)
            });
            moved[number] = at;
            compared.map_err(|(expected, got)| GradcheckError::Input {
                sample: number / I::LEN,
                index: position(number % I::LEN, &I::DIMS[..I::RANK]),
                expected,
                got,
            })?;
        }
        self.compare_added::<I, M, L>(model, inputs, &mut problem, &mut numbers, &gradient)
    }

    /// Gradients that are added to what is there are as large as those that replace it, whether that by the input is wanted
    /// or not.
    fn compare_added<I, M, L>(
        &self,
        model: &M,
        inputs: &[f64],
        problem: &mut Problem<'_, I, M, L>,
        numbers: &mut Buffers,
        gradient: &M::Gradient,
    ) -> Result<(), GradcheckError>
    where
        I: Shape,
        M: Layer<I, Element = f64>,
        L: Loss<M::Out, f64>,
    {
        let mut input_gradient = alloc::vec![f64::NAN; inputs.len()];
        for dx in [Some(&mut input_gradient[..]), None] {
            let mut added = gradient.boxed_copy();
            problem.gradients(model, inputs, numbers, Accumulate::Add, &mut added, dx);
            compare_twice::<M>(gradient, &added)?;
        }
        Ok(())
    }

    /// What a layer computes in place is what it computes otherwise.
    fn compare_in_place<I: Shape, M: Layer<I, Element = f64>>(
        &self,
        layer: &M,
        inputs: &[f64],
        weights: &[f64],
    ) -> Result<(), GradcheckError> {
        let mut problem = Problem::<I, M, WeightedSum>::new(&WeightedSum, inputs.len(), weights, self.seed)?;
        let mut numbers = Buffers::of::<I, M>(problem.rows);
        let mut gradient = M::Gradient::zeroed();
        let mut input_gradient = alloc::vec![f64::NAN; inputs.len()];
        problem.gradients(
            layer,
            inputs,
            &mut numbers,
            Accumulate::Replace,
            &mut gradient,
            Some(&mut input_gradient),
        );
        let expected = [numbers.y.clone(), input_gradient];
        let got = problem.in_place(layer, inputs, &mut numbers, weights);
        for (what, (expected, got)) in
            ["output", "gradient by the input"].into_iter().zip(expected.iter().zip(&got))
        {
            for (index, (&expected, &got)) in expected.iter().zip(got).enumerate() {
                let right = (got - expected).abs() <= 1e-12 * (expected.abs() + 1.0);
                if !right {
                    return Err(GradcheckError::InPlace { what, index, expected, got });
                }
            }
        }
        Ok(())
    }

    /// Whether `got` is the slope of `f` at `at`; if not, the slope that was found, and `got`.
    fn compare_number(
        &self,
        at: f64,
        got: f64,
        typical: f64,
        mut f: impl FnMut(f64) -> f64,
    ) -> Result<(), (f64, f64)> {
        let step = self.step * at.abs().max(1.0);
        let (below, above) = (at - step, at + step);
        let (f_below, f_above) = (f(below), f(above));
        let slope = (f_above - f_below) / (above - below);
        let bound = |slope: f64| self.tolerance * (slope.abs() + got.abs() + typical);
        let noise = NOISE * (f_below.abs() + f_above.abs() + typical) / (above - below);
        if (got - slope).abs() <= bound(slope) + noise {
            return Ok(());
        }
        // There may be a kink nearby: from closer, either it is out of reach, or `at` lies on it.
        let (below, above) = (at - step / CLOSER, at + step / CLOSER);
        let (f_below, f_at, f_above) = (f(below), f(at), f(above));
        let (left, right) = ((f_at - f_below) / (at - below), (f_above - f_at) / (above - at));
        let noise = NOISE * (f_below.abs() + f_above.abs() + typical) / (above - at);
        let lowest = left.min(right) - bound(left) - noise;
        let highest = left.max(right) + bound(right) + noise;
        if lowest <= got && got <= highest { Ok(()) } else { Err((slope, got)) }
    }
}

/// Whether every number of `added` is twice that of `gradient`.
fn compare_twice<M: Module<Element = f64>>(
    gradient: &M::Gradient,
    added: &M::Gradient,
) -> Result<(), GradcheckError> {
    let mut first = Ok(());
    for_each_parameter::<M>(|parameter| {
        for (index, place) in parameter.gradient_range().into_iter().flatten().enumerate() {
            let (expected, got) = (2.0 * gradient.values()[place], added.values()[place]);
            let right = (got - expected).abs() <= 1e-12 * (expected.abs() + 1.0);
            if first.is_ok() && !right {
                first = Err(GradcheckError::Added {
                    parameter: parameter.path.to_string(),
                    index: position(index, parameter.dims),
                    expected,
                    got,
                });
            }
        }
    });
    first
}

/// `sum of x[i] w[i]`, with the weights as targets: so the gradient by the output is what one likes.
#[derive(Clone, Copy)]
struct WeightedSum;

impl Pointwise for WeightedSum {
    const NAME: &'static str = "WeightedSum";
    #[inline(always)]
    fn divisor(self, _: usize, _: usize) -> usize {
        1
    }
    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, x: V, weight: V) -> (V, V) {
        (x * weight, weight)
    }
}

fn root_mean_square<'a>(numbers: impl Iterator<Item = &'a f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0_usize);
    for number in numbers {
        sum += number * number;
        count += 1;
    }
    libm::sqrt(sum / count.max(1) as f64)
}

/// The index along each axis of the number `offset` of a tensor.
#[inline]
fn position(offset: usize, dims: &[usize]) -> Vec<usize> {
    let mut rest = offset;
    let mut index: Vec<usize> = dims
        .iter()
        .rev()
        .map(|&length| {
            let here = rest % length;
            rest /= length;
            here
        })
        .collect();
    index.reverse();
    index
}
