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

#[test]
fn shapes_at_the_edges() {
    use nanotorch::graph::{Divide, Multiply};
    let golden = Golden::open("tensors");
    binary! { golden:
        edge_add R1<1>, R3<1, 1, 1>, |a, b| a + b;
        edge_sub R2<3, 5>, R0, |a, b| a - b;
        edge_mul R3<5, 1, 7>, R3<5, 3, 7>, |a, b| a.combine::<_, _, R3<5, 3, 7>>(Multiply, &b);
        edge_div R2<7, 1>, R2<1, 9>, |a, b| a.combine::<_, _, R2<7, 9>>(Divide, &b);
        edge_pow R2<1, 6>, R1<1>, |a, b| a.pow(&b);
        edge_maximum R1<17>, R2<3, 17>, |a, b| a.maximum(&b);
        edge_matmul R2<1, 1>, R2<1, 1>, |a, b| a.matmul(&b);
        edge_matmul_dot R2<1, 5>, R2<5, 1>, |a, b| a.matmul(&b);
        edge_matmul_outer R2<7, 1>, R2<1, 9>, |a, b| a.matmul(&b);
        edge_matmul_odd R2<13, 11>, R2<11, 17>, |a, b| a.matmul(&b);
        edge_matmul_batch R3<4, 1, 5>, R2<5, 3>, |a, b| a.matmul(&b);
        edge_concat R2<1, 3>, R2<4, 3>, |a, b| a.concat::<0, _, R2<5, 3>>(&b);
    }
    single! { golden:
        edge_sum R3<1, 1, 1>, |x| x.along::<R2<0, 2>>().sum();
        edge_mean R2<129, 3>, |x| x.mean_axis::<0>();
        edge_max R3<1, 7, 1>, |x| x.max_axis::<2>();
        edge_var R2<2, 33>, |x| x.along::<R1<1>>().var(1);
        edge_softmax R2<5, 1>, |x| x.softmax();
        edge_log_softmax R2<3, 37>, |x| x.log_softmax();
        edge_logsumexp R2<1, 40>, |x| x.along::<R1<1>>().logsumexp();
        edge_cumsum R2<1, 5>, |x| x.cumsum::<0>();
        edge_norm R2<67, 2>, |x| x.along::<R1<0>>().norm();
        edge_prod R2<2, 9>, |x| x.along::<R1<1>>().prod();
        edge_permute R4<2, 1, 3, 4>, |x| x.permute::<R4<3, 0, 2, 1>>();
        edge_slice R2<1, 9>, |x| x.slice::<1, 8, 9, R2<1, 1>>();
    }
}

