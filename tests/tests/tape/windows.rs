//! Convolutions, poolings and normalisations: against differences, against loops over random numbers, and against layers.

use nanotorch::gradcheck::Gradcheck;
use nanotorch::layer::window::WindowOptions;
use nanotorch::prelude::*;
use nanotorch::random::Random;
use proptest::prelude::*;

use super::derivatives::numbers;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn convolutions(seed in 0_u64..1000) {
        macro_rules! check {
            ($($X:ty, $W:ty, |$x:ident, $w:ident| $y:expr;)*) => {
                $(
                    let x: Tensor<$X, f64> = numbers(seed);
                    let w: Tensor<$W, f64> = numbers(seed + 1);
                    Gradcheck::default().function((&x, &w), |_, ($x, $w)| $y).unwrap();
                    let check = Gradcheck { tolerance: 1e-5, ..Gradcheck::default() };
                    check.function((&x, &w), |_, ($x, $w)| $y.square().gradient($x).unwrap()).unwrap();
                    check.function((&x, &w), |_, ($x, $w)| $y.square().gradient($w).unwrap()).unwrap();
                )*
            };
        }
        check! {
            R3<2, 2, 5>, R3<3, 2, 3>, |x, w| x.conv1d::<Padding<1>, R3<2, 3, 5>>(&w);
            R3<2, 4, 6>, R3<2, 2, 2>, |x, w| x.conv1d::<(Groups<2, 2>, Stride<2>), R3<2, 2, 3>>(&w);
            R4<2, 1, 4, 5>, R4<2, 1, 2, 3>, |x, w| x.conv2d::<(Stride<2, 1>, Same1), R4<2, 2, 3, 5>>(&w);
            R4<1, 3, 4, 4>, R4<3, 1, 2, 2>, |x, w| x.conv2d::<(Depthwise, Dilation<2>), R4<1, 3, 2, 2>>(&w);
            R5<1, 1, 2, 3, 3>, R5<2, 1, 2, 2, 2>, |x, w| x.conv3d::<(), R5<1, 2, 1, 2, 2>>(&w);
            R3<2, 2, 3>, R3<2, 2, 3>, |x, w| x.conv_transpose1d::<(Stride<2>, Padding<1>), R3<2, 2, 5>>(&w);
            R4<1, 2, 2, 3>, R4<2, 1, 2, 2>, |x, w| x.conv_transpose2d::<Groups<2, 1>, R4<1, 2, 3, 4>>(&w);
            R5<1, 1, 2, 2, 1>, R5<1, 2, 2, 1, 2>, |x, w| x.conv_transpose3d::<(), R5<1, 2, 3, 2, 2>>(&w);
        }
    }

    #[test]
    fn resamplings(seed in 0_u64..1000) {
        macro_rules! check {
            ($($X:ty, |$x:ident| $y:expr;)*) => {
                $(
                    let x: Tensor<$X, f64> = numbers(seed);
                    Gradcheck::default().function(&x, |_, $x| $y).unwrap();
                    let check = Gradcheck { tolerance: 1e-5, ..Gradcheck::default() };
                    check.function(&x, |_, $x| $y.square().gradient($x).unwrap()).unwrap();
                )*
            };
        }
        check! {
            R4<2, 1, 2, 3>, |x| x.interpolate::<2, Nearest, R4<2, 1, 4, 6>>();
            R4<1, 2, 3, 2>, |x| x.interpolate::<3, Bilinear, R4<1, 2, 9, 6>>();
            R4<2, 4, 1, 2>, |x| x.pixel_shuffle::<2, R4<2, 1, 2, 4>>();
            R4<2, 1, 2, 2>, |x| x.zero_pad2d::<1, 0, 2, 1, R4<2, 1, 5, 3>>();
        }
    }

    #[test]
    fn poolings_and_normalisations(seed in 0_u64..1000) {
        macro_rules! check {
            ($($X:ty, |$x:ident| $y:expr;)*) => {
                $(
                    let x: Tensor<$X, f64> = numbers(seed);
                    Gradcheck::default().function(&x, |_, $x| $y).unwrap();
                    let check = Gradcheck { tolerance: 1e-5, ..Gradcheck::default() };
                    check.function(&x, |_, $x| ($y * $y).gradient($x).unwrap()).unwrap();
                )*
            };
        }
        check! {
            R3<2, 2, 5>, |x| x.max_pool1d::<3, (Stride<1>, Padding<1>), R3<2, 2, 5>>();
            R3<2, 2, 6>, |x| x.max_pool1d::<3, (), R3<2, 2, 2>>();
            R4<1, 2, 4, 5>, |x| x.max_pool2d::<2, Stride<1>, R4<1, 2, 3, 4>>();
            R4<2, 2, 4, 6>, |x| x.max_pool2d::<2, (), R4<2, 2, 2, 3>>();
            R5<1, 1, 2, 4, 3>, |x| x.max_pool3d::<2, (), R5<1, 1, 1, 2, 1>>();
            R3<2, 2, 6>, |x| x.avg_pool1d::<3, Padding<1>, R3<2, 2, 2>>();
            R4<1, 2, 4, 5>, |x| x.avg_pool2d::<2, Stride<1>, R4<1, 2, 3, 4>>();
            R5<1, 1, 2, 4, 3>, |x| x.avg_pool3d::<2, (), R5<1, 1, 1, 2, 1>>();
            R3<2, 2, 5>, |x| x.avg_pool1d_without_padding::<2, Padding<1>, R3<2, 2, 3>>();
            R4<1, 1, 4, 5>, |x| x.avg_pool2d_without_padding::<3, (Stride<2>, Padding<1>), R4<1, 1, 2, 3>>();
            R5<1, 1, 2, 2, 3>, |x| x.avg_pool3d_without_padding::<2, Padding<1>, R5<1, 1, 2, 2, 2>>();
            R4<2, 1, 5, 4>, |x| x.adaptive_avg_pool::<R4<2, 1, 3, 2>>();
            R2<3, 4>, |x| x.layer_norm(0.1);
            R2<3, 4>, |x| x.rms_norm(0.1);
            R3<2, 4, 2>, |x| x.group_norm::<2>(0.1);
            R3<2, 2, 3>, |x| x.instance_norm(0.1);
            R3<3, 2, 2>, |x| x.batch_norm(0.1);
            R2<4, 2>, |x| x.batch_norm(0.1);
        }
    }
}

