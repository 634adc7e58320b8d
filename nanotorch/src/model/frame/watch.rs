//! A forward pass as it is told to those who look on.

use super::Frame;
use super::work::Facts;
use crate::device::{Device, Name, Pass};
use crate::element::Float;
use crate::kernel::flat::all_finite;

impl<T: Float> Frame<'_, T> {
    /// Tells the watcher of a pass that is called, if there is one, that a step begins.
    #[inline(always)]
    pub(super) fn begin_step<P: Pass>(&self, pass: &mut P, name: &Name) {
        if let Some(watcher) = pass.device().watcher() {
            watcher.enter(*name);
        }
    }

    /// The same, that it has ended.
    #[inline(always)]
    pub(super) fn end_step<P: Pass>(&self, pass: &mut P, step: usize) {
        if let Some(watcher) = pass.device().watcher() {
            // SAFETY: it has been written, and nobody writes now.
            let y = unsafe { self.read(self.row(step, false).y) };
            watcher.leave(&|| all_finite(y));
        }
    }

    /// Tells a device that watches, and doesn't compute, of a step in which there are no others.
    #[inline(never)]
    pub(super) fn note_step<P: Pass>(
        &self,
        pass: &mut P,
        name: &Name,
        kind: &'static str,
        facts: &'static Facts,
    ) {
        let scope = facts.scope(*name, kind);
        pass.device().enter(&scope);
        pass.device().leave::<T>(&scope, &[]);
    }
}
