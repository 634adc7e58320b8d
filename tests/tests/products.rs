//! Products of matrices against three nested loops: awkward sizes, every layout, with what was there and without, with an
//! epilogue and without, every instruction set of the machine, both precisions.

use nanotorch::element::Float;
use nanotorch::extent::{Const, Extent};
use nanotorch::kernel::Accumulate;
use nanotorch::kernel::gemm::{
    Bias, Layout, Matrix, Plain, Then, column_major_workspace, column_sums, columns, gemm, matrix_vector,
    row_major_workspace, rows, workspace,
};
use nanotorch::simd::{Simd, VectorOf, WithSimd, dispatch, for_each_isa};
use proptest::prelude::*;

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
    element: std::marker::PhantomData<T>,
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
        // Exactly as much as it must be, for each layout.
        let mut room = vec![T::NAN; workspace(n, k)];
        let mut row_major_room = vec![T::NAN; row_major_workspace(n, k)];
        let mut column_major_room = vec![T::NAN; column_major_workspace(m, n)];
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
            ($left:expr, $right:expr, $left_at:expr, $right_at:expr, $room:ident) => {
                for mode in [Accumulate::Replace, Accumulate::Add] {
                    let add = mode == Accumulate::Add;
                    let mut c = before.clone();
                    gemm(simd, self.sizes, $left, $right, &mut c, leading, mode, Plain, &mut $room);
                    assert!(c == naive(&$left_at, &$right_at, add, false), "{m} {n} {k} {}", S::NAME);
                    let mut c = before.clone();
                    let finish = Then(Bias(&bias), double);
                    gemm(simd, self.sizes, $left, $right, &mut c, leading, mode, finish, &mut $room);
                    assert!(c == naive(&$left_at, &$right_at, add, true), "{m} {n} {k} {}", S::NAME);
                }
            };
        }
        let a_at = |i: usize, p: usize| a[i * a_leading + p];
        let at_at = |i: usize, p: usize| at[p * at_leading + i];
        let b_at = |p: usize, j: usize| b[p * b_leading + j];
        let bt_at = |p: usize, j: usize| bt[j * bt_leading + p];
        check!(rows(&a, a_leading), rows(&b, b_leading), a_at, b_at, row_major_room);
        check!(rows(&a, a_leading), columns(&bt, bt_leading), a_at, bt_at, row_major_room);
        check!(columns(&at, at_leading), rows(&b, b_leading), at_at, b_at, column_major_room);
        check!(columns(&at, at_leading), columns(&bt, bt_leading), at_at, bt_at, room);

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
    fn vectors<S: Simd, L: Layout>(
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

fn check<M: Extent, N: Extent, K: Extent>(m: M, n: N, k: K, gap: usize) {
    let sizes = (m, n, k);
    for_each_isa(Product::<f32, _, _, _> { sizes, gap, element: std::marker::PhantomData }, |_, ()| ());
    for_each_isa(Product::<f64, _, _, _> { sizes, gap, element: std::marker::PhantomData }, |_, ()| ());
}

/// Sizes around those of tiles, and of those that are long in one direction some that cross the border of a block: 512 rows,
/// 48 columns, a depth of 128 or 512.
fn sizes() -> impl Strategy<Value = (usize, usize, usize)> {
    prop_oneof![
        4 => (0..36_usize, 0..70_usize, 0..40_usize),
        1 => (500..530_usize, 1..12_usize, 1..12_usize),
        1 => (1..12_usize, 90..400_usize, 1..12_usize),
        2 => (1..12_usize, 1..30_usize, 120..1100_usize),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn products_are_those_of_three_nested_loops((m, n, k) in sizes(), gap in 0..4_usize) {
        check(m, n, k, gap);
    }

    #[test]
    fn the_bits_of_a_row_do_not_depend_on_the_other_rows(
        (n, k) in (2..120_usize, 1..1100_usize),
        first in 0..100_usize,
        count in 2..40_usize,
    ) {
        dispatch(Split { sizes: (150, n, k), first, count });
    }
}

#[test]
fn products_of_constant_sizes() {
    for gap in [0, 3] {
        check(Const::<32>, Const::<16>, Const::<4>, gap);
        check(Const::<13>, Const::<37>, Const::<5>, gap);
        check(Const::<3>, Const::<64>, Const::<0>, gap);
        check(Const::<1>, Const::<20>, Const::<19>, gap);
        check(Const::<10>, Const::<50>, Const::<3>, gap);
        check(Const::<2>, Const::<4>, Const::<200>, gap);
        check(21, Const::<2>, Const::<17>, gap);
        check(Const::<1>, Const::<32>, Const::<4>, gap);
        check(Const::<1>, Const::<16>, Const::<16>, gap);
        check(Const::<1>, Const::<21>, Const::<7>, gap);
        check(Const::<1>, Const::<3>, Const::<12>, gap);
    }
}

/// Where rows are so long and many that the left factor is copied.
#[test]
fn the_bits_of_a_row_are_those_of_a_large_product() {
    dispatch(Split { sizes: (520, 390, 1030), first: 510, count: 10 });
}

/// Wherever the matrix begins within a line of the cache, and from whichever end it is read.
#[test]
fn the_bits_of_a_matrix_by_a_vector_do_not_depend_on_where_it_lies() {
    for (n, k) in [(5, 128), (19, 400), (40, 1000), (310, 272)] {
        for_each_isa(Moved { sizes: (n, k) }, |_, ()| ());
    }
}

/// A matrix by a vector, in bits that can't be had exactly, with the matrix at several places.
#[derive(Clone, Copy)]
struct Moved {
    sizes: (usize, usize),
}

impl WithSimd for Moved {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (n, k) = self.sizes;
        let scale = |numbers: Vec<f32>| -> Vec<f32> { numbers.iter().map(|x| x * 0.1 + 0.037).collect() };
        let (w, x) = (scale(numbers(n * k, 1)), scale(numbers(k, 2)));
        let mut expected = Vec::new();
        for offset in (0..17).chain([3]) {
            let mut moved = vec![f32::NAN; offset];
            moved.extend(&w);
            let mut y = vec![0.0; n];
            let matrix = rows(&moved[offset..], k);
            matrix_vector(simd, self.sizes, matrix, &x, &mut y, Accumulate::Replace, Plain);
            if expected.is_empty() {
                for (i, y) in y.iter().enumerate() {
                    let exact: f64 = (0..k).map(|p| f64::from(w[i * k + p]) * f64::from(x[p])).sum();
                    assert!((f64::from(*y) - exact).abs() < 1e-4, "{} {n} {k} {i}: {y} {exact}", S::NAME);
                }
                expected = y;
            } else {
                assert!(y == expected, "{} {n} {k} at {offset}", S::NAME);
            }
        }
    }
}

/// A product of rows in bits that can't be had exactly, and a part of its rows alone.
struct Split {
    sizes: (usize, usize, usize),
    first: usize,
    count: usize,
}

impl WithSimd for Split {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Split { sizes: (m, n, k), first, count } = self;
        let scale = |numbers: Vec<f32>| -> Vec<f32> { numbers.iter().map(|x| x * 0.1 + 0.037).collect() };
        let (a, b) = (scale(numbers(m * k, 1)), scale(numbers(n * k, 2)));
        let mut room = vec![0.0; workspace(n, k)];
        let (mut whole, mut part) = (vec![0.0; m * n], vec![0.0; count * n]);
        let mode = Accumulate::Replace;
        gemm(simd, (m, n, k), rows(&a, k), columns(&b, k), &mut whole, n, mode, Plain, &mut room);
        let a = &a[first * k..];
        gemm(simd, (count, n, k), rows(a, k), columns(&b, k), &mut part, n, mode, Plain, &mut room);
        assert!(part == whole[first * n..][..count * n], "{} {m} {n} {k}: {first} {count}", S::NAME);
    }
}
