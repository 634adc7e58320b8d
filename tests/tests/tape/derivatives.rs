//! First and second derivatives of every operation against differences, on random numbers.

use nanotorch::gradcheck::Gradcheck;
use nanotorch::graph;
use nanotorch::prelude::*;
use proptest::prelude::*;

/// Numbers of either sign that keep away from kinks and poles: |x| from 0.2 to 1.8, no two near each other.
pub(crate) fn numbers<S: Shape>(seed: u64) -> Tensor<S, f64> {
    let count = S::LEN.max(1);
    let mut random = nanotorch::random::Random::new(seed);
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, (random.uniform_f64() * (last + 1) as f64) as usize);
    }
    let mut order = order.into_iter();
    Tensor::from_fn(|_| {
        let place = order.next().unwrap_or(0) as f64;
        let size = 0.2 + 1.6 * (place + 0.25 + 0.5 * random.uniform_f64()) / count as f64;
        if random.uniform_f64() < 0.5 { -size } else { size }
    })
}

fn positive<S: Shape>(seed: u64) -> Tensor<S, f64> {
    numbers::<S>(seed).map(f64::abs)
}

/// Functions of one number: on which numbers, and whether the second derivative is compared as well.
macro_rules! functions {
    ($($name:ident: |$x:ident| $y:expr, $numbers:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
            $(
                #[test]
                fn $name(seed in 0_u64..1000) {
                    let x: Tensor<R1<5>, f64> = $numbers(seed);
                    Gradcheck::default().function(&x, |_, $x| $y).unwrap();
                    // Dual numbers go through the same polynomials as values do, whose slopes are a little less exact.
                    let second = Gradcheck { tolerance: 1e-5, ..Gradcheck::default() };
                    second.function(&x, |_, $x| $y.gradient($x).unwrap()).unwrap();
                }
            )*
        }
    };
}
functions! {
    abs: |x| x.abs(), numbers;
    sign: |x| x.sign() * x, numbers;
    sqrt: |x| x.sqrt(), positive;
    rsqrt: |x| x.rsqrt(), positive;
    square: |x| x.square(), numbers;
    recip: |x| x.recip(), numbers;
    exp: |x| x.exp(), numbers;
    exp2: |x| x.exp2(), numbers;
    expm1: |x| x.expm1(), numbers;
    ln: |x| x.ln(), positive;
    log2: |x| x.log2(), positive;
    log10: |x| x.log10(), positive;
    log1p: |x| x.log1p(), positive;
    sin: |x| x.sin(), numbers;
    cos: |x| x.cos(), numbers;
    tan: |x| (x * 0.7).tan(), numbers;
    asin: |x| (x * 0.5).asin(), numbers;
    acos: |x| (x * 0.5).acos(), numbers;
    atan: |x| x.atan(), numbers;
    sinh: |x| x.sinh(), numbers;
    cosh: |x| x.cosh(), numbers;
    tanh: |x| x.tanh(), numbers;
    erf: |x| x.erf(), numbers;
    floor: |x| x.floor() * x, numbers;
    ceil: |x| x.ceil() * x, numbers;
    round: |x| x.round() * x, numbers;
    clamp: |x| x.clamp(-0.9, 0.9) * x, numbers;
    powf: |x| x.powf(3.0), numbers;
    powf_of_a_fraction: |x| x.powf(2.5), positive;
    relu: |x| x.relu() * x, numbers;
    leaky_relu: |x| x.leaky_relu() * x, numbers;
    sigmoid: |x| x.sigmoid(), numbers;
    gelu: |x| x.gelu(), numbers;
    gelu_tanh: |x| x.gelu_tanh(), numbers;
    silu: |x| x.silu(), numbers;
    elu: |x| x.elu(), numbers;
    softplus: |x| x.softplus(), numbers;
    negative: |x| (-x) * x, numbers;
    scalar_operators: |x| (2.0 / (x - 3.0) + (1.0 - x) / 4.0 * 3.0 - 1.0 + 0.5) * x, numbers;
}

