//! A forward pass as it is told to those who look on.

use super::Frame;
use super::work::Facts;
use crate::device::{Device, Name, Pass};
use crate::element::Float;

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
            watcher.leave(&|| is_finite(y));
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

#[inline(always)]
fn is_finite<T: Float>(numbers: &[T]) -> bool {
    fn of_f32(numbers: &[f32]) -> bool {
        numbers.iter().all(|number| number.is_finite())
    }
    if const { T::IS_F32 } {
        of_f32(T::f32s(numbers))
    } else {
        numbers.iter().all(|number| number.is_finite())
    }
}
