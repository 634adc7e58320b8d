//! `pow` against exact values.

use super::super::pow;
use super::{Worst, sets, twin::Double, ulps};
use crate::element::Float;
use crate::kernel::map::{BinaryMap, zip};
use crate::random::Random;
use crate::simd::{Isa, Simd, Vector, WithSimd, dispatch_on};

#[derive(Clone, Copy)]
struct Pow;
impl<T: Float> BinaryMap<T> for Pow {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V, y: V) -> V {
        pow(x, y)
    }
}

#[derive(Clone, Copy)]
struct Zipped<'a, T>(&'a [T], &'a [T]);
impl<T: Float> WithSimd for Zipped<'_, T> {
    type Output = Vec<T>;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<T> {
        let mut powers = vec![T::ZERO; self.0.len()];
        simd.vectorize(
            #[inline(always)]
            || zip(simd, Pow, self.0, self.1, &mut powers),
        );
        powers
    }
}

/// Bases and exponents: of all sizes, near 1, and with whole exponents; the results are all that a number can be, with exponents
/// up to `most`.
fn pairs(count: usize, most: f64, seed: u64) -> Vec<(f64, f64)> {
    let mut random = Random::new(seed);
    let mut unit = move || 2.0 * random.uniform_f64() - 1.0;
    let mut pairs = Vec::with_capacity(count);
    while pairs.len() < count {
        let power = 1.02 * most * unit();
        let (x, y) = match pairs.len() % 4 {
            0 => {
                let x = (most * unit()).exp2();
                (x, power / x.log2())
            }
            1 => {
                let x = 1.0 + 0.4 * unit();
                (x, power / x.log2())
            }
            2 => {
                let x = 1.0 + 1e-3 * unit() * unit() * unit();
                (x, power / x.log2())
            }
            _ => {
                let y = (300.0 * unit()).round();
                (if y == 0.0 { 2.0 } else { (power / y).exp2() }, y)
            }
        };
        pairs.push((x, y));
    }
    pairs
}

/// The largest errors in single precision, fused and not.
fn single(count: usize, seed: u64) -> [Worst; 2] {
    let pairs = pairs(count, 150.0, seed);
    let (x, y): (Vec<f32>, Vec<f32>) = pairs.iter().map(|&(x, y)| (x as f32, y as f32)).unzip();
    let worst_of = |isa: Isa| {
        let powers = dispatch_on(isa, Zipped(&x, &y)).unwrap();
        let mut worst = Worst::default();
        for ((&x, &y), power) in x.iter().zip(&y).zip(powers) {
            worst.see(x, power, f64::from(x).powf(f64::from(y)));
        }
        worst
    };
    worst_of_sets(worst_of)
}

fn worst_of_sets(worst_of: impl Fn(Isa) -> Worst) -> [Worst; 2] {
    let (fused, scalar) = sets();
    let most = |a: Worst, b: Worst| if b.ulps > a.ulps { b } else { a };
    [fused.into_iter().map(&worst_of).fold(Worst::default(), most), worst_of(scalar)]
}

/// The same in double precision, of results that are normal numbers.
fn double(count: usize, seed: u64) -> [Worst; 2] {
    let pairs = pairs(count, 1000.0, seed);
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let exact: Vec<Double> = x.iter().zip(&y).map(|(&x, &y)| super::twin::power(x, y)).collect();
    let worst_of = |isa: Isa| {
        let powers = dispatch_on(isa, Zipped(&x, &y)).unwrap();
        let mut worst = Worst::default();
        for ((&x, &power), exact) in x.iter().zip(&powers).zip(&exact) {
            let normal = exact.high.is_finite() && exact.high > 1e-300;
            let error = ulps((power - exact.high) - exact.low, exact.high, 52, -1022);
            if normal && error > worst.ulps {
                worst = Worst { ulps: error, x: x as f32 };
            }
        }
        worst
    };
    worst_of_sets(worst_of)
}

/// The numbers of the documentation: for each precision the largest errors, fused and not.
fn documented() -> [[f64; 2]; 2] {
    ["f32", "f64"].map(|name| {
        let start = format!("/// | `{name}` |");
        let lines = include_str!("../power.rs").lines();
        let line = lines.filter_map(|line| line.strip_prefix(start.as_str())).next().unwrap_or_default();
        let mut cells = line.split('|').map(|cell| cell.trim().parse::<f64>().unwrap_or(0.0));
        [0, 1].map(|_| cells.next().unwrap_or(0.0))
    })
}

#[test]
fn powers_are_as_exact_as_documented() {
    let errors = [single(100_000, 1), double(4_000, 1)];
    println!("{errors:?}");
    for (errors, known) in errors.into_iter().zip(documented()) {
        for (worst, known) in errors.into_iter().zip(known) {
            assert!(worst.ulps <= known + 0.005, "{worst:?}, documented as {known}");
            assert!(known <= 2.0, "{known}, and promised are 2");
        }
    }
}

/// Prints the lines for the documentation: `cargo test --release -p nanotorch --lib many_powers -- --ignored --nocapture`.
#[test]
#[ignore = "millions of values"]
fn many_powers() {
    // The documented test's numbers are among them.
    for (name, of, count) in
        [("f32", single as fn(usize, u64) -> [Worst; 2], 100_000), ("f64", double, 4_000)]
    {
        let mut most = [Worst::default(); 2];
        for seed in 1..=(4_000_000 / count as u64) {
            for (most, worst) in most.iter_mut().zip(of(count, seed)) {
                if worst.ulps > most.ulps {
                    *most = worst;
                }
            }
        }
        println!("/// | `{name}` | {:.2} | {:.2} |", most[0].ulps, most[1].ulps);
    }
}

#[test]
fn special_numbers_have_the_powers_that_c_gives_them() {
    let numbers = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        1e-40,
        -1e-40,
        f32::MIN_POSITIVE,
        0.5,
        -0.5,
        2.0,
        -2.0,
        3.0,
        -3.0,
        1.5,
        -2.5,
        0.99999994,
        1.0000001,
        1e9,
        -1e9,
        16_777_217.0,
        8_388_607.0,
        -8_388_607.0,
        f32::MAX,
        f32::MIN,
        1e-45,
    ];
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for a in numbers {
        for b in numbers {
            x.push(a);
            y.push(b);
        }
    }
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        // In a register with others, and alone.
        let powers = dispatch_on(isa, Zipped(&x, &y)).unwrap();
        for (((&x, &y), power), place) in x.iter().zip(&y).zip(&powers).zip(0..) {
            let exact = f64::from(x).powf(f64::from(y));
            let mut worst = Worst::default();
            worst.see(x, *power, exact);
            assert!(worst.ulps <= 2.0, "{isa}: {x:?}^{y:?} is {power:?}, not {exact:?} ({place})");
            assert!(
                exact != 0.0 || power.is_sign_negative() == exact.is_sign_negative(),
                "{x:?}^{y:?}: {power:?}"
            );
            let alone = dispatch_on(isa, Zipped(&[x], &[y])).unwrap()[0];
            assert!(
                alone.to_bits() == power.to_bits() || alone.is_nan() && power.is_nan(),
                "{x:?}^{y:?}: {alone:?}"
            );
        }
    }
}
