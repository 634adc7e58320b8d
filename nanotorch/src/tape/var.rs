//! Variables.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::marker::PhantomData;

use super::store::Recording;
use super::{History, TapeError};
use crate::element::Float;
use crate::rule::{Arrange, Moved, Movement, Place, Rule};
use crate::shape::{Layout, R0, Shape, is_exact};
use crate::tensor::face::{Face, FloatFace};
use crate::tensor::{Numbers, Reductions, Tensor, View};

/// A tensor on a tape: numbers, and how they came about.
///
/// It is a name for them, to be copied freely; the numbers never change.
pub struct Var<'t, S: Shape, T: Float = f32> {
    pub(super) recording: Recording<'t, T>,
    pub(super) place: Place,
    pub(super) shape: PhantomData<S>,
}

impl<S: Shape, T: Float> Clone for Var<'_, S, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Shape, T: Float> Copy for Var<'_, S, T> {}

/// The face of variables: what is said is done, and written down.
pub struct Taped<'t, T>(PhantomData<(core::cell::Cell<&'t ()>, T)>);

/// A variable whose shape is a value.
pub struct Untyped<'t, T: Float> {
    recording: Recording<'t, T>,
    place: Place,
}

impl<T: Float> Clone for Untyped<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Float> Copy for Untyped<'_, T> {}

impl<'t, T: Float> Taped<'t, T> {
    fn carry_out<R: Rule<T>>(rule: R, x: &[Untyped<'t, T>]) -> Untyped<'t, T> {
        let mut places = [0; crate::rule::MAX_OPERANDS];
        for (place, operand) in places.iter_mut().zip(x) {
            *place = operand.place;
        }
        let recording = x[0].recording;
        Untyped { recording, place: recording.store.carry_out(rule, &places[..x.len()]) }
    }
}

impl<'t, T: Float> Face for Taped<'t, T> {
    type Element = T;
    type Raw<'a> = Untyped<'t, T>;
    type Held = Untyped<'t, T>;
    type Of<S: Shape> = Var<'t, S, T>;

    fn carry<M: Movement>(movement: M, x: &[Untyped<'t, T>]) -> Untyped<'t, T> {
        Self::carry_out(Moved(movement), x)
    }
    fn raw(held: &Untyped<'t, T>) -> Untyped<'t, T> {
        *held
    }
    fn layout(raw: Untyped<'t, T>) -> Layout {
        raw.recording.store.nodes.borrow()[raw.place].layout
    }
    fn numbers(raw: Untyped<'t, T>) -> Vec<T> {
        raw.recording.store.nodes.borrow()[raw.place].value.as_slice().to_vec()
    }
    fn shaped<S: Shape>(held: Untyped<'t, T>) -> Var<'t, S, T> {
        held.recording.var(held.place)
    }
}

impl<'t, T: Float> FloatFace for Taped<'t, T> {
    fn run<R: Rule<T> + 'static>(rule: R, x: &[Untyped<'t, T>]) -> Untyped<'t, T> {
        Self::carry_out(rule, x)
    }
    fn constant(beside: Untyped<'t, T>, layout: Layout, numbers: Vec<T>) -> Untyped<'t, T> {
        let recording = beside.recording;
        Untyped { recording, place: recording.store.leaf(layout, &numbers, false) }
    }
}

impl<'t, S: Shape, T: Float> Numbers for Var<'t, S, T> {
    type Shape = S;
    type Face = Taped<'t, T>;
    fn raw(&self) -> Untyped<'t, T> {
        Untyped { recording: self.recording, place: self.place }
    }
}

impl<'t, S: Shape, T: Float> Var<'t, S, T> {
    /// The recording that it belongs to.
    pub fn recording(self) -> Recording<'t, T> {
        self.recording
    }

    /// A copy of the numbers.
    #[must_use]
    pub fn value(self) -> Tensor<S, T> {
        self.with_value(|value| value.to_owned())
    }

    /// Shows the numbers to `look`, without a copy.
    pub fn with_value<R>(self, look: impl FnOnce(&View<S, T>) -> R) -> R {
        // Whoever looks may go on with the tape.
        let value = self.recording.store.nodes.borrow()[self.place].value.clone();
        look(View::of_length(value.as_slice()))
    }

    /// The same numbers as a variable that nothing goes back through.
    #[must_use]
    pub fn detach(self) -> Self {
        let store = self.recording.store;
        let value = store.nodes.borrow()[self.place].value.clone();
        self.recording.var(store.leaf(Taped::layout(self.raw()), value.as_slice(), false))
    }

    /// Whether a gradient by it is wanted: it is a variable, or computed from one.
    pub fn requires_grad(self) -> bool {
        self.recording.store.nodes.borrow()[self.place].tracked
    }

    /// A copy of the gradient by this variable that backwards have added up, if there is one. Results of operations keep none:
    /// ask [`Var::gradient`] for those.
    #[must_use]
    pub fn grad(self) -> Option<Tensor<S, T>> {
        self.with_grad(|gradient| gradient.to_owned())
    }

    /// Shows the gradient to `look`, without a copy, if there is one.
    pub fn with_grad<R>(self, look: impl FnOnce(&View<S, T>) -> R) -> Option<R> {
        let gradient = self.recording.store.gradients.borrow()[self.place].clone();
        gradient.map(|gradient| look(View::of_length(gradient.as_slice())))
    }

    /// Forgets the gradient by this variable.
    pub fn zero_grad(self) {
        let store = self.recording.store;
        if let Some(gradient) = store.gradients.borrow_mut()[self.place].take() {
            store.pool.borrow_mut().give(gradient);
        }
    }

    /// The same numbers, in the same order, with another shape of as many.
    #[must_use]
    pub fn reshape<R: Shape>(self) -> Var<'t, R, T> {
        const { crate::tensor::can_become::<S, R>() };
        const { assert!(is_exact::<R>(), "a variable's lengths are constants in a reshape") };
        Taped::shaped(Taped::carry(Arrange::reshaped(Layout::of::<R>()), &[self.raw()]))
    }

    /// The sum of all elements.
    #[must_use]
    pub fn sum(self) -> Var<'t, R0, T> {
        self.whole().sum()
    }

