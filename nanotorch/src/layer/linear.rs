//! The dense layer.

use crate::device::{Device, Pass};
use crate::element::Float;
use crate::extent::{Const, Extent};
use crate::message::Text;
use crate::model::parameters::{Nothing, Parameters};
use crate::model::{Backward, Fit, Following, Formulas, Initialize, Layer, Leads, Memory, Needs};
use crate::op::dense::{
    DenseForward, DenseInputGradient, DenseParameterGradient, FinishRows, forward_workspace,
    input_gradient_workspace, parameter_gradient_workspace,
};
use crate::random::Random;
use crate::shape::{Dim, Shape, outer_length};

/// Whether a layer has a bias: [`Bias`] or [`NoBias`].
pub trait BiasOption: Send + Sync + 'static {
    /// The bias' numbers.
    type Numbers<const N: usize, T: Float>: Parameters<Element = T>;
    /// Whether there is one.
    const SOME: bool;
}

/// With a bias.
#[derive(Clone, Copy, Debug)]
pub struct Bias;

impl BiasOption for Bias {
    type Numbers<const N: usize, T: Float> = [T; N];
    const SOME: bool = true;
}

/// Without a bias.
#[derive(Clone, Copy, Debug)]
pub struct NoBias;

impl BiasOption for NoBias {
    type Numbers<const N: usize, T: Float> = Nothing<T>;
    const SOME: bool = false;
}

/// `y = x Wᵀ + b`: a dense layer from `IN` to `OUT` features.
///
/// It works on the last axis; axes before it are kept, as in PyTorch. `weight` is `[OUT, IN]`, `bias` `[OUT]`; both begin
/// uniformly in `±1/√IN`. Without a bias: `Linear<784, 128, NoBias>`.
///
/// | | shape |
/// | --- | --- |
/// | input | `[.., IN]` |
/// | output | `[.., OUT]` |
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [4])]
/// struct Net {
///     hidden: Linear<4, 16>,
///     relu: Relu,
///     head: Linear<16, 2, NoBias>,
/// }
/// assert_eq!(Net::PARAMS, 4 * 16 + 16 + 16 * 2);
/// ```
/// Source: PyTorch's `torch.nn.Linear`.
#[crate::layer]
pub struct Linear<const IN: usize, const OUT: usize, B: BiasOption = Bias, T: Float = f32> {
    /// The weights, `[OUT, IN]`.
    pub weight: [[T; IN]; OUT],
    /// The bias, `[OUT]`.
    pub bias: B::Numbers<OUT, T>,
}

impl<const IN: usize, const OUT: usize, B: BiasOption, T: Float> Initialize for Linear<IN, OUT, B, T> {
    fn initialize(&mut self, random: &mut Random) {
        draw_evenly(self.values_mut(), 1.0 / libm::sqrt(IN as f64), random);
    }
}

/// Numbers between `-bound` and `bound`.
fn draw_evenly<T: Float>(numbers: &mut [T], bound: f64, random: &mut Random) {
    for number in numbers {
        *number = T::from_f64((2.0 * random.uniform_f64() - 1.0) * bound);
    }
}

const fn fit<I: Shape>(inputs: usize, outputs: usize, bias: bool) -> Fit {
    if I::Last::N == inputs && I::RANK > 0 {
        return Fit::Fits;
    }
    let takes = Text::new("takes ").number(inputs).text(if inputs == 1 { " feature" } else { " features" });
    if I::RANK == 0 {
        return Fit::mismatch(takes, Text::new("a scalar"), Text::new("an axis of features is missing"));
    }
    let fix = Text::new("write `Linear<").number(I::Last::N).text(", ").number(outputs);
    let fix = if bias { fix.text(">`") } else { fix.text(", NoBias>`") };
    let given = Text::EMPTY.number(I::Last::N);
    let given = if I::RANK == 1 { given } else { given.text(", the last of ").shape::<I>() };
    let fix = if I::RANK > 1 && I::LEN == inputs { fix.text(", or put a `Flatten` before it") } else { fix };
    Fit::mismatch(takes, given, fix)
}

