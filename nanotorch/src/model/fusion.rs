//! What a layer does at inference for those behind it: a factor and a shift for each channel, negative numbers to 0, the largest
//! under windows.
//!
//! A normalisation with statistics that are known is such a factor and shift, and so is folded into the convolution or the
//! dense layer before it, without a change of its weights. Which layers do so for which is worked out in the plan of an
//! inference, a constant: where nobody else reads what is between them. A pooled convolution's own result is nowhere in the
//! memory of the model then, so a device that watches ([`Device::WATCHES`]), which sees the layers one by one, has another plan.
//!
//! [`Device::WATCHES`]: crate::device::Device::WATCHES

mod pooling;

use self::pooling::{Convolution, Window};
use super::Needs;
use super::step::Step;
use crate::element::Float;
use crate::kernel::finish::Finish;

/// What a layer or an operation does at inference, if one before it can do it on the way out. It must be able to work in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// Something else.
    Nothing,
    /// `scale(c) x + shift(c)`, for so many channels.
    Scales(usize),
    /// `max(x, 0)`.
    Rectifies,
    /// The largest number under a window over each channel.
    Pools(Window),
}

/// What a layer can do at inference for those behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leads {
    /// Its channels: the output's first axis; 0 if it can't do anything for others.
    pub channels: usize,
    /// Whether it does for others only what begins with a scaling: the rest would cost as much as before.
    pub scaled_only: bool,
    /// The convolution that it is, if its result can be pooled on the way out.
    pub pools: Option<Convolution>,
}

impl Leads {
    /// It does what it does.
    pub const NOTHING: Leads = Leads { channels: 0, scaled_only: true, pools: None };
}

/// What a layer does for those behind it, according to the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// How many channels it scales, for the one right behind it; 0 if none.
    pub scaled: usize,
    /// Whether negative numbers become 0.
    pub rectified: bool,
    /// Under which windows it takes the largest numbers at last.
    pub pool: Option<Window>,
}

impl Followed {
    /// Nothing.
    pub const NOTHING: Followed = Followed { scaled: 0, rectified: false, pool: None };

    /// Whether it does anything.
    pub const fn is_any(self) -> bool {
        self.scaled > 0 || self.rectified || self.pool.is_some()
    }
}

/// What a layer is asked to do on the way out: `y(c) = scale(c) y(c) + shift(c)`, then `max(y, 0)`, then the largest under windows.
pub struct Following<'a, T> {
    /// A factor for each channel, or none.
    pub scale: &'a mut [T],
    /// What is added to each channel, or none. The layer may change it, to add its own bias.
    pub shift: &'a mut [T],
    /// Whether negative numbers become 0.
    pub rectified: bool,
    /// Under which windows the largest numbers are taken at last; the output has one for each of these.
    pub pool: Option<&'a Window>,
}

impl<'a, T: Float> Following<'a, T> {
    /// The same with a bias of the layer's own, which may be empty, added before.
    #[inline(always)]
    pub fn with_bias(self, bias: &'a [T]) -> Finish<'a, T> {
        let Following { scale, shift, rectified, .. } = self;
        if scale.is_empty() {
            return Finish { scale: &[], shift: bias, rectified };
        }
        for ((shift, &scale), &bias) in shift.iter_mut().zip(&*scale).zip(bias) {
            *shift += scale * bias;
        }
        Finish { scale, shift, rectified }
    }
}

/// The steps of an inference, in which some are done by those before them, and what each does for others.
pub(super) const fn fuse<const STEPS: usize>(
    mut steps: [Step; STEPS],
) -> ([Step; STEPS], [Followed; STEPS], [bool; STEPS]) {
    let (mut followed, mut done) = ([Followed::NOTHING; STEPS], [false; STEPS]);
    let mut step = 0;
    while step < STEPS {
        let leads = steps[step].leads;
        let mut edge = step;
        while leads.channels > 0
            && let Some(reader) = only_reader(&steps, edge)
        {
            let Step { follows, needs, length, .. } = steps[reader];
            let so_far = followed[step];
            if let Follows::Pools(window) = follows
                && let Some(size) = leads.pools
                && let Some(workspace) = pooling::workspace(&size, &window, steps[edge].length)
            {
                followed[step].pool = Some(window);
                steps[step].needs.workspace += workspace;
                done[reader] = true;
                steps[reader].needs = Needs::NOTHING;
                shorten(&mut steps, step, reader, length);
                break;
            }
            let then = match follows {
                Follows::Scales(channels) if channels == leads.channels && !so_far.is_any() => {
                    Followed { scaled: channels, ..so_far }
                }
                Follows::Rectifies if !so_far.rectified && (so_far.scaled > 0 || !leads.scaled_only) => {
                    Followed { rectified: true, ..so_far }
                }
                _ => break,
            };
            if length != steps[edge].length {
                break;
            }
            followed[step] = then;
            done[reader] = true;
            // It may be carried out all the same, in place, by a device that watches.
            steps[reader].needs = Needs { workspace: needs.workspace, infer: needs.infer, ..Needs::NOTHING };
            edge = reader;
        }
        // Room for the factors and shifts.
        steps[step].needs.workspace += 2 * followed[step].scaled;
        step += 1;
    }
    (steps, followed, done)
}

/// The edges from `step` to `reader`, all in one buffer, are as long as the last.
const fn shorten<const STEPS: usize>(
    steps: &mut [Step; STEPS],
    step: usize,
    mut reader: usize,
    length: usize,
) {
    while reader > step {
        steps[reader].input_lengths[0] = length;
        reader = steps[reader].inputs[0];
        steps[reader].length = length;
    }
}

/// The step that reads an edge, if there is one, which reads nothing else, and the edge isn't the model's output.
const fn only_reader<const STEPS: usize>(steps: &[Step; STEPS], edge: usize) -> Option<usize> {
    let (mut reader, mut times, mut step) = (0, 0, 0);
    while step < STEPS {
        let reads = steps[step].times_read(edge);
        if reads > 0 {
            (reader, times) = (step, times + reads);
        }
        step += 1;
    }
    if times == 1 && steps[reader].arity == 1 && edge + 1 < STEPS { Some(reader) } else { None }
}
