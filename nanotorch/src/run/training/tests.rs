//! A step in memory of exactly the promised size, whose contents don't matter.

use super::*;
use crate::loss::{CrossEntropy, Mse};
use crate::prelude::*;

#[crate::model]
struct Block {
    fc: Linear<6, 6>,
    drop: Dropout<25>,
    gelu: Gelu,
}

#[crate::model(input = [2, 3], batch = 4)]
struct Net {
    first: Sigmoid,
    flatten: Flatten,
    blocks: [Block; 3],
    relu: Relu,
    #[frozen]
    middle: Linear<6, 5>,
    softmax: Softmax,
    last: Linear<5, 3>,
    out: Softplus,
}

#[crate::model(input = [6], batch = 4)]
struct Activations {
    drop: Dropout<50>,
    tanh: Tanh,
    log: LogSoftmax,
}

/// What training gives, bit by bit: the loss, the outputs, the gradient.
fn gradients<M, L>(
    training: &mut Training<M, UpTo<4>>,
    model: &M,
    loss: &L,
    rows: usize,
    targets: &[L::Target],
) -> (f64, alloc::vec::Vec<f64>, alloc::vec::Vec<f64>)
where
    M: Model<Element = f64>,
    L: Loss<OutputOf<M>, f64>,
{
    training.set_random(Random::new(9));
    let mut random = Random::new(5);
    let inputs: alloc::vec::Vec<f64> = (0..rows * M::Input::LEN).map(|_| random.normal()).collect();
    let loss = training.gradients(model, loss, &inputs, targets).unwrap();
    (loss, training.outputs().to_vec(), training.gradient().values().to_vec())
}

fn check<M, L>(bytes: usize, loss: &L, targets: &[L::Target])
where
    M: Model<Element = f64>,
    L: Loss<OutputOf<M>, f64>,
{
    let model = crate::model::new::<M>(3);
    let mut clean = Training::<M, UpTo<4>>::new(1);
    let mut dirty = Training::<M, UpTo<4>>::new(1);
    assert_eq!(size_of_val(dirty.arena.as_slice()), bytes);
    for rows in [4, 1, 3] {
        let targets = &targets[..rows * L::TARGETS];
        dirty.arena.as_mut_slice().fill(f64::NAN);
        dirty.gradient.values_mut().fill(f64::NAN);
        let expected = gradients(&mut clean, &model, loss, rows, targets);
        assert!(expected.0.is_finite() && expected.2.iter().all(|number| number.is_finite()));
        assert_eq!(gradients(&mut dirty, &model, loss, rows, targets), expected);
    }
}

#[test]
fn nothing_is_read_that_was_not_written() {
    // The promise is made for `f32`, half as large.
    check::<Net<f64>, _>(2 * Net::TRAIN_BYTES, &CrossEntropy::default(), &[2, 0, 1, 1]);
    check::<Activations<f64>, _>(2 * Activations::TRAIN_BYTES, &Mse::default(), &[0.5; 24]);
}
