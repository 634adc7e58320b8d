//! The transforms of F(4 x 4, 3 x 3), for the points 0, 1, -1, 2, -2 and infinity: along the rows, then along the columns.

use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf};

#[inline(always)]
fn number<V: Vector>(simd: V::Isa, number: f64) -> V {
    V::splat(simd, V::Scalar::from_f64(number))
}

/// `Bᵀ x`.
#[inline(always)]
fn input<V: Vector>(simd: V::Isa, x: [V; 6]) -> [V; 6] {
    let [a, b, c, d, e, f] = x;
    let (two, four, five) = (number::<V>(simd, 2.0), number::<V>(simd, 4.0), number::<V>(simd, 5.0));
    let (even, odd) = (c.neg_mul_add(four, e), b.neg_mul_add(four, d));
    let (near, far) = (e - c, (d - b) * two);
    let first = a.mul_add(four, c.neg_mul_add(five, e));
    let last = b.mul_add(four, d.neg_mul_add(five, f));
    [first, even + odd, even - odd, near + far, near - far, last]
}

/// `G w`.
#[inline(always)]
fn weights<V: Vector>(simd: V::Isa, w: [V; 3]) -> [V; 6] {
    let [a, b, c] = w;
    let sixth = number::<V>(simd, 1.0 / 6.0);
    let (outer, inner) = ((a + c) * sixth, b * sixth);
    let (far, half) = (a.mul_add(number(simd, 1.0 / 24.0), c * sixth), b * number(simd, 1.0 / 12.0));
    [a * number(simd, 0.25), -(outer + inner), inner - outer, far + half, far - half, c]
}

/// `Aᵀ m`.
#[inline(always)]
fn output<V: Vector>(simd: V::Isa, m: [V; 6]) -> [V; 4] {
    let [a, b, c, d, e, f] = m;
    let (near, near_odd, far, far_odd) = (b + c, b - c, d + e, d - e);
    let [two, four, eight] = [number::<V>(simd, 2.0), number::<V>(simd, 4.0), number::<V>(simd, 8.0)];
    [
        a + near + far,
        far_odd.mul_add(two, near_odd),
        far.mul_add(four, near),
        far_odd.mul_add(eight, near_odd) + f,
    ]
}

/// `A y`, the other way round.
#[inline(always)]
fn output_gradient<V: Vector>(simd: V::Isa, y: [V; 4]) -> [V; 6] {
    let [a, b, c, d] = y;
    let [two, four] = [number::<V>(simd, 2.0), number::<V>(simd, 4.0)];
    let (even, odd) = (a + c, b + d);
    let (far, far_odd) = (c.mul_add(four, a), d.mul_add(four, b) * two);
    [a, even + odd, even - odd, far + far_odd, far - far_odd, d]
}

/// `Gᵀ u`, likewise.
#[inline(always)]
fn weights_gradient<V: Vector>(simd: V::Isa, u: [V; 6]) -> [V; 3] {
    let [a, b, c, d, e, f] = u;
    let sixth = number::<V>(simd, 1.0 / 6.0);
    let (near, far) = (b + c, d + e);
    let first = a.mul_add(number(simd, 0.25), far * number(simd, 1.0 / 24.0));
    let middle = (d - e) * number(simd, 1.0 / 12.0);
    [near.neg_mul_add(sixth, first), (c - b).mul_add(sixth, middle), (far - near).mul_add(sixth, f)]
}

/// `Bᵀ x B` of the square whose numbers `load` gives by row and column; `store` is given the number of each of 36.
#[inline(always)]
pub(super) fn of_input<S: Simd, T: Float>(
    simd: S,
    load: impl Fn(usize, usize) -> VectorOf<S, T>,
    mut store: impl FnMut(usize, VectorOf<S, T>),
) {
    let mut columns = [[VectorOf::<S, T>::zero(simd); 6]; 6];
    for (column, turned) in columns.iter_mut().enumerate() {
        let x = [
            load(0, column),
            load(1, column),
            load(2, column),
            load(3, column),
            load(4, column),
            load(5, column),
        ];
        *turned = input(simd, x);
    }
    let [a, b, c, d, e, f] = columns;
    for row in 0..6 {
        let x = [a[row], b[row], c[row], d[row], e[row], f[row]];
        for (column, number) in input(simd, x).into_iter().enumerate() {
            store(6 * row + column, number);
        }
    }
}

