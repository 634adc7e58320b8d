//! What a step on a warm tape takes from the system.

use allocation_counter::{AllocationInfo, measure};
use nanotorch::loss::{CrossEntropy, Mse};
use nanotorch::prelude::*;

/// What the third of three equal steps allocates.
fn warm(mut step: impl FnMut() -> f32) -> AllocationInfo {
    let first = step();
    assert_eq!(step(), first);
    measure(|| assert_eq!(step(), first))
}

#[test]
fn a_warm_step_of_operations_allocates_nothing() {
    let mut tape = Tape::new();
    let (w, b) = (Tensor::<R2<64, 32>>::normal(1), Tensor::<R1<32>>::normal(3));
    let x = Tensor::<R2<16, 64>>::normal(2);
    let info = warm(|| {
        tape.record(|tape| {
            let (x, w, b) = (tape.constant(&x), tape.variable(&w), tape.variable(&b));
            let hidden = (x.matmul(&w) + b).tanh() * 2.0;
            let part = hidden.transpose().slice::<0, 4, 12, R2<8, 16>>().transpose();
            let loss = (part.softmax() - part.detach()).square().mean() + hidden.max();
            loss.backward().unwrap();
            w.with_grad(|gradient| gradient[[0, 0]]).unwrap() + b.with_grad(|gradient| gradient[[1]]).unwrap()
        })
    });
    assert_eq!(info.count_total, 0, "{info:?}");
}

/// A model with something to keep for backward, and something random.
#[model(input = [16])]
pub struct Net {
    hidden: Linear<16, 64>,
    norm: LayerNorm<64>,
    gelu: Gelu,
    dropout: Dropout<10>,
    head: Linear<64, 5>,
}

#[test]
fn a_warm_call_of_a_model_allocates_no_numbers() {
    let (mut tape, net) = (Tape::new(), Net::new(1));
    let x = Tensor::<R2<8, 16>>::normal(2);
    let targets = [0, 1, 2, 3, 4, 0, 1, 2];
    let info = warm(|| {
        tape.record(|tape| {
            let called = tape.module(&*net, 7);
            let logits: Var<'_, R2<8, 5>> = called.forward(tape.variable(&x));
            logits.loss(CrossEntropy::default(), &targets).unwrap().backward().unwrap();
            called.with_grad(|gradient| gradient.hidden.weight[0][0]).unwrap()
        })
    });
    // A call holds the parameters and a loss its targets, so their sizes lie in two small blocks of their own.
    assert!(info.count_total <= 2 && info.bytes_total <= 512, "{info:?}");
}

#[test]
fn steps_of_another_shape_between_change_nothing() {
    let mut tape = Tape::new();
    let (w, x, y) =
        (Tensor::<R2<3, 2>>::normal(1), Tensor::<R2<4, 3>>::normal(2), Tensor::<R2<9, 3>>::normal(3));
    let small = |tape: &mut Tape| {
        tape.record(|tape| {
            let w = tape.variable(&w);
            let loss = tape.constant(&x).matmul(&w).loss(Mse::default(), &[0.5; 8]).unwrap();
            loss.backward().unwrap();
            (loss.item(), w.grad())
        })
    };
    let first = small(&mut tape);
    for _ in 0..3 {
        tape.record(|tape| {
            let w = tape.variable(&w).exp();
            (tape.constant(&y).matmul(&w).sin() * 3.0).sum().backward().unwrap();
        });
        assert_eq!(small(&mut tape), first);
    }
}
