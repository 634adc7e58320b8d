//! What a step reads and writes at one time, and the proof that it may: places that are written overlap nothing else, and lie
//! where writing is allowed. [`Frame`](super::frame::Frame) makes slices of places without looking again.
//!
//! All of it runs in the compiler. `#[inline]` says that nobody else calls it: no machine code is made of it here.

use super::place::{Extents, Mode, Place, Region, StepPlan};
use super::step::MAX_INPUTS;

/// Checks a plan, and says how far its places reach, in the forward and in the backward pass.
/// # Panics
/// Something is written to that is used otherwise at the same time, or that belongs to the caller.
#[inline]
pub(super) const fn check(steps: &[StepPlan], training: bool) -> (Extents, Extents) {
    let (mut forward, mut backward) = ([0; Region::COUNT], [0; Region::COUNT]);
    let mut index = 0;
    while index < steps.len() {
        let step = &steps[index];
        Claim::of_forward(step).check(&[Region::Output], &mut forward);
        if training {
            check_backward(step, &mut backward);
        }
        index += 1;
    }
    (forward, backward)
}

#[inline]
const fn check_backward(step: &StepPlan, extents: &mut Extents) {
    let writable = &[Region::InputGradient, Region::OutputGradient];
    Claim::of_backward(step).check(writable, extents);
    let mut input = 0;
    while input < MAX_INPUTS {
        if step.wants[input] && step.needs.passes(input) && !step.dx[input].is(step.dy) {
            Claim::of_two(step.dy, step.dx[input]).check(writable, extents);
        } else if step.wants[input] && step.partial[input].length > 0 {
            Claim::of_two(step.partial[input], step.dx[input]).check(writable, extents);
        }
        input += 1;
    }
}

/// What is used at one time.
struct Claim {
    read: [Place; MAX_INPUTS + 1],
    /// The output or its gradient, what is kept, scratch; the gradients by the inputs.
    write: [Place; 3 + MAX_INPUTS],
}

impl Claim {
    const NOTHING: Claim =
        Claim { read: [Place::NOWHERE; MAX_INPUTS + 1], write: [Place::NOWHERE; 3 + MAX_INPUTS] };

    #[inline]
    const fn of_two(read: Place, write: Place) -> Claim {
        let mut claim = Claim::NOTHING;
        claim.read[0] = read;
        claim.write[0] = write;
        claim
    }

    #[inline]
    const fn of_forward(step: &StepPlan) -> Claim {
        let mut claim = Claim::NOTHING;
        let mut input = 0;
        while input < MAX_INPUTS {
            if !matches!(step.forward, Mode::InPlace | Mode::Done) || input != step.replaced {
                claim.read[input] = step.x[input];
            }
            input += 1;
        }
        if matches!(step.forward, Mode::Alias) {
            claim.read[MAX_INPUTS] = step.y;
        } else {
            claim.write[0] = step.y;
        }
        claim.write[1] = step.saved;
        claim.write[2] = step.forward_scratch;
        claim
    }

    #[inline]
    const fn of_backward(step: &StepPlan) -> Claim {
        let mut claim = Claim::NOTHING;
        let alias = matches!(step.backward, Mode::Alias);
        let mut works = step.trains;
        let mut input = 0;
        while input < MAX_INPUTS {
            if step.wants[input] && step.computes(input) {
                works = true;
                if matches!(step.backward, Mode::Separate) {
                    claim.write[3 + input] = step.target(input);
                }
            }
            if step.needs.input && !alias {
                claim.read[input] = step.x[input];
            }
            input += 1;
        }
        if !works {
            return Claim::NOTHING;
        }
        if step.needs.output && !alias {
            claim.read[MAX_INPUTS] = step.y;
        }
        if !alias {
            claim.write[0] = step.dy;
        }
        claim.write[1] = step.saved;
        claim.write[2] = step.backward_scratch;
        claim
    }

    /// Asserts that it may be, and takes down how far it reaches.
    #[inline]
    const fn check(&self, writable: &[Region], extents: &mut Extents) {
        let mut index = 0;
        while index < self.write.len() {
            let place = self.write[index];
            if place.length > 0 {
                let mut allowed = matches!(place.region, Region::Saved | Region::Scratch);
                let mut region = 0;
                while region < writable.len() {
                    allowed |= place.region as usize == writable[region] as usize;
                    region += 1;
                }
                assert!(allowed, "the memory plan writes to what is only read");
                self.check_apart(index);
                reach(place, extents);
            }
            index += 1;
        }
        let mut index = 0;
        while index < self.read.len() {
            reach(self.read[index], extents);
            index += 1;
        }
    }

    /// Asserts that what is written at `index` overlaps nothing else.
    #[inline]
    const fn check_apart(&self, index: usize) {
        let place = self.write[index];
        let mut other = 0;
        while other < self.read.len() {
            assert!(place.is_apart_from(self.read[other]), "the memory plan lets buffers overlap");
            other += 1;
        }
        let mut other = index + 1;
        while other < self.write.len() {
            assert!(place.is_apart_from(self.write[other]), "the memory plan lets buffers overlap");
            other += 1;
        }
    }
}

#[inline]
const fn reach(place: Place, extents: &mut Extents) {
    let extent = &mut extents[place.region as usize];
    if place.length > 0 && place.offset + place.length > *extent {
        *extent = place.offset + place.length;
    }
}
