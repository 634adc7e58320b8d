//! Every function against exact values. Single precision: all bit patterns by hand, a sample of them always. Double precision:
//! dense samples against arithmetic of twice the precision. The table in the module's documentation is held to both.

mod digits;
mod exact;
mod power;
mod twin;

use std::collections::BTreeMap;

use crate::element::Float;
use crate::kernel::map::{UnaryMap, map};
use crate::simd::{Isa, Simd, Vector, WithSimd, dispatch_on, for_each_isa};

/// The types that stand for the functions.
mod stand_in {
    use super::{Float, UnaryMap, Vector};
    macro_rules! functions {
        ($($name:ident $function:ident),*) => {
            $(
                #[derive(Clone, Copy)]
                pub(super) struct $name;
                impl<T: Float> UnaryMap<T> for $name {
                    #[inline(always)]
                    fn apply<V: Vector<Scalar = T>>(self, x: V) -> V {
                        super::super::$function(x)
                    }
                }
            )*
        };
    }
    functions!(
        Exp exp, Exp2 exp2, Expm1 expm1, Log log, Log2 log2, Log1p log1p, Softplus softplus, Tanh tanh, Sigmoid sigmoid,
        Silu silu, GeluTanh gelu_tanh, GeluTanhDerivative gelu_tanh_derivative, Gelu gelu, GeluDerivative gelu_derivative,
        Erf erf
    );
}
use stand_in::*;

/// A function over slices, with each instruction set.
trait Everywhere {
    fn single(&self, isa: Isa, x: &[f32]) -> Vec<f32>;
    fn double(&self, isa: Isa, x: &[f64]) -> Vec<f64>;
}
impl<F: UnaryMap<f32> + UnaryMap<f64>> Everywhere for F {
    fn single(&self, isa: Isa, x: &[f32]) -> Vec<f32> {
        dispatch_on(isa, Mapped(*self, x)).unwrap()
    }
    fn double(&self, isa: Isa, x: &[f64]) -> Vec<f64> {
        dispatch_on(isa, Mapped(*self, x)).unwrap()
    }
}

#[derive(Clone, Copy)]
struct Mapped<'a, F, T>(F, &'a [T]);
impl<F: UnaryMap<T>, T: Float> WithSimd for Mapped<'_, F, T> {
    type Output = Vec<T>;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<T> {
        let mut y = vec![T::ZERO; self.1.len()];
        simd.vectorize(
            #[inline(always)]
            || map(simd, self.0, self.1, &mut y),
        );
        y
    }
}

/// A function with its twins: the exact value for a single-precision number, and that for a double-precision one to twice its
/// digits; and the numbers, as `(middle, spread)`, from which the latter are taken.
struct Case {
    name: &'static str,
    function: Box<dyn Everywhere + Sync>,
    single: fn(f64) -> f64,
    double: fn(f64) -> twin::Double,
    ranges: &'static [(f64, f64)],
    digits: &'static [(f64, f64)],
    /// The bounds that the functions' documentation promises, in both precisions.
    bound: f64,
}

