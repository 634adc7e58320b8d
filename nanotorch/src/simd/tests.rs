//! Each operation of each instruction set against the same on single numbers.

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::{Isa, Mask, Simd, Tables, Vector, VectorOf, WithSimd, dispatch, dispatch_on, for_each_isa};
use crate::element::Float;

/// Numbers that are hard in some operation, and a few that aren't.
fn numbers<T: Float>() -> Vec<T> {
    let smallest = T::MIN_POSITIVE * T::EPSILON;
    let mut all = vec![T::ZERO, T::ONE, T::EPSILON, T::MIN_POSITIVE, smallest, T::MAX, T::INFINITY, T::NAN];
    all.extend(
        [0.5, 1.5, 2.5, 3.5, 0.49999, 1e-3, 3.75e-30, 12345.678, 8388607.5, 4503599627370497.5]
            .map(T::from_f64),
    );
    all.push(T::MIN_POSITIVE * T::from_f64(0.3));
    let negative: Vec<T> = all.iter().map(|&x| -x).collect();
    all.extend(negative);
    all
}

/// The same number, where NaN is NaN.
fn same<T: Float>(a: T, b: T) -> bool {
    bytemuck::bytes_of(&a) == bytemuck::bytes_of(&b) || (a.is_nan() && b.is_nan())
}

#[derive(Clone, Copy)]
struct Lanewise<T>(core::marker::PhantomData<T>);

impl<T: Float> WithSimd for Lanewise<T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        type V<S, T> = VectorOf<S, T>;
        let numbers = numbers::<T>();
        let lane = |v: V<S, T>| v.to_array()[V::<S, T>::LANES - 1];
        let truth = |mask| {
            lane(V::<S, T>::select(mask, V::<S, T>::splat(simd, T::ONE), V::<S, T>::zero(simd))) == T::ONE
        };
        for &a in &numbers {
            let x = V::<S, T>::splat(simd, a);
            let real = a.to_f64();
            assert!(same(lane(-x), -a), "-{a}");
            assert!(same(lane(x.abs()), a.abs()), "abs {a}");
            assert!(same(lane(x.sqrt()), a.sqrt()), "sqrt {a}");
            assert!(same(lane(x.floor()), T::from_f64(real.floor())), "floor {a}");
            assert!(same(lane(x.round_ties_even()), T::from_f64(real.round_ties_even())), "round {a}");
            assert_eq!(truth(x.is_nan()), a.is_nan(), "is_nan {a}");
            assert_eq!(x.is_nan().any(), a.is_nan());
            assert_eq!(x.eq(x).all(), !a.is_nan());
            if a > T::ZERO && a.is_finite() {
                let (mantissa, exponent) = x.split_exponent();
                let (mantissa, exponent) = (lane(mantissa), lane(exponent).to_f64());
                assert!(mantissa >= T::ONE && mantissa < T::from_f64(2.0), "mantissa {mantissa} of {a}");
                // In two factors: 2^e alone may be subnormal.
                let half = (exponent / 2.0).floor();
                let back = mantissa.to_f64() * half.exp2() * (exponent - half).exp2();
                assert_eq!(back, real, "{mantissa} * 2^{exponent}");
            }
            for &b in &numbers {
                let y = V::<S, T>::splat(simd, b);
                assert!(same(lane(x + y), a + b), "{a} + {b}");
                assert!(same(lane(x - y), a - b), "{a} - {b}");
                assert!(same(lane(x * y), a * b), "{a} * {b}");
                assert!(same(lane(x / y), a / b), "{a} / {b}");
                assert!(same(lane(x.max(y)), a.max(b)), "max {a} {b}");
                assert!(same(lane(x.min(y)), a.min(b)), "min {a} {b}");
                assert!(
                    same(lane(x.copysign(y)), T::from_f64(real.copysign(b.to_f64()))),
                    "copysign {a} {b}"
                );
                assert_eq!(truth(x.lt(y)), a < b, "{a} < {b}");
                assert_eq!(truth(x.le(y)), a <= b, "{a} <= {b}");
                assert_eq!(truth(x.gt(y)), a > b, "{a} > {b}");
                assert_eq!(truth(x.ge(y)), a >= b, "{a} >= {b}");
                assert_eq!(truth(x.eq(y)), a == b, "{a} == {b}");
                assert_eq!(truth(x.lt(y) | x.eq(y)), a <= b);
                assert_eq!(truth(!x.lt(y) & x.eq(x)), !a.is_nan() && (b.is_nan() || a >= b));
                for &c in &numbers[..12] {
                    let z = V::<S, T>::splat(simd, c);
                    let fused = S::NAME != "scalar";
                    let expected = if fused { a.mul_add(b, c) } else { a * b + c };
                    assert!(same(lane(x.mul_add(y, z)), expected), "{a} * {b} + {c}");
                    let expected = if fused { (-a).mul_add(b, c) } else { c - a * b };
                    assert!(same(lane(x.neg_mul_add(y, z)), expected), "{c} - {a} * {b}");
                }
            }
        }
    }
}

