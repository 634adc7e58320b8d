//! Convolutions alone, forward and both ways back, in 10^9 operations a second of plain sums.

use nanotorch::kernel::Accumulate;
use nanotorch::kernel::convolution::{self, Convolution, Way};
use nanotorch::kernel::finish::Finish;
use nanotorch::kernel::window::{Window, places};
use nanotorch::simd::{Simd, WithSimd, dispatch};
use nanotorch::threads::{Team, Threads};

use crate::Options;
use crate::measure::{Shares, numbers};

/// Name, samples, channels of input and output, length of the image's sides, kernel, stride, padding, groups.
type Case = (&'static str, usize, usize, usize, usize, usize, usize, usize, usize);

/// What networks are made of; also in `peers/python/measure.py`.
const CASES: [Case; 16] = [
    ("3x3_32_32", 32, 32, 32, 32, 3, 1, 1, 1),
    ("3x3_64_16", 32, 64, 64, 16, 3, 1, 1, 1),
    ("3x3_128_8", 32, 128, 128, 8, 3, 1, 1, 1),
    ("3x3_64_56", 4, 64, 64, 56, 3, 1, 1, 1),
    ("3x3_first_3_32", 32, 3, 32, 32, 3, 1, 1, 1),
    ("3x3_stride2_32_64", 32, 32, 64, 32, 3, 2, 1, 1),
    ("3x3_depthwise_64", 32, 64, 64, 32, 3, 1, 1, 64),
    ("3x3_grouped_64_4", 32, 64, 64, 16, 3, 1, 1, 4),
    ("1x1_64_256", 32, 64, 256, 16, 1, 1, 0, 1),
    ("1x1_256_64", 32, 256, 64, 16, 1, 1, 0, 1),
    ("5x5_16_32", 32, 16, 32, 28, 5, 1, 2, 1),
    ("7x7_stride2_stem", 4, 3, 64, 224, 7, 2, 3, 1),
    ("2x2_stride2_64_32", 32, 32, 64, 32, 2, 2, 0, 1),
    ("batch1_3x3_64_16", 1, 64, 64, 16, 3, 1, 1, 1),
    ("batch1_3x3_stride2_64", 1, 64, 64, 32, 3, 2, 1, 1),
    ("batch1_1x1_64_256", 1, 64, 256, 16, 1, 1, 0, 1),
];

/// Which way the numbers go.
#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Data,
    Weights,
}

const DIRECTIONS: [(&str, Direction); 3] =
    [("forward", Direction::Forward), ("data", Direction::Data), ("weights", Direction::Weights)];

struct Work<'a> {
    size: Convolution,
    direction: Direction,
    rows: usize,
    x: &'a mut [f32],
    weight: &'a mut [f32],
    y: &'a mut [f32],
    workspace: &'a mut [f32],
    threads: Threads<'a>,
}

impl WithSimd for Work<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Work { size, direction, rows, x, weight, y, workspace, threads } = self;
        let plain = Finish::bias(&[]);
        match direction {
            Direction::Forward => {
                convolution::forward(simd, threads, &size, rows, x, weight, plain, None, y, workspace)
            }
            Direction::Data => {
                convolution::input_gradient(simd, threads, &size, rows, y, weight, plain, x, workspace)
            }
            Direction::Weights => {
                let mode = Accumulate::Replace;
                convolution::weight_gradient(
                    simd,
                    threads,
                    &size,
                    rows,
                    x,
                    y,
                    weight,
                    &mut [],
                    mode,
                    workspace,
                )
            }
        }
    }
}

fn square(length: usize, kernel: usize, stride: usize, padding: usize) -> Window {
    let along = places(length + 2 * padding, kernel, stride);
    Window {
        output: [1, along, along],
        kernel: [1, kernel, kernel],
        stride: [1, stride, stride],
        before: [0, padding, padding],
        after: [0, padding, padding],
        ..Window::over([1, length, length])
    }
}

fn line(shares: &mut Shares<'_>, name: &str, size: Convolution, rows: usize, direction: Direction) {
    let room = match direction {
        Direction::Forward => size.forward_workspace(),
        Direction::Data => size.input_gradient_workspace(),
        Direction::Weights => size.weight_gradient_workspace(),
    };
    let mut x = numbers(rows * size.input_length(), 1.0);
    let (mut weight, mut y) = (numbers(size.weight_length(), 0.1), numbers(rows * size.output_length(), 1.0));
    let mut workspace = numbers(room, 1.0);
    let team = Team::of(shares.threads(), 4 * room);
    shares.rate(name, rows * size.flops(), || {
        let (x, weight, y, workspace) = (&mut *x, &mut *weight, &mut *y, &mut *workspace);
        let threads = team.threads();
        dispatch(Work { size, direction, rows, x, weight, y, workspace, threads });
    });
}

/// `convolutions`: layers of networks as they are computed.
pub(crate) fn layers(options: Options<'_>) {
    let mut shares = Shares::new("convolutions", options, CASES.len() * DIRECTIONS.len());
    for (name, rows, inputs, outputs, image, kernel, stride, padding, groups) in CASES {
        let window = square(image, kernel, stride, padding);
        let size = Convolution::new(window, groups, inputs / groups, outputs / groups);
        for (way, direction) in DIRECTIONS {
            line(&mut shares, &format!("{name}_{way}"), size, rows, direction);
        }
    }
}

/// Channels of both sides, and lengths of images, for which both ways are measured.
const CHANNELS: [usize; 5] = [8, 16, 32, 64, 128];
const IMAGES: [usize; 8] = [4, 6, 7, 8, 14, 16, 28, 56];

/// `squares`: windows of 3 by 3 by plain sums and by squares, which the rule that chooses between them is made of.
pub(crate) fn squares(options: Options<'_>) {
    let count = 2 * CHANNELS.len() * IMAGES.len() * DIRECTIONS.len();
    let mut shares = Shares::new("squares", options, count);
    for channels in CHANNELS {
        for image in IMAGES {
            let size = Convolution::new(square(image, 3, 1, 1), 1, channels, channels);
            // About as much work for each.
            let rows = (64 * 1024 / (image * image * channels)).next_multiple_of(16).clamp(16, 64);
            for (direction_name, direction) in DIRECTIONS {
                for (way_name, way) in [("sums", Way::Sums), ("squares", Way::Squares)] {
                    let name = format!("{channels}_{image}_{direction_name}_{way_name}");
                    line(&mut shares, &name, Convolution { way, ..size }, rows, direction);
                }
            }
        }
    }
}