/// Operations on two tensors, with both derivatives, also the mixed ones.
macro_rules! pairs {
    ($($name:ident: $A:ty, $B:ty, |$a:ident, $b:ident| $y:expr, $numbers:ident;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
            $(
                #[test]
                fn $name(seed in 0_u64..1000) {
                    let a: Tensor<$A, f64> = $numbers(seed);
                    let b: Tensor<$B, f64> = $numbers(seed + 1000);
                    let check = Gradcheck::default();
                    check.function((&a, &b), |_, ($a, $b)| $y).unwrap();
                    let check = Gradcheck { tolerance: 1e-5, ..Gradcheck::default() };
                    check.function((&a, &b), |_, ($a, $b)| $y.square().gradient($a).unwrap()).unwrap();
                    check.function((&a, &b), |_, ($a, $b)| $y.square().gradient($b).unwrap()).unwrap();
                }
            )*
        }
    };
}
pairs! {
    add: R2<2, 3>, R1<3>, |a, b| a + b, numbers;
    add_with_more_axes_right: R1<3>, R2<2, 3>, |a, b| a + b, numbers;
    subtract: R3<2, 3, 2>, R2<1, 2>, |a, b| a - b, numbers;
    multiply: R2<2, 3>, R2<2, 1>, |a, b| a * b, numbers;
    divide: R2<2, 3>, R2<2, 3>, |a, b| a / b, numbers;
    divide_by_one: R2<2, 3>, R1<1>, |a, b| a / b, numbers;
    power: R2<2, 3>, R1<3>, |a, b| a.pow(&b), positive;
    remainder: R2<2, 3>, R1<3>, |a, b| (a * 5.0).rem(&b), numbers;
    maximum: R2<2, 3>, R1<3>, |a, b| a.maximum(&b), numbers;
    minimum: R2<2, 3>, R1<3>, |a, b| a.minimum(&b), numbers;
    either_grows: R2<2, 1>, R2<1, 3>, |a, b| a.combine::<_, _, R2<2, 3>>(graph::Divide, &b), numbers;
    matrices: R2<2, 3>, R2<3, 4>, |a, b| a.matmul(&b), numbers;
    batches: R3<2, 2, 3>, R3<2, 3, 2>, |a, b| a.matmul(&b), numbers;
    batches_with_one_factor: R3<2, 2, 3>, R2<3, 2>, |a, b| a.matmul(&b), numbers;
    batches_of_one: R4<2, 3, 2, 2>, R4<1, 3, 2, 1>, |a, b| a.matmul(&b), numbers;
    row_times_matrix: R1<3>, R2<3, 2>, |a, b| a.matmul(&b), numbers;
    matrix_times_column: R2<2, 3>, R1<3>, |a, b| a.matmul(&b), numbers;
    dot: R1<3>, R1<3>, |a, b| a.dot(&b), numbers;
    outer: R1<3>, R1<2>, |a, b| a.outer(&b), numbers;
    concat: R2<2, 2>, R2<2, 3>, |a, b| a.concat::<1, _, R2<2, 5>>(&b), numbers;
    stack: R2<2, 2>, R2<2, 2>, |a, b| a.stack::<1, _>(&b), numbers;
    select: R2<2, 2>, R1<2>, |a, b| Tensor::from([[true, false], [false, true]]).select(&a, &b), numbers;
    scatter_add: R1<4>, R1<3>, |a, b| a.scatter_add::<0, _, _, _>(&Tensor::from([1_i64, 3, 1]), &b).unwrap(), numbers;
}

