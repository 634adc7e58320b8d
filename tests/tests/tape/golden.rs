//! Values and gradients of every operation against PyTorch's.

use nanotorch::gradcheck::Inputs;
use nanotorch::prelude::*;
use nanotorch::rule::Layout;
use nanotorch_tests::golden::Golden;

/// What f64 can be held to: some of PyTorch's functions are themselves off by a few units in the last place.
const TOLERANCE: f64 = 2e-14;

fn input<S: Shape>(golden: &Golden, name: &str) -> Tensor<S, f64> {
    Tensor::from_slice(&golden.values(name, Layout::of::<S>().lengths())).unwrap()
}

/// The value for the case's operands, and their gradients for its gradient by the result.
fn check<I, R, F>(golden: &Golden, case: &str, inputs: I, function: F)
where
    I: Inputs,
    R: Shape,
    F: for<'t> Fn(Recording<'t, f64>, I::Vars<'t>) -> Var<'t, R, f64>,
{
    let dy = input::<R>(golden, &format!("{case}.dy"));
    let (y, gradients) = Tape::<f64>::new().record(|tape| {
        let vars = I::vars(tape, &inputs.numbers());
        let y = function(tape, vars);
        y.backward_with(&dy).unwrap();
        (y.value(), I::gradients(vars))
    });
    golden.assert_close(&format!("{case}.y"), y.as_slice(), TOLERANCE);
    for (name, gradient) in ["dx", "db"].iter().zip(gradients) {
        golden.assert_close(&format!("{case}.{name}"), &gradient, 10.0 * TOLERANCE);
    }
}

macro_rules! unary {
    ($golden:ident: $($case:ident |$x:ident| $y:expr;)*) => {
        $(
            let x = input::<R2<3, 5>>(&$golden, concat!(stringify!($case), ".x"));
            check(&$golden, stringify!($case), &x, |_, $x| $y);
        )*
    };
}

/// Hands the list of functions of one number to another macro.
macro_rules! every_function {
    ($then:ident! { $($first:tt)* }) => {
        $then! { $($first)*
            abs |x| x.abs();
            sign |x| x.sign();
            sqrt |x| x.sqrt();
            rsqrt |x| x.rsqrt();
            square |x| x.square();
            recip |x| x.recip();
            exp |x| x.exp();
            exp2 |x| x.exp2();
            expm1 |x| x.expm1();
            ln |x| x.ln();
            log2 |x| x.log2();
            log10 |x| x.log10();
            log1p |x| x.log1p();
            sin |x| x.sin();
            cos |x| x.cos();
            tan |x| x.tan();
            asin |x| x.asin();
            acos |x| x.acos();
            atan |x| x.atan();
            sinh |x| x.sinh();
            cosh |x| x.cosh();
            tanh |x| x.tanh();
            erf |x| x.erf();
            floor |x| x.floor();
            ceil |x| x.ceil();
            round |x| x.round();
            powf |x| x.powf(2.5);
            clamp |x| x.clamp(-1.0, 0.5);
            relu |x| x.relu();
            leaky_relu |x| x.leaky_relu();
            sigmoid |x| x.sigmoid();
            gelu |x| x.gelu();
            gelu_tanh |x| x.gelu_tanh();
            silu |x| x.silu();
            elu |x| x.elu();
            softplus |x| x.softplus();
        }
    };
}

macro_rules! single {
    ($golden:ident: $($case:ident $S:ty, |$x:ident| $y:expr;)*) => {
        $(
            let x = input::<$S>(&$golden, concat!(stringify!($case), ".x"));
            check(&$golden, stringify!($case), &x, |_, $x| $y);
        )*
    };
}

macro_rules! binary {
    ($golden:ident: $($case:ident $A:ty, $B:ty, |$a:ident, $b:ident| $y:expr;)*) => {
        $(
            let a = input::<$A>(&$golden, concat!(stringify!($case), ".x"));
            let b = input::<$B>(&$golden, concat!(stringify!($case), ".b"));
            check(&$golden, stringify!($case), (&a, &b), |_, ($a, $b)| $y);
        )*
    };
}

#[test]
fn functions() {
    let golden = Golden::open("tensors");
    every_function!(unary! { golden: });
}

#[test]
fn functions_of_two() {
    let golden = Golden::open("tensors");
    binary! { golden:
        add R2<2, 3>, R1<3>, |a, b| a + b;
        add_rank R1<3>, R2<2, 3>, |a, b| a + b;
        sub R3<4, 1, 3>, R2<2, 1>, |a, b| a.combine::<_, _, R3<4, 2, 3>>(nanotorch::graph::Subtract, &b);
        mul R2<2, 3>, R2<2, 1>, |a, b| a * b;
        mul_ones R2<1, 1>, R2<1, 1>, |a, b| a * b;
        div R2<2, 3>, R2<1, 3>, |a, b| a / b;
        pow R2<2, 3>, R1<3>, |a, b| a.pow(&b);
        rem R2<2, 3>, R1<3>, |a, b| a.rem(&b);
        maximum R2<2, 3>, R1<1>, |a, b| a.maximum(&b);
        minimum R2<2, 3>, R2<2, 3>, |a, b| a.minimum(&b);
        concat R2<2, 3>, R2<2, 2>, |a, b| a.concat::<1, _, R2<2, 5>>(&b);
        stack R2<2, 3>, R2<2, 3>, |a, b| a.stack::<1, _>(&b);
    }
}

