//! Products against three nested loops, over awkward sizes, on every instruction set.

use super::{Bias, Matrix, Plain, Then, column_sums, columns, gemm, matrix_vector, rows, workspace};
use crate::element::Float;
use crate::extent::{Const, Extent};
use crate::kernel::Accumulate;
use crate::simd::{Simd, VectorOf, WithSimd, for_each_isa};

/// Small whole numbers over 8: all sums of products below are exact, so that no order of summation makes a difference.
fn numbers<T: Float>(count: usize, seed: usize) -> Vec<T> {
    let number = |i: usize| (((i + seed) * 2654435761 % 4294967296) >> 13) % 17;
    (0..count).map(|i| T::from_f64((number(i) as f64 - 8.0) / 8.0)).collect()
}

/// What a slot holds that no kernel may touch.
const GUARD: f64 = 77.0;

/// A product of the given sizes: every form, both modes, every kind of epilogue, lines with gaps between them.
#[derive(Clone, Copy)]
struct Product<T, M, N, K> {
    sizes: (M, N, K),
    gap: usize,
    element: core::marker::PhantomData<T>,
}

impl<T: Float, M: Extent, N: Extent, K: Extent> WithSimd for Product<T, M, N, K> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (m, n, k) = (self.sizes.0.get(), self.sizes.1.get(), self.sizes.2.get());
        // Exactly as long as they must be: a kernel that reads further reads outside.
        let slice = |lines: usize, length: usize, seed| {
            let leading = length + self.gap;
            (numbers::<T>((lines * leading).saturating_sub(self.gap), seed), leading)
        };
        let (a, a_leading) = slice(m, k, 1);
        let (at, at_leading) = slice(k, m, 2);
        let (b, b_leading) = slice(k, n, 3);
        let (bt, bt_leading) = slice(n, k, 4);
        let bias = numbers::<T>(n, 5);
        let leading = n + self.gap;
        let before = {
            let mut before = vec![T::from_f64(GUARD); m * leading];
            for (i, &number) in numbers::<T>(m * n, 6).iter().enumerate() {
                before[i / n.max(1) * leading + i % n.max(1)] = number;
            }
            before
        };
        let mut room = vec![T::NAN; workspace(n, k)];
        let double = |x: VectorOf<S, T>| x + x;

        let naive =
            |left: &dyn Fn(usize, usize) -> T, right: &dyn Fn(usize, usize) -> T, add: bool, finished| {
                let mut c = before.clone();
                for i in 0..m {
                    for j in 0..n {
                        let mut sum = if add { c[i * leading + j] } else { T::ZERO };
                        for p in 0..k {
                            sum += left(i, p) * right(p, j);
                        }
                        if finished {
                            sum += bias[j];
                            sum += sum;
                        }
                        c[i * leading + j] = sum;
                    }
                }
                c
            };
        macro_rules! check {
            ($left:expr, $right:expr, $left_at:expr, $right_at:expr) => {
                for mode in [Accumulate::Replace, Accumulate::Add] {
                    let add = mode == Accumulate::Add;
                    let mut c = before.clone();
                    gemm(simd, self.sizes, $left, $right, &mut c, leading, mode, Plain, &mut room);
                    assert!(c == naive(&$left_at, &$right_at, add, false), "{m} {n} {k} {}", S::NAME);
                    let mut c = before.clone();
                    let finish = Then(Bias(&bias), double);
                    gemm(simd, self.sizes, $left, $right, &mut c, leading, mode, finish, &mut room);
                    assert!(c == naive(&$left_at, &$right_at, add, true), "{m} {n} {k} {}", S::NAME);
                }
            };
        }
        let a_at = |i: usize, p: usize| a[i * a_leading + p];
        let at_at = |i: usize, p: usize| at[p * at_leading + i];
        let b_at = |p: usize, j: usize| b[p * b_leading + j];
        let bt_at = |p: usize, j: usize| bt[j * bt_leading + p];
        check!(rows(&a, a_leading), rows(&b, b_leading), a_at, b_at);
        check!(rows(&a, a_leading), columns(&bt, bt_leading), a_at, bt_at);
        check!(columns(&at, at_leading), rows(&b, b_leading), at_at, b_at);
        check!(columns(&at, at_leading), columns(&bt, bt_leading), at_at, bt_at);

        self.vectors(simd, rows(&bt, bt_leading), &bias, bt_at);
        self.vectors(simd, columns(&b, b_leading), &bias, b_at);

        for mode in [Accumulate::Replace, Accumulate::Add] {
            let mut sums = bias.clone();
            column_sums(simd, (self.sizes.2, self.sizes.1), &b, b_leading, &mut sums, mode);
            for j in 0..n {
                let mut sum = if mode == Accumulate::Add { bias[j] } else { T::ZERO };
                (0..k).for_each(|p| sum += b_at(p, j));
                assert_eq!(sums[j], sum, "column {j} of {k} x {n}, {}", S::NAME);
            }
        }
    }
}

