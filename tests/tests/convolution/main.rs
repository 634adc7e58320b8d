//! Convolution and pooling kernels against naive twins in double precision: awkward geometry, every instruction set of the
//! machine, both precisions.

mod depthwise;
mod pooled;
mod pools;

use nanotorch::element::Float;
use nanotorch::kernel::Accumulate;
use nanotorch::kernel::convolution::{self, Convolution, Way};
use nanotorch::kernel::finish::Finish;
use nanotorch::kernel::window::{Window, places, volume};
use nanotorch::random::Random;
use nanotorch::simd::{Isa, Simd, WithSimd, for_each_isa};
use nanotorch::threads::Threads;
use proptest::prelude::*;

/// A convolution of `rows` samples with random numbers.
#[derive(Clone, Debug)]
struct Case<T> {
    size: Convolution,
    rows: usize,
    x: Vec<T>,
    weight: Vec<T>,
    bias: Vec<T>,
    dy: Vec<T>,
}

/// What the kernels give.
#[derive(Clone, Debug)]
struct Results<T> {
    y: Vec<T>,
    dx: Vec<T>,
    dweight: Vec<T>,
    dbias: Vec<T>,
}

fn numbers<T: Float>(length: usize, random: &mut Random) -> Vec<T> {
    (0..length).map(|_| T::from_f64(2.0 * random.uniform_f64() - 1.0)).collect()
}

impl<T: Float> Case<T> {
    fn new(size: Convolution, rows: usize) -> Case<T> {
        let random = &mut Random::new(7);
        Case {
            size,
            rows,
            x: numbers(rows * size.input_length(), random),
            weight: numbers(size.weight_length(), random),
            bias: numbers(size.groups * size.outputs, random),
            dy: numbers(rows * size.output_length(), random),
        }
    }

    /// Calls `pair` with the places in x, weight and y of all that meet.
    fn for_each_product(&self, mut pair: impl FnMut(usize, usize, usize)) {
        let Convolution { window, groups, inputs, outputs, .. } = self.size;
        let (input, output, kernel) = (window.input, window.output, window.kernel);
        let (pixels, taps) = (volume(input), volume(kernel));
        let coordinates = |index: usize, lengths: [usize; 3]| {
            [index / lengths[2] / lengths[1], index / lengths[2] % lengths[1], index % lengths[2]]
        };
        for sample in 0..self.rows {
            for out in 0..groups * outputs {
                for place in 0..volume(output) {
                    let y = (sample * groups * outputs + out) * volume(output) + place;
                    let at = coordinates(place, output);
                    for channel in 0..inputs {
                        for tap in 0..taps {
                            let t = coordinates(tap, kernel);
                            let from = |axis: usize| {
                                (at[axis] * window.stride[axis] + t[axis] * window.dilation[axis])
                                    .checked_sub(window.before[axis])
                                    .filter(|&from| from < input[axis])
                            };
                            let (Some(a), Some(b), Some(c)) = (from(0), from(1), from(2)) else { continue };
                            let channels = sample * groups * inputs + out / outputs * inputs + channel;
                            let x = channels * pixels + (a * input[1] + b) * input[2] + c;
                            pair(x, (out * inputs + channel) * taps + tap, y);
                        }
                    }
                }
            }
        }
    }

    fn naive(&self) -> Results<f64> {
        let double = |numbers: &[T]| numbers.iter().map(|x| x.to_f64()).collect::<Vec<_>>();
        let (x, weight, dy) = (double(&self.x), double(&self.weight), double(&self.dy));
        let pixels = volume(self.size.window.output);
        let channels = self.bias.len();
        let mut results = Results {
            y: (0..dy.len()).map(|place| self.bias[place / pixels % channels].to_f64()).collect(),
            dx: vec![0.0; x.len()],
            dweight: vec![0.0; weight.len()],
            dbias: vec![0.0; channels],
        };
        for (place, dy) in dy.iter().enumerate() {
            results.dbias[place / pixels % channels] += dy;
        }
        self.for_each_product(|a, b, c| {
            results.y[c] += x[a] * weight[b];
            results.dx[a] += dy[c] * weight[b];
            results.dweight[b] += dy[c] * x[a];
        });
        results
    }
}

impl<T: Float> WithSimd for Case<T> {
    type Output = Results<T>;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Results<T> {
        let Case { size, rows, x, weight, bias, dy } = &self;
        let room = |length| vec![T::NAN; length];
        let mut results = Results {
            y: room(dy.len()),
            dx: room(x.len()),
            dweight: room(weight.len()),
            dbias: room(bias.len()),
        };
        let Results { y, dx, dweight, dbias } = &mut results;
        let (bias, alone, rows) = (Finish::bias(bias), Threads::ALONE, *rows);
        let mut workspace = room(size.forward_workspace());
        convolution::forward(simd, alone, size, rows, x, weight, bias, None, y, &mut workspace);
        let mut workspace = room(size.input_gradient_workspace());
        convolution::input_gradient(
            simd,
            alone,
            size,
            rows,
            dy,
            weight,
            Finish::bias(&[]),
            dx,
            &mut workspace,
        );
        for accumulate in [Accumulate::Replace, Accumulate::Add] {
            let mut workspace = room(size.weight_gradient_workspace());
            convolution::weight_gradient(
                simd,
                alone,
                size,
                rows,
                x,
                dy,
                dweight,
                dbias,
                accumulate,
                &mut workspace,
            );
        }
        results
    }
}