fn cases() -> Vec<Case> {
    macro_rules! cases {
        ($($name:ident $f:ident $bound:literal, $single:expr, $ranges:expr, $digits:expr;)*) => {
            vec![$(Case {
                name: stringify!($name), function: Box::new($f), single: $single, double: twin::$name, ranges: &$ranges,
                digits: $digits, bound: $bound,
            }),*]
        };
    }
    cases! {
        exp Exp 1.2, f64::exp, [(0.0, 1.0), (0.0, 30.0), (0.0, 700.0)], digits::EXP;
        exp2 Exp2 1.5, f64::exp2, [(0.0, 1.0), (0.0, 30.0), (0.0, 1000.0)], digits::EXP2;
        expm1 Expm1 2.0, f64::exp_m1, [(0.0, 1e-3), (0.0, 1.0), (0.0, 40.0), (350.0, 350.0)], digits::EXPM1;
        log Log 1.2, f64::ln, [(1.0, 0.1), (1.0, 0.7), (5.0, 5.0), (1e150, 1e150)], digits::LOG;
        log2 Log2 2.5, f64::log2, [(1.0, 0.1), (1.0, 0.7), (5.0, 5.0), (1e150, 1e150)], &[];
        log1p Log1p 2.0, f64::ln_1p, [(0.0, 1e-3), (0.0, 0.9), (10.0, 10.0), (1e150, 1e150)], digits::LOG1P;
        tanh Tanh 2.0, f64::tanh, [(0.0, 1e-3), (0.0, 1.0), (0.0, 25.0)], digits::TANH;
        sigmoid Sigmoid 2.0, exact::sigmoid, [(0.0, 1.0), (0.0, 30.0), (-350.0, 350.0)], digits::SIGMOID;
        silu Silu 4.0, exact::silu, [(0.0, 1.0), (0.0, 30.0), (-350.0, 350.0)], digits::SILU;
        softplus Softplus 2.0, exact::softplus, [(0.0, 1.0), (0.0, 30.0), (-350.0, 350.0)], digits::SOFTPLUS;
        erf Erf 1.5, libm::erf, [(0.0, 1e-3), (0.0, 1.0), (0.0, 6.0)], digits::ERF;
        gelu Gelu 5.0, exact::gelu, [(0.0, 1.0), (0.0, 8.0), (-18.0, 18.0)], digits::GELU;
        gelu_tanh GeluTanh 4.0, exact::gelu_tanh, [(0.0, 1.0), (0.0, 8.0), (-10.0, 10.0)], digits::GELU_TANH;
    }
}

/// How far away, in units of the last place of a number with `fraction` bits and exponents from `least` on.
fn ulps(distance: f64, exact: f64, fraction: i32, least: i32) -> f64 {
    let exponent = if exact == 0.0 { least } else { libm::ilogb(exact).max(least) };
    libm::scalbn(distance.abs(), fraction - exponent)
}

/// The largest error that was seen, and where.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
struct Worst {
    ulps: f64,
    x: f32,
}

impl Worst {
    #[inline]
    fn see(&mut self, x: f32, value: f32, exact: f64) {
        let distance = f64::from(value) - exact;
        // Most are far from the worst; a last place is at least so much of a number.
        if distance.abs() <= self.ulps * exact.abs() * (0.5_f64 / 8_388_608.0) || f64::from(value) == exact {
            return;
        }
        self.look(x, value, exact);
    }

    #[inline(never)]
    fn look(&mut self, x: f32, value: f32, exact: f64) {
        let distance = f64::from(value) - exact;
        // What is above the largest number by less than half its last place rounds to it.
        let rounded = exact as f32;
        let right = if exact.is_nan() { value.is_nan() } else { value == rounded };
        let error = if right && !rounded.is_finite() {
            0.0
        } else if exact.is_nan() || value.is_nan() || rounded.is_infinite() || value.is_infinite() {
            f64::INFINITY
        } else {
            ulps(distance, exact, 23, -126)
        };
        if error > self.ulps {
            *self = Worst { ulps: error, x };
        }
    }
}

/// The instruction sets that this machine has, by whether they multiply and add with one rounding.
fn sets() -> (Vec<Isa>, Isa) {
    let fused = Isa::ALL.into_iter().filter(|isa| *isa != Isa::Scalar && isa.is_available());
    (fused.collect(), Isa::Scalar)
}

/// The largest errors of a function, fused and not, over the numbers with bit patterns `first, first + stride, ..`, below `end`.
fn worst_of(
    case: &Case,
    (first, end): (u64, u64),
    stride: u64,
    scalar_stride: u64,
    exact: impl Fn(&[f32]) -> Vec<f64>,
) -> [Worst; 2] {
    let mut worst = [Worst::default(); 2];
    let (fused, scalar) = sets();
    let mut patterns = (first..end).step_by(stride as usize);
    loop {
        let x: Vec<f32> = patterns.by_ref().take(4096).map(|bits| f32::from_bits(bits as u32)).collect();
        if x.is_empty() {
            return worst;
        }
        let exact = exact(&x);
        let see = |stride: u64, isa, worst: &mut Worst| {
            let some: Vec<f32> = x.iter().copied().step_by(stride as usize).collect();
            let exact = exact.iter().step_by(stride as usize);
            for ((&x, value), &exact) in some.iter().zip(case.function.single(isa, &some)).zip(exact) {
                worst.see(x, value, exact);
            }
        };
        see(scalar_stride, scalar, &mut worst[1]);
        for &isa in &fused {
            see(1, isa, &mut worst[0]);
        }
    }
}