impl<T: Float, M: Extent, N: Extent, K: Extent> Product<T, M, N, K> {
    /// y(n) = 2 (y? + W(n, k) x(k) + bias)
    #[inline(always)]
    fn vectors<S: Simd, L: super::Layout>(
        self,
        simd: S,
        w: Matrix<'_, T, L>,
        bias: &[T],
        element: impl Fn(usize, usize) -> T,
    ) {
        let (n, k) = (self.sizes.1.get(), self.sizes.2.get());
        let x = numbers::<T>(k, 7);
        for mode in [Accumulate::Replace, Accumulate::Add] {
            let mut y = numbers::<T>(n, 8);
            let before = y.clone();
            let finish = Then(Bias(bias), |x: VectorOf<S, T>| x + x);
            matrix_vector(simd, (self.sizes.1, self.sizes.2), w, &x, &mut y, mode, finish);
            for j in 0..n {
                let mut sum = if mode == Accumulate::Add { before[j] } else { T::ZERO };
                (0..k).for_each(|p| sum += x[p] * element(p, j));
                assert_eq!(y[j], (sum + bias[j]) + (sum + bias[j]), "row {j} of {n} x {k}, {}", S::NAME);
            }
        }
    }
}

fn check<M: Extent, N: Extent, K: Extent>(m: M, n: N, k: K) {
    for gap in [0, 3] {
        let sizes = (m, n, k);
        let element = core::marker::PhantomData;
        for_each_isa(Product::<f32, _, _, _> { sizes, gap, element }, |_, ()| ());
        let element = core::marker::PhantomData;
        for_each_isa(Product::<f64, _, _, _> { sizes, gap, element }, |_, ()| ());
    }
}

#[test]
fn products_of_sizes_known_at_run_time() {
    let awkward = [0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 33, 50, 65];
    for (i, &m) in awkward.iter().enumerate() {
        for (j, &n) in awkward.iter().enumerate().skip(i % 3).step_by(3) {
            check(m, n, awkward[(i * 5 + j * 3) % awkward.len()]);
        }
    }
}

#[test]
fn products_of_several_blocks() {
    check(130, 20, 1030);
    check(129, 400, 20);
    check(9, 385, 513);
    check(64, 130, 700);
}

#[test]
fn products_of_constant_sizes() {
    check(Const::<32>, Const::<16>, Const::<4>);
    check(Const::<13>, Const::<37>, Const::<5>);
    check(Const::<3>, Const::<64>, Const::<0>);
    check(21_usize, Const::<2>, Const::<17>);
    check(Const::<10>, Const::<12>, 21_usize);
}

#[test]
fn the_bits_of_a_row_do_not_depend_on_the_other_rows() {
    #[derive(Clone, Copy)]
    struct Rows;
    impl WithSimd for Rows {
        type Output = ();
        fn run<S: Simd>(self, simd: S) {
            let (m, n, k) = (150, 70, 1100);
            let scale = |numbers: Vec<f32>| -> Vec<f32> { numbers.iter().map(|x| x * 0.1 + 0.037).collect() };
            let (a, b) = (scale(numbers(m * k, 1)), scale(numbers(n * k, 2)));
            let mut room = vec![0.0; workspace(n, k)];
            let mut whole = vec![0.0; m * n];
            let mode = Accumulate::Replace;
            gemm(simd, (m, n, k), rows(&a, k), columns(&b, k), &mut whole, n, mode, Plain, &mut room);
            for (first, count) in [(0, 150), (3, 2), (17, 64), (100, 50)] {
                let mut part = vec![0.0; count * n];
                let a = &a[first * k..];
                gemm(simd, (count, n, k), rows(a, k), columns(&b, k), &mut part, n, mode, Plain, &mut room);
                assert!(part == whole[first * n..][..count * n], "{} {first} {count}", S::NAME);
            }
        }
    }
    for_each_isa(Rows, |_, ()| ());
}
