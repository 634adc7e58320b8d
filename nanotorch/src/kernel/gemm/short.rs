//! A matrix of short rows by a vector, all sizes known: what counts is how long it takes from the vector to the result.
//!
//! Sums across a register are many steps, one after the other. So the matrix is turned while the vector is on its way, as far as
//! that goes within blocks of four lanes; what the vector then still has to wait for is one multiplication and addition for each
//! place in a block, and two or three additions. Rows of several registers are as many more to turn, and take longer that way.

use core::ptr;

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::operand::Strided;
use super::target::{Target, load};
use super::{Epilogue, vector};
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf};

/// y(n) = map(y? + W(n, k) x(k) + bias), for constants n and k.
/// # Safety
/// The matrix, the pointer and the target hold the sizes.
#[inline(always)]
pub(super) unsafe fn product<S: Simd, T: Float>(
    simd: S,
    (n, k): (usize, usize),
    w: Strided<'_, T>,
    x: *const T,
    target: Target<T>,
    epilogue: impl Epilogue<S, T>,
) {
    let lanes = VectorOf::<S, T>::LANES;
    // SAFETY: the caller's promise.
    unsafe {
        if !w.row_major || lanes < 4 || k > REGISTERS * lanes {
            vector::product(simd, n, k, w, x, target, epilogue);
        } else if k > lanes || n <= 2 {
            across(simd, (n, k), w.pointer, w.leading, x, target, epilogue);
        } else if k == 4 && w.leading == 4 && n.is_multiple_of(lanes) {
            rows_of_four(simd, n, w.pointer, x, target, epilogue);
        } else {
            turned(simd, (n, k), w.pointer, w.leading, x, target, epilogue);
        }
    }
}

/// Rows of four numbers, one after the other in memory: each block of four lanes is a row.
/// # Safety
/// As of [`product`], with `k = 4`; `n` is a multiple of the lanes.
#[inline(always)]
unsafe fn rows_of_four<S: Simd, T: Float>(
    simd: S,
    n: usize,
    w: *const T,
    x: *const T,
    target: Target<T>,
    epilogue: impl Epilogue<S, T>,
) {
    let lanes = VectorOf::<S, T>::LANES;
    // SAFETY: the caller's promise.
    unsafe {
        let [a, b, c, d] = [*x, *x.add(1), *x.add(2), *x.add(3)];
        // A plain loop: `generate` may be a call.
        let mut factors = VectorOf::<S, T>::zero(simd).to_array();
        for (lane, factor) in factors.iter_mut().enumerate() {
            *factor = [a, b, c, d][lane % 4];
        }
        let factors = VectorOf::<S, T>::from_array(simd, &factors);
        for first in (0..n).step_by(lanes) {
            // Lane 4 b + i of a sum is that of the i-th register's block b: of row i (lanes / 4) + b.
            let mut products = [factors; 4];
            for (i, product) in products.iter_mut().enumerate() {
                *product = VectorOf::<S, T>::load_pointer(simd, w.add(4 * first + i * lanes)) * factors;
            }
            let sums = VectorOf::<S, T>::sum_fours(products).deal_fours();
            target.put_mapped(simd, 0, first, lanes, sums, epilogue);
        }
    }
}

/// Registers of a row, at most: a longer one is read in a loop.
const REGISTERS: usize = 4;

/// Rows of some registers each, or so few that there is nothing to turn: sums across registers, and none of rows that aren't
/// there.
/// # Safety
/// As of [`product`]; `k` is at most the lanes of [`REGISTERS`].
#[inline(always)]
unsafe fn across<S: Simd, T: Float>(
    simd: S,
    (n, k): (usize, usize),
    w: *const T,
    leading: usize,
    x: *const T,
    target: Target<T>,
    epilogue: impl Epilogue<S, T>,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    // SAFETY: the caller's promise; rows and columns below n and k.
    unsafe {
        let mut factors = [zero; REGISTERS];
        for (register, factor) in factors.iter_mut().enumerate() {
            if register * lanes < k {
                *factor = load(simd, x.add(register * lanes), k - register * lanes);
            }
        }
        for first in (0..n).step_by(lanes) {
            let count = (n - first).min(lanes);
            let mut sums = GenericArray::generate(
                #[inline(always)]
                |_| zero,
            );
            for group in 0..lanes / 4 {
                let mut rows = [zero; 4];
                for (i, sum) in rows.iter_mut().enumerate() {
                    if 4 * group + i < count {
                        let row = w.add((first + 4 * group + i) * leading);
                        *sum = load(simd, row, k) * factors[0];
                        for (register, factor) in factors.into_iter().enumerate().skip(1) {
                            let p = register * lanes;
                            if p < k {
                                *sum = load(simd, row.add(p), k - p).mul_add(factor, *sum);
                            }
                        }
                    }
                }
                if 4 * group < count {
                    sums[group] = VectorOf::<S, T>::sum_fours(rows);
                }
            }
            target.put_mapped(simd, 0, first, count, sum_blocks(sums), epilogue);
        }
    }
}

/// Rows that fit in a register each.
/// # Safety
/// As of [`product`]; `k` is at most the lanes.
#[inline(always)]
unsafe fn turned<S: Simd, T: Float>(
    simd: S,
    (n, k): (usize, usize),
    w: *const T,
    leading: usize,
    x: *const T,
    target: Target<T>,
    epilogue: impl Epilogue<S, T>,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    // SAFETY: the caller's promise; rows and columns below n and k.
    unsafe {
        let x = load(simd, x, k);
        // Lane 4 b + i of the factors of place q is x(4 b + q).
        let mut factors = [x; 4];
        for (place, factor) in factors.iter_mut().enumerate() {
            *factor = x.spread_in_fours(place);
        }
        for first in (0..n).step_by(lanes) {
            let count = (n - first).min(lanes);
            let mut sums = GenericArray::generate(
                #[inline(always)]
                |_| zero,
            );
            for group in 0..lanes / 4 {
                if 4 * group < count {
                    let mut rows = [zero; 4];
                    for (i, lanes) in rows.iter_mut().enumerate() {
                        if 4 * group + i < count {
                            *lanes = load(simd, w.add((first + 4 * group + i) * leading), k);
                        }
                    }
                    // Lane 4 b + i of place q is W(i, 4 b + q).
                    let [a, b, c, d] = VectorOf::<S, T>::transpose_fours(rows);
                    let bias = if target.bias.is_null() {
                        zero
                    } else {
                        let count = (count - 4 * group).min(4);
                        VectorOf::<S, T>::load_partial_pointer(
                            simd,
                            target.bias.add(first + 4 * group),
                            count,
                            zero,
                        )
                    };
                    let (even, odd) = (a.mul_add(factors[0], bias), b * factors[1]);
                    sums[group] = c.mul_add(factors[2], even) + d.mul_add(factors[3], odd);
                }
            }
            // Lane 4 b + i of sum g is a part of row 4 g + i: lane 4 g + i of the result is the sum of the blocks of sum g.
            let target = Target { bias: ptr::null(), ..target };
            target.put_mapped(simd, 0, first, count, sum_blocks(sums), epilogue);
        }
    }
}

/// Block g of the result is the sum of the blocks of register g.
#[inline(always)]
fn sum_blocks<V: Vector>(mut sums: GenericArray<V, V::Lanes>) -> V {
    let mut width = 4;
    while width < V::LANES {
        for i in (0..V::LANES / 4).step_by(width / 2) {
            let (low, high) = sums[i].exchange(sums[i + width / 4], width);
            sums[i] = low + high;
        }
        width *= 2;
    }
    sums[0]
}
