//! Dropout.

use core::marker::PhantomData;

use crate::device::{Device, Pass};
use crate::element::Float;
use crate::message::Text;
use crate::model::{Backward, Fit, Formulas, Layer, Memory, Needs};
use crate::op::{Copy, Times, TimesInPlace};
use crate::random::Random;
use crate::shape::Shape;

/// `y = x * m / (1 - p)`, where each `m` is 0 with the probability `p` and else 1, drawn anew in each training step.
///
/// The probability is `NUMERATOR / DENOMINATOR`: `Dropout<20>` drops 20 in 100, `Dropout<1, 8>` one in eight. At inference
/// it does nothing; which of both it is, the type of the pass says, not a flag. The input's shape, whatever it is.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [64])]
/// pub struct Net {
///     hidden: Linear<64, 32>,
///     relu: Relu,
///     dropout: Dropout<20>,
///     head: Linear<32, 10>,
/// }
/// ```
/// Source: Srivastava et al., 2014; PyTorch's `torch.nn.Dropout`.
#[crate::layer]
pub struct Dropout<const NUMERATOR: usize, const DENOMINATOR: usize = 100, T: Float = f32> {
    element: PhantomData<fn() -> T>,
}

impl<const NUMERATOR: usize, const DENOMINATOR: usize, T: Float> Dropout<NUMERATOR, DENOMINATOR, T> {
    /// Draws the factors of all elements: 0 or `1 / (1 - p)`.
    fn draw(random: &mut Random, factors: &mut [T]) {
        let probability = NUMERATOR as f64 / DENOMINATOR as f64;
        if const { T::IS_F32 } {
            draw_f32(random, probability, T::f32s_mut(factors));
        } else {
            draw(random, probability, factors);
        }
    }
}

/// Compiled in this crate, so that it is fast in a program that isn't optimised.
#[inline(never)]
fn draw_f32(random: &mut Random, probability: f64, factors: &mut [f32]) {
    draw(random, probability, factors);
}

fn draw<T: Float>(random: &mut Random, probability: f64, factors: &mut [T]) {
    let (kept, threshold) = (T::from_f64(1.0 / (1.0 - probability)), (probability * 4294967296.0) as u64);
    let factor = |draw: u64| if draw < threshold { T::ZERO } else { kept };
    let mut pairs = factors.chunks_exact_mut(2);
    for pair in &mut pairs {
        let bits = random.next_u64();
        pair[0] = factor(bits & 0xFFFF_FFFF);
        pair[1] = factor(bits >> 32);
    }
    if let [last] = pairs.into_remainder() {
        *last = factor(random.next_u64() & 0xFFFF_FFFF);
    }
}

impl<I: Shape, const NUMERATOR: usize, const DENOMINATOR: usize, T: Float> Layer<I>
    for Dropout<NUMERATOR, DENOMINATOR, T>
{
    type Out = I;
    const FIT: Fit = if NUMERATOR < DENOMINATOR {
        Fit::Fits
    } else {
        Fit::mismatch(
            Text::new("drops ")
                .number(NUMERATOR)
                .text(" in ")
                .number(DENOMINATOR)
                .text(", which leaves nothing"),
            Text::EMPTY,
            Text::new("write a fraction below 1, such as `Dropout<20>` for 20 in 100"),
        )
    };
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs { in_place: true, saved: I::LEN, ..Needs::NOTHING };
    const FORMULAS: Formulas =
        Formulas { value: &["{0} * {self}.mask"], edges: &[&["{dy} * {self}.mask"]], parameters: &[] };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], memory: Memory<'_, T>) {
        match pass.random() {
            Some(random) if P::TRAINING => {
                Self::draw(random, memory.saved);
                pass.device().run(Times { factors: memory.saved, x, y });
            }
            _ => pass.device().run(Copy { x, y }),
        }
    }

    #[inline(always)]
    fn forward_in_place<P: Pass>(&self, pass: &mut P, y: &mut [T], memory: Memory<'_, T>) {
        if P::TRAINING
            && let Some(random) = pass.random()
        {
            Self::draw(random, memory.saved);
            pass.device().run(TimesInPlace { factors: memory.saved, y });
        }
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        _: Option<&mut Self>,
        memory: Memory<'_, T>,
    ) {
        if let Some(dx) = edges.dx {
            pass.device().run(Times { factors: memory.saved, x: edges.dy, y: dx });
        }
    }

    #[inline(always)]
    fn backward_in_place<P: Pass>(
        &self,
        pass: &mut P,
        _: &[T],
        _: &[T],
        dy: &mut [T],
        memory: Memory<'_, T>,
    ) {
        pass.device().run(TimesInPlace { factors: memory.saved, y: dy });
    }
}
