//! Numbers picked from a sample at regular distances, and put back.

use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::shape::{Dims, MAX_RANK};
use crate::simd::Simd;

/// Picks or puts back numbers: along each axis neighbours of the arranged side are consecutive, those of the sample lie
/// `strides[axis]` apart, from `start` on.
pub struct Strided<'a, T> {
    /// The number of samples.
    pub rows: usize,
    /// The length of a sample.
    pub sample: usize,
    /// The number of axes of the arranged side.
    pub rank: usize,
    /// The lengths of its axes.
    pub dims: Dims,
    /// The distances in the sample.
    pub strides: Dims,
    /// Where the first one lies in the sample.
    pub start: usize,
    /// What is copied where.
    pub direction: StridedDirection<'a, T>,
}

/// What is copied where.
pub enum StridedDirection<'a, T> {
    /// From samples to the arranged side.
    Gather {
        /// The samples.
        x: &'a [T],
        /// The arranged side.
        y: &'a mut [T],
    },
    /// From the arranged side to samples; numbers that it doesn't name stay as they are.
    Scatter {
        /// The arranged side.
        y: &'a [T],
        /// The samples.
        x: &'a mut [T],
    },
}

impl<T: Float> Kernel<T> for Strided<'_, T> {
    const NAME: &'static str = "Transpose";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        match &self.direction {
            StridedDirection::Gather { x, y } => {
                see(Operand::Input(x));
                see(Operand::Output(y));
            }
            StridedDirection::Scatter { y, x } => {
                see(Operand::Input(y));
                see(Operand::Output(x));
            }
        }
    }

    #[inline(always)]
    fn run<S: Simd>(self, _: Cpu<S>) {
        let Strided { rows, sample, rank, dims, strides, start, direction } = self;
        let arranged: usize = dims[..rank].iter().product();
        let (inner, step) = if rank > 0 { (dims[rank - 1], strides[rank - 1]) } else { (1, 1) };
        match direction {
            StridedDirection::Gather { x, y } => {
                for row in 0..rows {
                    let (x, y) = (&x[row * sample..][..sample], &mut y[row * arranged..][..arranged]);
                    runs(rank, &dims, &strides, start, |position, place| {
                        let y = &mut y[position..][..inner];
                        if step == 1 {
                            y.copy_from_slice(&x[place..][..inner]);
                        } else {
                            for (index, y) in y.iter_mut().enumerate() {
                                *y = x[place + index * step];
                            }
                        }
                    });
                }
            }
            StridedDirection::Scatter { y, x } => {
                for row in 0..rows {
                    let (y, x) = (&y[row * arranged..][..arranged], &mut x[row * sample..][..sample]);
                    runs(rank, &dims, &strides, start, |position, place| {
                        let y = &y[position..][..inner];
                        if step == 1 {
                            x[place..][..inner].copy_from_slice(y);
                        } else {
                            for (index, y) in y.iter().enumerate() {
                                x[place + index * step] = *y;
                            }
                        }
                    });
                }
            }
        }
    }
}

/// Calls `visit` with the position on the arranged side and the place in the sample of each run along the last axis.
#[inline(always)]
fn runs(rank: usize, dims: &Dims, strides: &Dims, start: usize, mut visit: impl FnMut(usize, usize)) {
    let inner = if rank > 0 { dims[rank - 1] } else { 1 };
    let (mut index, mut position, mut place) = ([0; MAX_RANK], 0, start);
    loop {
        visit(position, place);
        position += inner;
        let mut axis = rank.saturating_sub(1);
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            index[axis] += 1;
            place += strides[axis];
            if index[axis] < dims[axis] {
                break;
            }
            place -= strides[axis] * dims[axis];
            index[axis] = 0;
        }
    }
}
