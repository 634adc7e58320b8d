//! The slices of a step: what the plan's places are in memory.
//!
//! The functions that make them are the same for all steps of so many inputs, so on a device that calls they are called, too.

use core::array::from_fn;

use super::Frame;
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::model::Memory;
use crate::model::place::{Mode, Place, StepPlan};

/// What a step reads and writes in its forward.
pub(super) struct Forward<'a, T, const COUNT: usize> {
    /// The inputs; the one whose place the output takes is empty.
    pub(super) x: [&'a [T]; COUNT],
    pub(super) y: &'a mut [T],
    pub(super) memory: Memory<'a, T>,
}

/// What a step reads and writes in its backward.
pub(super) struct Backward<'a, T, const COUNT: usize> {
    /// The inputs, and the output, as far as they are kept.
    pub(super) x: [&'a [T]; COUNT],
    pub(super) y: &'a [T],
    pub(super) dy: &'a mut [T],
    /// Where gradients by the inputs are computed; empty where they aren't, and where `dx` is `dy`.
    pub(super) dx: [&'a mut [T]; COUNT],
    pub(super) memory: Memory<'a, T>,
}

impl<'a, T: Float> Frame<'a, T> {
    /// The slices of a forward.
    /// # Safety
    /// The plan is a step's of this frame, which is a forward pass's; there are no other slices of it.
    #[inline(always)]
    pub(super) unsafe fn forward_slices<P: Pass, const COUNT: usize>(
        &mut self,
        plan: &StepPlan,
    ) -> Forward<'a, T, COUNT> {
        // SAFETY: the caller's promise.
        unsafe {
            if const { <P::Device as Device>::CALLS } {
                self.forward_called(plan)
            } else {
                self.copy().forward_inlined(plan)
            }
        }
    }

    /// # Safety
    /// As of `forward_slices`.
    #[inline(never)]
    unsafe fn forward_called<const COUNT: usize>(&self, plan: &StepPlan) -> Forward<'a, T, COUNT> {
        // SAFETY: the caller's promise.
        unsafe { self.forward_inlined(plan) }
    }

    /// # Safety
    /// As of `forward_slices`.
    #[inline(always)]
    unsafe fn forward_inlined<const COUNT: usize>(&self, plan: &StepPlan) -> Forward<'a, T, COUNT> {
        let in_place = matches!(plan.forward, Mode::InPlace | Mode::Done);
        // SAFETY: the planner has asserted that what a step uses together is apart. Where nothing is done, nothing is made.
        unsafe {
            Forward {
                x: from_fn(
                    #[inline(always)]
                    |input| {
                        let replaced = in_place && input == plan.replaced;
                        self.read(if replaced { Place::NOWHERE } else { plan.x[input] })
                    },
                ),
                y: self.write(if matches!(plan.forward, Mode::Alias) { Place::NOWHERE } else { plan.y }),
                memory: self.memory(plan.saved, plan.forward_scratch),
            }
        }
    }

    /// The slices of a backward that computes the gradients by some of the inputs.
    /// # Safety
    /// The plan is a step's of this frame, which is a backward pass's; it has room for those gradients; there are no other
    /// slices of it.
    #[inline(always)]
    pub(super) unsafe fn backward_slices<P: Pass, const COUNT: usize>(
        &mut self,
        plan: &StepPlan,
        computes: [bool; COUNT],
    ) -> Backward<'a, T, COUNT> {
        // SAFETY: the caller's promise.
        unsafe {
            if const { <P::Device as Device>::CALLS } {
                self.backward_called(plan, computes)
            } else {
                self.copy().backward_inlined(plan, computes)
            }
        }
    }

    /// # Safety
    /// As of `backward_slices`.
    #[inline(never)]
    unsafe fn backward_called<const COUNT: usize>(
        &self,
        plan: &StepPlan,
        computes: [bool; COUNT],
    ) -> Backward<'a, T, COUNT> {
        // SAFETY: the caller's promise.
        unsafe { self.backward_inlined(plan, computes) }
    }

    /// # Safety
    /// As of `backward_slices`.
    #[inline(always)]
    unsafe fn backward_inlined<const COUNT: usize>(
        &self,
        plan: &StepPlan,
        computes: [bool; COUNT],
    ) -> Backward<'a, T, COUNT> {
        let (alias, separate) =
            (matches!(plan.backward, Mode::Alias), matches!(plan.backward, Mode::Separate));
        // SAFETY: the planner has asserted that what a step uses together is apart. Where nothing is done, nothing is made.
        unsafe {
            Backward {
                x: from_fn(
                    #[inline(always)]
                    |input| {
                        self.read(if plan.needs.input && !alias { plan.x[input] } else { Place::NOWHERE })
                    },
                ),
                y: self.read(if plan.needs.output && !alias { plan.y } else { Place::NOWHERE }),
                dy: self.write(if alias { Place::NOWHERE } else { plan.dy }),
                dx: from_fn(
                    #[inline(always)]
                    |input| {
                        let target = computes[input] && separate;
                        self.write(if target { plan.target(input) } else { Place::NOWHERE })
                    },
                ),
                memory: self.memory(plan.saved, plan.backward_scratch),
            }
        }
    }

    /// # Safety
    /// They are a step's of this frame, and there are no other slices of them or of the workspace.
    #[inline(always)]
    unsafe fn memory(&self, saved: Place, scratch: Place) -> Memory<'a, T> {
        // SAFETY: the caller's promise; the workspace is a region of its own that no place can name, borrowed uniquely for `'a`.
        unsafe {
            Memory {
                saved: self.write(saved),
                scratch: self.write(scratch),
                workspace: core::slice::from_raw_parts_mut(self.workspace.0, self.workspace.1),
            }
        }
    }
}
