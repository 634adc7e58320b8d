//! The tape itself: what happened, in order.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::marker::PhantomData;

use super::pool::{Pool, Rules, Shared, Shelf};
use super::{History, Var};
use crate::element::Float;
use crate::rule::{MAX_OPERANDS, Place, Room, Rule};
use crate::shape::{Layout, R0, Shape};
use crate::storage::Block;
use crate::tensor::View;

/// One operation that happened, with its result.
pub(super) struct Node<T: 'static> {
    /// The operation; none for numbers that came from outside.
    pub(super) rule: Option<Rc<dyn Rule<T>>>,
    pub(super) layout: Layout,
    pub(super) parents: [Place; MAX_OPERANDS],
    pub(super) arity: usize,
    pub(super) value: Shared<T>,
    /// What the operation keeps for its backward.
    pub(super) kept: Shared<T>,
    /// Whether a gradient by it is wanted, or by something that it was computed from.
    pub(super) tracked: bool,
    /// Whether a backward has used what the operation kept.
    pub(super) spent: bool,
}

impl<T> Node<T> {
    pub(super) fn parents(&self) -> &[Place] {
        &self.parents[..self.arity]
    }
}

/// What the variables of one recording share.
pub(super) struct Store<T: 'static> {
    pub(super) nodes: RefCell<Vec<Node<T>>>,
    /// The gradient by each node that has one, kept from backward to backward where it came from outside.
    pub(super) gradients: RefCell<Vec<Option<Shared<T>>>>,
    pub(super) pool: RefCell<Pool<T>>,
    pub(super) workspace: RefCell<Block<T>>,
    /// Which nodes a backward comes by.
    pub(super) reached: RefCell<Vec<bool>>,
    rules: RefCell<Rules<T>>,
    pub(super) shelf: Shelf,
    pub(super) tracking: Cell<bool>,
}

impl<T: Float> Store<T> {
    /// Writes down numbers from outside.
    pub(super) fn leaf(&self, layout: Layout, numbers: &[T], tracked: bool) -> Place {
        self.leaf_with(layout, tracked, |value| value.copy_from_slice(numbers))
    }

    /// Writes down numbers that `fill` makes.
    pub(super) fn leaf_with(&self, layout: Layout, tracked: bool, fill: impl FnOnce(&mut [T])) -> Place {
        let (mut value, kept) = {
            let mut pool = self.pool.borrow_mut();
            (pool.take(layout.len()), pool.take(0))
        };
        fill(value.as_mut_slice());
        let parents = [0; MAX_OPERANDS];
        self.push(Node { rule: None, layout, parents, arity: 0, value, kept, tracked, spent: false })
    }

    /// Carries out an operation, and writes it down, in the memory of that of an earlier recording if it can.
    pub(super) fn carry_out<R: Rule<T>>(&self, rule: R, x: &[Place]) -> Place {
        let place = self.nodes.borrow().len();
        let rule = self.rules.borrow_mut().hold(place, rule);
        self.apply(rule, x)
    }

    /// Carries out an operation, and writes it down.
    pub(super) fn apply(&self, rule: Rc<dyn Rule<T>>, x: &[Place]) -> Place {
        let layout = rule.layout();
        let (mut value, mut kept) = {
            let mut pool = self.pool.borrow_mut();
            (pool.take(layout.len()), pool.take(rule.kept()))
        };
        let mut parents = [0; MAX_OPERANDS];
        parents[..x.len()].copy_from_slice(x);
        let tracked = {
            let nodes = self.nodes.borrow();
            let mut slices: [&[T]; MAX_OPERANDS] = [&[]; MAX_OPERANDS];
            for (slice, &place) in slices.iter_mut().zip(x) {
                *slice = nodes[place].value.as_slice();
            }
            let mut workspace = self.workspace(rule.workspace());
            let room = Room { kept: kept.as_mut_slice(), workspace: workspace.as_mut_slice() };
            rule.forward(&slices[..x.len()], value.as_mut_slice(), room);
            self.tracking.get() && x.iter().any(|&place| nodes[place].tracked)
        };
        // What nobody will go back through needn't be remembered.
        let rule = Some(rule);
        self.push(Node { rule, layout, parents, arity: x.len(), value, kept, tracked, spent: false })
    }