/// Each number within some units in the last place of the sum of `terms` numbers below 1.
fn assert_close<T: Float>(isa: Isa, what: &str, got: &[T], expected: &[f64], factor: f64, terms: usize) {
    let bound = 4.0 * T::EPSILON.to_f64() * terms as f64;
    for (index, (got, expected)) in got.iter().zip(expected).enumerate() {
        let error = (got.to_f64() - factor * expected).abs();
        assert!(error <= bound, "{what} on {isa} [{index}]: {got} rather than {}", factor * expected);
    }
}

fn check<T: Float>(size: Convolution, rows: usize) {
    let case = Case::<T>::new(size, rows);
    let expected = case.naive();
    let terms = size.inputs * size.window.taps();
    for_each_isa(case, |isa, got| {
        assert_close(isa, "y", &got.y, &expected.y, 1.0, terms + 1);
        assert_close(isa, "dx", &got.dx, &expected.dx, 1.0, size.outputs * size.window.taps());
        let terms = 2 * rows * volume(size.window.output);
        assert_close(isa, "dweight", &got.dweight, &expected.dweight, 2.0, terms);
        assert_close(isa, "dbias", &got.dbias, &expected.dbias, 2.0, terms);
    });
}

/// One axis: input, kernel, stride, dilation, before, after.
fn axis(longest: usize) -> impl Strategy<Value = [usize; 6]> {
    (1..=longest, 1_usize..=4, 1_usize..=3, 1_usize..=3, 0_usize..=3, 0_usize..=3).prop_map(
        |(input, kernel, stride, dilation, before, after)| {
            // As much padding as the window needs to have a place at all.
            let needed = (dilation * (kernel - 1) + 1).saturating_sub(input + before + after);
            [input, kernel, stride, dilation, before, after + needed]
        },
    )
}

fn window([a, b, c]: [[usize; 6]; 3]) -> Window {
    let all = |entry: usize| [a[entry], b[entry], c[entry]];
    let window = Window {
        input: all(0),
        output: [0; 3],
        kernel: all(1),
        stride: all(2),
        dilation: all(3),
        before: all(4),
        after: all(5),
    };
    let along = |axis: usize| places(window.padded()[axis], window.reach(axis), window.stride[axis]);
    Window { output: [along(0), along(1), along(2)], ..window }
}

const POINT: [usize; 6] = [1, 1, 1, 1, 0, 0];

