//! Elementary functions at the edges of their domains, and of numbers in a register: each lane is computed as if it were alone.

use nanotorch::element::Float;
use nanotorch::kernel::map::{UnaryMap, map};
use nanotorch::kernel::math;
use nanotorch::simd::{Isa, Simd, Vector, WithSimd, for_each_isa};
use proptest::prelude::*;

macro_rules! functions {
    ($($name:ident $function:ident),*) => {
        $(
            #[derive(Clone, Copy)]
            struct $name;
            impl<T: Float> UnaryMap<T> for $name {
                #[inline(always)]
                fn apply<V: Vector<Scalar = T>>(self, x: V) -> V {
                    math::$function(x)
                }
            }
        )*
        /// Calls `check` with each function, by name.
        fn for_each_function<T: Float>(check: &impl Check<T>) {
            $(check.check(stringify!($function), $name);)*
        }
    };
}
functions!(
    Exp exp, Exp2 exp2, Expm1 expm1, Log log, Log2 log2, Log1p log1p, Tanh tanh, Sigmoid sigmoid, Silu silu, Softplus softplus,
    Erf erf, Gelu gelu, GeluTanh gelu_tanh
);

#[derive(Clone, Copy)]
struct Mapped<'a, F, T>(F, &'a [T]);
impl<F: UnaryMap<T>, T: Float> WithSimd for Mapped<'_, F, T> {
    type Output = Vec<T>;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<T> {
        let mut y = vec![T::ZERO; self.1.len()];
        map(simd, self.0, self.1, &mut y);
        y
    }
}

/// The values of a function with every instruction set.
fn each<T: Float, F: UnaryMap<T>>(function: F, x: &[T], mut check: impl FnMut(Isa, &[T])) {
    for_each_isa(Mapped(function, x), |isa, y| check(isa, &y));
}

fn same<T: Float>(a: T, b: T) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// What is to hold for a function.
trait Check<T: Float> {
    fn check<F: UnaryMap<T>>(&self, name: &str, function: F);
}

/// What a function yields for 0, minus 0, infinity, minus infinity.
fn limits(name: &str) -> [f64; 4] {
    let (infinity, nan, log_2) = (f64::INFINITY, f64::NAN, core::f64::consts::LN_2);
    match name {
        "exp" | "exp2" => [1.0, 1.0, infinity, 0.0],
        "expm1" => [0.0, -0.0, infinity, -1.0],
        "log" | "log2" => [-infinity, -infinity, infinity, nan],
        "log1p" => [0.0, -0.0, infinity, nan],
        "tanh" | "erf" => [0.0, -0.0, 1.0, -1.0],
        "sigmoid" => [0.5, 0.5, 1.0, 0.0],
        "silu" | "gelu" | "gelu_tanh" => [0.0, -0.0, infinity, 0.0],
        "softplus" => [log_2, log_2, infinity, 0.0],
        _ => unreachable!("{name} has no limits"),
    }
}

struct Limits;
impl<T: Float> Check<T> for Limits {
    fn check<F: UnaryMap<T>>(&self, name: &str, function: F) {
        let x = [T::ZERO, -T::ZERO, T::INFINITY, T::NEG_INFINITY];
        each(function, &x, |isa, y| {
            for ((x, &y), limit) in x.iter().zip(y).zip(limits(name)) {
                assert!(same(y, T::from_f64(limit)), "{isa} {name}({x}) = {y}, not {limit}");
            }
        });
        // Not a number stays so, whatever its sign and its payload.
        each(function, &[T::NAN, -T::NAN, T::NAN * T::ONE], |isa, y| {
            assert!(y.iter().all(|y| y.is_nan()), "{isa} {name} of NaN: {y:?}");
        });
    }
}

