//! A model's memory while a pass runs: hands each step the slices that the plan gave it.
//!
//! In a small model all of it is inlined, and with a table that is a constant nothing is left of it. On a device that
//! [calls](crate::device::Device::CALLS), as all do in unoptimised programs, one function carries out all steps: it knows them as
//! trait objects, of which there is one for each layer and shape, however often the model has it.

mod layer;
mod operation;
mod slices;
mod watch;
mod work;

use core::marker::PhantomData;
use core::ptr::NonNull;

use super::fusion::Followed;
use super::place::{Extents, Region};
use super::table::{InputRow, Row, Sheet, Spot};
use super::{Backward, Memory};
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::op::{AddTo, Copy};

/// The memory of one pass over one model.
pub struct Frame<'a, T> {
    rows: usize,
    sheet: &'static Sheet,
    backward: bool,
    gives_input: bool,
    regions: Regions<T>,
    workspace: Part<T>,
    borrow: PhantomData<&'a mut [T]>,
}

/// Where a region begins, and its length.
type Part<T> = (*mut T, usize);

/// The regions.
struct Regions<T> {
    input: Part<T>,
    output: Part<T>,
    input_gradient: Part<T>,
    output_gradient: Part<T>,
    saved: Part<T>,
    scratch: Part<T>,
}

impl<T> Clone for Regions<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> core::marker::Copy for Regions<T> {}

impl<T> Regions<T> {
    #[inline(always)]
    fn at(&self, region: Region) -> Part<T> {
        match region {
            Region::Nowhere => nowhere(),
            Region::Input => self.input,
            Region::Output => self.output,
            Region::InputGradient => self.input_gradient,
            Region::OutputGradient => self.output_gradient,
            Region::Saved => self.saved,
            Region::Scratch => self.scratch,
        }
    }

    /// Whether they are as long as places reach, for so many rows; a gradient by the input that isn't given isn't asked for.
    #[inline(always)]
    fn hold(&self, extents: &Extents, rows: usize, gives_input: bool) -> bool {
        let holds = |region: Region| extents[region as usize].saturating_mul(rows) <= self.at(region).1;
        (!gives_input | holds(Region::InputGradient))
            & holds(Region::Input)
            & holds(Region::Output)
            & holds(Region::OutputGradient)
            & holds(Region::Saved)
            & holds(Region::Scratch)
    }
}

fn nowhere<T>() -> Part<T> {
    (NonNull::dangling().as_ptr(), 0)
}

#[inline(always)]
fn read<T>(slice: &[T]) -> Part<T> {
    (slice.as_ptr().cast_mut(), slice.len())
}

#[inline(always)]
fn written<T>(slice: &mut [T]) -> Part<T> {
    (slice.as_mut_ptr(), slice.len())
}

impl<'a, T: Float> Frame<'a, T> {
    /// The memory of a forward pass.
    /// # Panics
    /// It is less than the table says.
    #[inline(always)]
    pub fn forward(
        sheet: &'static Sheet,
        rows: usize,
        x: &'a [T],
        y: &'a mut [T],
        memory: Memory<'a, T>,
    ) -> Self {
        let regions = Regions {
            input: read(x),
            output: written(y),
            input_gradient: nowhere(),
            output_gradient: nowhere(),
            saved: written(memory.saved),
            scratch: written(memory.scratch),
        };
        assert!(regions.hold(sheet.forward_extents, rows, false), "the memory is smaller than its plan");
        Frame {
            rows,
            sheet,
            backward: false,
            gives_input: false,
            regions,
            workspace: written(memory.workspace),
            borrow: PhantomData,
        }
    }

    /// The memory of a backward pass.
    /// # Panics
    /// It is less than the table says.
    #[inline(always)]
    pub fn backward(
        sheet: &'static Sheet,
        rows: usize,
        edges: Backward<'a, T>,
        memory: Memory<'a, T>,
    ) -> Self {
        let gives_input = edges.dx.is_some();
        let regions = Regions {
            input: read(edges.x),
            output: read(edges.y),
            input_gradient: edges.dx.map_or_else(nowhere, written),
            output_gradient: written(edges.dy),
            saved: written(memory.saved),
            scratch: written(memory.scratch),
        };
        assert!(
            regions.hold(sheet.backward_extents, rows, gives_input),
            "the memory is smaller than its plan"
        );
        Frame {
            rows,
            sheet,
            backward: true,
            gives_input,
            regions,
            workspace: written(memory.workspace),
            borrow: PhantomData,
        }
    }