/// A line of the table in the documentation: the largest errors in single precision, fused and not, with where they are; those
/// in double precision.
struct Line {
    single: [Worst; 2],
    double: [f64; 2],
}

/// The table, as it is written in the documentation.
fn documented() -> BTreeMap<String, Line> {
    let line = |line: &str| {
        let mut cells =
            line.strip_prefix("//! | `")?.split('|').map(|cell| cell.trim_matches([' ', '`', '*', '\\']));
        let name = cells.next()?.to_owned();
        let mut number = || cells.next().and_then(|cell| cell.parse::<f64>().ok());
        let mut worst = || Some(Worst { ulps: number()?, x: number()? as f32 });
        let single = [worst()?, worst()?];
        Some((name, Line { single, double: [number()?, number()?] }))
    };
    include_str!("mod.rs").lines().filter_map(line).collect()
}

/// Every so manieth number: a prime, so that all exponents and last digits have their turn. Without optimization a number takes
/// a hundred times as long.
const STRIDE: u64 = if cfg!(debug_assertions) { 300_007 } else { 9_973 };

#[test]
fn single_precision_is_as_documented() {
    let documented = documented();
    for case in cases() {
        let line = documented.get(case.name).unwrap_or_else(|| panic!("{} isn't documented", case.name));
        let exact = |x: &[f32]| x.iter().map(|&x| (case.single)(x.into())).collect();
        for (worst, known) in worst_of(&case, (0, 1 << 32), STRIDE, 1, exact).into_iter().zip(line.single) {
            assert!(worst.ulps <= known.ulps + 0.005, "{}: {worst:?}, documented as {known:?}", case.name);
            assert!(known.ulps <= case.bound, "{}: {known:?}, and promised are {}", case.name, case.bound);
        }
        // The largest error is still where it was found; of the fused instruction sets, with one at least.
        let (fused, scalar) = sets();
        for (sets, known) in [fused, vec![scalar]].into_iter().zip(line.single) {
            let mut found = Worst::default();
            for &isa in &sets {
                found.see(known.x, case.function.single(isa, &[known.x])[0], (case.single)(known.x.into()));
            }
            let same = (found.ulps - known.ulps).abs() < 0.006 || sets.is_empty();
            assert!(same, "{}: {found:?}, documented as {known:?}", case.name);
        }
    }
}

/// All 2^32 numbers, which takes some minutes a function in a release build; with `NANOTORCH_STRIDE=61` each 61st, with
/// `NANOTORCH_SCALAR_STRIDE=61` one at a time only each 61st of those. `NANOTORCH_FUNCTIONS=exp,tanh` chooses. It prints the
/// lines for the documentation.
///
/// Exact is here what the function yields in double precision, which another test holds to its twin: the system's functions
/// would take hours.
#[test]
#[ignore = "2^32 values a function"]
fn single_precision_everywhere() {
    let only = std::env::var("NANOTORCH_FUNCTIONS").unwrap_or_default();
    let chosen = |name| only.is_empty() || only.split(',').any(|chosen| chosen == name);
    let stride_of = |name| std::env::var(name).map_or(1, |stride| stride.parse().unwrap());
    let (stride, scalar_stride) = (stride_of("NANOTORCH_STRIDE"), stride_of("NANOTORCH_SCALAR_STRIDE"));
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    for case in cases().into_iter().filter(|case| chosen(case.name)) {
        // Each thread has its stretch of patterns.
        let part = (1_u64 << 32).div_ceil(threads);
        let exact = |x: &[f32]| {
            let x: Vec<f64> = x.iter().map(|&x| x.into()).collect();
            case.function.double(sets().0.first().copied().unwrap_or(Isa::Scalar), &x)
        };
        let of = |thread: u64| {
            worst_of(&case, (thread * part, ((thread + 1) * part).min(1 << 32)), stride, scalar_stride, exact)
        };
        let of = &of;
        let worst = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || of(thread))).collect();
            let parts: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
            [0, 1].map(|fused| {
                parts
                    .iter()
                    .map(|part| part[fused])
                    .max_by(|a, b| a.ulps.total_cmp(&b.ulps))
                    .unwrap_or_default()
            })
        });
        let double = double_precision(&case);
        let [fused, scalar] = worst.map(|worst| format!("{:.2} | {:?}", worst.ulps, worst.x));
        println!("//! | `{}` | {fused} | {scalar} | {:.2} | {:.2} |", case.name, double[0], double[1]);
    }
}

