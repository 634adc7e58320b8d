//! What a training step is to bring down: a loss with its targets, or several, one for each output of a model.

use super::BatchError;
use crate::computed::Joined;
use crate::device::Device;
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::flat;
use crate::loss::Loss;
use crate::shape::Shape;

/// What is to become small, for outputs of the shape `S` a sample: a [`Goal`], or a tuple of one for each output.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no objective for outputs of the shape `{S}`",
    note = "a model with two outputs is trained by two goals: `(Goal::new(&loss, &targets), Goal::new(&other_loss, &other_targets))`"
)]
pub trait Objective<S: Shape, T: Float> {
    /// Whether the targets can be used for `rows` samples. Called before anything is computed.
    ///
    /// # Errors
    /// There are too few or too many, or one can't be used.
    fn check(&self, rows: usize) -> Result<(), BatchError>;

    /// The objective's value, and its gradient by the outputs, which replaces what is in `gradient`.
    fn gradient<D: Device>(&self, device: &mut D, rows: impl Extent, outputs: &[T], gradient: &mut [T]) -> T;
}

/// `weight * loss(output, targets)`: a loss with its targets, and how much it counts beside others.
///
/// ```
/// use nanotorch::{loss::{CrossEntropy, Mse}, prelude::*};
///
/// #[model(input = [4], forward)]
/// pub struct Net {
///     trunk: Linear<4, 8>,
///     class: Linear<8, 3>,
///     size: Linear<8, 1>,
/// }
/// #[forward]
/// impl Net {
///     fn forward(&self, x: Edge) -> (Edge, Edge) {
///         let h = self.trunk.forward(x).relu();
///         (self.class.forward(h), self.size.forward(h))
///     }
/// }
/// let mut net = Net::new(1);
/// let mut training = Training::<Net, UpTo<8>>::new(1);
/// let mut optimizer = Sgd::new(0.1).build::<Net>();
/// let (classes, sizes) = ([2, 0], [0.5, -0.5]);
/// let (loss, other) = (CrossEntropy::default(), Mse::default());
/// let objective = (Goal::new(&loss, &classes), Goal::new(&other, &sizes).weight(0.3));
/// let value = training.step_toward(&mut net, &mut optimizer, &objective, &[0.1; 8])?;
/// assert!(value > 0.0);
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Goal<'a, L, X> {
    loss: &'a L,
    targets: &'a [X],
    weight: f64,
}

impl<'a, L, X> Goal<'a, L, X> {
    /// The loss, with the weight 1.
    pub const fn new(loss: &'a L, targets: &'a [X]) -> Self {
        Goal { loss, targets, weight: 1.0 }
    }

    /// The same with another weight.
    pub const fn weight(self, weight: f64) -> Self {
        Goal { weight, ..self }
    }
}

impl<S: Shape, T: Float, L: Loss<S, T>> Objective<S, T> for Goal<'_, L, L::Target> {
    #[inline(always)]
    fn check(&self, rows: usize) -> Result<(), BatchError> {
        let needed = rows * L::TARGETS;
        if self.targets.len() != needed {
            return Err(BatchError::TargetLength { given: self.targets.len(), needed });
        }
        self.loss.check(self.targets)?;
        Ok(())
    }

    #[inline(always)]
    fn gradient<D: Device>(&self, device: &mut D, rows: impl Extent, outputs: &[T], gradient: &mut [T]) -> T {
        let value = self.loss.gradient(device, rows, outputs, self.targets, gradient);
        if self.weight == 1.0 {
            return value;
        }
        let weight = T::from_f64(self.weight);
        flat::scale(gradient, weight);
        value * weight
    }
}

macro_rules! several {
    ($($Goal:ident $Shape:ident $goal:ident),+) => {
        impl<T: Float, $($Shape: Shape, $Goal: Objective<$Shape, T>),+> Objective<Joined<($($Shape,)+)>, T> for ($($Goal,)+) {
            #[inline(always)]
            fn check(&self, rows: usize) -> Result<(), BatchError> {
                let ($($goal,)+) = self;
                $($goal.check(rows)?;)+
                Ok(())
            }

            #[inline(always)]
            fn gradient<D: Device>(
                &self,
                device: &mut D,
                rows: impl Extent,
                outputs: &[T],
                gradient: &mut [T],
            ) -> T {
                let ($($goal,)+) = self;
                let (mut value, mut outputs, mut gradient) = (T::ZERO, outputs, gradient);
                $(
                    let length = rows.get() * $Shape::LEN;
                    let (output, other_outputs) = outputs.split_at(length);
                    let (own, others) = gradient.split_at_mut(length);
                    value += $goal.gradient(device, rows, output, own);
                    (outputs, gradient) = (other_outputs, others);
                )+
                let _ = (outputs, gradient);
                value
            }
        }
    };
}
several!(G A a, H B b);
several!(G A a, H B b, I C c);
several!(G A a, H B b, I C c, J E e);