const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// Rows of a matrix product: the batch times the axes before the last, a constant where both are.
#[inline(always)]
fn rows<I: Shape, P: Pass>(pass: &P) -> impl Extent {
    Rows(pass.rows(), core::marker::PhantomData::<I>)
}

#[derive(Clone, Copy)]
struct Rows<R, I>(R, core::marker::PhantomData<I>);

impl<R: Extent, I: Shape> Extent for Rows<R, I> {
    const KNOWN: Option<usize> = match R::KNOWN {
        Some(rows) => Some(rows * outer_length::<I>()),
        None => None,
    };
    #[inline(always)]
    fn get(self) -> usize {
        self.0.get() * outer_length::<I>()
    }
}

impl<I: Shape, const IN: usize, const OUT: usize, B: BiasOption, T: Float> Layer<I>
    for Linear<IN, OUT, B, T>
{
    type Out = I::WithLast<Const<OUT>>;
    const FIT: Fit = fit::<I>(IN, OUT, B::SOME);
    const FLOPS: usize = outer_length::<I>() * OUT * (2 * IN + if B::SOME { 1 } else { 0 });
    const NEEDS: Needs = Needs {
        input: true,
        input_for_parameters: true,
        workspace: larger(
            forward_workspace(OUT, IN),
            larger(input_gradient_workspace(OUT, IN), parameter_gradient_workspace(OUT, IN)),
        ),
        ..Needs::NOTHING
    };
    // An activation alone costs as much behind the product as within.
    const LEADS: Leads =
        Leads { channels: if I::RANK == 1 { OUT } else { 0 }, scaled_only: true, pools: None };
    const FORMULAS: Formulas = Formulas {
        value: if B::SOME { &["{0} {self}.weightᵀ + {self}.bias"] } else { &["{0} {self}.weightᵀ"] },
        edges: &[&["{dy} {self}.weight"]],
        parameters: if B::SOME {
            &[("weight", &["{dy}ᵀ {0}"]), ("bias", &["sum of {dy} over the rows"])]
        } else {
            &[("weight", &["{dy}ᵀ {0}"])]
        },
    };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], memory: Memory<'_, T>) {
        let size = (rows::<I, P>(pass), Const::<OUT>, Const::<IN>);
        let (weight, bias) = (self.weight.as_flattened(), self.bias.values());
        DenseForward { size, x, weight, bias, y, workspace: memory.workspace }.run_on(pass.device());
    }

    #[inline(always)]
    fn forward_followed<P: Pass>(
        &self,
        pass: &mut P,
        x: &[T],
        y: &mut [T],
        following: Following<'_, T>,
        memory: Memory<'_, T>,
    ) {
        let (size, weight) = ((rows::<I, P>(pass), Const::<OUT>, Const::<IN>), self.weight.as_flattened());
        DenseForward { size, x, weight, bias: &[], y, workspace: memory.workspace }.run_on(pass.device());
        let finish = following.with_bias(self.bias.values());
        pass.device().run(FinishRows { finish, channels: OUT, y });
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        gradient: Option<&mut Self>,
        memory: Memory<'_, T>,
    ) {
        let size = (rows::<I, P>(pass), Const::<OUT>, Const::<IN>);
        let Backward { x, dy, dx, .. } = edges;
        if let Some(gradient) = gradient {
            let accumulate = pass.accumulate();
            let (weight, bias) = (gradient.weight.as_flattened_mut(), gradient.bias.values_mut());
            let workspace = &mut *memory.workspace;
            DenseParameterGradient { size, x, dy, weight, bias, accumulate, workspace }.run_on(pass.device());
        }
        if let Some(dx) = dx {
            let weight = self.weight.as_flattened();
            DenseInputGradient { size, dy, weight, dx, workspace: memory.workspace }.run_on(pass.device());
        }
    }
}
