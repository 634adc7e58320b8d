//! Convolutions over up to three axes: forward, backward by the input, backward by the weights.
//!
//! ```text
//! y(n, o, p) = b(o) + Σ_c,t w(o, c, t) x(n, c, p * stride + t * dilation - before)
//! ```
//! A batch is copied into a *stage*, where the samples are the innermost axis: as many side by side as a register has
//! lanes. There every stride, dilation, padding and size is the same loop without a tail, over registers that are full, and
//! no patch of the image is ever written out. A few samples alone are computed one by one, with the output's channels side by
//! side. Sums over channels and taps have the same order either way, so a sample's bits don't depend on the others, except
//! where a batch takes fewer products than plain sums (`squares`).
//!
//! | file | |
//! | --- | --- |
//! | `stage` | batch first to samples innermost, and back |
//! | `sweep` | which taps meet which numbers at a place, and in which order |
//! | `pack` | weights in the order in which they are used |
//! | `batch`, `single` | sums over channels and taps, for many samples and for few |
//! | `squares`, `transform`, `winograd` | the same for many samples and windows of 3 by 3, with fewer products |
//! | `weights` | sums over places and samples |

mod batch;
mod pack;
mod single;
mod squares;
mod stage;
mod sweep;
mod transform;
mod weights;
mod winograd;

use core::iter;

use super::Accumulate;
use super::finish::Finish;
use super::window::{Window, volume};
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf};
use crate::threads::{Threads, ranges};
use batch::Batch;
use single::Single;
use squares::Squares;
use sweep::Direction;

/// The most lanes that a register has, in any instruction set.
const LANES: usize = 16;

/// Multiplications that are worth handing to another thread.
const LEAST: usize = 1 << 17;

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// What slides over what.
    pub window: Window,
    /// Groups of channels that don't see each other.
    pub groups: usize,
    /// Channels of the input in each group.
    pub inputs: usize,
    /// Channels of the output in each group.
    pub outputs: usize,
}

impl Convolution {
    /// Numbers of one sample of the input.
    pub const fn input_length(&self) -> usize {
        self.groups * self.inputs * volume(self.window.input)
    }

    /// Numbers of one sample of the output.
    pub const fn output_length(&self) -> usize {
        self.groups * self.outputs * volume(self.window.output)
    }

    /// Numbers of the weights: `(groups * outputs, inputs, taps)`.
    pub const fn weight_length(&self) -> usize {
        self.groups * self.outputs * self.inputs * self.window.taps()
    }

    /// Floating-point operations of a sample's forward, without the bias.
    pub const fn flops(&self) -> usize {
        2 * self.weight_length() * volume(self.window.output)
    }

    /// Numbers of workspace for [`forward`], whatever the instruction set and the number of samples.
    pub const fn forward_workspace(&self) -> usize {
        let staged = self.groups * self.inputs * volume(self.window.padded());
        let batch = match Squares::of(self, Direction::Forward) {
            Some(squares) => winograd::workspace(&squares),
            None => {
                staged * LANES
                    + self.groups * pack::padded_rows(self.outputs) * self.inputs * self.window.taps()
                    + batch::OUTPUTS
            }
        };
        let single = staged + self.inputs * self.window.taps() * 2 * LANES + single::OUTPUTS;
        (if batch > single { batch } else { single }) + 3 * LANES
    }

    /// Numbers of workspace for [`input_gradient`].
    pub const fn input_gradient_workspace(&self) -> usize {
        if let Some(squares) = Squares::of(self, Direction::Backward) {
            return winograd::workspace(&squares) + 3 * LANES;
        }
        self.output_length() * LANES
            + self.groups * pack::padded_rows(self.inputs) * self.outputs * self.window.taps()
            + batch::OUTPUTS
            + 3 * LANES
    }

    /// Numbers of workspace for [`weight_gradient`].
    pub const fn weight_gradient_workspace(&self) -> usize {
        let staged = self.groups * self.inputs * volume(self.window.padded()) + self.output_length();
        staged * LANES + weights::sums(self) + 3 * LANES
    }

    #[inline(always)]
    fn check(&self, rows: usize, x: usize, weight: usize, y: usize) {
        assert!(self.window.is_sound(), "the window leaves its input: {:?}", self.window);
        assert_eq!(x, rows * self.input_length(), "{rows} samples of the input");
        assert_eq!(weight, self.weight_length(), "the weights");
        assert_eq!(y, rows * self.output_length(), "{rows} samples of the output");
    }
}