/// A padding by one on each side of the first axis, and of the second.
type Same1 = Padding<1, 1>;

/// A convolution as loops: lengths of all axes, stride, padding and dilation for the last two.
#[derive(Clone, Copy)]
struct Loops {
    stride: usize,
    padding: usize,
    dilation: usize,
    groups: usize,
}

impl Loops {
    fn value<X: Shape, W: Shape, Y: Shape>(self, x: &View<X, f64>, w: &View<W, f64>) -> Tensor<Y, f64> {
        let Loops { stride, padding, dilation, groups } = self;
        let ([_, inputs, height, width], [outputs, each, rows, columns]) = (four::<X>(), four::<W>());
        let (x, w) = (x.as_slice(), w.as_slice());
        Tensor::<Y, f64>::from_fn(|index| {
            let [n, o, i, j]: [usize; 4] = index.as_ref().try_into().unwrap();
            let group = o / (outputs / groups);
            let mut sum = 0.0;
            for c in 0..each {
                for a in 0..rows {
                    for b in 0..columns {
                        let (line, column) = (i * stride + a * dilation, j * stride + b * dilation);
                        if line < padding || column < padding {
                            continue;
                        }
                        let (line, column) = (line - padding, column - padding);
                        if line < height && column < width {
                            sum += x[((n * inputs + group * each + c) * height + line) * width + column]
                                * w[((o * each + c) * rows + a) * columns + b];
                        }
                    }
                }
            }
            sum
        })
    }
}

fn four<S: Shape>() -> [usize; 4] {
    [S::DIMS[0], S::DIMS[1], S::DIMS[2], S::DIMS[3]]
}

fn random<S: Shape>(random: &mut Random) -> Tensor<S, f64> {
    Tensor::from_fn(|_| random.uniform_f64() * 2.0 - 1.0)
}

