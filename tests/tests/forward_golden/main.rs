//! Forward functions against PyTorch: values and all gradients, in both precisions, with each instruction set; and against
//! differences.

mod models;

use std::collections::BTreeSet;

use models::{
    ActorCritic, Arranged, Attention, Detached, Experts, Gated, Operators, ResidualMlp, Tied, Towers,
};
use nanotorch::element::{Element, Float};
use nanotorch::gradcheck::Gradcheck;
use nanotorch::kernel::Accumulate;
use nanotorch::model::program::Memory;
use nanotorch::model::{self, Model, facts, for_each_parameter};
use nanotorch::prelude::{Inference, Parameters, Random, Training, UpTo};
use nanotorch::shape::Shape;
use nanotorch_tests::every_isa::{self, LayerResult};
use nanotorch_tests::golden::Golden;

/// The golden file, and the cases in it that a model was compared with.
struct Cases {
    golden: Golden,
    done: BTreeSet<String>,
}

impl Cases {
    /// The tensors `case.name`, or `case.name.0`, `case.name.1` and so on.
    fn names(&self, case: &str, name: &str) -> Vec<String> {
        let (whole, parts) = (format!("{case}.{name}"), format!("{case}.{name}."));
        self.golden.names().into_iter().filter(|found| *found == whole || found.starts_with(&parts)).collect()
    }

    /// Those tensors, one behind the other: as a model takes and gives several edges.
    fn numbers<T: Float>(&self, case: &str, name: &str) -> Vec<T> {
        let values = self.names(case, name).into_iter().flat_map(|name| self.golden.tensor(&name).1);
        values.map(T::from_f64).collect()
    }

    /// Compares numbers with those tensors.
    fn assert_close<T: Float>(&self, case: &str, name: &str, actual: &[T], tolerance: f64) {
        let actual: Vec<f64> = actual.iter().map(|x| x.to_f64()).collect();
        let mut rest = &actual[..];
        for name in self.names(case, name) {
            let length = self.golden.tensor(&name).1.len();
            assert!(length <= rest.len(), "`{name}` has {length} numbers, but only {} are left", rest.len());
            let (part, behind) = rest.split_at(length);
            self.golden.assert_close(&name, part, tolerance);
            rest = behind;
        }
        assert!(rest.is_empty(), "`{case}.{name}`: {} numbers too many", rest.len());
    }

    /// The model with the parameters of a case.
    fn model<M: Model>(&self, case: &str) -> Box<M> {
        let mut model = M::zeroed();
        for_each_parameter::<M>(|parameter| {
            let name = format!("{case}.param.{}", parameter.path);
            let values = self.golden.values(&name, parameter.dims);
            for (number, value) in model.values_mut()[parameter.range()].iter_mut().zip(values) {
                *number = M::Element::from_f64(value);
            }
        });
        model
    }

    /// Compares training and inference of a model with a case.
    fn check<M: Model>(&mut self, case: &str, tolerance: f64) {
        let model = self.model::<M>(case);
        let (x, dy) = (self.numbers(case, "x"), self.numbers(case, "dy"));
        every_isa::layer::<M::Input, M>(&model, &x, &dy, |isa, result| {
            println!("{case} on {isa} in {}", M::Element::NAME);
            let LayerResult { y, dx, gradient } = result;
            self.assert_close(case, "y", &y, tolerance);
            self.assert_close(case, "dx", &dx, tolerance);
            let mut compared = 0;
            for_each_parameter::<M>(|parameter| {
                let places = parameter.gradient_range().unwrap();
                compared += places.len();
                self.assert_close(case, &format!("grad.{}", parameter.path), &gradient[places], tolerance);
            });
            assert_eq!(compared, gradient.len(), "{case}");
        });
        let mut inference = Inference::<M, UpTo<3>>::new();
        let y = inference.run(&model, &x).expect("the case is a batch of three");
        self.assert_close(case, "y", y, tolerance);
        self.done.insert(case.to_owned());
    }

