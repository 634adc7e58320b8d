//! Operations on tensors against the same written as loops over indices.

use nanotorch::prelude::*;
use nanotorch::tensor;
use nanotorch::tensor::{Broadcast, Covers};
use proptest::prelude::*;

/// A tensor of the first numbers.
fn take<S: Shape>(numbers: &[f64]) -> Tensor<S, f64> {
    Tensor::from_slice(&numbers[..S::LEN]).unwrap()
}

fn numbers() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-4.0..4.0, 240)
}

fn near<S: Shape>(a: &View<S, f64>, b: &View<S, f64>) -> Result<(), TestCaseError> {
    for (x, y) in a.iter().zip(b) {
        prop_assert!((x - y).abs() <= 1e-12 * (1.0 + y.abs()), "{a:.12} and {b:.12}");
    }
    Ok(())
}

/// The element of `x` that is broadcast to `index` of a shape of as many axes or more.
fn spread<S: Shape>(x: &View<S, f64>, index: &[usize]) -> f64 {
    let mut place = S::Index::default();
    let aligned = &index[index.len() - S::RANK..];
    for ((place, &at), &length) in place.as_mut().iter_mut().zip(aligned).zip(S::dims().iter()) {
        *place = if length == 1 { 0 } else { at };
    }
    x[place]
}

fn check_broadcast<A, B>(numbers: &[f64]) -> Result<(), TestCaseError>
where
    A: Broadcast<B>,
    B: Shape,
{
    let (a, b) = (take::<A>(numbers), take::<B>(&numbers[7..]));
    let naive = |f: fn(f64, f64) -> f64| {
        Tensor::<A::Out, f64>::from_fn(|index| f(spread(&a, index.as_ref()), spread(&b, index.as_ref())))
    };
    near(&(&a + &b), &naive(|a, b| a + b))?;
    near(&(&a - &b), &naive(|a, b| a - b))?;
    near(&(&a * &b), &naive(|a, b| a * b))?;
    near(&(a.view() / b.view()), &naive(|a, b| a / b))?;
    // Written over an operand that is given away: the same bits.
    macro_rules! given_away {
        ($($operator:tt)*) => {
            $({
                let expected = &a $operator &b;
                prop_assert_eq!(&(a.clone() $operator &b), &expected);
                prop_assert_eq!(&(&a $operator b.clone()), &expected);
                prop_assert_eq!(&(a.clone() $operator b.clone()), &expected);
                prop_assert_eq!(&(a.clone() $operator 1.5), &(&a $operator 1.5));
                prop_assert_eq!(&(1.5 $operator a.clone()), &(1.5 $operator &a));
            })*
        };
    }
    given_away!(+ - * /);
    Ok(())
}

fn check_assign<A, B>(numbers: &[f64]) -> Result<(), TestCaseError>
where
    A: Covers<B> + Broadcast<B, Out = A>,
    B: Shape,
{
    let (a, b) = (take::<A>(numbers), take::<B>(&numbers[7..]));
    macro_rules! assigned {
        ($($assign:tt $operator:tt)*) => {
            $({
                let mut changed = a.clone();
                changed $assign &b;
                prop_assert_eq!(&changed, &(&a $operator &b));
                changed $assign 1.5;
                prop_assert_eq!(&changed, &(&a $operator &b $operator 1.5));
            })*
        };
    }
    assigned!(+= + -= - *= * /= /);
    Ok(())
}

#[test]
fn an_operator_uses_the_memory_of_an_operand_that_is_given_away() {
    let a = Tensor::<R2<3, 5>>::normal(1);
    let place = a.as_slice().as_ptr();
    let b = (2.0 - a * 3.0) / Tensor::<R1<5>>::ones();
    assert_eq!(b.as_slice().as_ptr(), place);
    let c = Tensor::<R1<5>>::ones() - b;
    assert_eq!(c.as_slice().as_ptr(), place);
    let mut d = 1.0 - c;
    d += Tensor::<R1<1>>::ones();
    assert_eq!(d.as_slice().as_ptr(), place);
}

#[test]
fn integers_are_written_over_as_they_are_combined() {
    let table = Tensor::<R2<2, 3>, i32>::from([[1, -2, 3], [40, 50, i32::MAX]]);
    let row = Tensor::<R1<3>, i32>::from([7, -8, 9]);
    assert_eq!(table.clone() - &row, &table - &row);
    assert_eq!(&row - table.clone(), &row - &table);
    assert_eq!(table.clone() * 3, &table * 3);
    assert_eq!(3 - table.clone(), 3 - &table);
    let mut changed = table.clone();
    changed += &row;
    changed -= 1;
    assert_eq!(changed, &table + &row - 1);
}

#[test]
fn results_have_plain_types() {
    let mut weight: Tensor<R2<2, 2>> = tensor![[1.0, 2.0], [3.0, 4.0]];
    let gradient = Tensor::<R2<2, 2>>::ones();
    for _ in 0..2 {
        weight = &weight - 0.5 * &gradient;
    }
    weight += tensor![1.0, 1.0];
    weight *= 2.0;
    weight -= &gradient;
    weight /= gradient.view();
    assert_eq!(weight, tensor![[1.0, 3.0], [5.0, 7.0]]);
    let row: Tensor<R2<1, 3>> = -tensor![[1.0, 2.0]].matmul(&Tensor::<R2<2, 3>>::ones());
    assert_eq!(row, tensor![[-3.0, -3.0, -3.0]]);
    assert_eq!(1.0 / tensor![2.0, 4.0] - 0.25, tensor![0.25, 0.0]);
}

