//! A model's memory while a pass runs: hands each step the slices that the plan gave it.
//!
//! In a small model all of it is inlined, and with a plan that is a constant nothing is left of it. On a device that
//! [calls](crate::device::Device::CALLS), as all do in unoptimised programs, a step is a function: one for each layer and shape,
//! however often the model has it.

mod layer;
mod operation;
mod slices;

use core::marker::PhantomData;
use core::ptr::NonNull;

use super::place::{Place, Plan, Region, StepPlan};
use super::{Backward, Memory};
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::op::{AddTo, Copy};

/// The memory of one pass over one model.
pub struct Frame<'a, T> {
    rows: usize,
    steps: &'a [StepPlan],
    backward: bool,
    gives_input: bool,
    /// Where each region begins.
    starts: [*mut T; Region::COUNT],
    workspace: (*mut T, usize),
    borrow: PhantomData<&'a mut [T]>,
}

impl<'a, T: Float> Frame<'a, T> {
    /// The memory of a forward pass.
    /// # Panics
    /// It is less than the plan says.
    #[inline(always)]
    pub fn forward<const STEPS: usize>(
        plan: &'a Plan<STEPS>,
        rows: usize,
        x: &'a [T],
        y: &'a mut [T],
        memory: Memory<'a, T>,
    ) -> Self {
        let parts = [
            (Region::Input, x.as_ptr().cast_mut(), x.len()),
            (Region::Output, y.as_mut_ptr(), y.len()),
            (Region::Saved, memory.saved.as_mut_ptr(), memory.saved.len()),
            (Region::Scratch, memory.scratch.as_mut_ptr(), memory.scratch.len()),
        ];
        Self::new(plan, false, rows, parts, memory.workspace)
    }

    /// The memory of a backward pass.
    /// # Panics
    /// It is less than the plan says.
    #[inline(always)]
    pub fn backward<const STEPS: usize>(
        plan: &'a Plan<STEPS>,
        rows: usize,
        edges: Backward<'a, T>,
        memory: Memory<'a, T>,
    ) -> Self {
        let dx = match edges.dx {
            Some(dx) => (Region::InputGradient, dx.as_mut_ptr(), dx.len()),
            None => (Region::Nowhere, NonNull::dangling().as_ptr(), 0),
        };
        let parts = [
            (Region::Input, edges.x.as_ptr().cast_mut(), edges.x.len()),
            (Region::Output, edges.y.as_ptr().cast_mut(), edges.y.len()),
            dx,
            (Region::OutputGradient, edges.dy.as_mut_ptr(), edges.dy.len()),
            (Region::Saved, memory.saved.as_mut_ptr(), memory.saved.len()),
            (Region::Scratch, memory.scratch.as_mut_ptr(), memory.scratch.len()),
        ];
        Self::new(plan, true, rows, parts, memory.workspace)
    }

    #[inline(always)]
    fn new<const STEPS: usize, const PARTS: usize>(
        plan: &'a Plan<STEPS>,
        backward: bool,
        rows: usize,
        parts: [(Region, *mut T, usize); PARTS],
        workspace: &'a mut [T],
    ) -> Self {
        let extents = if backward { &plan.backward_extents } else { &plan.forward_extents };
        let mut frame = Frame {
            rows,
            steps: &plan.steps,
            backward,
            gives_input: false,
            starts: [NonNull::dangling().as_ptr(); Region::COUNT],
            workspace: (workspace.as_mut_ptr(), workspace.len()),
            borrow: PhantomData,
        };
        let mut held = true;
        for (region, start, length) in parts {
            held &= extents[region as usize].saturating_mul(rows) <= length;
            frame.starts[region as usize] = start;
            frame.gives_input |= matches!(region, Region::InputGradient);
        }
        assert!(held, "the memory is smaller than its plan");
        frame
    }

    /// The plan of a step, in the pass that this is the memory of.
    #[inline(always)]
    fn plan(&self, step: usize, backward: bool) -> &'a StepPlan {
        assert!(self.backward == backward, "this is the memory of the other pass");
        &self.steps[step]
    }

    /// What lies at a place.
    /// # Safety
    /// The step at hand reads it in this pass, says the plan; it isn't written to as long as the slice lives.
    #[inline(always)]
    unsafe fn read(&self, place: Place) -> &'a [T] {
        let start = self.starts[place.region as usize].wrapping_add(place.offset * self.rows);
        // SAFETY: the planner has found out how far places reach in each region, and `new` has asserted that the regions are
        // as long; they are borrowed for `'a`. That nobody writes is the caller's promise.
        unsafe { core::slice::from_raw_parts(start, place.length * self.rows) }
    }

    /// Room at a place.
    /// # Safety
    /// The step at hand writes to it in this pass, says the plan; it isn't used otherwise as long as the slice lives.
    #[inline(always)]
    unsafe fn write(&self, place: Place) -> &'a mut [T] {
        let start = self.starts[place.region as usize].wrapping_add(place.offset * self.rows);
        // SAFETY: as in `read`; the planner has asserted that only regions are written to that are borrowed uniquely.
        unsafe { core::slice::from_raw_parts_mut(start, place.length * self.rows) }
    }

    /// What a step computed for an input, added to the gradient that is there.
    #[inline(always)]
    fn add_partial<P: Pass>(&mut self, pass: &mut P, plan: &StepPlan, input: usize) {
        // SAFETY: the planner has asserted that the two are apart.
        let (x, y) = unsafe { (self.read(plan.partial[input]), self.write(plan.dx[input])) };
        pass.device().run(AddTo { x, y });
    }

    /// The gradient by the output as that by an input.
    #[inline(always)]
    fn pass_on<P: Pass>(&mut self, pass: &mut P, plan: &StepPlan, input: usize) {
        if plan.dx[input] == plan.dy {
            return;
        }
        // SAFETY: the planner has asserted that the two are apart.
        let (x, y) = unsafe { (self.read(plan.dy), self.write(plan.dx[input])) };
        if plan.adds[input] {
            pass.device().run(AddTo { x, y });
        } else {
            pass.device().run(Copy { x, y });
        }
    }
}

/// Runs a step: as a function of its own, where the device wants it so.
#[inline(always)]
fn run<P: Pass>(step: impl FnOnce()) {
    if const { <P::Device as Device>::CALLS } {
        call(step);
    } else {
        step();
    }
}

#[inline(never)]
fn call(step: impl FnOnce()) {
    step();
}

/// The number of rows of a pass, as a number.
#[inline(always)]
pub fn rows_of<P: Pass>(pass: &P) -> usize {
    pass.rows().get()
}