    /// The mean of all elements.
    #[must_use]
    pub fn mean(self) -> Var<'t, R0, T> {
        self.whole().mean()
    }

    /// The largest element; NaN if there is one.
    #[must_use]
    pub fn max(self) -> Var<'t, R0, T> {
        self.whole().max()
    }

    /// The smallest element; NaN if there is one.
    #[must_use]
    pub fn min(self) -> Var<'t, R0, T> {
        self.whole().min()
    }

    /// The operation that it is the result of; `variable` or `constant` if of none.
    pub fn op(self) -> &'static str {
        super::history::name(&self.recording.store.nodes.borrow()[self.place])
    }

    /// How it came about.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    ///
    /// let tree = Tape::new().record(|tape| {
    ///     let (a, b) = (tape.variable(&tensor![2.0]), tape.variable(&tensor![3.0]));
    ///     (a * b + a).tanh().history().to_string()
    /// });
    /// assert_eq!(tree, "\
    /// Tanh [1]
    /// └─ Add [1]
    ///    ├─ Mul [1]
    ///    │  ├─ variable [1] #0
    ///    │  └─ variable [1] #1
    ///    └─ variable [1] #0
    /// ");
    /// ```
    pub fn history(self) -> History {
        History::of(self.recording.store, Some(self.place))
    }
}

impl<T: Float> Var<'_, R0, T> {
    /// The number.
    pub fn item(self) -> T {
        self.recording.store.nodes.borrow()[self.place].value.as_slice()[0]
    }

    /// Adds to the gradient of each variable by how much this number changes with it. It can be done once: what operations have
    /// kept for it is used up.
    ///
    /// # Errors
    /// The number doesn't depend on a variable; or its way back was gone before.
    pub fn backward(self) -> Result<(), TapeError> {
        self.recording.store.backward(self.place, &[T::ONE], false)
    }

    /// As [`backward`](Var::backward), after which it can be called again.
    ///
    /// # Errors
    /// As of [`backward`](Var::backward).
    pub fn backward_and_keep(self) -> Result<(), TapeError> {
        self.recording.store.backward(self.place, &[T::ONE], true)
    }
}

impl<'t, S: Shape, T: Float> Var<'t, S, T> {
    /// As [`backward`](Var::backward) of the number `sum of seed[i] y[i]`: the gradient by this variable is given.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    ///
    /// let gradient = Tape::new().record(|tape| {
    ///     let x = tape.variable(&tensor![1.0, 2.0]);
    ///     x.square().backward_with(&tensor![1.0, 10.0])?;
    ///     Ok::<_, TapeError>(x.grad())
    /// })?;
    /// assert_eq!(gradient, Some(tensor![2.0, 40.0]));
    /// # Ok::<(), nanotorch::tape::TapeError>(())
    /// ```
    /// # Errors
    /// As of [`backward`](Var::backward); or, where a leading length is known at run time only, `seed` has another number of rows.
    pub fn backward_with(self, seed: &View<S, T>) -> Result<(), TapeError> {
        self.recording.store.backward(self.place, seed.as_slice(), false)
    }

    /// The gradient of `sum of y[i]` by `x`, as a variable: it is computed by operations that are written down, so it can be
    /// differentiated again. Nothing is added to the gradients of variables.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    ///
    /// // x³, 3 x², 6 x
    /// let second = Tape::new().record(|tape| {
    ///     let x = tape.variable(&tensor![2.0, 3.0]);
    ///     let first = (x * x * x).gradient(x)?;
    ///     assert_eq!(first.value(), tensor![12.0, 27.0]);
    ///     Ok::<_, TapeError>(first.gradient(x)?.value())
    /// })?;
    /// assert_eq!(second, tensor![12.0, 18.0]);
    /// # Ok::<(), nanotorch::tape::TapeError>(())
    /// ```
    /// # Errors
    /// An operation on the way has no derivative of its derivative; or this doesn't depend on a variable.
    pub fn gradient<X: Shape>(self, x: Var<'t, X, T>) -> Result<Var<'t, X, T>, TapeError> {
        let place = self.recording.store.gradient(self.place, x.place)?;
        Ok(self.recording.var(place))
    }
}
