//! The plans of a model, or of an array of layers, and the tables made of them: all that follows from its list of steps.

use super::Needs;
use super::fusion::Followed;
use super::place::Plan;
use super::plan::{plan_inference, plan_training, plan_watched};
use super::step::Step;
use super::table::{Sheet, Table};
use crate::device::{Device, Pass, Wants};

/// Something of so many steps, which have so many inputs together; at least one each. Implemented for marker types, with the
/// first two constants; the others follow.
pub trait Planned<const STEPS: usize, const INPUTS: usize> {
    /// The steps, in forward order.
    const LIST: [Step; STEPS];
    /// The lengths of the model's own inputs, a sample.
    const LENGTHS: &'static [usize];

    /// The plan of a training step that wants the gradient by the parameters.
    const TRAINING: Plan<STEPS> = plan_training(Self::LIST, Self::LENGTHS, Wants::Parameters);
    /// The same where that by the input is wanted, too.
    const TRAINING_WITH_INPUT: Plan<STEPS> = plan_training(Self::LIST, Self::LENGTHS, Wants::Input);
    /// The same where none is wanted.
    const TRAINING_FROZEN: Plan<STEPS> = plan_training(Self::LIST, Self::LENGTHS, Wants::Nothing);
    /// The plan of an inference.
    const INFERENCE: Plan<STEPS> = plan_inference(Self::LIST, Self::LENGTHS);

    /// What it needs as a layer.
    const NEEDS: Needs = Self::TRAINING_WITH_INPUT.needs(&Self::INFERENCE);
    /// The same where nobody wants the gradient by the input.
    const FIRST_NEEDS: Needs = Self::TRAINING.needs(&Self::INFERENCE);
    /// The same where nobody wants any.
    const FROZEN_NEEDS: Needs = Self::TRAINING_FROZEN.needs(&Self::INFERENCE);

    /// The table of `TRAINING`.
    const TRAINING_TABLE: Table<STEPS, INPUTS> = Table::of(&Self::TRAINING);
    /// The table of `TRAINING_WITH_INPUT`.
    const TRAINING_WITH_INPUT_TABLE: Table<STEPS, INPUTS> = Table::of(&Self::TRAINING_WITH_INPUT);
    /// The table of `TRAINING_FROZEN`.
    const TRAINING_FROZEN_TABLE: Table<STEPS, INPUTS> = Table::of(&Self::TRAINING_FROZEN);
    /// The table of `INFERENCE`.
    const INFERENCE_TABLE: Table<STEPS, INPUTS> = Table::of(&Self::INFERENCE);
    /// The table of an inference on a device that watches.
    const WATCHED_TABLE: Table<STEPS, INPUTS> =
        Table::of(&plan_watched(Self::LIST, Self::LENGTHS, Self::INFERENCE));
    /// What each step does at inference for those behind it.
    const FOLLOWED: [Followed; STEPS] = Self::INFERENCE.followed();

    /// The table of a pass.
    #[inline(always)]
    fn sheet<P: Pass>(pass: &P) -> &'static Sheet {
        if const { !P::TRAINING } {
            if const { <P::Device as Device>::WATCHES } {
                return const { &Self::WATCHED_TABLE.sheet() };
            }
            return const { &Self::INFERENCE_TABLE.sheet().with_followed(&Self::FOLLOWED) };
        }
        match pass.wants() {
            Wants::Nothing => const { &Self::TRAINING_FROZEN_TABLE.sheet() },
            Wants::Parameters => const { &Self::TRAINING_TABLE.sheet() },
            Wants::Input => const { &Self::TRAINING_WITH_INPUT_TABLE.sheet() },
        }
    }
}
