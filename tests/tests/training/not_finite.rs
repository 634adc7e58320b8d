//! Where numbers stop being finite, training stops, says where, and leaves the last good parameters.

use std::ops::ControlFlow;

use nanotorch::prelude::*;
use nanotorch::train::{Callback, Origin, State, TrainError};

use crate::{Classifier, Line, bits, clouds, line, trainer};

#[model]
struct Block {
    fc: Linear<6, 6>,
    tanh: Tanh,
}

#[model(input = [6])]
struct Deep {
    blocks: [Block; 3],
    head: Linear<6, 2>,
}

#[test]
fn nan_in_a_middle_layer_is_found_there_and_nothing_changes() {
    let set: Dataset<R1<6>> = Dataset::new(vec![0.5; 6 * 5], vec![0, 1, 0, 1, 0]).unwrap();
    let mut model = Deep::new(1);
    model.blocks[1].fc.weight[2][3] = f32::NAN;
    let before = bits(&*model);
    let trainer = Trainer::<Deep, 2>::new(CrossEntropy::default(), Adam::new(1e-3)).quiet();
    let error = trainer.fit(&mut model, &set, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "epoch 1, batch 1: the loss is NaN; the first output that is not finite is that of `blocks.1.fc`; \
         `blocks.1.fc.weight` held NaN or infinity before this step; the model is as it was before this batch: \
         begin from a model whose parameters are finite"
    );
    assert!(
        matches!(error, TrainError::NotFinite { epoch: 1, batch: 1, layer: Some(layer), .. } if layer == "blocks.1.fc")
    );
    assert_eq!(bits(&*model), before);
}

#[test]
fn divergence_leaves_the_parameters_from_before_the_step() {
    let (mut model, set) = line();
    let mut last = Vec::new();
    let error = Trainer::<Line, 5>::new(Mse::default(), Sgd::new(1e3))
        .epochs(1000)
        .callback(Each(|model: &Line| last = bits(model)))
        .quiet()
        .fit(&mut model, &set, None)
        .unwrap_err();
    let TrainError::NotFinite { epoch, batch: 1, loss, .. } = error else { panic!("{error}") };
    assert!(epoch > 2 && !loss.is_nan(), "{error}");
    assert!(model.values().iter().all(|value| value.is_finite()));
    assert_eq!(bits(&*model), last);
}

#[test]
fn bad_data_is_named_as_such() {
    let mut set = clouds(50, 1);
    set.inputs_mut()[8 * 17 + 3] = f32::INFINITY;
    let error = trainer().fit(&mut Classifier::new(1), &set, None).unwrap_err();
    let TrainError::NotFinite { origin, .. } = &error else { panic!("{error}") };
    assert_eq!(*origin, Origin::Input { sample: 17, index: 3 }, "{error}");

    let (mut model, _) = line();
    let set = Dataset::new(vec![0.0, 1.0, 2.0], vec![1.0, f32::NAN, 5.0]).unwrap();
    let trainer = Trainer::<Line, 2>::new(Mse::default(), Sgd::new(0.1)).quiet();
    let error = trainer.fit(&mut model, &set, None).unwrap_err();
    assert_eq!(error.to_string(), "target 1 is NaN, but this loss takes targets that are finite");
}

/// `y = x`, with a derivative that doesn't exist.
#[layer]
struct Broken<T: Float = f32> {
    element: std::marker::PhantomData<fn() -> T>,
}

impl<I: Shape, T: Float> Layer<I> for Broken<T> {
    type Out = I;
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs::NOTHING;
    fn forward<P: nanotorch::device::Pass>(&self, _: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        y.copy_from_slice(x);
    }
    fn backward<P: nanotorch::device::Pass>(
        &self,
        _: &mut P,
        edges: Backward<'_, T>,
        _: Option<&mut Self>,
        _: Memory<'_, T>,
    ) {
        if let Some(dx) = edges.dx {
            dx.fill(T::NAN);
        }
    }
}

#[model(input = [2])]
struct WithBroken {
    first: Linear<2, 2>,
    second: Linear<2, 2>,
    broken: Broken,
    head: Linear<2, 1>,
}

#[test]
fn a_gradient_that_is_not_finite_stops_too() {
    let mut model = WithBroken::new(1);
    let before = bits(&*model);
    let set: Dataset<R1<2>, f32> = Dataset::new(vec![1.0, 2.0], vec![1.0]).unwrap();
    let trainer = Trainer::<WithBroken, 1>::new(Mse::default(), Sgd::new(0.1)).quiet();
    let error = trainer.fit(&mut model, &set, None).unwrap_err();
    let TrainError::NotFinite { layer, origin, loss, .. } = &error else { panic!("{error}") };
    assert_eq!(layer.as_deref(), Some("second"));
    assert!(matches!(origin, Origin::Gradient(name) if name.starts_with("second.")) && loss.is_finite());
    assert_eq!(bits(&*model), before);
}

#[test]
fn parameters_that_a_step_made_infinite_become_those_from_before_the_epoch() {
    let set = clouds(64, 1);
    // The first step of the second epoch if there are eight an epoch, and of the third if there are three.
    for (batches, spoilt, expected) in [(1, 8, 2), (3, 6, 3)] {
        let mut model = Classifier::new(3);
        let rate = move |step: u64| if step == spoilt { 1e39 } else { 1e-3 };
        let mut last = Vec::new();
        let error = Trainer::<Classifier, 8>::new(CrossEntropy::default(), Sgd::new(1.0))
            .epochs(5)
            .accumulate(batches)
            .schedule(rate)
            .callback(Each(|model: &Classifier| last = bits(model)))
            .quiet()
            .fit(&mut model, &set, None)
            .unwrap_err();
        let TrainError::NotFinite { epoch, layer: Some(_), origin: Origin::Step(name), .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(*epoch, expected);
        let expected = format!(
            "a step has made `{name}` NaN or infinite; the model is as it was before this epoch: \
             lower the learning rate, or clip the gradient"
        );
        assert!(error.to_string().ends_with(&expected), "{error}");
        assert_eq!(bits(&*model), last);
    }
}

#[test]
fn parameters_that_the_last_step_of_an_epoch_made_infinite_are_not_shown_to_callbacks() {
    let (mut model, set) = line();
    let before = bits(&*model);
    let error = Trainer::<Line, 8>::new(Mse::default(), Sgd::new(1e39))
        .callback(Each(|model: &Line| panic!("{:?}", model.values())))
        .quiet()
        .fit(&mut model, &set, None)
        .unwrap_err();
    assert!(
        error.to_string().starts_with("epoch 1, batch 1: the loss is 33; a step has made `fc.weight` NaN"),
        "{error}"
    );
    assert_eq!(bits(&*model), before);
}

/// Looks at the model after each epoch.
struct Each<F>(F);

impl<M: Model, O, F: FnMut(&M)> Callback<M, O> for Each<F> {
    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        (self.0)(state.model);
        Ok(ControlFlow::Continue(()))
    }
}
