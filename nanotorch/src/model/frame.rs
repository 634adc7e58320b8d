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

/// Where a region begins, and its length.
type Part<T> = (*mut T, usize);

#[inline(always)]
fn whole<T>(numbers: &mut [T]) -> Part<T> {
    (numbers.as_mut_ptr(), numbers.len())
}

#[inline(always)]
fn nowhere<T>() -> Part<T> {
    (NonNull::dangling().as_ptr(), 0)
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
        let x = (x.as_ptr().cast_mut(), x.len());
        let parts =
            [nowhere(), x, whole(y), nowhere(), nowhere(), whole(memory.saved), whole(memory.scratch)];
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
        let gives_input = edges.dx.is_some();
        let dx = edges.dx.map_or_else(nowhere, whole);
        let (x, y) = (edges.x.as_ptr().cast_mut(), edges.y.as_ptr().cast_mut());
        let (x, y) = ((x, edges.x.len()), (y, edges.y.len()));
        let parts = [nowhere(), x, y, dx, whole(edges.dy), whole(memory.saved), whole(memory.scratch)];
        let frame = Self::new(plan, true, rows, parts, memory.workspace);
        Frame { gives_input, ..frame }
    }

    #[inline(always)]
    fn new<const STEPS: usize>(
        plan: &'a Plan<STEPS>,
        backward: bool,
        rows: usize,
        parts: [Part<T>; Region::COUNT],
        workspace: &'a mut [T],
    ) -> Self {
        let extents = if backward { &plan.backward_extents } else { &plan.forward_extents };
        let mut held = true;
        for region in 0..Region::COUNT {
            held &= extents[region].saturating_mul(rows) <= parts[region].1;
        }
        assert!(held, "the memory is smaller than its plan");
        let [nowhere, input, output, input_gradient, output_gradient, saved, scratch] = parts;
        // One after the other, not in a loop, for the same reason as there is a `copy`.
        let starts = [nowhere.0, input.0, output.0, input_gradient.0, output_gradient.0, saved.0, scratch.0];
        let workspace = (workspace.as_mut_ptr(), workspace.len());
        Frame {
            rows,
            steps: &plan.steps,
            backward,
            gives_input: false,
            starts,
            workspace,
            borrow: PhantomData,
        }
    }

    /// The plan of a step, in the pass that this is the memory of.
    #[inline(always)]
    fn plan(&self, step: usize, backward: bool) -> &'a StepPlan {
        assert!(self.backward == backward, "this is the memory of the other pass");
        &self.steps[step]
    }

    /// The same frame once more.
    ///
    /// What is looked up by an index that is known only once everything is inlined stays in memory until then. If that is a copy,
    /// the frame itself is taken apart into registers before, and a small model has no trace of it.
    #[inline(always)]
    fn copy(&mut self) -> Self {
        let Frame { rows, steps, backward, gives_input, starts, workspace, borrow } = *self;
        Frame { rows, steps, backward, gives_input, starts, workspace, borrow }
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
        let frame = self.copy();
        // SAFETY: the planner has asserted that the two are apart.
        let (x, y) = unsafe { (frame.read(plan.partial[input]), frame.write(plan.dx[input])) };
        pass.device().run(AddTo { x, y });
    }

    /// The gradient by the output as that by an input.
    #[inline(always)]
    fn pass_on<P: Pass>(&mut self, pass: &mut P, plan: &StepPlan, input: usize) {
        if plan.dx[input] == plan.dy {
            return;
        }
        let frame = self.copy();
        // SAFETY: the planner has asserted that the two are apart.
        let (x, y) = unsafe { (frame.read(plan.dy), frame.write(plan.dx[input])) };
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
