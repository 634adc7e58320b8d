//! Layers and models on variables.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::cell::RefCell;

use super::Var;
use super::store::Recording;
use crate::device::{Calling, TrainingPass, Wants};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::message::Text;
use crate::model::{Backward, Fit, Layer, Memory, Module, Parameters};
use crate::random::Random;
use crate::rule::{Edges, Kind, Place, Room, Rule};
use crate::shape::{Dim, Layout, Shape};

/// A layer or model on a tape: a copy of its parameters as they were, and the gradient by them.
pub struct Called<'t, M: Module> {
    recording: Recording<'t, M::Element>,
    lent: Rc<Lent<M>>,
    /// Where the gradient is, in the shape of the parameters that are trained.
    parameters: Place,
    random: RefCell<Random>,
}

/// A copy of a module, and room for its gradient. It goes back to the tape after the recording, for the next one.
struct Lent<M: Module> {
    module: RefCell<Box<M>>,
    /// None while somebody has it.
    gradient: RefCell<Option<Box<M::Gradient>>>,
}

impl<M: Module> Lent<M> {
    /// Calls `work` with the room for the gradient. Whoever looks at a gradient may go on with the tape.
    fn with_gradient<R>(&self, work: impl FnOnce(&mut M::Gradient) -> R) -> R {
        let kept = self.gradient.borrow_mut().take();
        let mut gradient = kept.unwrap_or_else(M::Gradient::zeroed);
        let result = work(&mut gradient);
        *self.gradient.borrow_mut() = Some(gradient);
        result
    }
}

impl<'t, T: Float> Recording<'t, T> {
    /// A layer or a `#[model]`, to be called on variables. What is random in it begins with `seed`.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// #[model(input = [4])]
    /// pub struct Net {
    ///     hidden: Linear<4, 8>,
    ///     tanh: Tanh,
    ///     head: Linear<8, 2>,
    /// }
    /// let net = Net::new(1);
    /// let gradient = Tape::new().record(|tape| {
    ///     let net = tape.module(&*net, 7);
    ///     let x = tape.constant(&Tensor::<R2<3, 4>>::ones());
    ///     let y: Var<'_, R2<3, 2>> = net.forward(x);
    ///     y.square().mean().backward()?;
    ///     Ok::<_, TapeError>(net.grad())
    /// })?;
    /// assert!(gradient.is_some_and(|gradient| gradient.head.bias[0] != 0.0));
    /// # Ok::<(), nanotorch::tape::TapeError>(())
    /// ```
    /// The gradient can't be differentiated again: [`Var::gradient`] through it is a [`TapeError::Order`](super::TapeError::Order).
    pub fn module<M: Module<Element = T>>(self, module: &M, seed: u64) -> Called<'t, M> {
        let length = <M::Gradient as Parameters>::PARAMS;
        let lent = self.store.shelf.take(|| Lent::<M> {
            module: RefCell::new(M::zeroed()),
            gradient: RefCell::new(Some(M::Gradient::zeroed())),
        });
        lent.module.borrow_mut().values_mut().copy_from_slice(module.values());
        Called {
            recording: self,
            lent,
            parameters: self.store.leaf_with(Layout::new(&[length]), true, |zeros| zeros.fill(T::ZERO)),
            random: RefCell::new(Random::new(seed)),
        }
    }
}

/// The shape of a layer's results for inputs of the shape `S`, whose first axis is the batch.
pub type BatchOf<M, S> = <<M as Layer<<S as Shape>::Rest>>::Out as Shape>::Prepend<<S as Shape>::First>;