    /// The same frame once more.
    ///
    /// What is looked up by an index that is known only once everything is inlined stays in memory until then. If that is a copy,
    /// the frame itself is taken apart into registers before, and a small model has no trace of it.
    #[inline(always)]
    fn copy(&mut self) -> Self {
        let Frame { rows, sheet, backward, gives_input, regions, workspace, borrow } = *self;
        Frame { rows, sheet, backward, gives_input, regions, workspace, borrow }
    }

    /// The row of a step, in the pass that this is the memory of.
    #[inline(always)]
    fn row(&self, step: usize, backward: bool) -> &'static Row {
        assert!(self.backward == backward, "this is the memory of the other pass");
        &self.sheet.rows[step]
    }

    /// The rows of its inputs, of which there are at least `count`.
    #[inline(always)]
    fn inputs(&self, row: &Row, count: usize) -> &'static [InputRow] {
        let inputs = &self.sheet.inputs[row.first_input as usize..][..row.input_rows.into()];
        &inputs[..count]
    }

    /// What a step does for those behind it.
    #[inline(always)]
    fn followed(&self, step: usize) -> Option<&'static Followed> {
        self.sheet.followed.get(step).filter(|followed| followed.is_any())
    }

    /// Whether the gradient by an input is wanted: that by the model's own, if the caller has given room for it.
    #[inline(always)]
    fn wants(&self, input: &InputRow) -> bool {
        input.wanted && (!matches!(input.dx.region, Region::InputGradient) || self.gives_input)
    }

    /// What lies at a place.
    /// # Safety
    /// The step at hand reads it in this pass, says the plan; it isn't written to as long as the slice lives.
    #[inline(always)]
    unsafe fn read(&self, spot: Spot) -> &'a [T] {
        let start = self.regions.at(spot.region).0.wrapping_add(spot.offset as usize * self.rows);
        // SAFETY: the planner has found out how far places reach in each region, and it was asserted that the regions are as
        // long; they are borrowed for `'a`. That nobody writes is the caller's promise.
        unsafe { core::slice::from_raw_parts(start, spot.length as usize * self.rows) }
    }

    /// Room at a place.
    /// # Safety
    /// The step at hand writes to it in this pass, says the plan; it isn't used otherwise as long as the slice lives.
    #[inline(always)]
    unsafe fn write(&self, spot: Spot) -> &'a mut [T] {
        let start = self.regions.at(spot.region).0.wrapping_add(spot.offset as usize * self.rows);
        // SAFETY: as in `read`; the planner has asserted that only regions are written to that are borrowed uniquely.
        unsafe { core::slice::from_raw_parts_mut(start, spot.length as usize * self.rows) }
    }

    /// What a step computed for an input, added to the gradient that is there.
    #[inline(always)]
    fn add_partial<P: Pass>(&self, pass: &mut P, input: &InputRow) {
        // SAFETY: the planner has asserted that the two are apart.
        let (x, y) = unsafe { (self.read(input.partial), self.write(input.dx)) };
        pass.device().run(AddTo { x, y });
    }

    /// The gradient by the output as that by an input.
    #[inline(always)]
    fn pass_on<P: Pass>(&self, pass: &mut P, row: &Row, input: &InputRow) {
        if input.dx == row.dy {
            return;
        }
        // SAFETY: the planner has asserted that the two are apart.
        let (x, y) = unsafe { (self.read(row.dy), self.write(input.dx)) };
        if input.adds {
            pass.device().run(AddTo { x, y });
        } else {
            pass.device().run(Copy { x, y });
        }
    }
}

/// The number of rows of a pass, as a number.
#[inline(always)]
pub fn rows_of<P: Pass>(pass: &P) -> usize {
    pass.rows().get()
}
