//! The slices of a step: what the plan's places are in memory.

use super::Frame;
use crate::element::Float;
use crate::model::Memory;
use crate::model::place::Mode;
use crate::model::table::{InputRow, Row, Spot};

impl<'a, T: Float> Frame<'a, T> {
    /// An input, read forward; empty if the output takes its place.
    /// # Safety
    /// The rows are a step's of this frame, which is a forward pass's; the output isn't held in another slice.
    #[inline(always)]
    pub(super) unsafe fn input(&self, row: &Row, inputs: &[InputRow], input: usize) -> &'a [T] {
        let in_place = matches!(row.forward, Mode::InPlace | Mode::Done);
        let replaced = in_place && input == usize::from(row.replaced);
        // SAFETY: the planner has asserted that what a step uses together is apart.
        unsafe { self.read(if replaced { Spot::NOWHERE } else { inputs[input].x }) }
    }

    /// The output, written forward; empty where nothing is done.
    /// # Safety
    /// As of `input`.
    #[inline(always)]
    pub(super) unsafe fn output(&self, row: &Row) -> &'a mut [T] {
        // SAFETY: the planner has asserted that what a step uses together is apart.
        unsafe { self.write(if matches!(row.forward, Mode::Alias) { Spot::NOWHERE } else { row.y }) }
    }

    /// An input, read backward; empty if it isn't kept.
    /// # Safety
    /// The rows are a step's of this frame, which is a backward pass's; there are no slices of what the step writes but those
    /// that these functions have made, once each.
    #[inline(always)]
    pub(super) unsafe fn kept_input(&self, row: &Row, inputs: &[InputRow], input: usize) -> &'a [T] {
        let reads = row.reads_input && !matches!(row.backward, Mode::Alias);
        // SAFETY: the planner has asserted that what a step uses together is apart.
        unsafe { self.read(if reads { inputs[input].x } else { Spot::NOWHERE }) }
    }

    /// The output, read backward; empty if it isn't kept.
    /// # Safety
    /// As of `kept_input`.
    #[inline(always)]
    pub(super) unsafe fn kept_output(&self, row: &Row) -> &'a [T] {
        let reads = row.reads_output && !matches!(row.backward, Mode::Alias);
        // SAFETY: the planner has asserted that what a step uses together is apart.
        unsafe { self.read(if reads { row.y } else { Spot::NOWHERE }) }
    }

    /// The gradient by the output; empty where nothing is done.
    /// # Safety
    /// As of `kept_input`.
    #[inline(always)]
    pub(super) unsafe fn output_gradient(&self, row: &Row) -> &'a mut [T] {
        // SAFETY: the planner has asserted that what a step uses together is apart.
        unsafe { self.write(if matches!(row.backward, Mode::Alias) { Spot::NOWHERE } else { row.dy }) }
    }

    /// Where the gradient by an input is computed; empty where it isn't, and where it takes the place of that by the output.
    /// # Safety
    /// As of `kept_input`; the frame has room for the gradient if it is computed.
    #[inline(always)]
    pub(super) unsafe fn input_gradient(&self, row: &Row, input: &InputRow, computes: bool) -> &'a mut [T] {
        let target = computes && matches!(row.backward, Mode::Separate);
        // SAFETY: the planner has asserted that what a step uses together is apart.
        unsafe { self.write(if target { input.target() } else { Spot::NOWHERE }) }
    }

    /// What the step keeps, and what it needs until it is done.
    /// # Safety
    /// They are a step's of this frame, and there are no other slices of them or of the workspace.
    #[inline(always)]
    pub(super) unsafe fn memory(&self, saved: Spot, scratch: Spot) -> Memory<'a, T> {
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
