//! Layers whose geometry is drawn (stride, padding, dilation, groups, odd sizes): against PyTorch, and their gradients against
//! differences.

mod drawn;

use nanotorch::gradcheck::Gradcheck;
use nanotorch::model::{self, Layer};
use nanotorch::prelude::*;
use nanotorch_tests::check_layers;
use nanotorch_tests::layer_cases::LayerCases;
use proptest::prelude::{ProptestConfig, proptest};

macro_rules! check_golden {
    ($($cases:tt)*) => {
        #[test]
        fn every_golden_case() {
            let mut cases = LayerCases::open("geometry");
            check_layers! { cases; $($cases)* }
            cases.assert_complete();
        }
    };
}
drawn::with_drawn!(check_golden);

/// The gradients of a layer for some samples, both made of a seed.
type Check = fn(u64, usize);

macro_rules! list_checks {
    ($($case:literal: $I:ty, |$T:ident| $layer:ty;)*) => {
        const CHECKS: &[Check] = &[$({
            type Of<$T> = $layer;
            gradients::<$I, Of<f64>>
        }),*];
    };
}
drawn::with_drawn!(list_checks);

fn gradients<I: Shape, L: Layer<I, Element = f64>>(seed: u64, rows: usize) {
    let mut random = Random::new(seed);
    let layer = model::new::<L>(seed);
    let inputs: Vec<f64> = (0..rows * I::LEN).map(|_| 2.0 * random.normal()).collect();
    let check = Gradcheck { seed, ..Gradcheck::default() };
    let name = core::any::type_name::<L>();
    check.layer::<I, L>(&layer, &inputs).unwrap_or_else(|error| panic!("{name} of {rows} samples: {error}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn gradients_are_differences(index in 0..CHECKS.len(), seed: u64, rows in 1_usize..4) {
        CHECKS[index](seed, rows);
    }
}
