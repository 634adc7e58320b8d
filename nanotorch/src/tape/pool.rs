//! Memory that is used again: by the numbers, and by what says what was done with them.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::any::Any;
use core::cell::RefCell;

use crate::element::{Element, Float};
use crate::rule::{Place, Rule};
use crate::storage::Block;

/// Numbers that may be looked at while the tape goes on.
#[derive(Clone)]
pub(super) struct Shared<T: 'static>(Rc<Block<T>>);

impl<T: Element> Shared<T> {
    /// No numbers.
    pub(super) fn none() -> Self {
        Shared(Rc::new(Block::zeros(0)))
    }

    pub(super) fn as_slice(&self) -> &[T] {
        self.0.as_slice()
    }

    /// The numbers, to be changed; those that somebody looks at stay as they are, and a copy is changed.
    pub(super) fn as_mut_slice(&mut self) -> &mut [T] {
        if self.0.as_slice().is_empty() {
            return &mut [];
        }
        Rc::make_mut(&mut self.0).as_mut_slice()
    }
}

/// Blocks of numbers that nobody uses, by their length.
pub(super) struct Pool<T: 'static> {
    blocks: Vec<Shared<T>>,
    none: Shared<T>,
}

impl<T: Element> Pool<T> {
    pub(super) fn new() -> Self {
        Pool { blocks: Vec::new(), none: Shared::none() }
    }

    /// A block of `length` numbers, whatever they are.
    pub(super) fn take(&mut self, length: usize) -> Shared<T> {
        if length == 0 {
            return self.none.clone();
        }
        match self.blocks.iter().rposition(|block| block.as_slice().len() == length) {
            Some(place) => self.blocks.swap_remove(place),
            None => Shared(Rc::new(Block::any(length))),
        }
    }

    /// Takes back what [`Pool::take`] gave, unless somebody still looks at it.
    pub(super) fn give(&mut self, mut block: Shared<T>) {
        if Rc::get_mut(&mut block.0).is_some() {
            self.blocks.push(block);
        }
    }
}

/// The rules of the recording before. One step is mostly as the last one, so that the same rule, with other sizes at most, comes
/// to the same place.
pub(super) struct Rules<T> {
    by_place: Vec<Option<Rc<dyn Rule<T>>>>,
}

impl<T: Float> Rules<T> {
    pub(super) fn new() -> Self {
        Rules { by_place: Vec::new() }
    }

    /// The rule on the heap, in the memory of the one that had this place before if it is of the same type.
    pub(super) fn hold<R: Rule<T>>(&mut self, place: Place, rule: R) -> Rc<dyn Rule<T>> {
        if core::mem::needs_drop::<R>() {
            // What it holds must be free when the recording ends.
            return Rc::new(rule);
        }
        if self.by_place.len() <= place {
            self.by_place.resize_with(place + 1, || None);
        }
        let held = &mut self.by_place[place];
        if let Some(shared) = held {
            let before = Rc::get_mut(shared).and_then(|before| (before as &mut dyn Any).downcast_mut());
            if let Some(before) = before {
                *before = rule;
                return shared.clone();
            }
        }
        let made: Rc<dyn Rule<T>> = Rc::new(rule);
        *held = Some(made.clone());
        made
    }
}

/// Values that operations hold while a recording lasts, whatever they are.
#[derive(Default)]
pub(super) struct Shelf(RefCell<Vec<Rc<dyn Any>>>);

impl Shelf {
    /// One that nobody holds any more, as it was left, or a new one.
    pub(super) fn take<V: 'static>(&self, make: impl FnOnce() -> V) -> Rc<V> {
        let mut values = self.0.borrow_mut();
        let free = values.iter().find(|value| Rc::strong_count(value) == 1 && value.is::<V>());
        if let Some(Ok(value)) = free.map(|value| value.clone().downcast()) {
            return value;
        }
        let made = Rc::new(make());
        values.push(made.clone());
        made
    }
}
