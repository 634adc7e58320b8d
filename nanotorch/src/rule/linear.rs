//! The gradients of linear and bilinear rules, as rules: made of the rule's own forward and backward.

use alloc::rc::Rc;

use super::{Edges, Kind, Layout, MAX_OPERANDS, Room, Rule};
use crate::element::Float;
use crate::storage::take;

/// `x = Lᵀ y` for a linear rule `y = L x`: its gradient by one operand. The gradient of that is `L`.
pub struct Adjoint<T> {
    /// The linear rule.
    pub rule: Rc<dyn Rule<T>>,
    /// The operand whose gradient is meant.
    pub operand: usize,
    /// How many operands the rule has.
    pub count: usize,
    /// Their shapes.
    pub layouts: [Layout; MAX_OPERANDS],
}

impl<T: Float> Adjoint<T> {
    /// The shapes of a rule's operands.
    pub fn layouts(operands: impl Iterator<Item = Layout>) -> [Layout; MAX_OPERANDS] {
        let mut layouts = [Layout::SCALAR; MAX_OPERANDS];
        for (layout, operand) in layouts.iter_mut().zip(operands) {
            *layout = operand;
        }
        layouts
    }
}

impl<T: Float> Rule<T> for Adjoint<T> {
    fn name(&self) -> &'static str {
        "Adjoint"
    }
    fn layout(&self) -> Layout {
        self.layouts[self.operand]
    }
    fn kind(&self) -> Kind {
        Kind::Linear
    }
    fn workspace(&self) -> usize {
        self.rule.backward_workspace()
    }
    fn backward_workspace(&self) -> usize {
        // The rule is given zeros for the other operands.
        let zeros: usize = self.layouts[..self.count].iter().map(Layout::len).sum();
        self.rule.workspace() + if self.count > 1 { zeros - self.layouts[self.operand].len() } else { 0 }
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>) {
        let mut dx: [&mut [T]; MAX_OPERANDS] = Default::default();
        dx[self.operand] = y;
        let none: [&[T]; MAX_OPERANDS] = [&[]; MAX_OPERANDS];
        let edges = Edges { x: &none[..self.count], y: &[], kept: &[], dy: x[0], dx: &mut dx[..self.count] };
        self.rule.backward(edges, room.workspace);
    }
    fn backward(&self, edges: Edges<'_, '_, T>, mut workspace: &mut [T]) {
        let mut x: [&[T]; MAX_OPERANDS] = [&[]; MAX_OPERANDS];
        for (operand, x) in x.iter_mut().enumerate().take(self.count) {
            *x = if operand == self.operand {
                edges.dy
            } else {
                let zeros = take(&mut workspace, self.layouts[operand].len());
                zeros.fill(T::ZERO);
                zeros
            };
        }
        self.rule.forward(&x[..self.count], &mut *edges.dx[0], Room::to_work(workspace));
    }
}

/// What a bilinear rule `y = B(a, b)` is seen from another side: one of the gradients `Bₐ(b, dy)` and `B_b(a, dy)`.
///
/// `<c, B(a, b)> = <a, Bₐ(b, c)> = <b, B_b(a, c)>`, so each of the three is the gradient of the others.
pub struct Partial<T> {
    rule: Rc<dyn Rule<T>>,
    operand: usize,
    layouts: [Layout; 2],
}

impl<T: Float> Partial<T> {
    /// The gradient of a bilinear rule by one operand, of the other one and the gradient by the result.
    pub fn new(rule: Rc<dyn Rule<T>>, operand: usize, operands: impl Iterator<Item = Layout>) -> Self {
        let [first, second, ..] = Adjoint::<T>::layouts(operands);
        Partial { rule, operand, layouts: [first, second] }
    }

    /// Runs the backward of the rule for `operand` alone.
    fn gradient(&self, operand: usize, other: &[T], dy: &[T], target: &mut [T], workspace: &mut [T]) {
        let mut dx: [&mut [T]; 2] = Default::default();
        dx[operand] = target;
        let mut x: [&[T]; 2] = [&[]; 2];
        // The operand whose gradient is computed doesn't count: the rule is linear in it.
        x[1 - operand] = other;
        self.rule.backward(Edges { x: &x, y: &[], kept: &[], dy, dx: &mut dx }, workspace);
    }
}

impl<T: Float> Rule<T> for Partial<T> {
    fn name(&self) -> &'static str {
        if self.operand == 0 { "GradientByFirst" } else { "GradientBySecond" }
    }
    fn layout(&self) -> Layout {
        self.layouts[self.operand]
    }
    fn kind(&self) -> Kind {
        Kind::Bilinear
    }
    fn workspace(&self) -> usize {
        self.rule.backward_workspace()
    }
    fn backward_workspace(&self) -> usize {
        self.rule.workspace().max(self.rule.backward_workspace())
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>) {
        self.gradient(self.operand, x[0], x[1], y, room.workspace);
    }
    fn backward(&self, edges: Edges<'_, '_, T>, workspace: &mut [T]) {
        let Edges { x, dy: c, dx, .. } = edges;
        if let [by_other, by_gradient] = dx {
            if !by_other.is_empty() {
                // The gradient by the other operand, with `c` in the place of this one.
                self.gradient(1 - self.operand, c, x[1], by_other, workspace);
            }
            if !by_gradient.is_empty() {
                let operands = if self.operand == 0 { [c, x[0]] } else { [x[0], c] };
                self.rule.forward(&operands, by_gradient, Room::to_work(workspace));
            }
        }
    }
}
