//! Losses on variables.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::marker::PhantomData;

use super::{TapeError, Taped, Var};
use crate::device::Calling;
use crate::element::Float;
use crate::loss::Loss;
use crate::rule::{Derived, Edges, Graph, Kind, MAX_OPERANDS, Places, Room, Rule};
use crate::shape::{Dim, Layout, R0, Shape};
use crate::tensor::Numbers;
use crate::tensor::face::{Face, FloatFace};

/// A loss and its targets, in memory that goes back to the tape.
struct Goal<L, U> {
    loss: Option<L>,
    targets: Vec<U>,
}

/// A loss of predictions, whose gradient comes with its value.
struct Scored<L: Loss<S, T>, S: Shape, T: Float> {
    goal: Rc<RefCell<Goal<L, L::Target>>>,
    rows: usize,
    prediction: Layout,
    shape: PhantomData<(S, T)>,
}

impl<T: Float, S: Shape, L: Loss<S, T>> Clone for Scored<L, S, T> {
    fn clone(&self) -> Self {
        Scored { goal: self.goal.clone(), ..*self }
    }
}

impl<T: Float, S: Shape, L: Loss<S, T>> Scored<L, S, T> {
    /// The loss, and its gradient.
    fn score(&self, prediction: &[T], gradient: &mut [T]) -> T {
        let goal = self.goal.borrow();
        let Some(loss) = &goal.loss else { return T::NAN };
        loss.gradient(&mut Calling::alone(), self.rows, prediction, &goal.targets, gradient)
    }
}

impl<T: Float, S: Shape, L: Loss<S, T> + 'static> Rule<T> for Scored<L, S, T> {
    fn name(&self) -> &'static str {
        "Loss"
    }
    fn layout(&self) -> Layout {
        Layout::SCALAR
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn kept(&self) -> usize {
        self.prediction.len()
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>) {
        y[0] = self.score(x[0], room.kept);
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        for (dx, &gradient) in edges.dx[0].iter_mut().zip(edges.kept) {
            *dx = edges.dy[0] * gradient;
        }
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        if !L::CURVES {
            return Derived::Unknown;
        }
        let mut gradients = [None; MAX_OPERANDS];
        gradients[0] = Some(graph.apply(Rc::new(Slope(self.clone())), &[places.x[0], places.dy]));
        Derived::Known(gradients)
    }
}

/// `g = dy L'(x)`: the gradient of a loss, given the prediction and the gradient by the loss. Its own derivatives are `dy L''(x)`
/// and `L'(x)`.
struct Slope<L: Loss<S, T>, S: Shape, T: Float>(Scored<L, S, T>);

impl<T: Float, S: Shape, L: Loss<S, T> + 'static> Rule<T> for Slope<L, S, T> {
    fn name(&self) -> &'static str {
        "LossGradient"
    }
    fn layout(&self) -> Layout {
        self.0.prediction
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn backward_workspace(&self) -> usize {
        self.0.prediction.len()
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        self.0.score(x[0], y);
        y.iter_mut().for_each(|y| *y *= x[1][0]);
    }
    fn backward(&self, edges: Edges<'_, '_, T>, workspace: &mut [T]) {
        let Edges { x: [x, factor], dy: direction, dx: [dx, dfactor], .. } = edges else { return };
        if !dx.is_empty() {
            let goal = self.0.goal.borrow();
            if let Some(loss) = &goal.loss {
                loss.curvature(self.0.rows, x, &goal.targets, direction, dx);
            }
            dx.iter_mut().for_each(|dx| *dx *= factor[0]);
        }
        if !dfactor.is_empty() {
            let gradient = &mut workspace[..x.len()];
            self.0.score(x, gradient);
            dfactor[0] = gradient.iter().zip(direction).fold(T::ZERO, |sum, (&a, &b)| sum + a * b);
        }
    }
}

impl<'t, S: Shape, T: Float> Var<'t, S, T> {
    /// A loss of these predictions, a batch of them.
    ///
    /// ```
    /// use nanotorch::{loss::CrossEntropy, prelude::*, tensor};
    ///
    /// let gradient = Tape::new().record(|tape| {
    ///     let logits = tape.variable(&tensor![[0.0, 0.0], [0.0, 0.0]]);
    ///     logits.loss(CrossEntropy::default(), &[1, 0])?.backward()?;
    ///     Ok::<_, TapeError>(logits.grad())
    /// })?;
    /// assert_eq!(gradient, Some(tensor![[0.25, -0.25], [-0.25, 0.25]]));
    /// # Ok::<(), nanotorch::tape::TapeError>(())
    /// ```
    /// # Errors
    /// Targets that the loss can't use, or not as many as the predictions have. Nothing is written down then.
    pub fn loss<L>(self, loss: L, targets: &[L::Target]) -> Result<Var<'t, R0, T>, TapeError>
    where
        L: Loss<S::Rest, T> + 'static,
    {
        const { assert!(S::RANK > 0 && S::First::EXACT, "a loss takes a batch of predictions") };
        let rows = S::First::N;
        if targets.len() != rows * L::TARGETS {
            return Err(TapeError::Targets { given: targets.len(), each: L::TARGETS, rows });
        }
        loss.check(targets)?;
        let new = || RefCell::new(Goal::<L, L::Target> { loss: None, targets: Vec::new() });
        let goal = self.recording.store.shelf.take(new);
        {
            let mut goal = goal.borrow_mut();
            goal.loss = Some(loss);
            goal.targets.clear();
            goal.targets.extend_from_slice(targets);
        }
        let rule = Scored::<L, S::Rest, T> { goal, rows, prediction: Layout::of::<S>(), shape: PhantomData };
        Ok(Taped::shaped(Taped::run(rule, &[self.raw()])))
    }
}
