//! Convolutions over up to three axes: forward, backward by the input, backward by the weights.
//!
//! ```text
//! y(n, o, p) = b(o) + Σ_c,t w(o, c, t) x(n, c, p * stride + t * dilation - before)
//! ```
//! A batch is copied into a *stage*, where the samples are the innermost axis: as many side by side as a register has
//! lanes. There every stride, dilation, padding and size is the same loop without a tail, over registers that are full, and
//! no patch of the image is ever written out. A few samples alone are computed one by one, with the output's channels side by
//! side. Sums over channels and taps have the same order either way, so a sample's bits don't depend on the others, except
//! where there are so few squares that plain sums are faster than fewer products (`squares`).
//!
//! | file | |
//! | --- | --- |
//! | `stage` | batch first to samples innermost, and back |
//! | `sweep` | which taps meet which numbers at a place, and in which order |
//! | `pack` | weights in the order in which they are used |
//! | `batch`, `single` | sums over channels and taps, for many samples and for few |
//! | `squares`, `transform`, `packing` | windows of 3 by 3 with fewer products: where that pays, and the transforms |
//! | `winograd`, `images`, `band` | their sums, samples side by side or channels |
//! | `places`, `shifted` | sums for neighbouring places side by side, and the copies that they are read from |
//! | `depthwise` | windows over each channel by itself: `block` cuts and copies planes, `sums` and `gradient` compute |
//! | `pointwise` | windows of one number: products of matrices |
//! | `pooled` | the largest of the results under a window, before they are put in place |
//! | `weights` | sums over places and samples |
//! | `channels` | the same for a few samples, and for many channels |
//! | `adjoint` | the same for windows of 3 by 3, with fewer products |
//! | `outer` | a tile of sums of products, in registers |

mod adjoint;
mod band;
mod batch;
mod channels;
mod depthwise;
mod images;
mod outer;
mod pack;
mod packing;
mod places;
mod pointwise;
mod pooled;
mod shifted;
mod single;
mod squares;
mod stage;
mod sweep;
mod transform;
mod weights;
mod winograd;

use super::Accumulate;
use super::finish::Finish;
use super::window::{Window, volume};
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf};
use crate::threads::Threads;
use adjoint::Chunks;
use batch::Batch;
use places::{Part, Places};
use single::Single;
use squares::{Squares, of_weights};
use sweep::Direction;

/// The most lanes that a register has, in any instruction set.
const LANES: usize = 16;

/// Multiplications that are worth handing to another thread.
const LEAST: usize = 1 << 17;

/// How the products of a convolution are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// As suits the sizes: a constant rule, which the benchmarks justify.
    #[default]
    BySize,
    /// One for each place and tap.
    Sums,
    /// 36 for a square of 16 places, where the window is one of 3 by 3 that moves by one.
    Squares,
    /// One for each place and tap, with neighbouring places side by side.
    Places,
}

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
    /// How products are computed.
    pub way: Way,
}

impl Convolution {
    /// Computed as suits the sizes.
    pub const fn new(window: Window, groups: usize, inputs: usize, outputs: usize) -> Convolution {
        Convolution { window, groups, inputs, outputs, way: Way::BySize }
    }

    /// Channels of what comes in and of the result, in a group.
    const fn channels(&self, direction: Direction) -> (usize, usize) {
        match direction {
            Direction::Forward => (self.inputs, self.outputs),
            Direction::Backward => (self.outputs, self.inputs),
        }
    }

    /// Lengths of what comes in and of the result.
    const fn lengths(&self, direction: Direction) -> ([usize; 3], [usize; 3]) {
        match direction {
            Direction::Forward => (self.window.input, self.window.output),
            Direction::Backward => (self.window.output, self.window.input),
        }
    }

