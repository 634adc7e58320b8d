//! The same numbers in other places: rearranged, repeated, picked, joined, masked.
//!
//! A [`Movement`] is done on any element type. On floats it is a linear rule, and its backward carries gradients back, adding up
//! where a number went to several places.

use alloc::vec::Vec;

use super::{Edges, Kind, Layout, Room, Rule};
use crate::element::{Element, Float};
use crate::shape::{MAX_RANK, Signed};

/// A way to carry numbers from operands to a result.
pub trait Movement: 'static {
    /// ONNX's name for it, or ours where ONNX has none.
    const NAME: &'static str;
    /// The shape of the result.
    fn layout(&self) -> Layout;
    /// Carries numbers to the result, all of which is written.
    fn carry<T: Element>(&self, x: &[&[T]], y: &mut [T]);
    /// Carries gradients back; what is in `dx` is overwritten. A gradient that isn't wanted is empty.
    fn carry_back<T: Float>(&self, dy: &[T], dx: &mut [&mut [T]]);
}

/// A movement as a rule.
#[derive(Clone, Debug)]
pub struct Moved<M>(pub M);

impl<T: Float, M: Movement> Rule<T> for Moved<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }
    fn layout(&self) -> Layout {
        self.0.layout()
    }
    fn kind(&self) -> Kind {
        Kind::Linear
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        self.0.carry(x, y);
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        self.0.carry_back(edges.dy, edges.dx);
    }
}

/// Numbers at regular distances: transposed, sliced, flipped, repeated.
#[derive(Clone, Copy, Debug)]
pub struct Arrange {
    layout: Layout,
    strides: Signed,
    start: usize,
}

impl Arrange {
    /// The operand as it is, under the shape `layout`.
    pub fn reshaped(layout: Layout) -> Self {
        Arrange { layout, strides: layout.strides(), start: 0 }
    }

    /// Axis `i` of the result is axis `axes[i]` of the operand.
    pub fn permuted(operand: Layout, axes: &[usize]) -> Self {
        let (mut layout, mut strides) = (operand, [0; MAX_RANK]);
        for (axis, &from) in axes.iter().enumerate() {
            layout = layout.with(axis, operand.lengths()[from]);
            strides[axis] = operand.strides()[from];
        }
        Arrange { layout, strides, start: 0 }
    }

    /// The elements from `start` on, `step` apart, `length` of them, along one axis.
    pub fn sliced(operand: Layout, axis: usize, start: usize, length: usize, step: usize) -> Self {
        let mut strides = operand.strides();
        let start = start * strides[axis].unsigned_abs();
        strides[axis] *= step as isize;
        Arrange { layout: operand.with(axis, length), strides, start }
    }

    /// One axis backwards.
    pub fn flipped(operand: Layout, axis: usize) -> Self {
        let mut strides = operand.strides();
        let start = operand.lengths()[axis].saturating_sub(1) * strides[axis].unsigned_abs();
        strides[axis] = -strides[axis];
        Arrange { layout: operand, strides, start }
    }

    /// The operand repeated along axes of length 1, or that it doesn't have, to the shape `result`.
    pub fn broadcast(operand: Layout, result: Layout) -> Self {
        let (mut strides, mut stride) = ([0; MAX_RANK], 1);
        for axis in (0..result.rank()).rev() {
            let length = operand.aligned(result.rank(), axis);
            strides[axis] = if length == 1 { 0 } else { stride };
            stride *= length as isize;
        }
        Arrange { layout: result, strides, start: 0 }
    }

    /// The diagonal of the last two axes.
    pub fn diagonal(operand: Layout) -> Self {
        let (rank, strides) = (operand.rank(), operand.strides());
        let length = operand.lengths()[rank - 1].min(operand.lengths()[rank - 2]);
        let layout = operand.without(rank - 1).with(rank - 2, length);
        let mut moved = strides;
        moved[rank - 2] = strides[rank - 2] + strides[rank - 1];
        Arrange { layout, strides: moved, start: 0 }
    }