fn any_window() -> impl Strategy<Value = Window> {
    prop_oneof![
        axis(40).prop_map(|c| window([POINT, POINT, c])),
        (axis(9), axis(19)).prop_map(|(b, c)| window([POINT, b, c])),
        (axis(9), 1_usize..=3).prop_map(|(b, kernel)| window([POINT, b, [7, kernel, 1, 1, 0, 0]])),
        (axis(4), axis(5), axis(6)).prop_map(|(a, b, c)| window([a, b, c])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn convolutions_are_as_the_naive_one(
        window in any_window(),
        groups in 1_usize..=3,
        inputs in 1_usize..=5,
        outputs in 1_usize..=20,
        rows in 1_usize..=35,
    ) {
        let size = Convolution::new(window, groups, inputs, outputs);
        // The naive twin is to be done in a moment.
        let rows = rows.min(1 + 3_000_000 / (size.flops() + 1));
        check::<f32>(size, rows);
        check::<f64>(size, rows);
        let size = Convolution { way: Way::Places, ..size };
        check::<f32>(size, rows);
        check::<f64>(size, rows);
    }
}

/// Networks' own sizes.
#[test]
fn convolutions_of_networks() {
    let square = |input, kernel, stride, padding| {
        window([
            POINT,
            [input, kernel, stride, 1, padding, padding],
            [input, kernel, stride, 1, padding, padding],
        ])
    };
    for (window, groups, inputs, outputs, rows) in [
        (square(28, 5, 1, 0), 1, 1, 8, 33),
        (square(12, 5, 1, 0), 1, 8, 16, 2),
        (square(8, 3, 1, 1), 1, 32, 33, 17),
        (square(8, 3, 2, 1), 16, 1, 1, 5),
        (square(9, 1, 2, 0), 1, 20, 40, 3),
        (square(7, 1, 1, 0), 1, 20, 40, 19),
        (square(6, 1, 1, 0), 3, 5, 4, 2),
        (square(9, 3, 1, 1), 17, 1, 1, 3),
        (square(12, 5, 1, 2), 6, 1, 1, 33),
        // One sample on the way back, and on the way back to the weights.
        (square(11, 3, 2, 1), 1, 20, 17, 1),
        (square(13, 5, 1, 2), 2, 16, 24, 1),
        // Many channels by the weights, a picture, and what moves by two on the way back of a few samples.
        (square(10, 5, 1, 2), 1, 16, 32, 5),
        (square(7, 2, 2, 0), 1, 17, 16, 18),
        (square(33, 3, 2, 1), 1, 3, 9, 3),
        (square(35, 3, 2, 1), 1, 5, 8, 2),
        (square(19, 5, 3, 2), 1, 3, 6, 17),
        // Neighbours on the way back whose numbers lie in the other order.
        (square(4, 1, 3, 2), 1, 1, 1, 1),
    ] {
        let size = Convolution::new(window, groups, inputs, outputs);
        check::<f32>(size, rows);
        check::<f32>(Convolution { way: Way::Places, ..size }, rows);
    }
}

/// Windows of 3 by 3 over many channels, which are computed with fewer products, at every place of an image and with groups:
/// errors are within 1e-5 of the largest number.
fn check_squares<T: Float>(
    lengths: [usize; 2],
    padding: [usize; 2],
    groups: usize,
    channels: [usize; 2],
    rows: usize,
) {
    let ([height, width], [before, after]) = (lengths, padding);
    let window = window([POINT, [height, 3, 1, 1, before, after], [width, 3, 1, 1, after, before]]);
    let size = Convolution::new(window, groups, channels[0], channels[1]);
    let size = Convolution { way: Way::Squares, ..size };
    let case = Case::<T>::new(size, rows);
    let expected = case.naive();
    // 1e-5 in single precision.
    let bound = 84.0 * T::EPSILON.to_f64();
    for_each_isa(case, |isa, got| {
        for (what, got, expected, factor) in [
            ("y", &got.y, &expected.y, 1.0),
            ("dx", &got.dx, &expected.dx, 1.0),
            ("dweight", &got.dweight, &expected.dweight, 2.0),
            ("dbias", &got.dbias, &expected.dbias, 2.0),
        ] {
            let largest = expected.iter().fold(0.0_f64, |most, y| most.max(y.abs()));
            for (index, (&got, expected)) in got.iter().zip(expected).enumerate() {
                let error = (got.to_f64() / factor - expected).abs() / largest;
                assert!(error <= bound, "{what} of {size:?} on {isa} [{index}]: {got}, not {expected}");
            }
        }
    });
}

#[test]
fn squares_of_networks() {
    check_squares::<f32>([8, 8], [1, 1], 1, [64, 64], 17);
    check_squares::<f32>([24, 24], [1, 1], 1, [16, 17], 16);
    check_squares::<f64>([13, 14], [1, 1], 2, [17, 16], 17);
    check_squares::<f32>([20, 10], [0, 0], 1, [33, 16], 16);
    // An image whose squares aren't all near at once.
    check_squares::<f32>([37, 41], [1, 1], 1, [80, 70], 2);
    check_squares::<f32>([6, 5], [1, 1], 1, [20, 18], 90);
    // A few samples, whose channels are side by side: two bands, one of which isn't full, and several chunks.
    check_squares::<f32>([14, 15], [1, 1], 1, [33, 49], 3);
    check_squares::<f64>([9, 8], [2, 0], 2, [18, 16], 5);
    check_squares::<f32>([5, 3], [2, 2], 1, [3, 8], 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn squares_are_as_the_naive_ones(
        height in 3_usize..=11,
        width in 3_usize..=13,
        before in 0_usize..=2,
        after in 0_usize..=2,
        groups in 1_usize..=2,
        inputs in 1_usize..=19,
        outputs in 1_usize..=25,
        rows in 1_usize..=17,
    ) {
        check_squares::<f32>([height, width], [before, after], groups, [inputs, outputs], rows);
    }
}

/// The same numbers of the first sample, alone and in a batch, on each instruction set.
fn check_alone(size: Convolution, rows: usize) {
    let mut alone = Vec::new();
    let case = Case::<f32>::new(size, rows);
    let one = Case {
        rows: 1,
        x: case.x[..size.input_length()].to_vec(),
        dy: case.dy[..size.output_length()].to_vec(),
        ..case.clone()
    };
    for_each_isa(one, |isa, results| alone.push((isa, results)));
    for_each_isa(case, |isa, results| {
        let (_, alone) = alone.iter().find(|(other, _)| *other == isa).unwrap();
        assert_eq!(alone.y, results.y[..alone.y.len()], "{isa}");
        assert_eq!(alone.dx, results.dx[..alone.dx.len()], "{isa}");
    });
}

/// A sample's numbers are the same, bit for bit, whatever samples are beside it.
#[test]
fn samples_dont_see_each_other() {
    let window = window([POINT, [9, 3, 1, 1, 1, 1], [11, 3, 1, 1, 1, 1]]);
    check_alone(Convolution::new(window, 1, 3, 20), 40);
    // Alone with its channels side by side, then beside others.
    check_alone(Convolution { way: Way::Squares, ..Convolution::new(window, 1, 19, 20) }, 32);
    check_alone(Convolution::new(window, 1, 32, 17), 16);
}
