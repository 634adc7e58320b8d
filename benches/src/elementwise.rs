//! Elementary functions over a million numbers, and softmax, cross-entropy and normalisation of rows: nanoseconds an element.

use std::hint::black_box;

use nanotorch::device::{Cpu, Kernel};
use nanotorch::element::Float;
use nanotorch::kernel::cross_entropy::{ClassIndices, cross_entropy_indices};
use nanotorch::kernel::map::{UnaryMap, map_on};
use nanotorch::kernel::normalize::{self, Normalization};
use nanotorch::kernel::{math, reduce};
use nanotorch::op::softmax::{RowForward, Softmax};
use nanotorch::simd::{Simd, Vector, WithSimd, dispatch};
use nanotorch::threads::{Team, Threads};

use crate::Options;
use crate::measure::{Shares, numbers};

/// Numbers in a vector that is larger than the caches near a core.
const MANY: usize = 1 << 20;

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
    };
}
functions!(
    Tanh tanh, Exp exp, Gelu gelu, GeluTanh gelu_tanh, Sigmoid sigmoid, Log log, Silu silu, Softplus softplus, Erf erf
);

/// The value unchanged: what a copy through the same loop costs.
#[derive(Clone, Copy)]
struct Copy;
impl<T: Float> UnaryMap<T> for Copy {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V) -> V {
        x
    }
}

struct Mapped<'a, F>(Threads<'a>, F, &'a [f32], &'a mut [f32]);
impl<F: UnaryMap<f32> + Sync> WithSimd for Mapped<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        map_on(self.0, simd, self.1, self.2, self.3);
    }
}

struct Softmaxed<'a>(Threads<'a>, usize, &'a [f32], &'a mut [f32]);
impl WithSimd for Softmaxed<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Softmaxed(threads, n, x, y) = self;
        RowForward { function: Softmax, n, x, y }.run(Cpu { simd, threads });
    }
}

/// Layer normalisation and its gradients, each over rows of 128.
struct Normalized<'a> {
    threads: Threads<'a>,
    x: &'a [f32],
    dy: &'a [f32],
    y: &'a mut [f32],
    kept: &'a mut [f32],
    weight: &'a mut [f32],
    bias: &'a mut [f32],
    backward: bool,
}
impl WithSimd for Normalized<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Normalized { threads, x, dy, y, kept, weight, bias, backward } = self;
        let size = Normalization { length: 128, shared: 1, centred: true, epsilon: 1e-5 };
        if backward {
            normalize::backward(simd, threads, &size, x, &[1.0; 128], kept, dy, Some(y), weight, bias);
        } else {
            normalize::forward(simd, threads, &size, x, weight, bias, y, kept);
        }
    }
}

struct Loss<'a>(Threads<'a>, usize, &'a [f32], &'a [u32], &'a mut [f32]);
impl WithSimd for Loss<'_> {
    type Output = f32;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        let Loss(threads, n, logits, classes, gradient) = self;
        let target = ClassIndices { classes, weights: None, smoothing: 0.0 };
        cross_entropy_indices(simd, threads, n, logits, target, 1.0, Some(gradient)).unwrap_or(f32::NAN)
    }
}

struct Norm<'a>(Threads<'a>, &'a [f32]);
impl WithSimd for Norm<'_> {
    type Output = f32;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        reduce::sum_of_squares_on(self.0, simd, self.1)
    }
}

/// Prints the lines of this workload, within `seconds` or so.
pub(crate) fn run(options: Options<'_>) {
    let team = Team::of(options.threads, 0);
    let x = numbers(MANY, 4.0);
    let mut y = numbers(MANY, 1.0);
    let mut positive = numbers(MANY, 4.0);
    positive.iter_mut().for_each(|x| *x = x.abs() + 1e-3);
    let mut shares = Shares::new("elementwise", options, 21);
    macro_rules! map_line {
        ($name:literal, $function:expr, $x:expr) => {
            shares.line($name, MANY, || {
                let (x, y) = (black_box(&$x[..]), black_box(&mut y[..]));
                dispatch(Mapped(team.threads(), $function, x, y));
            });
        };
    }
    map_line!("copy", Copy, x);
    map_line!("tanh", Tanh, x);
    map_line!("exp", Exp, x);
    map_line!("gelu", Gelu, x);
    map_line!("gelu_tanh", GeluTanh, x);
    map_line!("sigmoid", Sigmoid, x);
    map_line!("log", Log, positive);
    map_line!("silu", Silu, x);
    map_line!("softplus", Softplus, x);
    map_line!("erf", Erf, x);
    shares.line("sum_of_squares", MANY, || {
        black_box(dispatch(Norm(team.threads(), black_box(&x))));
    });
    for (rows, n) in [(64, 10), (768, 65), (1024, 1024)] {
        let size = rows * n;
        let classes: Vec<u32> = (0..rows).map(|row| (row * 7 % n) as u32).collect();
        shares.line(&format!("softmax_{rows}x{n}"), size, || {
            dispatch(Softmaxed(team.threads(), n, black_box(&x[..size]), black_box(&mut y[..size])));
        });
        shares.line(&format!("cross_entropy_{rows}x{n}"), size, || {
            let (x, y) = (black_box(&x[..size]), black_box(&mut y[..size]));
            black_box(dispatch(Loss(team.threads(), n, x, &classes, y)));
        });
    }
    let size = 768 * 128;
    let (mut kept, mut weight, mut bias) = (vec![0.0; 2 * 768], vec![1.0; 128], vec![0.0; 128]);
    for (name, backward) in [("layer_norm_768x128", false), ("layer_norm_backward_768x128", true)] {
        shares.line(name, size, || {
            let (x, y) = (black_box(&x[..size]), black_box(&mut y[..size]));
            let (kept, weight, bias) = (&mut kept[..], &mut weight[..], &mut bias[..]);
            dispatch(Normalized { threads: team.threads(), x, dy: x, y, kept, weight, bias, backward });
        });
    }
}
