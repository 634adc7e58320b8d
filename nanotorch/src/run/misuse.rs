//! What is asked of the wrong one of the two: training of an [`Inference`], answers of a [`Training`]. The methods are there so
//! that the error says what to make instead; nobody can call them.

use super::{BatchError, Inference, Training};
use crate::model::Module;
use crate::shape::Batch;

/// That it carries a gradient. Nothing is both this and an [`Inference`].
#[diagnostic::on_unimplemented(
    message = "an `Inference` carries no gradient, so it can't train",
    label = "this is a method of `Training`",
    note = "make the memory for training: `Training::<Net, UpTo<32>>::new(seed)`"
)]
pub trait CarriesGradient {
    /// It can't be called.
    fn never<V>(&self) -> V;
}

/// That it only answers. Nothing is both this and a [`Training`].
#[diagnostic::on_unimplemented(
    message = "a `Training` keeps what its backward pass needs; answers are given by an `Inference`",
    label = "this is a method of `Inference`",
    note = "make the memory for answers: `Inference::<Net, UpTo<32>>::new()`"
)]
pub trait OnlyAnswers {
    /// It can't be called.
    fn never<V>(&self) -> V;
}

impl<M: Module, B: Batch> Inference<M, B> {
    /// A method of [`Training`].
    ///
    /// # Errors
    /// It can't be called.
    #[doc(hidden)]
    pub fn step<O, L, X, Y>(&mut self, _: &mut M, _: O, _: L, _: X, _: Y) -> Result<M::Element, BatchError>
    where
        Self: CarriesGradient,
    {
        self.never()
    }
}

impl<M: Module, B: Batch, const INPUT_GRADIENT: bool> Training<M, B, INPUT_GRADIENT> {
    /// A method of [`Inference`].
    ///
    /// # Errors
    /// It can't be called.
    #[doc(hidden)]
    pub fn run<X>(&mut self, _: &M, _: X) -> Result<&[M::Element], BatchError>
    where
        Self: OnlyAnswers,
    {
        self.never()
    }
}