    /// Trains and infers in memory of exactly the stated size, between numbers that must stay as they are, and compares with a
    /// case.
    fn check_memory<M: Model>(&mut self, case: &str, tolerance: f64) {
        const ROWS: usize = 3;
        let beside = M::Element::from_f64(0.625);
        let room = |length: usize| {
            let mut numbers = vec![beside; length + 2 * BESIDE];
            numbers[BESIDE..][..length].fill(M::Element::NAN);
            Vec::leak(numbers)
        };
        let model = self.model::<M>(case);
        let (x, dy) = (self.numbers(case, "x"), self.numbers(case, "dy"));
        let numbers = facts::train_numbers::<M>(ROWS, true);
        let (before, rest) = room(numbers).split_at_mut(BESIDE);
        let (arena, after) = rest.split_at_mut(numbers);
        let gradient = Box::leak(M::Gradient::zeroed());
        let mut training = Training::<M, UpTo<ROWS>, true>::new_static(1, arena, gradient)
            .expect("it is as large as stated");
        training.forward(&model, &x).expect("the case is a batch of three");
        training.backward(&model, &x, &dy, Accumulate::Replace).expect("as many as there are outputs");
        self.assert_close(case, "y", training.outputs(), tolerance);
        self.assert_close(case, "dx", training.input_gradient(), tolerance);
        for_each_parameter::<M>(|parameter| {
            let places = parameter.gradient_range().unwrap();
            let gradient = &training.gradient().values()[places];
            self.assert_close(case, &format!("grad.{}", parameter.path), gradient, tolerance);
        });

        let numbers = facts::infer_numbers::<M>(ROWS);
        let (first, rest) = room(numbers).split_at_mut(BESIDE);
        let (arena, last) = rest.split_at_mut(numbers);
        let mut inference = Inference::<M, UpTo<ROWS>>::new_static(arena).expect("it is as large as stated");
        self.assert_close(case, "y", inference.run(&model, &x).expect("a batch of three"), tolerance);
        for beside_it in [before, after, first, last] {
            assert!(beside_it.iter().all(|number| *number == beside), "{case}: written beside the memory");
        }
        self.done.insert(case.to_owned());
    }

    /// Compares the gradients of a model with differences: at the case's numbers, and at others.
    fn check_differences<M: Model<Element = f64>>(&mut self, case: &str) {
        self.done.insert(case.to_owned());
        if case == "detached" {
            // A change of a number changes what is passed on, too; its gradient leaves that out, as it should.
            return;
        }
        let at_case = (self.model::<M>(case), self.numbers(case, "x"));
        let others = [1, 2, 3].map(|rows| {
            let mut random = Random::new(rows as u64);
            let inputs = (0..rows * M::Input::LEN).map(|_| random.normal()).collect();
            (model::new::<M>(rows as u64 + 10), inputs)
        });
        for (model, inputs) in [at_case].into_iter().chain(others) {
            if let Err(error) = Gradcheck::default().layer::<M::Input, M>(&model, &inputs) {
                panic!("{case}, {} rows: {error}", inputs.len() / M::Input::LEN);
            }
        }
    }

    /// Each case of the file has had its turn.
    fn all_done(&self) {
        let expected: BTreeSet<String> = self.golden.cases().into_iter().collect();
        assert_eq!(self.done, expected, "a golden case has no test");
    }
}

/// Calls a method of `Cases` for each case and its model, which is generic over the type of numbers.
macro_rules! for_each_case {
    (|$cases:ident, $name:ident, $Model:ident| $call:block) => {{
        let mut $cases = Cases { golden: Golden::open("forward"), done: BTreeSet::new() };
        for_each_case!(@ $cases, $name, $Model, $call,
            "attention" Attention, "gated" Gated, "towers" Towers, "residual_mlp" ResidualMlp, "experts" Experts,
            "tied" Tied, "actor_critic" ActorCritic, "operators" Operators, "detached" Detached, "arranged" Arranged);
        $cases.all_done();
    }};
    (@ $cases:ident, $name:ident, $Model:ident, $call:block, $($case:literal $Case:ident),*) => {
        $({
            use $Case as $Model;
            let $name = $case;
            $call
        })*
    };
}

/// How many numbers are looked after on each side of memory.
const BESIDE: usize = 16;

#[test]
fn values_and_gradients_are_as_in_pytorch() {
    for_each_case!(|cases, name, Net| {
        cases.check::<Net<f64>>(name, 1e-12);
        cases.check::<Net<f32>>(name, 1e-5);
    });
}

#[test]
fn memory_of_the_stated_size_is_enough() {
    for_each_case!(|cases, name, Net| {
        cases.check_memory::<Net<f32>>(name, 1e-5);
    });
}

/// What training takes is close to what is alive at one time, which no plan can go below. Run with `--nocapture` to see the
/// figures.
#[test]
fn plans_are_tight() {
    println!("{:12} planned  least  everything  (numbers a sample)", "");
    for_each_case!(|cases, name, Net| {
        let Memory { planned, lower_bound, keep_everything } = Net::explain().memory;
        let over = planned as f64 / lower_bound as f64;
        println!("{name:12} {planned:7} {lower_bound:6} {keep_everything:11}   {over:.2}");
        assert!(lower_bound <= planned && planned <= keep_everything, "{name}");
        assert!(over <= 1.15, "{name}: {planned} numbers a sample are planned, {lower_bound} are needed");
        cases.done.insert(name.to_owned());
    });
}

#[test]
fn gradients_match_differences() {
    for_each_case!(|cases, name, Net| {
        cases.check_differences::<Net<f64>>(name);
    });
}