/// Where a function is about `slope * x` near 0 it is so for subnormal numbers, to the last digit or the next; elsewhere it has
/// its value at 0.
struct Subnormal;
impl<T: Float> Check<T> for Subnormal {
    fn check<F: UnaryMap<T>>(&self, name: &str, function: F) {
        let smallest = T::MIN_POSITIVE * T::EPSILON;
        let x: Vec<T> = [1, 2, 3, 5, 1000, 123_457]
            .into_iter()
            .flat_map(|n| [smallest * T::from_usize(n), -(smallest * T::from_usize(n))])
            .collect();
        let slope = match name {
            "expm1" | "log1p" | "tanh" => 1.0,
            "erf" => core::f64::consts::FRAC_2_SQRT_PI,
            "silu" | "gelu" | "gelu_tanh" => 0.5,
            _ => 0.0,
        };
        each(function, &x, |isa, y| {
            for (&x, &y) in x.iter().zip(y) {
                if name.starts_with("log") && name != "log1p" {
                    assert_eq!(y.is_nan(), x < T::ZERO, "{isa} {name}({x:?}) = {y}");
                    continue;
                }
                let expected =
                    if slope == 0.0 { T::from_f64(limits(name)[0]) } else { T::from_f64(slope) * x };
                assert!((y - expected).abs() <= smallest, "{isa} {name}({x:?}) = {y:?}, not {expected:?}");
            }
        });
    }
}

/// Each number's value is the same bits beside other numbers as alone.
struct Alone<'a, T>(&'a [T]);
impl<T: Float> Check<T> for Alone<'_, T> {
    fn check<F: UnaryMap<T>>(&self, name: &str, function: F) {
        let x = self.0;
        let mut alone: Vec<(Isa, Vec<T>)> = Vec::new();
        for (i, &number) in x.iter().enumerate() {
            each(function, &[number], |isa, y| match alone.iter_mut().find(|(of, _)| *of == isa) {
                Some((_, values)) => values.push(y[0]),
                None => alone.push((isa, vec![y[0]])),
            });
            debug_assert_eq!(alone[0].1.len(), i + 1);
        }
        each(function, x, |isa, y| {
            let (_, alone) = alone.iter().find(|(of, _)| *of == isa).unwrap();
            for ((x, &y), &alone) in x.iter().zip(y).zip(alone) {
                assert!(same(y, alone), "{isa} {name}({x:?}) is {y:?}, and {alone:?} alone");
            }
        });
    }
}

#[test]
fn limits_are_exact() {
    for_each_function::<f32>(&Limits);
    for_each_function::<f64>(&Limits);
}

#[test]
fn subnormal_numbers_count() {
    for_each_function::<f32>(&Subnormal);
    for_each_function::<f64>(&Subnormal);
}

#[test]
fn powers_of_two_have_whole_logarithms() {
    let x: Vec<f64> = (-1022..=1023).map(f64::from).map(f64::exp2).collect();
    each(Log2, &x, |isa, y| {
        for (n, &y) in (-1022..=1023).zip(y) {
            assert_eq!(y, f64::from(n), "{isa}");
        }
    });
    let x: Vec<f32> = (-149..=127).map(|n| f64::from(n).exp2() as f32).collect();
    each(Log2, &x, |isa, y| {
        for (n, &y) in (-149..=127_i16).zip(y) {
            assert_eq!(y, f32::from(n), "{isa}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_lane_does_not_see_the_others(bits in proptest::collection::vec(any::<u32>(), 1..40)) {
        let x: Vec<f32> = bits.iter().copied().map(f32::from_bits).collect();
        for_each_function(&Alone(&x));
    }

    #[test]
    fn a_lane_of_double_precision_does_not_see_the_others(bits in proptest::collection::vec(any::<u64>(), 1..20)) {
        let x: Vec<f64> = bits.iter().copied().map(f64::from_bits).collect();
        for_each_function(&Alone(&x));
    }

    /// Numbers of the sizes that networks have, a few far ones among them.
    #[test]
    fn a_near_lane_does_not_see_the_far_ones(near in proptest::collection::vec(-6.0..6.0_f32, 1..40), far in -200.0..200.0_f32) {
        let mut x = near;
        let middle = x.len() / 2;
        x[middle] = far;
        for_each_function(&Alone(&x));
    }
}