    /// Calls `visit` with the position in the result and the place in the operand of each run along the last axis.
    #[inline(always)]
    fn for_each_run(&self, mut visit: impl FnMut(usize, usize)) {
        let (rank, lengths) = (self.layout.rank(), self.layout.lengths());
        if lengths.contains(&0) {
            return;
        }
        let run = lengths.last().copied().unwrap_or(1);
        let (mut index, mut position, mut place) = ([0; MAX_RANK], 0, self.start as isize);
        loop {
            visit(position, place as usize);
            position += run;
            let mut axis = rank.saturating_sub(1);
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                index[axis] += 1;
                place += self.strides[axis];
                if index[axis] < lengths[axis] {
                    break;
                }
                place -= self.strides[axis] * lengths[axis] as isize;
                index[axis] = 0;
            }
        }
    }

    /// The length of a run, and the distance of neighbours in the operand.
    fn run(&self) -> (usize, isize) {
        match self.layout.rank() {
            0 => (1, 1),
            rank => (self.layout.lengths()[rank - 1], self.strides[rank - 1]),
        }
    }
}

impl Movement for Arrange {
    const NAME: &'static str = "Arrange";
    fn layout(&self) -> Layout {
        self.layout
    }
    fn carry<T: Element>(&self, x: &[&[T]], y: &mut [T]) {
        let (x, (run, step)) = (x[0], self.run());
        self.for_each_run(|position, place| {
            let y = &mut y[position..][..run];
            match step {
                1 => y.copy_from_slice(&x[place..][..run]),
                0 => y.fill(x[place]),
                _ => {
                    for (index, y) in y.iter_mut().enumerate() {
                        *y = x[place.wrapping_add_signed(step * index as isize)];
                    }
                }
            }
        });
    }
    fn carry_back<T: Float>(&self, dy: &[T], dx: &mut [&mut [T]]) {
        let (dx, (run, step)) = (&mut *dx[0], self.run());
        dx.fill(T::ZERO);
        self.for_each_run(|position, place| {
            let dy = &dy[position..][..run];
            match step {
                1 => dx[place..][..run].iter_mut().zip(dy).for_each(|(dx, dy)| *dx += *dy),
                0 => dx[place] += dy.iter().fold(T::ZERO, |sum, &dy| sum + dy),
                _ => {
                    for (index, dy) in dy.iter().enumerate() {
                        dx[place.wrapping_add_signed(step * index as isize)] += *dy;
                    }
                }
            }
        });
    }
}

/// The operand with numbers around it: 0 in a linear rule.
#[derive(Clone, Copy, Debug)]
pub struct Pad {
    /// The operand's part of the result.
    inside: Arrange,
    result: Layout,
}

impl Pad {
    /// `before` and `behind` many numbers along one axis.
    pub fn new(operand: Layout, axis: usize, before: usize, behind: usize) -> Self {
        let length = operand.lengths()[axis];
        let result = operand.with(axis, before + length + behind);
        Pad { inside: Arrange::sliced(result, axis, before, length, 1), result }
    }
}

impl Movement for Pad {
    const NAME: &'static str = "Pad";
    fn layout(&self) -> Layout {
        self.result
    }
    fn carry<T: Element>(&self, x: &[&[T]], y: &mut [T]) {
        y.fill(T::default());
        let run = self.inside.run().0;
        self.inside.for_each_run(|position, place| {
            y[place..][..run].copy_from_slice(&x[0][position..][..run]);
        });
    }
    fn carry_back<T: Float>(&self, dy: &[T], dx: &mut [&mut [T]]) {
        self.inside.carry(&[dy], dx[0]);
    }
}

/// Numbers at given places: `y[i] = x[places[i]]`.
#[derive(Clone, Debug)]
pub struct Gather {
    /// The shape of the result.
    pub layout: Layout,
    /// For each number of the result its place in the operand.
    pub places: Vec<usize>,
}

impl Movement for Gather {
    const NAME: &'static str = "Gather";
    fn layout(&self) -> Layout {
        self.layout
    }
    fn carry<T: Element>(&self, x: &[&[T]], y: &mut [T]) {
        for (y, &place) in y.iter_mut().zip(&self.places) {
            *y = x[0][place];
        }
    }
    fn carry_back<T: Float>(&self, dy: &[T], dx: &mut [&mut [T]]) {
        dx[0].fill(T::ZERO);
        for (dy, &place) in dy.iter().zip(&self.places) {
            dx[0][place] += *dy;
        }
    }
}

