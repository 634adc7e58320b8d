//! Values and gradients at special numbers against PyTorch's: zeros of both signs, infinities, NaN, subnormal and large numbers.

use nanotorch::graph::{self, Binary};
use nanotorch::prelude::*;
use nanotorch_tests::golden::Golden;

/// The numbers of a tensor of bits.
fn bits(golden: &Golden, name: &str) -> Vec<f32> {
    golden.tensor(name).1.iter().map(|&bits| f32::from_bits(bits as i32 as u32)).collect()
}

/// How far apart two numbers are, in units of the last place of `b`; NaN is NaN, and infinities are themselves.
fn distance(a: f32, b: f32) -> f32 {
    if a == b && (b != 0.0 || a.is_sign_negative() == b.is_sign_negative()) || a.is_nan() && b.is_nan() {
        return 0.0;
    }
    // Below the smallest normal number a unit is an absolute number.
    let distance = (a - b).abs() / (b.abs() * f32::EPSILON).max(f32::from_bits(1));
    if distance.is_nan() { f32::INFINITY } else { distance }
}

/// The special numbers, all of which are exact in single precision.
fn special<S: Shape, T: Float>(golden: &Golden) -> Tensor<S, T> {
    let numbers = bits(golden, "special.x");
    let numbers: Vec<T> = numbers.into_iter().map(|x| T::from_f64(x.into())).collect();
    Tensor::from_slice(&numbers).unwrap()
}

#[test]
fn special_numbers() {
    let golden = Golden::open("tensors");
    let (x, wide) = (special::<R1<22>, f32>(&golden), special::<R1<22>, f64>(&golden));
    let mut off = Vec::new();
    macro_rules! special {
        ($($case:ident |$x:ident| $y:expr;)*) => {
            $(
                let y = { let $x = &x; $y };
                let rounded = { let $x = &wide; $y.cast::<f32>() };
                let expected = bits(&golden, concat!("special.", stringify!($case)));
                for (((x, &y), &rounded), expected) in x.iter().zip(&y).zip(&rounded).zip(expected) {
                    // A NaN stays one, and what has a limit has it: PyTorch hides the one and has NaN for the other.
                    let better = match stringify!($case) {
                        "sign" => y.is_nan() && x.is_nan(),
                        "gelu" | "gelu_tanh" | "silu" => y == 0.0 && *x == f32::NEG_INFINITY,
                        _ => false,
                    };
                    if !better && (distance(y, expected) > 4.0 || distance(rounded, expected) > 1.0) {
                        off.push(format!("{}({x:e}) is {y:e}, {rounded:e}, not {expected:e}", stringify!($case)));
                    }
                }
            )*
        };
    }
    every_function!(special! {});
    assert!(off.is_empty(), "{}", off.join("\n"));
}

/// Whether a derivative is too far off. By NaN there is none, and where a formula takes a way through an infinity and back
/// (`0 * inf`), NaN isn't held against it.
fn is_off(at: &[f32], got: f32, expected: f32) -> bool {
    // What is as good as nothing beside 1 may be nothing.
    let far = distance(got.abs(), expected.abs()) > 8.0 && (got - expected).abs() > 1e-16;
    let undefined = at.iter().any(|x| x.is_nan()) || got.is_nan() || expected.is_nan();
    far && !undefined || at.iter().all(|x| x.is_normal()) && got.is_nan() && !expected.is_nan()
}

/// Derivatives of a function, as single-precision numbers.
macro_rules! slopes {
    ($golden:ident, $T:ty, |$x:ident| $y:expr) => {
        Tape::<$T>::new().record(|tape| {
            let $x = tape.variable(&special::<R1<22>, $T>(&$golden));
            ($y).backward_with(&Tensor::ones()).unwrap();
            $x.grad().unwrap().cast::<f32>()
        })
    };
}