/// Numbers to a range.
const DENSE: u32 = 2_000;

/// The largest errors in double precision over the case's ranges, fused and not.
fn double_precision(case: &Case) -> [f64; 2] {
    // The golden ratio's multiples are spread evenly, however many there are.
    let unit = |i: u32| 2.0 * (f64::from(i) * 0.618_033_988_749_894_9).fract() - 1.0;
    let ranges = case.ranges.iter();
    let x: Vec<f64> =
        ranges.flat_map(|&(middle, spread)| (1..=DENSE).map(move |i| middle + spread * unit(i))).collect();
    let exact: Vec<_> = x.iter().map(|&x| (case.double)(x)).collect();
    let worst = |isa| {
        let values = case.function.double(isa, &x);
        let errors = values.iter().zip(&exact).map(|(&value, exact)| {
            // The difference of the leading parts is exact, as they are close.
            ulps((value - exact.high) - exact.low, exact.high, 52, -1022)
        });
        errors.fold(0.0, f64::max)
    };
    let (fused, scalar) = sets();
    [fused.into_iter().map(worst).fold(0.0, f64::max), worst(scalar)]
}

#[test]
fn double_precision_is_as_documented() {
    let documented = documented();
    for case in cases() {
        let errors = double_precision(&case);
        let known = documented[case.name].double;
        println!("{}: {errors:.3?}", case.name);
        for (error, known) in errors.into_iter().zip(known) {
            assert!(error <= known + 0.005, "{}: {error}, documented as {known}", case.name);
            assert!(known <= case.bound, "{}: {known}, and promised are {}", case.name, case.bound);
        }
    }
}

/// The twin of twice the precision has the values of 60-digit arithmetic.
#[test]
fn the_twin_is_exact() {
    for case in cases() {
        for &(x, exact) in case.digits {
            let twin = (case.double)(x);
            assert_eq!(twin.high, exact, "{}({x:?})", case.name);
            // The low part is what the high part leaves out.
            assert!(twin.low.abs() <= ulps_of(exact), "{}({x:?})", case.name);
        }
    }
}

/// A unit in the last place of a double-precision number.
fn ulps_of(x: f64) -> f64 {
    libm::scalbn(1.0, libm::ilogb(x).max(-1022) - 52)
}

/// Derivatives against central differences of the functions in double precision.
#[test]
fn derivatives_are_slopes() {
    let x: Vec<f64> = (-4000..=4000).map(|i| f64::from(i) * 0.004).collect();
    fn check(x: &[f64], f: impl UnaryMap<f64>, derivative: impl UnaryMap<f64>) {
        let step = 1e-5;
        let [left, right] = [-step, step].map(|step| x.iter().map(|x| x + step).collect::<Vec<_>>());
        for_each_isa(Mapped(derivative, x), |isa, slopes| {
            let left = dispatch_on(isa, Mapped(f, &left[..])).unwrap();
            let right = dispatch_on(isa, Mapped(f, &right[..])).unwrap();
            for i in 0..x.len() {
                let difference = (right[i] - left[i]) / (2.0 * step);
                assert!((difference - slopes[i]).abs() < 1e-9, "{isa} {}: {} {difference}", x[i], slopes[i]);
            }
        });
    }
    check(&x, Gelu, GeluDerivative);
    check(&x, GeluTanh, GeluTanhDerivative);
}