fn agrees<X, W, Y, O>(loops: Loops, seed: u64)
where
    X: nanotorch::tensor::Planes<2>,
    W: nanotorch::tensor::Planes<2>,
    Y: nanotorch::tensor::Planes<2>,
    O: WindowOptions,
{
    let mut source = Random::new(seed);
    let (x, w): (Tensor<X, f64>, Tensor<W, f64>) = (random(&mut source), random(&mut source));
    let y: Tensor<Y, f64> = x.conv2d::<O, _>(&w);
    for (got, expected) in y.iter().zip(&loops.value::<X, W, Y>(&x, &w)) {
        assert!((got - expected).abs() < 1e-12 * (1.0 + expected.abs()), "{got}, not {expected}");
    }
    // A transposed convolution is the adjoint: <conv(x), u> = <x, transposed(u)>.
    let u: Tensor<Y, f64> = random(&mut source);
    let back: Tensor<X, f64> = Tape::<f64>::new().record(|tape| {
        let x = tape.variable(&x);
        x.conv2d::<O, Y>(&tape.constant(&w)).backward_with(&u).unwrap();
        x.grad().unwrap()
    });
    let (left, right): (f64, f64) =
        (y.iter().zip(&u).map(|(a, b)| a * b).sum(), x.iter().zip(&back).map(|(a, b)| a * b).sum());
    assert!((left - right).abs() < 1e-10 * (1.0 + left.abs()), "{left}, not {right}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn convolutions_are_loops(seed in 0_u64..1000) {
        let plain = Loops { stride: 1, padding: 0, dilation: 1, groups: 1 };
        agrees::<R4<3, 2, 6, 5>, R4<4, 2, 3, 2>, R4<3, 4, 4, 4>, ()>(plain, seed);
        agrees::<R4<1, 1, 1, 1>, R4<1, 1, 1, 1>, R4<1, 1, 1, 1>, ()>(plain, seed);
        agrees::<R4<9, 3, 7, 7>, R4<5, 3, 3, 3>, R4<9, 5, 4, 4>, (Stride<2>, Padding<1>)>(
            Loops { stride: 2, padding: 1, ..plain }, seed,
        );
        agrees::<R4<2, 4, 9, 8>, R4<6, 2, 3, 3>, R4<2, 6, 5, 4>, (Dilation<2>, Groups<2, 2>)>(
            Loops { dilation: 2, groups: 2, ..plain }, seed,
        );
        agrees::<R4<17, 3, 4, 3>, R4<6, 1, 3, 3>, R4<17, 6, 4, 3>, (Depthwise, Padding<1>)>(
            Loops { padding: 1, groups: 3, ..plain }, seed,
        );
    }
}

/// The gradient of a maximum goes to one number, and so does the gradient of that gradient: a third derivative is there, too.
#[test]
fn maxima_have_derivatives_of_every_order() {
    let x = Tensor::<R3<1, 1, 4>, f64>::from([[[1.0, 3.0, 2.0, 0.5]]]);
    Tape::<f64>::new().record(|tape| {
        let x = tape.variable(&x);
        let y = x.max_pool1d::<2, Stride<1>, R3<1, 1, 3>>();
        let first = (y * y * y).gradient(x).unwrap();
        assert_eq!(first.value().as_slice(), [0.0, 54.0, 12.0, 0.0]);
        let second = first.gradient(x).unwrap();
        assert_eq!(second.value().as_slice(), [0.0, 36.0, 12.0, 0.0]);
        let third = second.gradient(x).unwrap();
        assert_eq!(third.value().as_slice(), [0.0, 12.0, 6.0, 0.0]);
    });
}

#[test]
fn eager_operations_are_those_of_layers() {
    let x = Tensor::<R4<5, 3, 9, 8>>::normal(1);
    let conv = nanotorch::model::new::<Conv2d<3, 4, 3, (Stride<2>, Padding<1>)>>(2);
    let weight = Tensor::from(conv.weight);
    let bias = Tensor::from(conv.bias).reshape::<R3<4, 1, 1>>();
    let y: Tensor<R4<5, 4, 5, 4>> = x.conv2d::<(Stride<2>, Padding<1>), _>(&weight);
    let y = y + bias;
    let norm = nanotorch::model::new::<BatchNorm<4>>(3);
    let pool = nanotorch::model::new::<MaxPool2d<3, Padding<1>>>(4);
    let z: Tensor<R4<5, 4, 2, 2>> = y.batch_norm(1e-5).max_pool2d::<3, Padding<1>, _>();
    Tape::new().record(|tape| {
        let by_layer = tape.module(&*conv, 1).forward(tape.variable(&x)).reshape::<R4<5, 4, 5, 4>>();
        let value = by_layer.value();
        assert!(value.iter().zip(&y).all(|(a, b)| (a - b).abs() < 1e-5));
        let normal = tape.module(&*norm, 1).forward(tape.variable(&y));
        let pooled = tape.module(&*pool, 1).forward(normal).reshape::<R4<5, 4, 2, 2>>();
        assert!(pooled.value().iter().zip(&z).all(|(a, b)| (a - b).abs() < 1e-5));
    });
}
