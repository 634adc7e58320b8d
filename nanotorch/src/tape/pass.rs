//! The way back.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::TapeError;
use super::history::name;
use super::pool::{Pool, Shared};
use super::store::Store;
use crate::element::Float;
use crate::op::AddTo;
use crate::rule::{self, Derived, Edges, Graph, MAX_OPERANDS, Place, Places, Rule, compute};
use crate::shape::Layout;

impl<T: Float> Store<T> {
    /// Adds the gradients by all variables that went into `from`, given that by `from`.
    pub(super) fn backward(&self, from: Place, seed: &[T], keep: bool) -> Result<(), TapeError> {
        let mut nodes = self.nodes.borrow_mut();
        if !nodes[from].tracked {
            return Err(TapeError::Constant { operation: name(&nodes[from]) });
        }
        let layout = nodes[from].layout;
        if seed.len() != layout.len() {
            return Err(TapeError::Seed { given: seed.len(), layout });
        }
        // Before anything is changed: whether the way is open.
        let mut reached = self.reached.borrow_mut();
        reached.clear();
        reached.resize(from + 1, false);
        reached[from] = true;
        for place in (0..=from).rev() {
            if !reached[place] || !nodes[place].tracked {
                continue;
            }
            if nodes[place].spent {
                return Err(TapeError::Repeated { operation: name(&nodes[place]) });
            }
            nodes[place].parents().iter().for_each(|&parent| reached[parent] = true);
        }
        let mut gradients = self.gradients.borrow_mut();
        let mut pool = self.pool.borrow_mut();
        let mut first = pool.take(seed.len());
        first.as_mut_slice().copy_from_slice(seed);
        add(&mut gradients[from], first, &mut pool);
        for place in (0..=from).rev() {
            let node = &nodes[place];
            let (Some(rule), true) = (node.rule.clone(), reached[place] && node.tracked) else { continue };
            let Some(dy) = gradients[place].take() else { continue };
            let mut made: [Option<Shared<T>>; MAX_OPERANDS] = Default::default();
            for (made, &parent) in made.iter_mut().zip(node.parents()) {
                if nodes[parent].tracked {
                    *made = Some(pool.take(nodes[parent].layout.len()));
                }
            }
            {
                let mut x: [&[T]; MAX_OPERANDS] = [&[]; MAX_OPERANDS];
                for (x, &parent) in x.iter_mut().zip(node.parents()) {
                    *x = nodes[parent].value.as_slice();
                }
                let mut dx: [&mut [T]; MAX_OPERANDS] = Default::default();
                for (dx, made) in dx.iter_mut().zip(&mut made) {
                    if let Some(made) = made {
                        *dx = made.as_mut_slice();
                    }
                }
                let arity = node.arity;
                let edges = Edges {
                    x: &x[..arity],
                    y: node.value.as_slice(),
                    kept: node.kept.as_slice(),
                    dy: dy.as_slice(),
                    dx: &mut dx[..arity],
                };
                rule.backward(edges, self.workspace(rule.backward_workspace()).as_mut_slice());
            }
            for (operand, made) in made.into_iter().enumerate() {
                if let Some(made) = made {
                    add(&mut gradients[node.parents[operand]], made, &mut pool);
                }
            }
            pool.give(dy);
            nodes[place].spent = !keep;
        }
        Ok(())
    }

    /// The gradient of the sum of `from` by `x`, written down.
    pub(super) fn gradient(&self, from: Place, x: Place) -> Result<Place, TapeError> {
        let layout = {
            let nodes = self.nodes.borrow();
            if !nodes[from].tracked {
                return Err(TapeError::Constant { operation: name(&nodes[from]) });
            }
            nodes[from].layout
        };
        let mut gradients: Vec<Option<Place>> = alloc::vec![None; from + 1];
        gradients[from] = Some(self.leaf_with(layout, false, |value| value.fill(T::ONE)));
        for place in (x..=from).rev() {
            let Some(dy) = gradients[place] else { continue };
            if place == x {
                break;
            }
            let (rule, parents, arity) = {
                let node = &self.nodes.borrow()[place];
                let Some(rule) = node.rule.clone() else { continue };
                (rule, node.parents, node.arity)
            };
            let mut wanted = [false; MAX_OPERANDS];
            for (wanted, &parent) in wanted.iter_mut().zip(&parents[..arity]) {
                *wanted = self.nodes.borrow()[parent].tracked && parent >= x;
            }
            let places = Places { x: &parents[..arity], y: place, dy, wanted: &wanted[..arity] };
            let Derived::Known(derived) = rule::derive(&rule, &mut Writer(self), &places) else {
                return Err(TapeError::Order { operation: rule.name(), layout: rule.layout() });
            };
            for (&parent, made) in parents[..arity].iter().zip(derived) {
                gradients[parent] = match (gradients[parent], made) {
                    (Some(before), Some(made)) => {
                        let layout = rule::Graph::layout(&Writer(self), parent);
                        let sum = rule::Combine::new(crate::graph::Add, layout, [layout; 2]);
                        Some(self.apply(Rc::new(sum), &[before, made]))
                    }
                    (before, made) => before.or(made),
                };
            }
        }
        match gradients.get(x).copied().flatten() {
            Some(place) => Ok(place),
            None => {
                let layout = self.nodes.borrow()[x].layout;
                Ok(self.leaf_with(layout, false, |value| value.fill(T::ZERO)))
            }
        }
    }
}

/// Adds a gradient to what is there.
fn add<T: Float>(gradient: &mut Option<Shared<T>>, more: Shared<T>, pool: &mut Pool<T>) {
    match gradient {
        None => *gradient = Some(more),
        Some(sum) => {
            compute(AddTo { x: more.as_slice(), y: sum.as_mut_slice() });
            pool.give(more);
        }
    }
}

struct Writer<'a, T: 'static>(&'a Store<T>);

impl<T: Float> Graph<T> for Writer<'_, T> {
    fn apply(&mut self, rule: Rc<dyn Rule<T>>, x: &[Place]) -> Place {
        self.0.apply(rule, x)
    }
    fn layout(&self, place: Place) -> Layout {
        self.0.nodes.borrow()[place].layout
    }
}