/// `y = finish(x ⋆ w)`, on several threads where it is large.
/// # Panics
/// A slice has another length than the sizes say, or the workspace is too small.
#[inline(never)]
#[expect(
    clippy::too_many_arguments,
    reason = "sizes, three operands, a target, room to work and who does it"
)]
pub fn forward<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Convolution,
    rows: usize,
    x: &[T],
    weight: &[T],
    finish: Finish<'_, T>,
    y: &mut [T],
    workspace: &mut [T],
) {
    size.check(rows, x.len(), weight.len(), y.len());
    assert!(finish.fits(size.groups * size.outputs), "a number for each channel, or none");
    let room = size.forward_workspace();
    assert!(workspace.len() >= room, "the workspace is too small");
    let (lanes, places) = (VectorOf::<S, T>::LANES, volume(size.window.output));
    let (source, weight, target) = (x.as_ptr(), weight.as_ptr(), y.as_mut_ptr());
    let few = rows < lanes && (size.outputs >= lanes || 2 * rows <= lanes);
    if !few && let Some(squares) = Squares::of(size, Direction::Forward) {
        let (forward, room) = (Direction::Forward, workspace.as_mut_ptr());
        // SAFETY: checked above.
        return unsafe {
            winograd::run(simd, threads, size, &squares, forward, rows, source, weight, finish, target, room)
        };
    }
    if !few {
        let (direction, workspace_pointer) = (Direction::Forward, workspace.as_mut_ptr());
        let batch = Batch {
            size,
            direction,
            rows: 0..rows,
            places: 0..places,
            finish,
            source,
            weight,
            target,
            workspace: workspace_pointer,
        };
        return batch.on(simd, threads, room);
    }
    let bands = single::bands(size, lanes);
    let workspace = workspace.as_mut_ptr();
    let single =
        Single { size, rows, bands: 0..bands, places: 0..places, finish, source, weight, target, workspace };
    let mut spare = threads.spare();
    let parts = threads.parts(rows * size.flops() / 2, LEAST);
    if parts == 1 || spare.piece_length::<T>() < room {
        return single.call(simd);
    }
    let by_bands = bands.is_multiple_of(parts);
    let ranges = if by_bands { ranges(bands, parts, 1) } else { ranges(places, parts, LANES) };
    let workspaces = iter::once(workspace).chain(spare.pieces().map(|piece| piece.as_mut_ptr()));
    let works = ranges.zip(workspaces).map(|(range, workspace)| {
        if by_bands {
            Single { bands: range, workspace, ..single.clone() }
        } else {
            Single { places: range, workspace, ..single.clone() }
        }
    });
    threads.each(works, |part| part.call(simd));
}

/// `dx = dy ⋆ᵀ w`: the gradient by the input, which is also the forward of a transposed convolution; `finish` says what becomes
/// of the channels of `dx`.
/// # Panics
/// As [`forward`].
#[inline(never)]
#[expect(
    clippy::too_many_arguments,
    reason = "sizes, three operands, a target, room to work and who does it"
)]
pub fn input_gradient<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Convolution,
    rows: usize,
    dy: &[T],
    weight: &[T],
    finish: Finish<'_, T>,
    dx: &mut [T],
    workspace: &mut [T],
) {
    size.check(rows, dx.len(), weight.len(), dy.len());
    assert!(finish.fits(size.groups * size.inputs), "a number for each channel, or none");
    let room = size.input_gradient_workspace();
    assert!(workspace.len() >= room, "the workspace is too small");
    if let Some(squares) = Squares::of(size, Direction::Backward) {
        let (source, weight, target) = (dy.as_ptr(), weight.as_ptr(), dx.as_mut_ptr());
        let (backward, room) = (Direction::Backward, workspace.as_mut_ptr());
        // SAFETY: checked above.
        return unsafe {
            winograd::run(simd, threads, size, &squares, backward, rows, source, weight, finish, target, room)
        };
    }
    let batch = Batch {
        size,
        direction: Direction::Backward,
        rows: 0..rows,
        places: 0..volume(size.window.input),
        finish,
        source: dy.as_ptr(),
        weight: weight.as_ptr(),
        target: dx.as_mut_ptr(),
        workspace: workspace.as_mut_ptr(),
    };
    batch.on(simd, threads, room);
}

/// `dw(o, c, t) = Σ_n,p dy(n, o, p) x(n, c, p * stride + t * dilation - before)`, `db(o) = Σ_n,p dy(n, o, p)`, or added to what
/// is there. `dbias` may be empty.
/// # Panics
/// As [`forward`].
#[inline(never)]
#[expect(
    clippy::too_many_arguments,
    reason = "sizes, two operands, two targets, room to work and who does it"
)]
pub fn weight_gradient<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Convolution,
    rows: usize,
    x: &[T],
    dy: &[T],
    dweight: &mut [T],
    dbias: &mut [T],
    accumulate: Accumulate,
    workspace: &mut [T],
) {
    size.check(rows, x.len(), dweight.len(), dy.len());
    assert!(
        dbias.is_empty() || dbias.len() == size.groups * size.outputs,
        "a bias for each channel, or none"
    );
    assert!(workspace.len() >= size.weight_gradient_workspace(), "the workspace is too small");
    if accumulate == Accumulate::Replace {
        dweight.fill(T::ZERO);
        dbias.fill(T::ZERO);
    }
    // SAFETY: checked above.
    unsafe { weights::add(simd, threads, size, rows, x, dy, dweight, dbias, workspace) }
}

/// Parts of a workspace, each of which begins at a line of the cache.
struct Room<T>(*mut T);

impl<T> Room<T> {
    /// The next `length` numbers.
    #[inline(always)]
    fn take(&mut self, length: usize) -> *mut T {
        let start = self.0.wrapping_add(self.0.align_offset(LANES * size_of::<T>()).min(LANES));
        self.0 = start.wrapping_add(length);
        start
    }
}
