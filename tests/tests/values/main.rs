//! Operations of tensors against the same written as loops over indices; and the table of operations in the documentation.

mod golden;
mod naive;
mod table;

use nanotorch::prelude::*;
use nanotorch::simd::{Isa, select_isa};
use nanotorch::tensor;

#[test]
fn creation() {
    assert_eq!(Tensor::<R1<2>, bool>::zeros(), Tensor::from([false, false]));
    assert_eq!(Tensor::<R1<2>, i64>::ones(), Tensor::full(1));
    assert_eq!(Tensor::<R1<3>>::arange(1.0, 2.0), tensor![1.0, 3.0, 5.0]);
    assert_eq!(Tensor::<R1<3>>::linspace(0.0, 1.0), tensor![0.0, 0.5, 1.0]);
    assert_eq!(Tensor::<R2<2, 2>>::eye(), tensor![[1.0, 0.0], [0.0, 1.0]]);
    assert!(Tensor::<R1<2>>::from_slice(&[1.0]).is_err());
    let bound = |x: &View<R2<64, 32>, f64>| x.abs().max();
    let deviation = |x: &View<R2<64, 32>, f64>| x.whole().std(1)[[]];
    type Weight = Tensor<R2<64, 32>, f64>;
    assert!((0.42..0.434).contains(&bound(&Weight::kaiming_uniform(1))));
    assert!((0.24..0.26).contains(&deviation(&Weight::kaiming_normal(1))));
    assert!((0.245..0.251).contains(&bound(&Weight::xavier_uniform(1))));
    assert!((0.138..0.151).contains(&deviation(&Weight::xavier_normal(1))));
    assert!((0.95..1.05).contains(&deviation(&Weight::normal(1))));
    assert!((0.99..1.0).contains(&bound(&Weight::uniform(1, -1.0..1.0))));
    assert!((0.2..0.3).contains(&Weight::bernoulli(1, 0.25).mean()));
    let q = Weight::orthogonal(1);
    let off = q.transpose().matmul(&q) - Tensor::<R2<32, 32>, f64>::eye();
    assert!(off.abs().max() < 1e-12);
    assert_eq!(q, Weight::orthogonal(1));
}

#[test]
fn casts() {
    let x = tensor![0.0, -1.5, 300.7];
    assert_eq!(x.cast::<bool>(), Tensor::from([false, true, true]));
    assert_eq!(x.cast::<u8>(), Tensor::from([0, 0, 255]));
    assert_eq!(x.cast::<i64>().map(|x| x + 1), Tensor::from([1, 0, 301]));
    assert_eq!(Tensor::from([true, false]).cast::<f64>(), Tensor::from([1.0, 0.0]));
}

#[test]
fn sums_of_a_million_are_within_a_millionth() {
    let x = Tensor::<R1<1_000_000>>::uniform(1, 0.0..1.0);
    let sum = |numbers: &mut dyn Iterator<Item = &f32>| numbers.map(|&x| f64::from(x)).sum::<f64>();
    let near = |got: f32, expected: f64| {
        assert!((f64::from(got) - expected).abs() <= 1e-6 * expected.abs(), "{got} and {expected}");
    };
    let exact = x.cast::<f64>();
    let of = |f: fn(f64) -> f64| exact.iter().map(|&x| f(x)).sum::<f64>();
    let mean = of(|x| x) / 1e6;
    let (norm, logsumexp) = (of(|x| x * x).sqrt(), of(f64::exp).ln());
    let variance = exact.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 999_999.0;
    // Far from 0, too, where a variance of squares would lose its digits.
    let far = &x + 100.0;
    let far_mean = sum(&mut far.iter()) / 1e6;
    let far_variance = far.iter().map(|&x| (f64::from(x) - far_mean).powi(2)).sum::<f64>() / 999_999.0;
    // Numbers of both signs are held to the sum of their sizes.
    let signed = Tensor::<R1<1_000_000>>::uniform(2, -1.0..1.0);
    let (signed_sum, sizes) = (sum(&mut signed.iter()), sum(&mut signed.abs().iter()));
    // Sum, mean, variance and norm of each of ten columns.
    let columns: [[f64; 4]; 10] = std::array::from_fn(|column| {
        let numbers = || exact.iter().skip(column).step_by(10);
        let total = numbers().sum::<f64>();
        let mean = total / 1e5;
        let variance = numbers().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        [total, mean, variance, numbers().map(|x| x * x).sum::<f64>().sqrt()]
    });
    for isa in Isa::ALL {
        if select_isa(isa).is_err() {
            continue;
        }
        near(x.sum(), 1e6 * mean);
        near(x.mean(), mean);
        near(x.whole().sum()[[]], 1e6 * mean);
        near(x.whole().mean()[[]], mean);
        near(x.whole().var(1)[[]], variance);
        near(x.whole().std(1)[[]], variance.sqrt());
        near(far.whole().var(1)[[]], far_variance);
        near(x.whole().norm()[[]], norm);
        near(x.whole().logsumexp()[[]], logsumexp);
        assert!((f64::from(signed.sum()) - signed_sum).abs() < 1e-6 * sizes);
        let rows: &View<R2<100_000, 10>> = x.view().reshape();
        near(rows.along::<R2<0, 1>>().sum()[[]], 1e6 * mean);
        let of_columns = rows.along::<R1<0>>();
        for (which, got) in
            [of_columns.sum(), of_columns.mean(), of_columns.var(0), of_columns.norm()].iter().enumerate()
        {
            for (column, &got) in got.iter().enumerate() {
                near(got, columns[column][which]);
            }
        }
    }
    for isa in Isa::ALL {
        if select_isa(isa).is_ok() {
            return;
        }
    }
}

#[test]
fn wrong_places_and_numbers_are_errors_that_name_them() {
    let x = tensor![[1.0, 2.0], [3.0, 4.0]];
    let error = x.gather::<1, _, _>(&Tensor::from([[0_i64, 1], [-1, 0]])).unwrap_err();
    assert_eq!(error.to_string(), "the index at [1, 0] is -1, but the axis has a length of 2");
    let places = Tensor::from([[0_i64, 1], [7, 0]]);
    let error = x.scatter_add::<0, _, _, _>(&places, &x).unwrap_err();
    assert_eq!(error.to_string(), "the index at [1, 0] is 7, but the axis has a length of 2");
    let error = Tensor::<R1<1>, u8>::from([9]).one_hot::<3>().unwrap_err();
    assert_eq!(error.to_string(), "the index at [0] is 9, but the axis has a length of 3");
    let error = tensor![[1.0, f32::NAN]].along::<R1<1>>().argmin().unwrap_err();
    assert_eq!(error.to_string(), "the number at [0, 1] is NaN, so none is the largest or smallest");
}
