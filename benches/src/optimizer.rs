//! Optimizer steps over flat parameters: nanoseconds a parameter, and the share of the copy bandwidth of the same run.

use std::hint::black_box;

use nanotorch::kernel::update::{Adam, AdamSettings, RmsProp, Sgd};
use nanotorch::simd::{Simd, WithSimd, dispatch};

use crate::measure::{Shares, numbers};

const SGD: Sgd =
    Sgd { gradient_scale: 1.0, learning_rate: 1e-3, momentum: 0.9, weight_decay: 1e-4, nesterov: false };
const RMS: RmsProp = RmsProp {
    gradient_scale: 1.0,
    learning_rate: 1e-3,
    alpha: 0.99,
    epsilon: 1e-8,
    weight_decay: 0.0,
    momentum: 0.0,
};

/// A step of one kind of optimizer; the slices are parameters, gradients and two moments.
#[derive(Clone, Copy)]
enum Kind {
    Sgd,
    Momentum,
    RmsProp,
    Adam,
}

struct Step<'a>(Kind, [&'a mut [f32]; 4]);
impl WithSimd for Step<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [p, g, m, v] = self.1;
        match self.0 {
            Kind::Sgd => SGD.step(simd, p, g),
            Kind::Momentum => SGD.step_with_momentum(simd, p, g, m),
            Kind::RmsProp => RMS.step(simd, p, g, v),
            Kind::Adam => {
                let settings = AdamSettings { learning_rate: 1e-6, ..AdamSettings::default() };
                Adam::new(&settings, 100, 1.0).step(simd, p, g, m, v);
            }
        }
    }
}

/// Prints the lines of this workload, within `seconds` or so.
pub(crate) fn run(seconds: f64) {
    let sizes = [("mlp_mnist", 535_818), ("1m", 1 << 20), ("16m", 1 << 24)];
    let mut shares = Shares::new("optimizer", seconds, 5 * sizes.len());
    for (name, size) in sizes {
        let (mut p, mut g) = (numbers(size, 1.0), numbers(size, 1e-2));
        let (mut m, mut v) = (numbers(size, 1e-2), numbers(size, 1e-4));
        v.iter_mut().for_each(|v| *v = v.abs());
        let mut target = numbers(size, 1.0);
        let copy = shares.line(&format!("copy_{name}"), size, || {
            black_box(&mut target[..]).copy_from_slice(black_box(&p[..]));
        });
        // Bytes read and written for a parameter, against the 8 of the copy.
        for (kind, label, bytes) in [
            (Kind::Sgd, "sgd", 12.0),
            (Kind::Momentum, "momentum", 20.0),
            (Kind::RmsProp, "rmsprop", 20.0),
            (Kind::Adam, "adam", 28.0),
        ] {
            let step = shares.line(&format!("{label}_{name}"), size, || {
                dispatch(Step(kind, [black_box(&mut p), black_box(&mut g), &mut m, &mut v]));
            });
            println!(
                "optimizer,nanotorch,1,{label}_{name}_of_copy_bandwidth,{:.2}",
                (bytes / step) / (8.0 / copy)
            );
        }
    }
}