#[test]
fn lanewise_operations_are_those_of_numbers() {
    for_each_isa(Lanewise::<f32>(core::marker::PhantomData), |_, ()| ());
    for_each_isa(Lanewise::<f64>(core::marker::PhantomData), |_, ()| ());
}

#[derive(Clone, Copy)]
struct Scale<T>(core::marker::PhantomData<T>);

impl<T: Float> WithSimd for Scale<T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let widest = if T::FRACTION_BITS == 23 { 300 } else { 2100 };
        for x in
            [1.0, -1.0, 1.999, 1.234567, 0.7, 3.0e-18, 4.0e18, 0.0, f64::INFINITY, f64::NAN].map(T::from_f64)
        {
            for n in -widest..=widest {
                let vector = VectorOf::<S, T>::splat(simd, x);
                let scaled =
                    vector.scale_by_power_of_two(VectorOf::<S, T>::splat(simd, T::from_f64(f64::from(n))));
                // In f64 the product is exact for f32 (but for what f32 rounds off), libm's is right for f64.
                let expected = T::from_f64(libm::scalbn(x.to_f64(), n));
                for lane in scaled.to_array() {
                    assert!(same(lane, expected), "{}: {x} * 2^{n} = {lane}, not {expected}", S::NAME);
                }
            }
        }
    }
}

#[test]
fn scaling_by_a_power_of_two_rounds_once() {
    for_each_isa(Scale::<f32>(core::marker::PhantomData), |_, ()| ());
    for_each_isa(Scale::<f64>(core::marker::PhantomData), |_, ()| ());
}

#[derive(Clone, Copy)]
struct Representation<T>(core::marker::PhantomData<T>);

impl<T: Float> WithSimd for Representation<T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let splat = |number: f64| VectorOf::<S, T>::splat(simd, T::from_f64(number));
        let shift = splat(1.5) * (splat(1.0) / VectorOf::<S, T>::splat(simd, T::EPSILON));
        let (bias, least) = if T::FRACTION_BITS == 23 { (127, -170) } else { (1023, -1120) };
        for x in [1.0, -1.0, 1.999, 0.707, 0.0, f64::NAN, 110.7] {
            let x = T::from_f64(x);
            for n in least..=bias - 7 {
                let shifted = splat(f64::from(n)) + shift;
                let expected = T::from_f64(libm::scalbn(x.to_f64(), n));
                let vector = VectorOf::<S, T>::splat(simd, x);
                if n > -bias {
                    assert!(
                        same(vector.scale_by_shifted(shifted).to_array()[0], expected),
                        "{} {x} {n}",
                        S::NAME
                    );
                }
                if n <= 0 {
                    let scaled = vector.scale_down_by_shifted(shifted).to_array()[0];
                    assert!(same(scaled, expected), "{}: {x} * 2^{n} = {scaled}, not {expected}", S::NAME);
                }
            }
        }
        let table = core::array::from_fn(|i| T::from_usize(10 + i));
        for number in numbers::<T>() {
            let vector = VectorOf::<S, T>::splat(simd, number);
            for shift in [0, 1, T::FRACTION_BITS - 1, T::FRACTION_BITS] {
                let expected = table[(number.to_bits() >> shift & 7) as usize];
                assert!(
                    vector.pick(shift, &table).to_array().iter().all(|&lane| lane == expected),
                    "{number}"
                );
            }
            if number >= T::MIN_POSITIVE && number.is_finite() {
                let (mantissa, exponent) = vector.split_near_one();
                let mantissa = mantissa.to_array()[0].to_f64();
                let exponent = exponent.to_array()[0].to_f64() * T::EPSILON.to_f64();
                assert!((0.75..1.5).contains(&mantissa), "mantissa {mantissa} of {number}");
                assert_eq!(
                    libm::scalbn(mantissa, exponent as i32),
                    number.to_f64(),
                    "{mantissa} * 2^{exponent}"
                );
            }
        }
    }
}

