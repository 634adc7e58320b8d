//! What comes from outside, and shapes without numbers: an error or a result, never a panic.

use nanotorch::prelude::*;
use nanotorch::tensor;

#[test]
fn operations_on_nothing_give_nothing() {
    let (x, wide) = (Tensor::<R2<2, 0>>::zeros(), Tensor::<R2<0, 3>>::zeros());
    assert_eq!(x.exp().as_slice(), [0.0; 0]);
    assert_eq!((&x + 1.0).len() + (&x * &x).len() + wide.softmax().len(), 0);
    assert_eq!(x.matmul(&wide), Tensor::<R2<2, 3>>::zeros());
    assert_eq!(wide.matmul(&Tensor::<R2<3, 2>>::ones()).len(), 0);
    assert_eq!(x.along::<R1<1>>().sum(), tensor![0.0, 0.0]);
    assert_eq!(x.along::<R1<1>>().prod(), tensor![1.0, 1.0]);
    assert_eq!(x.along::<R1<1>>().max(), tensor![f32::NEG_INFINITY, f32::NEG_INFINITY]);
    assert_eq!(wide.along::<R1<0>>().min(), Tensor::full(f32::INFINITY));
    assert_eq!(wide.along::<R1<1>>().sum().len(), 0);
    assert!(x.whole().mean()[[]].is_nan() && x.whole().var(1)[[]].is_nan());
    assert_eq!(x.whole().norm(), Tensor::from(0.0));
    assert_eq!(x.whole().logsumexp(), Tensor::from(f32::NEG_INFINITY));
    assert_eq!((x.cumsum::<0>().len(), wide.cumsum::<0>().len(), x.transpose().len()), (0, 0, 0));
    assert_eq!((x.flip::<1>().len(), wide.sort::<0>(true).0.len(), wide.topk::<0, 0>().0.len()), (0, 0, 0));
    assert_eq!(x.pad::<1, 1, 1, R2<2, 2>>(), Tensor::zeros());
    assert_eq!(x.concat::<1, _, R2<2, 1>>(&tensor![[1.0], [2.0]]), tensor![[1.0], [2.0]]);
    assert_eq!((x.tril(0).len(), x.stack::<0, _>(&x).len(), x.flatten::<0>().len()), (0, 0, 0));
    assert_eq!(einsum!("ij,jk->ik", x, wide), Tensor::<R2<2, 3>>::zeros());
    assert_eq!(x.greater(&x).along::<R1<1>>().all(), Tensor::from([true, true]));
    assert_eq!(x.to_string().matches("shape=[2, 0]").count(), 1, "{x}");
    assert_eq!(Tensor::<R2<2, 0>, i64>::zeros().along::<R1<1>>().max(), Tensor::full(i64::MIN));
    assert_eq!(
        Tensor::<R1<3>, i64>::from([0, 1, 0]).one_hot::<0>().unwrap_err().to_string(),
        "the index at [0] is 0, but the axis has a length of 0"
    );
    let error = x.along::<R1<1>>().argmax().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the shape [2, 0] has no numbers of which one were the largest or smallest"
    );
    assert_eq!(wide.along::<R1<1>>().argmin().unwrap().len(), 0);
    let gradient = Tape::new().record(|tape| {
        let x = tape.variable(&x);
        let y = x.exp().matmul(&tape.constant(&wide)).sum() + x.sum() + x.whole().prod() + x.max();
        y.backward().unwrap();
        let second = x.tanh().sum().gradient(x).unwrap();
        second.square().sum().backward().unwrap();
        x.grad()
    });
    assert_eq!(gradient, Some(x));
}

type Rows = (UpTo<5>, Const<3>);

#[test]
fn rows_that_are_not_there_are_no_matter() {
    let numbers = [3.0, -1.0, 2.0, 0.5, 4.0, -2.0];
    let x = Tensor::<Rows>::from_slice(&numbers).unwrap();
    let whole = Tensor::<R2<2, 3>>::from_slice(&numbers).unwrap();
    assert_eq!(x.along::<R1<1>>().sum().as_slice(), whole.sum_axis::<1>().as_slice());
    assert_eq!(x.along::<R1<1>>().logsumexp().as_slice(), whole.along::<R1<1>>().logsumexp().as_slice());
    assert_eq!(x.along::<R1<0>>().max().as_slice(), whole.along::<R1<0>>().max().as_slice());
    assert_eq!(x.along::<R1<1>>().argmax().unwrap().as_slice(), [0, 1]);
    assert_eq!(x.whole().argmax().unwrap().as_slice(), [4]);
    assert_eq!(x.keeping::<R1<1>>().mean().as_slice(), whole.mean_axis::<1>().as_slice());
    assert_eq!(
        x.softmax().exp().tril(0).cumsum::<0>().as_slice(),
        whole.softmax().exp().tril(0).cumsum::<0>().as_slice()
    );
    let positive = x.map(|x| x > 0.0);
    assert_eq!(positive.along::<R1<1>>().any().as_slice(), [true, true]);
    assert_eq!(x.cast::<i64>().along::<R1<1>>().sum().as_slice(), [4, 2]);
    assert_eq!((-&x * 2.0).as_slice()[1], 2.0);
    let none = Tensor::<Rows>::from_slice(&[]).unwrap();
    assert_eq!(
        (none.softmax().len(), none.along::<R1<1>>().sum().len(), none.to_string().is_empty()),
        (0, 0, false)
    );
    let lone = Tensor::<(UpTo<5>,)>::from_slice(&[]).unwrap();
    assert_eq!(lone.softmax().len(), 0);
    Tape::new().record(|tape| {
        let v = tape.variable(&x);
        let y = v.tanh();
        let error = y.backward_with(&Tensor::<Rows>::ones()).unwrap_err();
        assert_eq!(error.to_string(), "15 numbers aren't the gradient by a result of the shape [2, 3]");
        y.backward_with(&Tensor::<Rows>::from_slice(&[1.0; 6]).unwrap()).unwrap();
        assert_eq!(v.grad().unwrap().len(), 6);
    });
}

#[test]
fn whoever_looks_at_a_value_may_go_on_with_the_tape() {
    #[model(input = [2])]
    struct Net {
        fc: Linear<2, 2>,
    }
    let net = Net::new(1);
    Tape::new().record(|tape| {
        let called = tape.module(&*net, 1);
        let x = tape.variable(&tensor![[1.0, 2.0]]);
        let loss = called.forward(x).square().sum();
        loss.backward_and_keep().unwrap();
        let first = called.grad().unwrap().fc.weight;
        x.with_value(|value| {
            let other = tape.variable(value);
            other.square().sum().backward().unwrap();
            assert_eq!(other.grad(), Some(tensor![[2.0, 4.0]]));
        });
        let before = x.grad().unwrap();
        x.with_grad(|gradient| {
            loss.backward_and_keep().unwrap();
            // What is looked at stays as it is.
            assert_eq!(gradient, &before);
            x.zero_grad();
        });
        assert_eq!(x.grad(), None);
        called.with_grad(|gradient| {
            loss.backward().unwrap();
            assert_eq!(called.grad().unwrap().fc.weight[0][0], 3.0 * first[0][0]);
            assert_eq!(gradient.fc.weight[0][0], 2.0 * first[0][0]);
        });
    });
}

#[test]
fn a_long_history_is_printed() {
    let lines = Tape::<f64>::new().record(|tape| {
        let mut x = tape.variable(&Tensor::<R0, f64>::from(0.5));
        for _ in 0..500 {
            x = x.sin();
        }
        x.history().to_string().lines().count()
    });
    assert_eq!(lines, 501);
}
