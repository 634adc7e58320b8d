//! Optimizer steps over flat parameters: nanoseconds a parameter, and the share of the copy bandwidth of the same run.

use std::hint::black_box;

use nanotorch::kernel::map::{UnaryMap, map_on};
use nanotorch::optimizer::{Adam, Optimizer, RmsProp, Sgd};
use nanotorch::prelude::*;
use nanotorch::run::Training;
use nanotorch::simd::{Simd, Vector, WithSimd, dispatch};
use nanotorch::threads::{Team, Threads};

use crate::measure::{Shares, numbers};
use crate::{Mnist, Options};

/// 2^20 parameters.
#[model(input = [1024])]
struct Million {
    fc: Linear<1024, 1024, NoBias>,
}

/// 2^24 parameters, which no cache holds.
#[model(input = [4096])]
struct Large {
    fc: Linear<4096, 4096, NoBias>,
}

/// What a copy through the same loop, on the same threads, costs.
#[derive(Clone, Copy)]
struct Same;
impl UnaryMap<f32> for Same {
    #[inline(always)]
    fn apply<V: Vector<Scalar = f32>>(self, x: V) -> V {
        x
    }
}

struct Copied<'a>(Threads<'a>, &'a [f32], &'a mut [f32]);
impl WithSimd for Copied<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        map_on(self.0, simd, Same, self.1, self.2);
    }
}

/// The steps over one model's parameters.
fn steps<M: Model<Element = f32>>(shares: &mut Shares<'_>, name: &str) {
    let size = M::PARAMS;
    let (source, mut target) = (numbers(size, 1.0), numbers(size, 1.0));
    let team = Team::of(shares.threads(), 0);
    let copy = shares.line(&format!("copy_{name}"), size, || {
        dispatch(Copied(team.threads(), black_box(&source), black_box(&mut target)));
    });
    // Bytes read and written for a parameter, against the 8 of the copy.
    step::<M, _>(shares, Sgd::new(1e-3).build(), ("sgd", name), size, 12.0, copy);
    step::<M, _>(shares, Sgd::new(1e-3).momentum(0.9).build(), ("momentum", name), size, 20.0, copy);
    step::<M, _>(shares, RmsProp::new(1e-3).build(), ("rmsprop", name), size, 20.0, copy);
    step::<M, _>(shares, Adam::new(1e-6).build(), ("adam", name), size, 28.0, copy);
}

fn step<M: Model<Element = f32>, O: Optimizer<M>>(
    shares: &mut Shares<'_>,
    mut optimizer: O,
    (label, name): (&str, &str),
    size: usize,
    bytes: f64,
    copy: f64,
) {
    let mut model = nanotorch::model::new::<M>(1);
    let mut training = Training::<M, Const<1>>::new(1).threads(shares.threads());
    let gradient = training.gradient_mut().values_mut();
    gradient.iter_mut().zip(&*numbers(size, 1e-2)).for_each(|(place, &number)| *place = number);
    let step = shares
        .line(&format!("{label}_{name}"), size, || training.apply(black_box(&mut model), &mut optimizer));
    let share = (bytes / step) / (8.0 / copy);
    shares.print(&format!("{label}_{name}_of_copy_bandwidth"), format_args!("{share:.2}"));
}

/// Prints the lines of this workload.
pub(crate) fn run(options: Options<'_>) {
    let mut shares = Shares::new("optimizer", options, 15);
    steps::<Mnist>(&mut shares, "mlp_mnist");
    steps::<Million>(&mut shares, "1m");
    steps::<Large>(&mut shares, "16m");
}
