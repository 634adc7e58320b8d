//! Poolings against naive twins.

use nanotorch::element::Float;
use nanotorch::kernel::convolution::Convolution;
use nanotorch::kernel::pool::{self, Pooling};
use nanotorch::kernel::window::Window;
use nanotorch::simd::{Simd, WithSimd, for_each_isa};
use nanotorch::threads::Threads;
use proptest::prelude::*;

use crate::{Case, POINT, any_window, assert_close, window};

/// All that pools give for planes under a window.
#[derive(Clone)]
struct Pools<T> {
    window: Window,
    x: Vec<T>,
    dy: Vec<T>,
}

impl<T: Float> WithSimd for Pools<T> {
    type Output = [Vec<T>; 6];
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [Vec<T>; 6] {
        let Pools { window, x, dy } = &self;
        let (input, output) = (vec![T::NAN; x.len()], vec![T::NAN; dy.len()]);
        let mut results = [&output, &input, &output, &input, &output, &input].map(Clone::clone);
        let [most, most_dx, mean, mean_dx, real, real_dx] = &mut results;
        let alone = Threads::ALONE;
        pool::forward(simd, alone, Pooling::Maximum, window, x, most);
        pool::backward(simd, alone, Pooling::Maximum, window, x, most, dy, most_dx);
        for (include_padding, y, dx) in [(true, mean, mean_dx), (false, real, real_dx)] {
            let mean = Pooling::Mean { include_padding };
            pool::forward(simd, alone, mean, window, x, y);
            pool::backward(simd, alone, mean, window, &[], &[], dy, dx);
        }
        results
    }
}

fn check_pools<T: Float>(window: Window, planes: usize) {
    // One channel, one window each: what meets what is as in a convolution.
    let size = Convolution::new(window, 1, 1, 1);
    let case = Case::<T>::new(size, planes);
    let mut met = vec![Vec::new(); case.dy.len()];
    case.for_each_product(|x, _, y| met[y].push(x));
    let double = |numbers: &[T]| numbers.iter().map(|x| x.to_f64()).collect::<Vec<_>>();
    let (x, dy) = (double(&case.x), double(&case.dy));
    let zeros = || vec![0.0; x.len()];
    let mut expected = [vec![], zeros(), vec![], zeros(), vec![], zeros()];
    for (met, dy) in met.iter().zip(&dy) {
        let most = met.iter().map(|&place| x[place]).fold(f64::NEG_INFINITY, f64::max);
        expected[0].push(most);
        if let Some(&place) = met.iter().find(|&&place| x[place] == most) {
            expected[1][place] += dy;
        }
        for (result, count) in [(2, window.taps()), (4, met.len().max(1))] {
            expected[result].push(met.iter().map(|&place| x[place]).sum::<f64>() / count as f64);
            for &place in met {
                expected[result + 1][place] += dy / count as f64;
            }
        }
    }
    for_each_isa(Pools { window, x: case.x, dy: case.dy }, |isa, results| {
        for (index, (got, expected)) in results.iter().zip(&expected).enumerate() {
            // What sees nothing but padding is minus infinity.
            let finite = |x: f64| if x.is_finite() { x } else { 0.0 };
            let got: Vec<T> = got.iter().map(|&x| if x.is_finite() { x } else { T::ZERO }).collect();
            let expected: Vec<f64> = expected.iter().map(|&x| finite(x)).collect();
            assert_close(isa, &format!("pool {index}"), &got, &expected, 1.0, window.taps());
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn pools_are_as_the_naive_ones(window in any_window(), planes in 1_usize..=4) {
        check_pools::<f32>(window, planes);
        check_pools::<f64>(window, planes);
    }

    #[test]
    fn pools_of_two_by_two(height in 2_usize..=9, width in 2_usize..=70, planes in 1_usize..=3) {
        let window = window([POINT, [height, 2, 2, 1, 0, 0], [width, 2, 2, 1, 0, 0]]);
        check_pools::<f32>(window, planes);
        check_pools::<f64>(window, planes);
    }
}

/// A NaN shows in every maximum that it is under, and takes the gradient.
#[test]
fn nan_is_the_largest() {
    let window = window([POINT, [2, 2, 2, 1, 0, 0], [4, 2, 2, 1, 0, 0]]);
    let x = vec![1.0, f32::NAN, 3.0, 4.0, 5.0, 6.0, 8.0, 7.0];
    for_each_isa(Pools { window, x, dy: vec![1.0, 2.0] }, |isa, [most, dx, ..]| {
        assert!(most[0].is_nan() && most[1] == 8.0, "{isa}: {most:?}");
        assert_eq!(dx, [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0], "{isa}");
    });
}
