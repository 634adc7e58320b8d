//! An update as a kernel: a run of numbers, cut into parts for several threads.

use super::rule::{MAX_MOMENTS, Numbers, Update};
use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::simd::{Simd, WithSimd, dispatch};
use crate::threads::{Threads, ranges};

/// Numbers that are worth handing to another thread: a few microseconds of work.
const LEAST: usize = 16 * 1024;
/// Parts begin on lines of the cache, if the whole does, so that threads don't write to the same line.
const LINE: usize = 64;

/// `update.apply`, on all threads of the device. Each number's change depends on its own gradient and moments alone, so it is
/// the same wherever the cuts are.
pub(super) struct Change<'a, U, T> {
    pub(super) update: &'a U,
    pub(super) numbers: Numbers<'a, T>,
}

impl<T: Float, U: Update<T>> Kernel<T> for Change<'_, U, T> {
    const NAME: &'static str = "Update";

    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        let Numbers { parameters, gradients, moments } = &self.numbers;
        see(Operand::Input(gradients));
        see(Operand::Output(parameters));
        for moment in moments.iter().filter(|moment| !moment.is_empty()) {
            see(Operand::Output(moment));
        }
    }

    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        apply_on(self.update, cpu, self.numbers);
    }

    #[inline(always)]
    fn carry_out(self, threads: Threads<'_>) {
        self.update.carry_out(threads, self.numbers);
    }
}

#[inline(always)]
fn apply_on<S: Simd, T: Float, U: Update<T> + ?Sized>(update: &U, cpu: Cpu<S>, numbers: Numbers<'_, T>) {
    let parts = cpu.threads.parts(numbers.parameters.len(), LEAST);
    if parts == 1 {
        return update.apply(cpu, numbers);
    }
    each_part(cpu.threads, parts, numbers, &|part| {
        cpu.simd.vectorize(
            #[inline(always)]
            || update.apply(Cpu::new(cpu.simd), part),
        );
    });
}

/// Cuts the numbers into `parts`, and calls `work` with each of them, on as many threads.
// One function for all rules and instruction sets, as `Threads::each_part` is.
#[inline(never)]
fn each_part<T: Float>(
    threads: Threads<'_>,
    parts: usize,
    mut numbers: Numbers<'_, T>,
    work: &(dyn Fn(Numbers<'_, T>) + Sync),
) {
    let ranges = ranges(numbers.parameters.len(), parts, LINE);
    threads.each(ranges.map(|range| numbers.take(range.len())), work);
}

/// [`Update::carry_out`], whatever the rule.
#[inline(always)]
pub(super) fn carry_out<T: Float, U: Update<T> + ?Sized>(
    update: &U,
    threads: Threads<'_>,
    numbers: Numbers<'_, T>,
) {
    dispatch(Applied { update, threads, numbers });
}

struct Applied<'a, U: ?Sized, T> {
    update: &'a U,
    threads: Threads<'a>,
    numbers: Numbers<'a, T>,
}

impl<T: Float, U: Update<T> + ?Sized> WithSimd for Applied<'_, U, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        apply_on(self.update, Cpu { simd, threads: self.threads }, self.numbers);
    }
}

impl<'a, T> Numbers<'a, T> {
    /// Takes the first `length` of them off.
    fn take(&mut self, length: usize) -> Numbers<'a, T> {
        fn first<'a, T>(numbers: &mut &'a mut [T], length: usize) -> &'a mut [T] {
            // A moment that isn't kept is empty.
            let (first, rest) = core::mem::take(numbers).split_at_mut_checked(length).unwrap_or_default();
            *numbers = rest;
            first
        }
        let parameters = first(&mut self.parameters, length);
        let (gradients, rest) = self.gradients.split_at(length);
        self.gradients = rest;
        let [one, two] = &mut self.moments;
        const { assert!(MAX_MOMENTS == 2) };
        Numbers { parameters, gradients, moments: [first(one, length), first(two, length)] }
    }
}