    fn push(&self, node: Node<T>) -> Place {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(node);
        self.gradients.borrow_mut().push(None);
        nodes.len() - 1
    }

    /// Room to work for one operation at a time.
    pub(super) fn workspace(&self, length: usize) -> core::cell::RefMut<'_, Block<T>> {
        let mut workspace = self.workspace.borrow_mut();
        if workspace.as_slice().len() < length {
            *workspace = Block::any(length);
        }
        workspace
    }

    /// Forgets what happened; the buffers are kept.
    fn clear(&self) {
        let mut pool = self.pool.borrow_mut();
        for node in self.nodes.borrow_mut().drain(..) {
            pool.give(node.value);
            pool.give(node.kept);
        }
        self.gradients.borrow_mut().drain(..).flatten().for_each(|gradient| pool.give(gradient));
        self.tracking.set(true);
    }
}

/// What writes operations down, and the memory for it.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
///
/// let mut tape = Tape::new();
/// let mut x = tensor![3.0];
/// for _ in 0..100 {
///     // The memory of one step is used again by the next.
///     let slope = tape.record(|tape| {
///         let x = tape.variable(&x);
///         (x - 1.0).square().sum().backward()?;
///         Ok::<_, TapeError>(x.grad())
///     })?;
///     x -= 0.1 * slope.unwrap();
/// }
/// assert!((x[[0]] - 1.0).abs() < 1e-6);
/// # Ok::<(), nanotorch::tape::TapeError>(())
/// ```
pub struct Tape<T: Float = f32> {
    store: Store<T>,
}

impl<T: Float> Default for Tape<T> {
    fn default() -> Self {
        Tape::new()
    }
}

impl<T: Float> Tape<T> {
    /// An empty tape.
    #[must_use]
    pub fn new() -> Self {
        Tape {
            store: Store {
                nodes: RefCell::default(),
                gradients: RefCell::default(),
                pool: RefCell::new(Pool::new()),
                workspace: RefCell::new(Block::zeros(0)),
                reached: RefCell::default(),
                rules: RefCell::new(Rules::new()),
                shelf: Shelf::default(),
                tracking: Cell::new(true),
            },
        }
    }

    /// Runs `work`, which makes variables of tensors and computes with them. What was written down ends with it.
    pub fn record<R>(&mut self, work: impl for<'t> FnOnce(Recording<'t, T>) -> R) -> R {
        // Whatever an earlier recording left behind when it panicked.
        self.store.clear();
        let result = work(Recording { store: &self.store, brand: PhantomData });
        self.store.clear();
        result
    }
}

/// A tape while it records. Each recording has a lifetime of its own, so that its variables are only its own.
pub struct Recording<'t, T: Float = f32> {
    pub(super) store: &'t Store<T>,
    pub(super) brand: PhantomData<Cell<&'t ()>>,
}

impl<T: Float> Clone for Recording<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Float> Copy for Recording<'_, T> {}

impl<'t, T: Float> Recording<'t, T> {
    pub(super) fn var<S: Shape>(self, place: Place) -> Var<'t, S, T> {
        Var { recording: self, place, shape: PhantomData }
    }

    /// A copy of the tensor as a variable that wants a gradient (PyTorch's `requires_grad`).
    pub fn variable<S: Shape>(self, tensor: &View<S, T>) -> Var<'t, S, T> {
        self.var(self.store.leaf(tensor.layout(), tensor.as_slice(), true))
    }

    /// A copy of the tensor as a variable that wants none.
    pub fn constant<S: Shape>(self, tensor: &View<S, T>) -> Var<'t, S, T> {
        self.var(self.store.leaf(tensor.layout(), tensor.as_slice(), false))
    }

    /// A number that wants no gradient.
    pub fn number(self, number: T) -> Var<'t, R0, T> {
        self.var(self.store.leaf(Layout::SCALAR, &[number], false))
    }

    /// Runs `work`; what it computes wants no gradients, whatever it is computed from.
    pub fn no_grad<R>(self, work: impl FnOnce() -> R) -> R {
        let before = self.store.tracking.replace(false);
        let result = work();
        self.store.tracking.set(before);
        result
    }

    /// Everything that was written down so far.
    pub fn history(self) -> History {
        History::of(self.store, None)
    }
}