#[test]
fn windows() {
    let golden = Golden::open("tensors");
    binary! { golden:
        conv1d R3<2, 3, 9>, R3<4, 3, 3>, |x, w| x.conv1d::<(), R3<2, 4, 7>>(&w);
        conv1d_options R3<3, 4, 11>, R3<6, 2, 3>, |x, w|
            x.conv1d::<(Stride<2>, Padding<2>, Dilation<2>, Groups<2, 2>), R3<3, 6, 6>>(&w);
        conv2d R4<2, 2, 6, 5>, R4<3, 2, 3, 2>, |x, w| x.conv2d::<(), R4<2, 3, 4, 4>>(&w);
        conv2d_options R4<2, 3, 7, 8>, R4<4, 3, 3, 3>, |x, w|
            x.conv2d::<(Stride<2, 1>, Padding<1, 2>), R4<2, 4, 4, 10>>(&w);
        conv2d_depthwise R4<9, 3, 5, 4>, R4<6, 1, 3, 3>, |x, w| x.conv2d::<(Same, Depthwise), R4<9, 6, 5, 4>>(&w);
        conv2d_single R4<1, 1, 1, 1>, R4<1, 1, 1, 1>, |x, w| x.conv2d::<(), R4<1, 1, 1, 1>>(&w);
        conv3d R5<1, 2, 4, 3, 5>, R5<2, 2, 2, 2, 3>, |x, w| x.conv3d::<Padding<1>, R5<1, 2, 5, 4, 5>>(&w);
        conv_transpose1d R3<2, 3, 5>, R3<3, 2, 3>, |x, w|
            x.conv_transpose1d::<(Stride<2>, Padding<1>, OutputPadding<1>), R3<2, 2, 10>>(&w);
        conv_transpose2d R4<2, 4, 3, 4>, R4<4, 1, 2, 3>, |x, w|
            x.conv_transpose2d::<(Stride<2>, Groups<2, 1>), R4<2, 2, 6, 9>>(&w);
        conv_transpose3d R5<1, 2, 2, 3, 2>, R5<2, 3, 2, 2, 2>, |x, w|
            x.conv_transpose3d::<(), R5<1, 3, 3, 4, 3>>(&w);
    }
    single! { golden:
        max_pool1d R3<2, 3, 9>, |x| x.max_pool1d::<3, (Stride<2>, Padding<1>), R3<2, 3, 5>>();
        max_pool2d R4<2, 2, 6, 7>, |x| x.max_pool2d::<2, (), R4<2, 2, 3, 3>>();
        max_pool2d_dilated R4<2, 1, 7, 7>, |x| x.max_pool2d::<3, (Stride<1>, Dilation<2>), R4<2, 1, 3, 3>>();
        max_pool3d R5<1, 2, 4, 4, 5>, |x| x.max_pool3d::<2, (), R5<1, 2, 2, 2, 2>>();
        avg_pool1d R3<2, 3, 7>, |x| x.avg_pool1d::<3, Padding<1>, R3<2, 3, 3>>();
        avg_pool2d R4<2, 2, 5, 6>, |x| x.avg_pool2d::<3, (Stride<2>, Padding<1>), R4<2, 2, 3, 3>>();
        avg_pool2d_without_padding R4<2, 2, 5, 6>, |x|
            x.avg_pool2d_without_padding::<3, (Stride<2>, Padding<1>), R4<2, 2, 3, 3>>();
        avg_pool3d R5<1, 2, 3, 4, 5>, |x| x.avg_pool3d::<2, Stride<1>, R5<1, 2, 2, 3, 4>>();
        adaptive_avg_pool R4<2, 2, 7, 5>, |x| x.adaptive_avg_pool::<R4<2, 2, 3, 2>>();
        layer_norm R3<2, 3, 5>, |x| x.layer_norm(1e-5);
        rms_norm R2<3, 5>, |x| x.rms_norm(1e-5);
        group_norm R3<2, 6, 3>, |x| x.group_norm::<3>(1e-5);
        instance_norm R4<2, 3, 4, 2>, |x| x.instance_norm(1e-5);
        batch_norm R4<5, 3, 2, 2>, |x| x.batch_norm(1e-5);
        batch_norm_of_features R2<6, 3>, |x| x.batch_norm(1e-5);
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

/// Derivatives at special numbers. By NaN there is none, and where a formula takes a way through an infinity and back
/// (`0 * inf`), NaN isn't held against it.
#[test]
fn derivatives_at_special_numbers() {
    let golden = Golden::open("tensors");
    let numbers = bits(&golden, "special.x");
    let x = Tensor::<R1<22>, f64>::from_fn(|[place]| f64::from(numbers[place]));
    let mut off = Vec::new();
    macro_rules! special {
        ($($case:ident |$x:ident| $y:expr;)*) => {
            $(
                let gradient = Tape::<f64>::new().record(|tape| {
                    let $x = tape.variable(&x);
                    ($y).backward_with(&Tensor::ones()).unwrap();
                    $x.grad().unwrap()
                });
                let expected = bits(&golden, concat!("special.d", stringify!($case)));
                for ((x, got), expected) in numbers.iter().zip(&gradient).zip(expected) {
                    let got = *got as f32;
                    // A derivative of an f64 that is as good as nothing beside 1 may be nothing.
                    let far = distance(got.abs(), expected.abs()) > 8.0 && (got - expected).abs() > 1e-16;
                    let undefined = x.is_nan() || got.is_nan() || expected.is_nan();
                    if far && !undefined || x.is_normal() && got.is_nan() && !expected.is_nan() {
                        off.push(format!("{}'({x}) is {got}, not {expected}", stringify!($case)));
                    }
                }
            )*
        };
    }
    every_function!(special! {});
    assert!(off.is_empty(), "{}", off.join("\n"));
}

#[test]
fn pairs_of_special_numbers() {
    let golden = Golden::open("tensors");
    let numbers = bits(&golden, "special.x");
    let a = Tensor::<R2<22, 1>>::from_slice(&numbers).unwrap();
    let b = Tensor::<R1<22>>::from_slice(&numbers).unwrap();
    let whole = |x: &View<R2<22, 1>>| x.broadcast::<R2<22, 22>>();
    let mut off = Vec::new();
    macro_rules! pairs {
        ($($case:ident $y:expr;)*) => {
            $(
                let expected = bits(&golden, concat!("pairs.", stringify!($case)));
                for (place, (&y, expected)) in $y.iter().zip(expected).enumerate() {
                    let (a, b) = (numbers[place / 22], numbers[place % 22]);
                    // A power is an exponential of a product, whose rounding it magnifies by the product.
                    let magnified = (b * a.abs().ln()).abs();
                    let is_power = stringify!($case) == "pow" && magnified.is_finite();
                    if distance(y, expected) > if is_power { 2.0 + magnified } else { 1.0 } {
                        off.push(format!("{}({a}, {b}) is {y}, not {expected}", stringify!($case)));
                    }
                }
            )*
        };
    }
    pairs! {
        add whole(&a) + &b;
        sub whole(&a) - &b;
        mul whole(&a) * &b;
        div whole(&a) / &b;
        pow whole(&a).pow(&b);
        rem whole(&a).rem(&b);
        maximum whole(&a).maximum(&b);
        minimum whole(&a).minimum(&b);
    }
    macro_rules! truths {
        ($($case:ident $method:ident;)*) => {
            $(
                let expected = golden.tensor(concat!("pairs.", stringify!($case))).1;
                for (place, (&y, expected)) in whole(&a).$method(&b).iter().zip(expected).enumerate() {
                    if y != (expected != 0.0) {
                        let (a, b) = (numbers[place / 22], numbers[place % 22]);
                        off.push(format!("{}({a}, {b}) is {y}", stringify!($method)));
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