#[test]
fn operations_on_representations() {
    for_each_isa(Representation::<f32>(core::marker::PhantomData), |_, ()| ());
    for_each_isa(Representation::<f64>(core::marker::PhantomData), |_, ()| ());
}

#[derive(Clone, Copy)]
struct Horizontal<T>(core::marker::PhantomData<T>);

impl<T: Float> WithSimd for Horizontal<T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = VectorOf::<S, T>::LANES;
        let source: Vec<T> =
            (0..lanes).map(|i| T::from_f64(((i * 7 + 3) % 11) as f64 * 0.37 - 1.3)).collect();
        let vector = VectorOf::<S, T>::load(simd, &source);
        let mut halves = source.clone();
        let mut width = lanes / 2;
        while width > 0 {
            for i in 0..width {
                halves[i] = halves[i] + halves[i + width];
            }
            width /= 2;
        }
        assert!(same(vector.sum(), halves[0]), "{}: {} {}", S::NAME, vector.sum(), halves[0]);
        assert_eq!(vector.maximum(), source.iter().copied().fold(T::NEG_INFINITY, Float::max));
        assert_eq!(vector.minimum(), source.iter().copied().fold(T::INFINITY, Float::min));

        // Partial loads and stores leave the rest alone.
        for count in 0..=lanes + 1 {
            let given: Vec<T> = (0..count).map(|i| T::from_usize(i + 1)).collect();
            let loaded = VectorOf::<S, T>::load_partial(simd, &given, T::from_f64(-5.0)).to_array();
            for (i, &lane) in loaded.iter().enumerate() {
                assert_eq!(lane, if i < count { T::from_usize(i + 1) } else { T::from_f64(-5.0) });
            }
            let mut target = vec![T::from_f64(9.0); lanes + 3];
            vector.store_partial(&mut target[..count]);
            for (i, &number) in target.iter().enumerate() {
                assert_eq!(number, if i < count.min(lanes) { source[i] } else { T::from_f64(9.0) });
            }
        }
        let number = |i: usize, j: usize| T::from_usize((i * 37 + j * 5) % 64);
        let row =
            |i: usize| VectorOf::<S, T>::load(simd, &(0..lanes).map(|j| number(i, j)).collect::<Vec<T>>());
        let rows = GenericArray::generate(row);
        for (i, column) in VectorOf::<S, T>::transpose(rows).into_iter().enumerate() {
            for (j, lane) in column.to_array().into_iter().enumerate() {
                assert_eq!(lane, number(j, i), "{} {i} {j}", S::NAME);
            }
        }
        for (i, sum) in
            VectorOf::<S, T>::sum_rows(GenericArray::generate(row)).to_array().into_iter().enumerate()
        {
            let expected: f64 = (0..lanes).map(|j| number(i, j).to_f64()).sum();
            assert_eq!(sum.to_f64(), expected);
        }
        let array = vector.to_array();
        assert_eq!(VectorOf::<S, T>::from_array(simd, &array).to_array(), array);

        let (low, high) = row(0).zip(row(1));
        for (i, lane) in low.to_array().into_iter().chain(high.to_array()).enumerate() {
            assert_eq!(lane, number(i % 2, i / 2), "{} {i}", S::NAME);
        }
        let (even, odd) = low.unzip(high);
        assert_eq!((even.to_array(), odd.to_array()), (row(0).to_array(), row(1).to_array()));

        // In blocks of four, or of all lanes where there are fewer.
        let four = lanes.min(4);
        for place in 0..four {
            for (lane, spread) in vector.spread_in_fours(place).to_array().into_iter().enumerate() {
                assert_eq!(spread, source[lane - lane % four + place], "{} {place} {lane}", S::NAME);
            }
        }
        let dealt = vector.deal_fours().to_array();
        let expected = (0..four).flat_map(|place| source.iter().copied().skip(place).step_by(four));
        assert!(dealt.iter().copied().eq(expected), "{} {dealt:?}", S::NAME);
        if four == 4 {
            let sums = VectorOf::<S, T>::sum_fours([0, 1, 2, 3].map(row)).to_array();
            let turned = VectorOf::<S, T>::transpose_fours([0, 1, 2, 3].map(row));
            for lane in 0..lanes {
                let (block, i) = (lane - lane % 4, lane % 4);
                let expected: f64 = (0..4).map(|j| number(i, block + j).to_f64()).sum();
                assert_eq!(sums[lane].to_f64(), expected, "{} {lane}", S::NAME);
                for (j, row) in turned.iter().enumerate() {
                    assert_eq!(row.to_array()[lane], number(i, block + j), "{} {lane} {j}", S::NAME);
                }
            }
        }
        for start in 0..=lanes {
            let next = vector + vector;
            let both: Vec<T> = source.iter().copied().chain(source.iter().map(|&x| x + x)).collect();
            assert_eq!(
                vector.join(next, start).to_array().as_slice(),
                &both[start..][..lanes],
                "{} {start}",
                S::NAME
            );
        }
        let mut tables = Tables([[0.0; 32], core::array::from_fn(|entry| entry as f32)]);
        tables.0[0][12] = 3.0;
        for number in [0.0, 0.0624, 0.0625, 0.078, 0.079, 1.0, 1.3, 1.5, 1.99, 13.9, 14.0, 3e38, f32::NAN] {
            let vector = VectorOf::<S, T>::splat(simd, T::from_f64(f64::from(number)));
            let Some([three, found]) = vector.look_up(&tables) else { break };
            // The last bits of the exponent, and the first of the fraction.
            let bounded = if number < 14.0 { number.max(0.0625) } else { 14.0 };
            let entry = (bounded.to_bits() >> 21) % 32;
            assert!(found.to_array().iter().all(|x| x.to_f64() == f64::from(entry)), "{number}: {found:?}");
            assert_eq!(three.to_array()[lanes - 1].to_f64(), if entry == 12 { 3.0 } else { 0.0 });
        }
    }
}

#[test]
fn horizontal_operations_and_partial_memory() {
    for_each_isa(Horizontal::<f32>(core::marker::PhantomData), |_, ()| ());
    for_each_isa(Horizontal::<f64>(core::marker::PhantomData), |_, ()| ());
}

#[derive(Clone, Copy)]
struct Name;

impl WithSimd for Name {
    type Output = &'static str;
    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> &'static str {
        S::NAME
    }
}

#[test]
fn dispatch_uses_the_best_set() {
    let best = Isa::ALL.into_iter().find(|isa| isa.is_available()).unwrap();
    assert_eq!(dispatch(Name), best.name());
    for isa in Isa::ALL {
        assert_eq!(Isa::from_name(isa.name()), Some(isa));
        assert_eq!(dispatch_on(isa, Name), isa.is_available().then_some(isa.name()));
    }
    assert_eq!(Isa::from_name("mmx"), None);
}