    /// From the weights of a channel of the result to those of the next one, and the same of what comes in.
    const fn weight_steps(&self, direction: Direction) -> (usize, usize) {
        let taps = self.window.taps();
        match direction {
            Direction::Forward => (self.inputs * taps, taps),
            Direction::Backward => (taps, self.inputs * taps),
        }
    }

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
        if pointwise::is_product(self) {
            return pointwise::room(self);
        }
        let staged = self.groups * self.inputs * volume(self.window.padded());
        let batch = match Squares::of(self, Direction::Forward) {
            Some(squares) => winograd::workspace(&squares),
            None => {
                staged * LANES
                    + self.groups * pack::padded_rows(self.outputs) * self.inputs * self.window.taps()
                    + batch::OUTPUTS
            }
        };
        let room = larger(batch + 3 * LANES, single::workspace(self, Direction::Forward));
        let room = larger(room, places::workspace(self, Direction::Forward));
        if depthwise::is(self) { larger(room, depthwise::workspace(self)) } else { room }
    }

    /// Numbers of workspace for [`input_gradient`].
    pub const fn input_gradient_workspace(&self) -> usize {
        if pointwise::is_product(self) {
            return pointwise::room(self);
        }
        if depthwise::is(self) {
            return depthwise::workspace(self);
        }
        let batch = match Squares::of(self, Direction::Backward) {
            Some(squares) => winograd::workspace(&squares),
            None => {
                self.output_length() * LANES
                    + self.groups * pack::padded_rows(self.inputs) * self.outputs * self.window.taps()
                    + batch::OUTPUTS
            }
        };
        let room = larger(batch + 3 * LANES, single::workspace(self, Direction::Backward));
        larger(room, places::workspace(self, Direction::Backward))
    }

    /// Numbers of workspace for [`weight_gradient`].
    pub const fn weight_gradient_workspace(&self) -> usize {
        if depthwise::is(self) {
            return depthwise::workspace(self);
        }
        if pointwise::is_product(self) {
            return pointwise::room(self);
        }
        if of_weights(self) {
            return Chunks::of(self).workspace() + 3 * LANES;
        }
        let staged = self.groups * self.inputs * volume(self.window.padded()) + self.output_length();
        larger(staged * LANES + weights::sums(self) + 3 * LANES, channels::workspace(self))
    }

    #[inline(always)]
    fn check(&self, rows: usize, x: usize, weight: usize, y: usize) {
        assert!(self.window.is_sound(), "the window leaves its input: {:?}", self.window);
        assert_eq!(x, rows * self.input_length(), "{rows} samples of the input");
        assert_eq!(weight, self.weight_length(), "the weights");
        assert_eq!(y, rows * self.output_length(), "{rows} samples of the output");
    }
}