#[test]
fn products() {
    let golden = Golden::open("tensors");
    binary! { golden:
        matmul R2<3, 4>, R2<4, 5>, |a, b| a.matmul(&b);
        matmul_batch R3<2, 3, 4>, R3<2, 4, 2>, |a, b| a.matmul(&b);
        matmul_broadcast R4<2, 3, 2, 4>, R3<1, 4, 3>, |a, b| a.matmul(&b);
        matmul_row R1<4>, R2<4, 3>, |a, b| a.matmul(&b);
        matmul_column R2<3, 4>, R1<4>, |a, b| a.matmul(&b);
        dot R1<7>, R1<7>, |a, b| a.dot(&b);
        outer R1<3>, R1<4>, |a, b| a.outer(&b);
        einsum_batch R3<2, 3, 4>, R3<2, 4, 2>, |a, b| einsum!("bij,bjk->bik", a, b);
        einsum_mixed R3<2, 3, 4>, R3<4, 5, 3>, |a, b| einsum!("abc,cdb->da", a, b);
    }
}

#[test]
fn reductions_and_rearrangements() {
    let golden = Golden::open("tensors");
    single! { golden:
        sum R3<2, 3, 4>, |x| x.sum();
        sum_axis R3<2, 3, 4>, |x| x.sum_axis::<1>();
        sum_axes R3<2, 3, 4>, |x| x.along::<R2<0, 2>>().sum();
        mean_kept R3<2, 3, 4>, |x| x.keeping::<R2<0, 2>>().mean();
        prod R2<2, 3>, |x| x.whole().prod();
        prod_axis R3<2, 3, 4>, |x| x.along::<R1<1>>().prod();
        max R2<2, 3>, |x| x.max();
        max_axis R3<2, 3, 4>, |x| x.max_axis::<1>();
        min_axis R3<2, 3, 4>, |x| x.along::<R1<2>>().min();
        var R2<3, 4>, |x| x.along::<R1<1>>().var(1);
        var_population R2<3, 4>, |x| x.along::<R1<0>>().var(0);
        std R2<3, 4>, |x| x.whole().std(1);
        norm R2<3, 4>, |x| x.along::<R1<0>>().norm();
        logsumexp R2<3, 4>, |x| (30.0 * x).along::<R1<1>>().logsumexp();
        cumsum R2<3, 4>, |x| x.cumsum::<0>();
        softmax R2<3, 4>, |x| x.softmax();
        log_softmax R2<3, 4>, |x| x.log_softmax();
        permute R3<2, 3, 4>, |x| x.permute::<R3<2, 0, 1>>();
        transpose R3<2, 3, 4>, |x| x.transpose();
        broadcast R2<3, 1>, |x| x.broadcast::<R3<2, 3, 4>>();
        slice R2<4, 3>, |x| x.slice::<0, 1, 3, R2<2, 3>>();
        flip R2<2, 3>, |x| x.flip::<1>();
        pad R2<2, 3>, |x| x.pad::<1, 2, 1, R2<2, 6>>();
        tril R2<3, 4>, |x| x.tril(-1);
        triu R2<3, 4>, |x| x.triu(1);
        gather R2<2, 3>, |x| x.gather::<1, _, _>(&Tensor::from([[2_i64, 0], [1, 1]])).unwrap();
        index_select R2<3, 2>, |x| x.index_select::<0, 3, _>(&Tensor::from([2_i64, 0, 2])).unwrap();
        scatter_add R1<4>, |x| x.recording().constant(&Tensor::<R1<3>, f64>::ones())
            .scatter_add::<0, _, _, _>(&Tensor::from([0_i64, 2, 2, 1]), &x).unwrap();
        sort R2<3, 4>, |x| x.sort::<1>(false).0;
        topk R2<3, 4>, |x| x.topk::<1, 2>().0;
        select_where R2<2, 2>, |x| Tensor::from([[true, false], [false, true]]).select(&x, &(3.0 * x));
    }
}

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
    (a - b).abs() / (b.abs() * f32::EPSILON).max(f32::from_bits(1))
}

#[test]
fn special_numbers() {
    let golden = Golden::open("tensors");
    let numbers = bits(&golden, "special.x");
    let x = Tensor::<R1<22>>::from_slice(&numbers).unwrap();
    let mut off = Vec::new();
    macro_rules! special {
        ($($case:ident |$x:ident| $y:expr;)*) => {
            $(
                let y = { let $x = &x; $y };
                let expected = bits(&golden, concat!("special.", stringify!($case)));
                for ((x, y), expected) in numbers.iter().zip(&y).zip(expected) {
                    // A power is an exponential of a product, whose rounding it magnifies.
                    let allowed = if stringify!($case) == "powf" { 16.0 } else { 8.0 };
                    if distance(*y, expected) > allowed {
                        off.push(format!("{}({x}) is {y}, not {expected}", stringify!($case)));
                    }
                }
            )*
        };
    }
    every_function!(special! {});
    assert!(off.is_empty(), "{}", off.join("\n"));
}
