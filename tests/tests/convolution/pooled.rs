//! Convolutions that are pooled on the way out give the bits of those that are pooled afterwards.

use nanotorch::kernel::convolution::{self, Convolution};
use nanotorch::kernel::finish::Finish;
use nanotorch::kernel::pool::{self, Pooling};
use nanotorch::kernel::window::{Window, volume};
use nanotorch::simd::{Simd, WithSimd, for_each_isa};
use nanotorch::threads::{Pool, Threads};
use proptest::prelude::*;

use crate::{Case, POINT, any_window, window};

/// A convolution with what follows at inference, pooled on the way out and afterwards.
#[derive(Clone)]
struct PooledCase<'a> {
    threads: Threads<'a>,
    case: Case<f32>,
    pool: Window,
}

impl WithSimd for PooledCase<'_> {
    type Output = [Vec<u32>; 2];
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [Vec<u32>; 2] {
        let PooledCase { threads, case, pool } = &self;
        let Case { size, rows, x, weight, bias, .. } = case;
        let channels = size.groups * size.outputs;
        let finish = Finish { scale: bias, shift: bias, rectified: true };
        let mut y = vec![f32::NAN; rows * size.output_length()];
        let pooled = vec![f32::NAN; rows * channels * volume(pool.output)];
        let mut pooled = [pooled.clone(), pooled];
        let mut room = vec![f32::NAN; size.forward_workspace()];
        convolution::forward(simd, *threads, size, *rows, x, weight, finish, None, &mut y, &mut room);
        pool::forward(simd, *threads, Pooling::Maximum, pool, &y, &mut pooled[0]);
        let mut room = vec![f32::NAN; size.forward_workspace() + size.pooled_workspace(pool)];
        let to = &mut pooled[1];
        convolution::forward(simd, *threads, size, *rows, x, weight, finish, Some(pool), to, &mut room);
        pooled.map(|numbers| numbers.into_iter().map(f32::to_bits).collect())
    }
}

fn check_pooled(threads: Threads<'_>, size: Convolution, rows: usize, pool: Window) {
    assert!(size.pools(&pool), "{pool:?} over {size:?}");
    let case = Case::<f32>::new(size, rows);
    for_each_isa(PooledCase { threads, case, pool }, |isa, [apart, together]| {
        assert!(apart == together, "{pool:?} over {rows} samples of {size:?} on {isa}");
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pooled_on_the_way_out_is_pooled(
        convolved in any_window(),
        groups in 1_usize..=2,
        inputs in 1_usize..=4,
        outputs in 1_usize..=20,
        rows in 1_usize..=35,
        options in prop::array::uniform8(0_usize..=3),
    ) {
        let over = convolved.output;
        prop_assume!(over[0] == 1);
        let along = |axis: usize, options: &[usize]| {
            let [kernel, stride, before, after] = [options[0], options[1], options[2], options[3]];
            let (kernel, stride) = (1 + kernel % 3, 1 + stride % 3);
            let needed = kernel.saturating_sub(over[axis] + before / 2 + after / 2);
            [over[axis], kernel, stride, 1, before / 2, after / 2 + needed]
        };
        let pool = window([POINT, along(1, &options[..4]), along(2, &options[4..])]);
        let size = Convolution::new(convolved, groups, inputs, outputs);
        prop_assume!(size.pools(&pool));
        let rows = rows.min(1 + 3_000_000 / (size.flops() + 1));
        check_pooled(Threads::ALONE, size, rows, pool);
    }
}

#[test]
fn pools_of_networks_on_the_way_out() {
    let pool = Pool::new(2).with_memory(4 << 20);
    let image = |length, kernel, stride, padding| [length, kernel, stride, 1, padding, padding];
    let square = |length, kernel, stride, padding| {
        window([POINT, image(length, kernel, stride, padding), image(length, kernel, stride, padding)])
    };
    for (convolved, groups, inputs, outputs, rows, pooled) in [
        (square(28, 5, 1, 0), 1, 1, 8, 20, square(24, 2, 2, 0)),
        (square(12, 5, 1, 0), 1, 8, 16, 1, square(8, 2, 2, 0)),
        (square(16, 3, 1, 1), 1, 16, 24, 17, square(16, 2, 2, 0)),
        (square(13, 3, 1, 1), 2, 17, 16, 33, square(13, 2, 2, 0)),
        (square(20, 3, 1, 1), 1, 16, 16, 16, square(20, 4, 4, 0)),
        // A few samples, channels side by side.
        (square(13, 3, 1, 1), 2, 17, 40, 3, square(13, 2, 2, 0)),
        (square(14, 3, 1, 1), 1, 32, 64, 1, square(14, 2, 2, 0)),
        (square(32, 7, 2, 3), 1, 3, 18, 3, square(16, 3, 2, 1)),
        (square(9, 2, 1, 0), 1, 20, 40, 2, square(8, 2, 3, 0)),
    ] {
        let size = Convolution::new(convolved, groups, inputs, outputs);
        for threads in [Threads::ALONE, Threads::of(&pool)] {
            check_pooled(threads, size, rows, pooled);
        }
    }
}