#[test]
fn the_largest_along_an_axis_is_nan_where_there_is_one() {
    let best = tensor![[1.0, -3.0], [f32::NAN, 4.0]].max_axis::<0>();
    assert!(best[[0]].is_nan() && best[[1]] == 4.0);
}

proptest! {
    #[test]
    fn broadcasts_follow_numpy(numbers in numbers()) {
        check_broadcast::<R0, R0>(&numbers)?;
        check_broadcast::<R2<3, 4>, R2<3, 4>>(&numbers)?;
        check_broadcast::<R2<3, 4>, R1<4>>(&numbers)?;
        check_broadcast::<R1<4>, R2<3, 4>>(&numbers)?;
        check_broadcast::<R2<3, 4>, R2<3, 1>>(&numbers)?;
        check_broadcast::<R2<3, 4>, R2<1, 4>>(&numbers)?;
        check_broadcast::<R3<2, 3, 4>, R0>(&numbers)?;
        check_broadcast::<R0, R3<2, 3, 4>>(&numbers)?;
        check_broadcast::<R4<2, 3, 4, 5>, R3<3, 1, 5>>(&numbers)?;
        check_broadcast::<R6<2, 1, 3, 2, 1, 5>, R2<1, 1>>(&numbers)?;
        check_broadcast::<R1<1>, R1<1>>(&numbers)?;
        check_broadcast::<R2<33, 7>, R1<7>>(&numbers)?;
    }

    #[test]
    fn assignments_keep_the_left_shape(numbers in numbers()) {
        check_assign::<R0, R0>(&numbers)?;
        check_assign::<R2<3, 4>, R2<3, 4>>(&numbers)?;
        check_assign::<R2<3, 4>, R1<4>>(&numbers)?;
        check_assign::<R2<3, 4>, R2<3, 1>>(&numbers)?;
        check_assign::<R3<2, 3, 4>, R0>(&numbers)?;
        check_assign::<R2<33, 7>, R1<7>>(&numbers)?;
        check_assign::<R2<3, 77>, R2<3, 1>>(&numbers)?;
    }

    #[test]
    fn reductions_are_loops(numbers in numbers()) {
        let x = take::<R3<4, 5, 6>>(&numbers);
        let naive = Tensor::<R2<4, 6>, f64>::from_fn(|[i, k]| (0..5).map(|j| x[[i, j, k]]).sum());
        near(&x.sum_axis::<1>(), &naive)?;
        near(&x.mean_axis::<1>(), &(naive / 5.0))?;
        near(&x.sum_axis::<0>(), &Tensor::<R2<5, 6>, _>::from_fn(|[j, k]| (0..4).map(|i| x[[i, j, k]]).sum()))?;
        near(&x.sum_axis::<2>(), &Tensor::<R2<4, 5>, _>::from_fn(|[i, j]| (0..6).map(|k| x[[i, j, k]]).sum()))?;
        let largest = |i, j| (0..6).map(|k| x[[i, j, k]]).fold(f64::NEG_INFINITY, f64::max);
        prop_assert_eq!(&x.max_axis::<2>(), &Tensor::<R2<4, 5>, _>::from_fn(|[i, j]| largest(i, j)));
    }

    #[test]
    fn products_are_sums_over_the_depth(numbers in numbers()) {
        let (a, b) = (take::<R2<7, 9>>(&numbers), take::<R2<9, 5>>(&numbers[70..]));
        near(&a.matmul(&b), &Tensor::<R2<7, 5>, _>::from_fn(|[i, j]| (0..9).map(|k| a[[i, k]] * b[[k, j]]).sum()))?;
        let (a, b) = (take::<R4<2, 2, 3, 4>>(&numbers), take::<R4<2, 2, 4, 5>>(&numbers[50..]));
        let naive = Tensor::<R4<2, 2, 3, 5>, _>::from_fn(|[g, h, i, j]| (0..4).map(|k| a[[g, h, i, k]] * b[[g, h, k, j]]).sum());
        near(&a.matmul(&b), &naive)?;
    }

    #[test]
    fn rearranged_elements_are_where_they_belong(numbers in numbers()) {
        let x = take::<R3<3, 4, 5>>(&numbers);
        let transposed: Tensor<R3<3, 5, 4>, f64> = x.transpose();
        prop_assert_eq!(&transposed, &Tensor::<R3<3, 5, 4>, _>::from_fn(|[i, j, k]| x[[i, k, j]]));
        let turned: Tensor<R3<5, 3, 4>, f64> = x.permute::<R3<2, 0, 1>>();
        prop_assert_eq!(&turned, &Tensor::<R3<5, 3, 4>, _>::from_fn(|[i, j, k]| x[[j, k, i]]));
        prop_assert_eq!(&turned.permute::<R3<1, 2, 0>>(), &x);
        let middle: Tensor<R3<3, 2, 5>, f64> = x.slice::<1, 1, 3, _>();
        prop_assert_eq!(&middle, &Tensor::<R3<3, 2, 5>, _>::from_fn(|[i, j, k]| x[[i, j + 1, k]]));
        let longer: Tensor<R3<3, 6, 5>, f64> = x.concat::<1, _, _>(&middle);
        let naive = Tensor::<R3<3, 6, 5>, _>::from_fn(|[i, j, k]| if j < 4 { x[[i, j, k]] } else { middle[[i, j - 4, k]] });
        prop_assert_eq!(&longer, &naive);
    }
}