/// Arrays one behind the other along an axis.
#[derive(Clone, Copy, Debug)]
pub struct Join {
    layout: Layout,
    outer: usize,
    blocks: [usize; super::MAX_OPERANDS],
}

impl Join {
    /// Operands of these shapes along `axis`, giving the shape `result`.
    pub fn new(result: Layout, axis: usize, operands: &[Layout]) -> Self {
        let mut blocks = [0; super::MAX_OPERANDS];
        for (block, operand) in blocks.iter_mut().zip(operands) {
            *block = operand.lengths()[axis..].iter().product();
        }
        Join { layout: result, outer: result.lengths()[..axis].iter().product(), blocks }
    }
}

impl Movement for Join {
    const NAME: &'static str = "Concat";
    fn layout(&self) -> Layout {
        self.layout
    }
    fn carry<T: Element>(&self, x: &[&[T]], y: &mut [T]) {
        let (whole, mut start) = (self.blocks.iter().sum::<usize>(), 0);
        for (x, length) in x.iter().zip(self.blocks) {
            for block in 0..self.outer {
                y[block * whole + start..][..length].copy_from_slice(&x[block * length..][..length]);
            }
            start += length;
        }
    }
    fn carry_back<T: Float>(&self, dy: &[T], dx: &mut [&mut [T]]) {
        let (whole, mut start) = (self.blocks.iter().sum::<usize>(), 0);
        for (dx, length) in dx.iter_mut().zip(self.blocks) {
            if !dx.is_empty() {
                for block in 0..self.outer {
                    dx[block * length..][..length].copy_from_slice(&dy[block * whole + start..][..length]);
                }
            }
            start += length;
        }
    }
}

/// The first operand where the mask holds, else the second.
#[derive(Clone, Debug)]
pub struct Select {
    /// The shape of operands and result.
    pub layout: Layout,
    /// Where the first is taken.
    pub mask: Vec<bool>,
}

impl Movement for Select {
    const NAME: &'static str = "Where";
    fn layout(&self) -> Layout {
        self.layout
    }
    fn carry<T: Element>(&self, x: &[&[T]], y: &mut [T]) {
        for ((y, &mask), (&yes, &no)) in y.iter_mut().zip(&self.mask).zip(x[0].iter().zip(x[1])) {
            *y = if mask { yes } else { no };
        }
    }
    fn carry_back<T: Float>(&self, dy: &[T], dx: &mut [&mut [T]]) {
        for (operand, dx) in dx.iter_mut().enumerate() {
            for ((dx, &mask), &dy) in dx.iter_mut().zip(&self.mask).zip(dy) {
                *dx = if mask == (operand == 0) { dy } else { T::ZERO };
            }
        }
    }
}

/// What lies on one side of a diagonal of the last two axes; 0 on the other side.
#[derive(Clone, Copy, Debug)]
pub struct Triangle {
    /// The shape of operand and result.
    pub layout: Layout,
    /// Whether the side below is kept, rather than that above; the diagonal is kept by both.
    pub lower: bool,
    /// Which diagonal: that of column = row + offset.
    pub offset: isize,
}

impl Movement for Triangle {
    const NAME: &'static str = "Trilu";
    fn layout(&self) -> Layout {
        self.layout
    }
    fn carry<T: Element>(&self, x: &[&[T]], y: &mut [T]) {
        let rank = self.layout.rank();
        let (rows, columns) = (self.layout.lengths()[rank - 2], self.layout.lengths()[rank - 1]);
        for (place, (y, &x)) in y.iter_mut().zip(x[0]).enumerate() {
            let (row, column) = (place / columns % rows, place % columns);
            let above = column as isize - row as isize - self.offset;
            *y = if above == 0 || (above < 0) == self.lower { x } else { T::default() };
        }
    }
    fn carry_back<T: Float>(&self, dy: &[T], dx: &mut [&mut [T]]) {
        self.carry(&[dy], dx[0]);
    }
}
