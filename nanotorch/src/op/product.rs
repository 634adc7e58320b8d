//! One product of matrices and its gradients, of which batched products are made.

use crate::device::Cpu;
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::kernel::gemm::{Plain, columns, gemm_on, rows};
use crate::simd::Simd;

/// `y(m, n) = a(m, k) b(k, n)`.
#[inline(always)]
pub fn forward<S: Simd, T: Float>(
    cpu: Cpu<'_, S>,
    [m, n, k]: [usize; 3],
    [a, b]: [&[T]; 2],
    y: &mut [T],
    workspace: &mut [T],
) {
    let (a, b) = (rows(a, k), rows(b, n));
    gemm_on(cpu.threads, cpu.simd, (m, n, k), a, b, y, n, Accumulate::Replace, Plain, workspace);
}

/// `da = dy bᵀ`, or added to what is there.
#[inline(always)]
pub fn by_first<S: Simd, T: Float>(
    cpu: Cpu<'_, S>,
    [m, n, k]: [usize; 3],
    [dy, b]: [&[T]; 2],
    da: &mut [T],
    accumulate: Accumulate,
    workspace: &mut [T],
) {
    let (dy, b) = (rows(dy, n), columns(b, n));
    gemm_on(cpu.threads, cpu.simd, (m, k, n), dy, b, da, k, accumulate, Plain, workspace);
}

/// `db = aᵀ dy`, or added to what is there.
#[inline(always)]
pub fn by_second<S: Simd, T: Float>(
    cpu: Cpu<'_, S>,
    [m, n, k]: [usize; 3],
    [a, dy]: [&[T]; 2],
    db: &mut [T],
    accumulate: Accumulate,
    workspace: &mut [T],
) {
    let (a, dy) = (columns(a, k), rows(dy, n));
    gemm_on(cpu.threads, cpu.simd, (k, n, m), a, dy, db, n, accumulate, Plain, workspace);
}