impl<'t, M: Module> Called<'t, M> {
    /// The result of the layer, in training, for a batch of inputs: the axis before those that the layer takes.
    ///
    /// A layer that doesn't take them is a compile error.
    pub fn forward<S: Shape>(&self, x: Var<'t, S, M::Element>) -> Var<'t, BatchOf<M, S>, M::Element>
    where
        M: Layer<S::Rest>,
    {
        const { fits::<M, S>() };
        let rows = S::First::N;
        let mut lengths = [0; crate::shape::MAX_RANK + 1];
        lengths[0] = rows;
        let out = <<M as Layer<S::Rest>>::Out as Shape>::RANK;
        lengths[1..=out].copy_from_slice(&<<M as Layer<S::Rest>>::Out as Shape>::DIMS[..out]);
        let rule = Call::<M, S::Rest> {
            lent: self.lent.clone(),
            rows,
            layout: Layout::new(&lengths[..=out]),
            random: self.random.borrow().clone(),
            input: core::marker::PhantomData,
        };
        // The next call draws other numbers.
        let _ = self.random.borrow_mut().uniform_f64();
        let place = self.recording.store.apply(Rc::new(rule), &[x.place, self.parameters]);
        self.recording.var(place)
    }

    /// A copy of the gradient by the parameters that backwards have added up, if there is one.
    pub fn grad(&self) -> Option<Box<M::Gradient>> {
        self.with_grad(Parameters::boxed_copy)
    }

    /// Shows the gradient by the parameters to `look`, if there is one. Nothing is allocated.
    pub fn with_grad<R>(&self, look: impl FnOnce(&M::Gradient) -> R) -> Option<R> {
        let numbers = self.recording.store.gradients.borrow()[self.parameters].clone()?;
        Some(self.lent.with_gradient(|gradient| {
            gradient.values_mut().copy_from_slice(numbers.as_slice());
            look(gradient)
        }))
    }
}

const fn fits<M: Layer<S::Rest>, S: Shape>() {
    assert!(S::RANK > 0, "a layer takes a batch: a variable with one more axis than a sample");
    assert!(S::First::EXACT, "the batch of a variable is of a constant length");
    if let Fit::Mismatch(mismatch) = <M as Layer<S::Rest>>::FIT {
        let text =
            Text::new("this layer ").then(&mismatch.takes).text(", but is given ").then(&mismatch.given);
        panic!("{}", text.as_str());
    }
}

/// A layer on a batch. Its operands are the input and, for the gradient, the parameters.
struct Call<M: Module, I> {
    lent: Rc<Lent<M>>,
    rows: usize,
    layout: Layout,
    random: Random,
    input: core::marker::PhantomData<I>,
}

impl<I: Shape, M: Layer<I>> Rule<M::Element> for Call<M, I> {
    fn name(&self) -> &'static str {
        let name = core::any::type_name::<M>();
        let name = name.split('<').next().unwrap_or(name);
        name.rsplit("::").next().unwrap_or(name)
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn kept(&self) -> usize {
        self.rows * M::NEEDS.saved
    }
    fn workspace(&self) -> usize {
        self.rows * M::NEEDS.forward + M::NEEDS.workspace
    }
    fn backward_workspace(&self) -> usize {
        // Backward may destroy its gradient and what was saved, so it is given copies.
        let needs = M::NEEDS;
        self.rows * (needs.backward + needs.saved + M::Out::LEN) + needs.workspace
    }
    fn forward(&self, x: &[&[M::Element]], y: &mut [M::Element], room: Room<'_, M::Element>) {
        let Room { kept: saved, workspace } = room;
        let (scratch, workspace) = workspace.split_at_mut(self.rows * M::NEEDS.forward);
        let mut random = self.random.clone();
        let memory = Memory { saved, scratch, workspace };
        self.lent.module.borrow().forward(&mut self.pass(&mut random), x[0], y, memory);
    }
    fn backward(&self, edges: Edges<'_, '_, M::Element>, workspace: &mut [M::Element]) {
        let (dy, workspace) = workspace.split_at_mut(self.rows * M::Out::LEN);
        let (saved, workspace) = workspace.split_at_mut(self.rows * M::NEEDS.saved);
        let (scratch, workspace) = workspace.split_at_mut(self.rows * M::NEEDS.backward);
        dy.copy_from_slice(edges.dy);
        saved.copy_from_slice(edges.kept);
        let mut random = self.random.clone();
        self.lent.with_gradient(|gradient| {
            gradient.values_mut().fill(M::Element::ZERO);
            if let [dx, parameters] = edges.dx {
                let dx = if dx.is_empty() { None } else { Some(&mut **dx) };
                let edges = Backward { x: edges.x[0], y: edges.y, dy, dx };
                let (module, memory) = (self.lent.module.borrow(), Memory { saved, scratch, workspace });
                module.backward(&mut self.pass(&mut random), edges, Some(gradient), memory);
                if !parameters.is_empty() {
                    parameters.copy_from_slice(gradient.values());
                }
            }
        });
    }
}

impl<M: Module, I> Call<M, I> {
    fn pass<'a>(&self, random: &'a mut Random) -> TrainingPass<'a, Calling<'a>, usize> {
        TrainingPass {
            device: Calling::alone(),
            rows: self.rows,
            accumulate: Accumulate::Replace,
            wants: Wants::Input,
            random,
        }
    }
}
