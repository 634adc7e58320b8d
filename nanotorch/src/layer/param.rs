//! A parameter of one's own, used as an edge in a forward function.

use core::marker::PhantomData;

use crate::device::{Cpu, Device, Kernel, Operand, Pass};
use crate::element::Float;
use crate::extent::{Const, Extent};
use crate::kernel::Accumulate;
use crate::message::Text;
use crate::model::{
    Backward, Fit, Formulas, Initialize, Layer, Memory, Module, Needs, Parameters, Path, Walk,
};
use crate::random::Random;
use crate::shape::{Dim, Shape};
use crate::simd::Simd;

/// A tensor of parameters of the shape `S`, the same for every sample: `self.scale * x`, `x.matmul(self.weight)`.
///
/// It begins as `B` says: [`Uniform`] (by default), [`Zeros`] or [`Ones`]. In checkpoints it has the field's name, as PyTorch's
/// `torch.nn.Parameter`.
///
/// ```
/// use nanotorch::prelude::*;
///
/// /// `y = scale * x + shift`, feature by feature.
/// #[model(input = [8], forward)]
/// pub struct Affine {
///     scale: Param<R1<8>, Ones>,
///     shift: Param<R1<8>, Zeros>,
/// }
///
/// #[forward]
/// impl Affine {
///     fn forward(&self, x: Edge) -> Edge {
///         self.scale * x + self.shift
///     }
/// }
/// assert_eq!(Affine::PARAMS, 16);
/// ```
#[repr(transparent)]
#[derive(Clone, Debug)]
pub struct Param<S: ArrayShape, B: Beginning = Uniform, T: Float = f32> {
    /// The numbers, as nested arrays.
    pub values: S::Array<T>,
    beginning: PhantomData<fn() -> B>,
}

/// A shape of plain constants, whose numbers can be stored as nested arrays.
#[diagnostic::on_unimplemented(
    message = "a parameter's shape is made of numbers, which `{Self}` isn't",
    note = "write `Param<R1<64>>` or `Param<R2<64, 32>>`"
)]
pub trait ArrayShape: Shape {
    /// The nested arrays.
    type Array<T: Float>: Parameters<Element = T>;
}

impl ArrayShape for () {
    type Array<T: Float> = T;
}

macro_rules! array_shape {
    ([$($Dim:ident)*], $Array:ty) => {
        impl<$(const $Dim: usize),*> ArrayShape for ($(Const<$Dim>,)*) {
            type Array<T: Float> = $Array;
        }
    };
}
array_shape!([A], [T; A]);
array_shape!([A B], [[T; B]; A]);
array_shape!([A B C], [[[T; C]; B]; A]);
array_shape!([A B C D], [[[[T; D]; C]; B]; A]);

/// How a parameter begins.
pub trait Beginning: 'static {
    /// Sets all numbers of a parameter whose last axis has the length `last`.
    fn begin<T: Float>(values: &mut [T], last: usize, random: &mut Random);
}

/// Uniformly in `±1/√n`, with the length `n` of the last axis.
#[derive(Clone, Copy, Debug)]
pub struct Uniform;

impl Beginning for Uniform {
    fn begin<T: Float>(values: &mut [T], last: usize, random: &mut Random) {
        let bound = 1.0 / libm::sqrt(last.max(1) as f64);
        values.fill_with(|| T::from_f64((2.0 * random.uniform_f64() - 1.0) * bound));
    }
}

/// With 0.
#[derive(Clone, Copy, Debug)]
pub struct Zeros;

impl Beginning for Zeros {
    fn begin<T: Float>(values: &mut [T], _: usize, _: &mut Random) {
        values.fill(T::ZERO);
    }
}

/// With 1.
#[derive(Clone, Copy, Debug)]
pub struct Ones;

impl Beginning for Ones {
    fn begin<T: Float>(values: &mut [T], _: usize, _: &mut Random) {
        values.fill(T::ONE);
    }
}

// SAFETY: it is transparent over nested arrays of elements.
unsafe impl<S: ArrayShape, B: Beginning, T: Float> Parameters for Param<S, B, T> {
    type Element = T;
    const IS_TENSOR: bool = true;
    const LAYERS: bool = false;
    const RANK: usize = <S as Shape>::RANK;
    const DIMS: crate::shape::Dims = <S as Shape>::DIMS;
    fn describe(path: &Path<'_>, walk: &mut Walk<'_>) {
        walk.tensor::<Self>(path);
    }
}

impl<S: ArrayShape, B: Beginning, T: Float> Initialize for Param<S, B, T> {
    fn initialize(&mut self, random: &mut Random) {
        B::begin(self.values_mut(), S::Last::N, random);
    }
}

#[diagnostic::do_not_recommend]
impl<S: ArrayShape, B: Beginning, T: Float> Module for Param<S, B, T> {
    type With<U: Float> = Param<S, B, U>;
    type Gradient = Self;
    type On<I: Shape> = Self;
    #[inline(always)]
    fn on<I: Shape>(&self) -> &Self {
        self
    }
    fn begin(&mut self, random: &mut Random) {
        self.initialize(random);
    }
}

// As a step of a graph a parameter reads nothing and gives its numbers for each sample.
impl<I: Shape, S: ArrayShape, B: Beginning, T: Float> Layer<I> for Param<S, B, T> {
    type Out = S;
    const FIT: Fit = Fit::mismatch(
        Text::new("is a value, not a layer, and takes nothing"),
        Text::EMPTY.shape::<I>(),
        Text::new("use it in a forward function, as `self.name * x`"),
    );
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs::NOTHING;
    const FORMULAS: Formulas =
        Formulas { value: &["{self}"], edges: &[], parameters: &[("", &["sum of {dy} over the rows"])] };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, _: &[T], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(Repeat { values: self.values(), y });
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        gradient: Option<&mut Self>,
        _: Memory<'_, T>,
    ) {
        if let Some(gradient) = gradient {
            let (accumulate, rows) = (pass.accumulate(), pass.rows().get());
            pass.device().run(SumRows { rows, dy: edges.dy, sum: gradient.values_mut(), accumulate });
        }
    }
}

/// `y[row] = values` for each row.
struct Repeat<'a, T> {
    values: &'a [T],
    y: &'a mut [T],
}

impl<T: Float> Kernel<T> for Repeat<'_, T> {
    const NAME: &'static str = "Expand";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.values));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, _: Cpu<S>) {
        for y in self.y.chunks_exact_mut(self.values.len().max(1)) {
            y.copy_from_slice(self.values);
        }
    }
}

/// `sum = Σ dy[row]`, or added to what is there.
struct SumRows<'a, T> {
    rows: usize,
    dy: &'a [T],
    sum: &'a mut [T],
    accumulate: Accumulate,
}

impl<T: Float> Kernel<T> for SumRows<'_, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.dy));
        see(Operand::Output(self.sum));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let length = self.sum.len();
        crate::kernel::gemm::column_sums_on(
            cpu.threads,
            cpu.simd,
            (self.rows, length),
            self.dy,
            length,
            self.sum,
            self.accumulate,
        );
    }
}