#[test]
fn derivatives_at_special_numbers() {
    let golden = Golden::open("tensors");
    let numbers = bits(&golden, "special.x");
    let mut off = Vec::new();
    macro_rules! special {
        ($($case:ident |$x:ident| $y:expr;)*) => {
            $(
                let expected = bits(&golden, concat!("special.d", stringify!($case)));
                let double = slopes!(golden, f64, |$x| $y);
                let single = slopes!(golden, f32, |$x| $y);
                for (place, expected) in expected.into_iter().enumerate() {
                    let (x, got, single) = (numbers[place], double[[place]], single[[place]]);
                    // In single precision what is squared on the way may be too large or too small.
                    let extreme = !(1e-19..1e18).contains(&x.abs()) && x != 0.0 && x.is_finite();
                    if is_off(&[x], got, expected) || !extreme && is_off(&[x], single, expected) {
                        off.push(format!("{}'({x:e}) is {got:e}, {single:e}, not {expected:e}", stringify!($case)));
                    }
                }
            )*
        };
    }
    every_function!(special! {});
    assert!(off.is_empty(), "{}", off.join("\n"));
}

/// Each special number with each.
fn pairs<O: Binary, T: Float>(golden: &Golden, function: O) -> [Tensor<R2<22, 22>, f32>; 3] {
    let ones = Tensor::<R2<22, 22>, T>::ones();
    let (a, b) = (special::<R2<22, 1>, T>(golden).broadcast::<R2<22, 22>>(), special::<R1<22>, T>(golden));
    Tape::<T>::new().record(|tape| {
        let (a, b) = (tape.variable(&a), tape.variable(&b.broadcast::<R2<22, 22>>()));
        let y = a.combine::<_, _, R2<22, 22>>(function, &b);
        y.backward_with(&ones).unwrap();
        [y.value(), a.grad().unwrap(), b.grad().unwrap()].map(|numbers| numbers.cast())
    })
}

#[test]
fn pairs_of_special_numbers() {
    let golden = Golden::open("tensors");
    let numbers = bits(&golden, "special.x");
    let mut off = Vec::new();
    macro_rules! pairs {
        ($($case:ident $function:ident;)*) => {
            $(
                let (single, double) =
                    (pairs::<_, f32>(&golden, graph::$function), pairs::<_, f64>(&golden, graph::$function));
                let named = |name: &str| bits(&golden, &format!("pairs.{}{name}", stringify!($case)));
                let expected = [named(""), named("_by_first"), named("_by_second")];
                for (what, expected) in expected.iter().enumerate() {
                    for (place, &expected) in expected.iter().enumerate() {
                        let at = [numbers[place / 22], numbers[place % 22]];
                        let index = [place / 22, place % 22];
                        let (y, rounded) = (single[what][index], double[what][index]);
                        let wrong = if what == 0 {
                            distance(y, expected) > 2.0 || distance(rounded, expected) > 1.0
                        } else {
                            is_off(&at, rounded, expected)
                        };
                        if wrong {
                            off.push(format!(
                                "{}{at:?}, derivative {what}: {y:e}, {rounded:e}, not {expected:e}",
                                stringify!($case)
                            ));
                        }
                    }
                }
            )*
        };
    }
    pairs! {
        add Add;
        sub Subtract;
        mul Multiply;
        div Divide;
        pow Raise;
        rem Remainder;
        maximum Maximum;
        minimum Minimum;
    }
    macro_rules! truths {
        ($($case:ident $method:ident;)*) => {
            $(
                let expected = golden.tensor(concat!("pairs.", stringify!($case))).1;
                let a = special::<R2<22, 1>, f32>(&golden).broadcast::<R2<22, 22>>();
                for (place, (&y, expected)) in a.$method(&special::<R1<22>, f32>(&golden)).iter().zip(expected).enumerate() {
                    if y != (expected != 0.0) {
                        off.push(format!("{}({}, {}) is {y}", stringify!($method), numbers[place / 22], numbers[place % 22]));
                    }
                }
            )*
        };
    }
    truths! {
        eq equal;
        ne not_equal;
        lt less;
        le less_equal;
        gt greater;
        ge greater_equal;
    }
    assert!(off.is_empty(), "{}", off.join("\n"));
}