/// `y = finish(x ⋆ w)`, or the largest of that under the windows `pool`, on several threads where it is large.
/// # Panics
/// A slice has another length than the sizes say, or the workspace is too small; it can't be pooled so ([`Convolution::pools`]).
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
    pool: Option<&Window>,
    y: &mut [T],
    workspace: &mut [T],
) {
    let channels = size.groups * size.outputs;
    let length = pool.map_or(volume(size.window.output), |pool| volume(pool.output));
    assert_eq!(y.len(), rows * channels * length, "{rows} samples of the output");
    size.check(rows, x.len(), weight.len(), rows * size.output_length());
    assert!(finish.fits(channels), "a number for each channel, or none");
    assert!(pool.is_none_or(|pool| size.pools(pool)), "it can't be pooled on the way out: {pool:?}");
    let room = size.forward_workspace() + pool.map_or(0, |pool| size.pooled_workspace(pool));
    assert!(workspace.len() >= room, "the workspace is too small");
    if pointwise::is_product(size) {
        let (direction, workspace) = (Direction::Forward, &mut workspace[..room]);
        return pointwise::run(simd, threads, size, direction, rows, x, weight, finish, y, workspace);
    }
    let lanes = VectorOf::<S, T>::LANES;
    // What threads may share out: places, or rows of what is pooled.
    let places = pool.map_or(length, |pool| pool.output[1]);
    let (source, weight, target) = (x.as_ptr(), weight.as_ptr(), y.as_mut_ptr());
    if depthwise::is(size) && pool.is_none() {
        let (direction, room) = (Direction::Forward, workspace.as_mut_ptr());
        // SAFETY: checked above.
        return unsafe {
            depthwise::run(simd, threads, size, direction, rows, source, weight, finish, target, room)
        };
    }
    if pool.is_none() && places::is_better(size, Direction::Forward, rows, lanes) {
        let (direction, samples, part) = (Direction::Forward, 0..rows, Part::default());
        let workspace = workspace.as_mut_ptr();
        let places = Places { size, direction, samples, finish, source, weight, target, workspace, part };
        return places.on(simd, threads, room);
    }
    if single::is_better(size, Direction::Forward, rows, lanes) {
        let (direction, bands, places) = (Direction::Forward, 0..0, 0..places);
        let workspace = workspace.as_mut_ptr();
        let single =
            Single { size, direction, rows, bands, places, finish, pool, source, weight, target, workspace };
        return single.on(simd, threads, room);
    }
    if let Some(squares) = Squares::of(size, Direction::Forward) {
        let (forward, room) = (Direction::Forward, workspace.as_mut_ptr());
        // SAFETY: checked above.
        return unsafe {
            let (squares, rows) = (&squares, rows);
            winograd::run(
                simd, threads, size, squares, forward, rows, source, weight, finish, pool, target, room,
            )
        };
    }
    let (direction, workspace) = (Direction::Forward, workspace.as_mut_ptr());
    let (rows, places) = (0..rows, 0..places);
    let batch = Batch { size, direction, rows, places, finish, pool, source, weight, target, workspace };
    batch.on(simd, threads, room);
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
    if pointwise::is_product(size) {
        let (direction, workspace) = (Direction::Backward, &mut workspace[..room]);
        return pointwise::run(simd, threads, size, direction, rows, dy, weight, finish, dx, workspace);
    }
    let (source, weight, target) = (dy.as_ptr(), weight.as_ptr(), dx.as_mut_ptr());
    let (direction, places, pool) = (Direction::Backward, 0..volume(size.window.input), None);
    let workspace = workspace.as_mut_ptr();
    if depthwise::is(size) {
        // SAFETY: checked above.
        return unsafe {
            depthwise::run(simd, threads, size, direction, rows, source, weight, finish, target, workspace)
        };
    }
    if places::is_better(size, direction, rows, VectorOf::<S, T>::LANES) {
        let (samples, part) = (0..rows, Part::default());
        let places = Places { size, direction, samples, finish, source, weight, target, workspace, part };
        return places.on(simd, threads, room);
    }
    if single::is_better(size, direction, rows, VectorOf::<S, T>::LANES) {
        let bands = 0..0;
        let single =
            Single { size, direction, rows, bands, places, finish, pool, source, weight, target, workspace };
        return single.on(simd, threads, room);
    }
    if let Some(squares) = Squares::of(size, direction) {
        let (squares, room) = (&squares, workspace);
        // SAFETY: checked above.
        return unsafe {
            winograd::run(
                simd, threads, size, squares, direction, rows, source, weight, finish, None, target, room,
            )
        };
    }
    let rows = 0..rows;
    let batch = Batch { size, direction, rows, places, finish, pool, source, weight, target, workspace };
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
    let work = WeightGradient { rows, x, dy, dweight, dbias, workspace };
    if pointwise::is_product(size) {
        return pointwise::add(simd, threads, size, work);
    }
    // SAFETY: checked above.
    unsafe {
        if depthwise::is(size) {
            depthwise::add(simd, threads, size, work);
        } else if of_weights(size) {
            adjoint::add(simd, threads, size, work);
        } else if channels::is_better(size, rows, VectorOf::<S, T>::LANES) {
            channels::add(simd, threads, size, work);
        } else {
            weights::add(simd, threads, size, work);
        }
    }
}

/// What a gradient by the weights is made of, where it goes, and room to work.
struct WeightGradient<'a, T> {
    rows: usize,
    x: &'a [T],
    dy: &'a [T],
    dweight: &'a mut [T],
    /// May be empty.
    dbias: &'a mut [T],
    workspace: &'a mut [T],
}

const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
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