/// Operations on one tensor, with the second derivative.
macro_rules! singles {
    ($($name:ident: $A:ty, |$a:ident| $y:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
            $(
                #[test]
                fn $name(seed in 0_u64..1000) {
                    let a: Tensor<$A, f64> = numbers(seed);
                    Gradcheck::default().function(&a, |_, $a| $y).unwrap();
                    let check = Gradcheck { tolerance: 1e-5, ..Gradcheck::default() };
                    check.function(&a, |_, $a| $y.square().gradient($a).unwrap()).unwrap();
                }
            )*
        }
    };
}
singles! {
    sum: R3<2, 3, 2>, |a| a.sum();
    sum_axis: R3<2, 3, 2>, |a| a.sum_axis::<1>();
    sum_axes: R3<2, 3, 2>, |a| a.along::<R2<0, 2>>().sum();
    sum_kept: R3<2, 3, 2>, |a| a.keeping::<R2<0, 2>>().sum();
    mean: R2<2, 3>, |a| a.mean();
    mean_axis: R2<2, 3>, |a| a.mean_axis::<0>();
    prod: R2<2, 3>, |a| a.whole().prod();
    prod_axis: R3<2, 3, 2>, |a| a.along::<R1<1>>().prod();
    max: R2<2, 3>, |a| a.max();
    max_axis: R3<2, 3, 2>, |a| a.max_axis::<1>();
    min: R2<2, 3>, |a| a.min();
    min_axis: R2<2, 3>, |a| a.along::<R1<0>>().min();
    var: R2<2, 3>, |a| a.along::<R1<1>>().var(1);
    var_kept: R2<2, 3>, |a| a.keeping::<R1<0>>().var(0);
    std: R2<2, 3>, |a| a.whole().std(1);
    norm: R2<2, 3>, |a| a.along::<R1<0>>().norm();
    logsumexp: R2<2, 3>, |a| a.along::<R1<1>>().logsumexp();
    logsumexp_kept: R2<2, 3>, |a| a.keeping::<R2<0, 1>>().logsumexp();
    cumsum: R3<2, 3, 2>, |a| a.cumsum::<1>();
    reshape: R2<2, 3>, |a| a.reshape::<R1<6>>();
    flatten: R2<2, 3>, |a| a.flatten::<6>();
    transpose: R3<2, 3, 2>, |a| a.transpose();
    permute: R3<2, 3, 2>, |a| a.permute::<R3<2, 0, 1>>();
    broadcast: R2<2, 1>, |a| a.broadcast::<R3<2, 2, 3>>();
    slice: R2<4, 3>, |a| a.slice::<0, 1, 3, R2<2, 3>>();
    chunk: R2<4, 3>, |a| a.chunk::<0, 1, 2, R2<2, 3>>();
    select_at: R2<4, 3>, |a| a.select_at::<1, 2>();
    flip: R2<2, 3>, |a| a.flip::<1>();
    pad: R2<2, 3>, |a| a.pad::<1, 2, 1, R2<2, 6>>();
    squeeze: R3<2, 1, 3>, |a| a.squeeze::<1>();
    unsqueeze: R2<2, 3>, |a| a.unsqueeze::<1>();
    tril: R2<3, 3>, |a| a.tril(-1);
    triu: R3<2, 3, 3>, |a| a.triu(1);
    sort: R2<2, 3>, |a| a.sort::<1>(true).0;
    topk: R2<3, 2>, |a| a.topk::<0, 2>().0;
    gather: R2<2, 3>, |a| a.gather::<1, _, _>(&Tensor::from([[2_i64, 0], [1, 1]])).unwrap();
    index_select: R2<2, 3>, |a| a.index_select::<1, 4, _>(&Tensor::from([2_i64, 0, 0, 1])).unwrap();
}

proptest! {
    #[test]
    fn softmax_and_its_logarithm(seed in 0_u64..1000) {
        let x: Tensor<R2<2, 4>, f64> = numbers(seed);
        Gradcheck::default().function(&x, |_, x| x.softmax()).unwrap();
        Gradcheck::default().function(&x, |_, x| x.log_softmax()).unwrap();
        let check = Gradcheck { tolerance: 1e-5, ..Gradcheck::default() };
        check.function(&x, |_, x| x.softmax().square().gradient(x).unwrap()).unwrap();
        check.function(&x, |_, x| x.log_softmax().square().gradient(x).unwrap()).unwrap();
        check.function(&x, |_, x| x.softmax().square().gradient(x).unwrap().square().gradient(x).unwrap()).unwrap();
    }
}

#[test]
fn a_product_with_zeros_has_derivatives() {
    let x = Tensor::<R1<4>, f64>::from([2.0, 0.0, 3.0, -1.0]);
    Gradcheck::default().function(&x, |_, x| x.whole().prod()).unwrap();
    Gradcheck::default().function(&x, |_, x| x.whole().prod().gradient(x).unwrap()).unwrap();
}

#[test]
fn sines_of_large_numbers_have_derivatives() {
    let x = Tensor::<R1<3>, f64>::from([0.3, -1.2, 2.5]);
    // Beside 2 million, a step of 1e-5 has few digits left.
    let check = Gradcheck { tolerance: 1e-3, ..Gradcheck::default() };
    check.function(&x, |_, x| (x + 2e6).sin()).unwrap();
    check.function(&x, |_, x| (x + 2e6).sin().gradient(x).unwrap()).unwrap();
}

#[test]
fn gradients_of_gradients_can_be_differentiated_once_more() {
    let x = Tensor::<R1<4>, f64>::from([0.3, -1.2, 0.8, 1.5]);
    let y = Tensor::<R1<1>, f64>::from([1.7]);
    let check = Gradcheck { tolerance: 1e-4, ..Gradcheck::default() };
    check.function(&x, |_, x| x.tanh().gradient(x).unwrap().gradient(x).unwrap()).unwrap();
    check.function(&x, |_, x| x.erf().gradient(x).unwrap().gradient(x).unwrap()).unwrap();
    check.function((&x, &y), |_, (x, y)| (x / y).sin().gradient(y).unwrap().gradient(x).unwrap()).unwrap();
    check.function((&x, &y), |_, (x, y)| (x / y).gradient(y).unwrap().gradient(y).unwrap()).unwrap();
}