/// `G w Gᵀ`; `store` is given the number of each of 36.
#[inline(always)]
pub(super) fn of_weights<S: Simd, V: Vector<Isa = S>>(
    simd: S,
    w: &[[V; 3]; 3],
    mut store: impl FnMut(usize, V),
) {
    let mut rows = [[V::zero(simd); 3]; 6];
    for column in 0..3 {
        let turned = weights(simd, [w[0][column], w[1][column], w[2][column]]);
        for (row, number) in turned.into_iter().enumerate() {
            rows[row][column] = number;
        }
    }
    for (row, w) in rows.into_iter().enumerate() {
        for (column, number) in weights(simd, w).into_iter().enumerate() {
            store(6 * row + column, number);
        }
    }
}

/// `A y Aᵀ` of the square whose numbers `load` gives by row and column; `store` is given the number of each of 36.
#[inline(always)]
pub(super) fn of_output_gradient<S: Simd, T: Float>(
    simd: S,
    load: impl Fn(usize, usize) -> VectorOf<S, T>,
    mut store: impl FnMut(usize, VectorOf<S, T>),
) {
    let mut columns = [[VectorOf::<S, T>::zero(simd); 6]; 4];
    for (column, turned) in columns.iter_mut().enumerate() {
        *turned = output_gradient(simd, [load(0, column), load(1, column), load(2, column), load(3, column)]);
    }
    let [a, b, c, d] = columns;
    for row in 0..6 {
        let y = [a[row], b[row], c[row], d[row]];
        for (column, number) in output_gradient(simd, y).into_iter().enumerate() {
            store(6 * row + column, number);
        }
    }
}

/// `Gᵀ u G` of the sums that `load` gives by their number; `store` is given the number of each of 9 taps.
#[inline(always)]
pub(super) fn of_weights_gradient<S: Simd, T: Float>(
    simd: S,
    load: impl Fn(usize) -> VectorOf<S, T>,
    mut store: impl FnMut(usize, VectorOf<S, T>),
) {
    let mut columns = [[VectorOf::<S, T>::zero(simd); 3]; 6];
    for (column, turned) in columns.iter_mut().enumerate() {
        let u = [
            load(column),
            load(6 + column),
            load(12 + column),
            load(18 + column),
            load(24 + column),
            load(30 + column),
        ];
        *turned = weights_gradient(simd, u);
    }
    let [a, b, c, d, e, f] = columns;
    for row in 0..3 {
        let u = [a[row], b[row], c[row], d[row], e[row], f[row]];
        for (column, number) in weights_gradient(simd, u).into_iter().enumerate() {
            store(3 * row + column, number);
        }
    }
}

/// `Aᵀ m A` of the sums that `load` gives by their number; `store` is given the row and column of each of 16 places.
#[inline(always)]
pub(super) fn of_output<S: Simd, T: Float>(
    simd: S,
    load: impl Fn(usize) -> VectorOf<S, T>,
    mut store: impl FnMut(usize, usize, VectorOf<S, T>),
) {
    let mut columns = [[VectorOf::<S, T>::zero(simd); 4]; 6];
    for (column, turned) in columns.iter_mut().enumerate() {
        let m = [
            load(column),
            load(6 + column),
            load(12 + column),
            load(18 + column),
            load(24 + column),
            load(30 + column),
        ];
        *turned = output(simd, m);
    }
    let [a, b, c, d, e, f] = columns;
    for row in 0..4 {
        let m = [a[row], b[row], c[row], d[row], e[row], f[row]];
        for (column, number) in output(simd, m).into_iter().enumerate() {
            store(row, column, number);
        }
    }
}
