//! Layers against PyTorch, in both precisions, with each instruction set, in place where they can.

use std::collections::BTreeSet;

use nanotorch::element::{Element, Float};
use nanotorch::model::{Layer, Role, for_each_parameter};
use nanotorch::shape::Shape;

use crate::every_isa::{self, LayerResult};
use crate::golden::Golden;

/// The golden file, and the cases in it that a layer was compared with.
pub struct LayerCases {
    golden: Golden,
    done: BTreeSet<String>,
}

impl LayerCases {
    fn numbers<T: Float>(&self, name: &str) -> Vec<T> {
        self.golden.tensor(name).1.into_iter().map(T::from_f64).collect()
    }

    /// Compares a layer with a case.
    pub fn check<I: Shape, L: Layer<I>>(&mut self, case: &str, tolerance: f64) {
        let mut layer = L::zeroed();
        for_each_parameter::<L>(|parameter| {
            if parameter.role == Role::Buffer {
                return;
            }
            let name = format!("{case}.param.{}", parameter.path);
            let values = self.golden.values(&name, parameter.dims);
            for (number, value) in layer.values_mut()[parameter.range()].iter_mut().zip(values) {
                *number = L::Element::from_f64(value);
            }
        });
        let (x, dy) = (self.numbers(&format!("{case}.x")), self.numbers(&format!("{case}.dy")));
        every_isa::layer::<I, L>(&layer, &x, &dy, |isa, result| {
            println!("{case} on {isa} in {}", L::Element::NAME);
            let LayerResult { y, dx, gradient } = result;
            let double = |numbers: &[L::Element]| numbers.iter().map(|x| x.to_f64()).collect::<Vec<_>>();
            self.golden.assert_close(&format!("{case}.y"), &double(&y), tolerance);
            self.golden.assert_close(&format!("{case}.dx"), &double(&dx), tolerance);
            for_each_parameter::<L>(|parameter| {
                let Some(places) = parameter.gradient_range() else { return };
                let name = format!("{case}.grad.{}", parameter.path);
                self.golden.assert_close(&name, &double(&gradient[places]), tolerance);
            });
        });
        self.done.insert(case.to_owned());
    }

    /// The golden file of that name.
    pub fn open(name: &str) -> LayerCases {
        LayerCases { golden: Golden::open(name), done: BTreeSet::new() }
    }

    /// Each case of the file has been compared.
    pub fn assert_complete(&self) {
        let expected: BTreeSet<String> = self.golden.cases().into_iter().collect();
        assert_eq!(self.done, expected, "a golden case has no test");
    }
}

/// Compares layers, each by the type of its numbers, in both precisions.
#[macro_export]
macro_rules! check_layers {
    ($cases:ident; $($case:literal: $I:ty, |$T:ident| $layer:ty;)*) => {
        $({
            type Of<$T> = $layer;
            $cases.check::<$I, Of<f64>>($case, 1e-10);
            $cases.check::<$I, Of<f32>>($case, 1e-5);
        })*
    };
}
