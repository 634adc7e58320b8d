//! Windows over each channel by itself, which are computed where they lie: rows shorter and longer than a register, planes that are
//! cut into blocks, and any number of threads.

use nanotorch::kernel::Accumulate;
use nanotorch::kernel::convolution::{self, Convolution};
use nanotorch::kernel::finish::Finish;
use nanotorch::kernel::window::Window;
use nanotorch::simd::{Simd, WithSimd, dispatch};
use nanotorch::threads::Team;
use proptest::prelude::*;

use super::{Case, POINT, Results, check, window};

/// An axis over which a window moves by one, or by two: a length and a kernel, up to those given, its dilation and how much is
/// imagined on each side.
fn axis(longest: usize, widest: usize) -> impl Strategy<Value = [usize; 6]> {
    (
        1..=longest,
        1..=widest,
        prop_oneof![4 => Just(1_usize), 1 => Just(2)],
        1_usize..=3,
        0_usize..=18,
        0_usize..=18,
    )
        .prop_map(|(input, kernel, stride, dilation, before, after)| {
            let reach = dilation * (kernel - 1) + 1;
            let (before, after) = (before % reach, after % reach);
            [input.max(reach.saturating_sub(before + after)), kernel, stride, dilation, before, after]
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn windows_over_each_channel_are_as_the_naive_ones(
        window in prop_oneof![
            (axis(20, 7), axis(70, 9)).prop_map(|(b, c)| window([POINT, b, c])),
            (axis(8, 7), axis(8, 7)).prop_map(|(b, c)| window([POINT, b, c])),
            axis(300, 20).prop_map(|c| window([POINT, POINT, c])),
        ],
        groups in 1_usize..=5,
        rows in 1_usize..=3,
    ) {
        check::<f32>(Convolution::new(window, groups, 1, 1), rows);
        check::<f64>(Convolution::new(window, groups, 1, 1), rows);
    }
}

/// Planes that don't stay near as a whole.
#[test]
fn large_planes() {
    for (height, width) in [
        ([70, 3, 1, 1, 1, 1], [130, 3, 1, 1, 1, 1]),
        ([9, 5, 1, 2, 3, 0], [1100, 3, 1, 3, 0, 4]),
        ([40, 2, 1, 3, 1, 2], [530, 4, 1, 1, 3, 3]),
        (POINT, [9001, 9, 1, 2, 7, 16]),
        ([1, 3, 1, 1, 1, 1], [8192, 1, 1, 1, 0, 0]),
    ] {
        check::<f32>(Convolution::new(window([POINT, height, width]), 2, 1, 1), 2);
    }
}

struct OnThreads<'a>(&'a Case<f32>, usize);

impl WithSimd for OnThreads<'_> {
    type Output = Results<f32>;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Results<f32> {
        let OnThreads(Case { size, rows, x, weight, bias, dy }, threads) = self;
        let lengths =
            [size.forward_workspace(), size.input_gradient_workspace(), size.weight_gradient_workspace()];
        let mut workspace = vec![f32::NAN; lengths.into_iter().max().unwrap()];
        let team = Team::of(threads, 4 * workspace.len());
        let (team, room, rows) = (team.threads(), &mut workspace[..], *rows);
        let zeros = |like: &[f32]| vec![0.0; like.len()];
        let (mut y, mut dx, mut dweight, mut dbias) = (zeros(dy), zeros(x), zeros(weight), zeros(bias));
        let (bias, replace) = (Finish::bias(bias), Accumulate::Replace);
        convolution::forward(simd, team, size, rows, x, weight, bias, None, &mut y, room);
        convolution::input_gradient(simd, team, size, rows, dy, weight, Finish::bias(&[]), &mut dx, room);
        convolution::weight_gradient(simd, team, size, rows, x, dy, &mut dweight, &mut dbias, replace, room);
        Results { y, dx, dweight, dbias }
    }
}

/// The same bits on any number of threads.
#[test]
fn threads_share_channels() {
    let square: fn(usize, usize) -> Window =
        |length, stride| window([POINT, [length, 3, stride, 1, 1, 1], [length, 3, stride, 1, 1, 1]]);
    for window in [square(32, 1), square(13, 1), square(32, 2)] {
        let case = Case::<f32>::new(Convolution::new(window, 67, 1, 1), 9);
        let alone = dispatch(OnThreads(&case, 1));
        for threads in 2..=4 {
            let Results { y, dx, dweight, dbias } = dispatch(OnThreads(&case, threads));
            let same = alone.y == y && alone.dx == dx && alone.dweight == dweight && alone.dbias == dbias;
            assert!(same, "{threads} threads");
        }
    }
}
