//! Dropout of whole channels.

use core::marker::PhantomData;

use crate::device::{Device, Pass};
use crate::element::Float;
use crate::message::Text;
use crate::model::{Backward, Fit, Layer, Memory, Needs};
use crate::op::Copy;
use crate::op::channels::ScaleChannels;
use crate::random::Random;
use crate::shape::Shape;

/// `y(c) = x(c) m(c) / (1 - p)`, where each channel's `m` is 0 with the probability `p` and else 1, drawn anew in each training
/// step: `[channels, ..]`, whatever the axes. At inference it does nothing.
///
/// The probability is `NUMERATOR / DENOMINATOR`: `ChannelDropout<20>` drops 20 in 100. PyTorch's names for it are
/// `torch.nn.Dropout1d` to `Dropout3d`, here [`Dropout1d`], [`Dropout2d`], [`Dropout3d`].
///
/// Source: Tompson et al., 2015.
#[crate::layer]
pub struct ChannelDropout<const NUMERATOR: usize, const DENOMINATOR: usize = 100, T: Float = f32> {
    element: PhantomData<fn() -> T>,
}

/// A [`ChannelDropout`] for signals.
pub type Dropout1d<const NUMERATOR: usize, const DENOMINATOR: usize = 100, T = f32> =
    ChannelDropout<NUMERATOR, DENOMINATOR, T>;
/// A [`ChannelDropout`] for images.
pub type Dropout2d<const NUMERATOR: usize, const DENOMINATOR: usize = 100, T = f32> =
    ChannelDropout<NUMERATOR, DENOMINATOR, T>;
/// A [`ChannelDropout`] for volumes.
pub type Dropout3d<const NUMERATOR: usize, const DENOMINATOR: usize = 100, T = f32> =
    ChannelDropout<NUMERATOR, DENOMINATOR, T>;

const fn fit<I: Shape>(numerator: usize, denominator: usize) -> Fit {
    if numerator >= denominator {
        let wrong = Text::new("drops ").number(numerator).text(" in ").number(denominator);
        let fix = Text::new("write a fraction below 1, such as `Dropout2d<20>` for 20 in 100");
        return Fit::mismatch(wrong.text(", which leaves nothing"), Text::EMPTY, fix);
    }
    if I::RANK > 0 {
        return Fit::Fits;
    }
    Fit::mismatch(Text::new("takes an axis of channels"), Text::new("a scalar"), Text::EMPTY)
}

impl<const NUMERATOR: usize, const DENOMINATOR: usize, T: Float> ChannelDropout<NUMERATOR, DENOMINATOR, T> {
    /// Draws the factors of all channels: 0 or `1 / (1 - p)`.
    fn draw(random: &mut Random, factors: &mut [T]) {
        let probability = NUMERATOR as f64 / DENOMINATOR as f64;
        let kept = T::from_f64(1.0 / (1.0 - probability));
        factors.fill_with(|| if random.uniform_f64() < probability { T::ZERO } else { kept });
    }
}

impl<I: Shape, const NUMERATOR: usize, const DENOMINATOR: usize, T: Float> Layer<I>
    for ChannelDropout<NUMERATOR, DENOMINATOR, T>
{
    type Out = I;
    const FIT: Fit = fit::<I>(NUMERATOR, DENOMINATOR);
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs { in_place: true, saved: I::DIMS[0], ..Needs::NOTHING };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], memory: Memory<'_, T>) {
        match pass.random() {
            Some(random) if P::TRAINING => {
                Self::draw(random, memory.saved);
                pass.device().run(ScaleChannels { factors: memory.saved, x: Some(x), y });
            }
            _ => pass.device().run(Copy { x, y }),
        }
    }

    #[inline(always)]
    fn forward_in_place<P: Pass>(&self, pass: &mut P, y: &mut [T], memory: Memory<'_, T>) {
        if let Some(random) = pass.random()
            && P::TRAINING
        {
            Self::draw(random, memory.saved);
            pass.device().run(ScaleChannels { factors: memory.saved, x: None, y });
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
            pass.device().run(ScaleChannels { factors: memory.saved, x: Some(edges.dy), y: dx });
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
        pass.device().run(ScaleChannels { factors: memory.saved, x: None, y: dy });
    }
}
