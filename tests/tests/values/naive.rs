//! The naive twins.

use nanotorch::element::Element;
use nanotorch::prelude::*;
use nanotorch::tensor;
use proptest::prelude::*;

fn floats() -> impl Strategy<Value = Vec<f64>> {
    // Few values, so that there are equals.
    prop::collection::vec((-4_i32..5).prop_map(|x| f64::from(x) / 2.0), 60)
}

fn take<S: Shape>(numbers: &[f64]) -> Tensor<S, f64> {
    Tensor::from_slice(&numbers[..S::LEN]).unwrap()
}

/// Each element is what the function says.
fn agrees<S: Shape, T: Element>(got: &View<S, T>, f: impl FnMut(S::Index) -> T) -> Result<(), TestCaseError> {
    let naive = Tensor::from_fn(f);
    prop_assert!(got == &naive, "{got:.12} and {naive:.12}");
    Ok(())
}

proptest! {
    #[test]
    fn comparisons_broadcast(numbers in floats()) {
        let (a, b) = (take::<R3<2, 3, 4>>(&numbers), take::<R2<3, 1>>(&numbers[24..]));
        let naive = |f: fn(f64, f64) -> bool| {
            Tensor::<R3<2, 3, 4>, bool>::from_fn(|[i, j, k]| f(a[[i, j, k]], b[[j, 0]]))
        };
        prop_assert!(a.equal(&b) == naive(|a, b| a == b));
        prop_assert!(a.not_equal(&b) == naive(|a, b| a != b));
        prop_assert!(a.less(&b) == naive(|a, b| a < b));
        prop_assert!(a.less_equal(&b) == naive(|a, b| a <= b));
        prop_assert!(a.greater(&b) == naive(|a, b| a > b));
        prop_assert!(a.greater_equal(&b) == naive(|a, b| a >= b));
        let mask = a.less(&b);
        agrees(&mask.select(&a, &b), |[i, j, k]| if mask[[i, j, k]] { a[[i, j, k]] } else { b[[j, 0]] })?;
    }

    #[test]
    fn truth_values(numbers in floats()) {
        let a = take::<R2<3, 4>>(&numbers).greater(&Tensor::from([0.0]));
        let b = take::<R1<4>>(&numbers[12..]).greater(&Tensor::from([0.0]));
        let naive = |f: fn(bool, bool) -> bool| Tensor::<R2<3, 4>, bool>::from_fn(|[i, j]| f(a[[i, j]], b[[j]]));
        prop_assert!(a.and(&b) == naive(|a, b| a && b));
        prop_assert!(a.or(&b) == naive(|a, b| a || b));
        prop_assert!(a.xor(&b) == naive(|a, b| a != b));
        prop_assert!(a.not() == a.map(|a| !a));
        prop_assert_eq!((a.any(), a.all()), (a.iter().any(|&a| a), a.iter().all(|&a| a)));
        let columns = Tensor::<R1<4>, bool>::from_fn(|[j]| (0..3).any(|i| a[[i, j]]));
        prop_assert!(a.along::<R1<0>>().any() == columns);
        let rows = Tensor::<R2<3, 1>, bool>::from_fn(|[i, _]| (0..4).all(|j| a[[i, j]]));
        prop_assert!(a.keeping::<R1<1>>().all() == rows);
        let odd = tensor![f32::NAN, f32::INFINITY, 1.0];
        prop_assert!(odd.is_nan() == Tensor::from([true, false, false]));
        prop_assert!(odd.is_finite() == Tensor::from([false, false, true]));
    }

    #[test]
    fn integers_follow_python(a in prop::collection::vec(any::<i64>(), 12), b in prop::collection::vec(-9_i64..10, 4)) {
        let (x, y) = (Tensor::<R2<3, 4>, i64>::from_slice(&a).unwrap(), Tensor::<R1<4>, i64>::from_slice(&b).unwrap());
        let sum = &x + &y;
        let product = &x * &y;
        for ([i, j], &a) in x.indexed() {
            prop_assert_eq!(sum[[i, j]], a.wrapping_add(b[j]));
            prop_assert_eq!(product[[i, j]], a.wrapping_mul(b[j]));
        }
        if let Some(place) = b.iter().position(|&b| b == 0) {
            let error = x.div_floor(&y).unwrap_err().to_string();
            prop_assert_eq!(error, format!("the divisor at [{place}] is 0"));
            return Ok(());
        }
        let (quotient, rest) = (x.div_floor(&y).unwrap(), x.rem_floor(&y).unwrap());
        for ([i, j], &a) in x.indexed() {
            let (a, b) = (i128::from(a), i128::from(b[j]));
            let mut floor = a / b;
            if a % b != 0 && (a < 0) != (b < 0) {
                floor -= 1;
            }
            prop_assert_eq!((quotient[[i, j]], rest[[i, j]]), (floor as i64, (a - b * floor) as i64));
        }
    }

    #[test]
    fn places_of_extremes(numbers in floats()) {
        let x = take::<R3<2, 5, 3>>(&numbers);
        let (largest, smallest) = (x.along::<R1<1>>().argmax().unwrap(), x.along::<R1<1>>().argmin().unwrap());
        for i in 0..2 {
            for k in 0..3 {
                let column: Vec<f64> = (0..5).map(|j| x[[i, j, k]]).collect();
                let first = |best: fn(f64, f64) -> f64| {
                    let best = column.iter().copied().reduce(best).unwrap();
                    column.iter().position(|&x| x == best).unwrap() as i64
                };
                prop_assert_eq!((largest[[i, k]], smallest[[i, k]]), (first(f64::max), first(f64::min)));
            }
        }
        let outer = x.along::<R2<0, 2>>().argmax().unwrap();
        for j in 0..5 {
            let plane: Vec<f64> = (0..6).map(|at| x[[at / 3, j, at % 3]]).collect();
            let most = plane.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert_eq!(outer[[j]], plane.iter().position(|&x| x == most).unwrap() as i64);
        }
        let flat = x.whole().argmax().unwrap()[[]] as usize;
        prop_assert!(x.iter().all(|&other| other <= x.as_slice()[flat]));
    }

    #[test]
    fn sorted_numbers_are_in_order(numbers in floats()) {
        let x = take::<R2<3, 7>>(&numbers);
        let (up, places) = x.sort::<1>(false);
        let (best, at) = x.topk::<1, 3>();
        for i in 0..3 {
            let mut row: Vec<(f64, i64)> = (0..7).map(|j| (x[[i, j]], j as i64)).collect();
            row.sort_by(|a, b| a.0.total_cmp(&b.0));
            let got: Vec<(f64, i64)> = (0..7).map(|j| (up[[i, j]], places[[i, j]])).collect();
            prop_assert_eq!(&got, &row);
            row.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let got: Vec<(f64, i64)> = (0..3).map(|j| (best[[i, j]], at[[i, j]])).collect();
            prop_assert_eq!(&got[..], &row[..3]);
        }
    }

    #[test]
    fn one_hot_rows(classes in prop::collection::vec(0_i32..4, 6)) {
        let hot = Tensor::<R2<2, 3>, i32>::from_slice(&classes).unwrap().one_hot::<4>().unwrap();
        agrees(&hot, |[i, j, k]| f32::from(classes[3 * i + j] == k as i32))?;
    }

    #[test]
    fn products_broadcast_their_batches(numbers in floats()) {
        let (a, b) = (take::<R4<2, 3, 2, 3>>(&numbers), take::<R3<1, 3, 2>>(&numbers[36..]));
        let product = a.matmul(&b);
        let naive = Tensor::<R4<2, 3, 2, 2>, f64>::from_fn(|[g, h, i, j]| {
            (0..3).map(|k| a[[g, h, i, k]] * b[[0, k, j]]).sum()
        });
        prop_assert!(product == naive);
        let (row, column) = (take::<R1<3>>(&numbers), take::<R1<2>>(&numbers[3..]));
        let matrix = take::<R2<3, 2>>(&numbers[5..]);
        agrees(&row.matmul(&matrix), |[j]| (0..3).map(|k| row[[k]] * matrix[[k, j]]).sum())?;
        agrees(&matrix.matmul(&column), |[i]| (0..2).map(|k| matrix[[i, k]] * column[[k]]).sum())?;
        agrees(&row.outer(&column), |[i, j]| row[[i]] * column[[j]])?;
    }

    #[test]
    fn einsums_are_nested_loops(numbers in floats()) {
        let (a, b) = (take::<R3<2, 3, 2>>(&numbers), take::<R3<2, 4, 3>>(&numbers[12..]));
        let c = take::<R2<4, 2>>(&numbers[36..]);
        let got: Tensor<R2<4, 2>, f64> = einsum!("bij,bki->kj", a, b);
        agrees(&got, |[k, j]| {
            (0..6).map(|n| a[[n / 3, n % 3, j]] * b[[n / 3, k, n % 3]]).sum()
        })?;
        let three: Tensor<R1<2>, f64> = einsum!("bij,bki,kj->b", a, b, c);
        agrees(&three, |[g]| {
            (0..24).map(|n| a[[g, n % 3, n / 12]] * b[[g, n / 3 % 4, n % 3]] * c[[n / 3 % 4, n / 12]]).sum()
        })?;
        let one: Tensor<R2<2, 2>, f64> = einsum!("bij->jb", a);
        agrees(&one, |[j, b]| (0..3).map(|i| a[[b, i, j]]).sum())?;
    }

    #[test]
    fn rearranged_numbers_are_where_they_belong(numbers in floats()) {
        let x = take::<R3<2, 4, 3>>(&numbers);
        agrees(&x.flip::<1>(), |[i, j, k]| x[[i, 3 - j, k]])?;
        let padded: Tensor<R3<2, 7, 3>, f64> = x.pad::<1, 1, 2, _>();
        let inside = |j: usize| (1..5).contains(&j);
        agrees(&padded, |[i, j, k]| if inside(j) { x[[i, j - 1, k]] } else { 0.0 })?;
        agrees(&x.tril(1), |[i, j, k]| if k <= j + 1 { x[[i, j, k]] } else { 0.0 })?;
        agrees(&x.triu(0), |[i, j, k]| if k >= j { x[[i, j, k]] } else { 0.0 })?;
        agrees(&x.stack::<1, _>(&x), |[i, _, j, k]| x[[i, j, k]])?;
        prop_assert!(x.unsqueeze::<0>().squeeze::<0>() == x);
        agrees(&x.select_at::<1, 2>(), |[i, k]| x[[i, 2, k]])?;
        let half: Tensor<R3<2, 2, 3>, f64> = x.chunk::<1, 1, 2, _>();
        agrees(&half, |[i, j, k]| x[[i, j + 2, k]])?;
        // Integers and truth values go the same ways.
        prop_assert!(x.cast::<i64>().flip::<2>() == x.flip::<2>().cast());
        prop_assert!(x.cast::<bool>().permute::<R3<2, 0, 1>>() == x.permute::<R3<2, 0, 1>>().cast());
    }

    #[test]
    fn functions_are_those_of_the_standard_library(numbers in prop::collection::vec(-40.0..40.0, 60)) {
        let x = take::<R1<60>>(&numbers);
        let near = |got: Tensor<R1<60>, f64>, f: fn(f64) -> f64| {
            for (x, y) in x.iter().zip(&got) {
                let expected = f(*x);
                prop_assert!((y - expected).abs() <= 1e-13 * expected.abs().max(1e-3), "f({x}) is {y}, not {expected}");
            }
            Ok(())
        };
        near(x.sin(), f64::sin)?;
        near(x.cos(), f64::cos)?;
        near(x.atan(), f64::atan)?;
        near((&x / 41.0).asin(), |x| (x / 41.0).asin())?;
        near((&x / 41.0).acos(), |x| (x / 41.0).acos())?;
        near(x.sinh(), f64::sinh)?;
        near(x.cosh(), f64::cosh)?;
        near(x.exp2(), f64::exp2)?;
        near(x.abs().log2(), |x| x.abs().log2())?;
        near(x.abs().log10(), |x| x.abs().log10())?;
        near(x.ceil(), f64::ceil)?;
        near(x.round(), f64::round_ties_even)?;
        near(x.rem(&Tensor::from([-1.75])), |x| x - -1.75 * (x / -1.75).floor())?;
    }
}

proptest! {
    #[test]
    fn reductions_of_integers_are_loops(numbers in prop::collection::vec(any::<i32>(), 24)) {
        let x = Tensor::<R3<2, 3, 4>, i32>::from_slice(&numbers).unwrap();
        let numbers = &numbers[..];
        let column = |i: usize, k: usize| (0..3).map(move |j| numbers[(i * 3 + j) * 4 + k]);
        let folded = |f: fn(i32, i32) -> i32| {
            Tensor::<R2<2, 4>, i32>::from_fn(|[i, k]| column(i, k).reduce(f).unwrap())
        };
        let along = x.along::<R1<1>>();
        prop_assert_eq!(along.sum(), folded(i32::wrapping_add));
        prop_assert_eq!(along.prod(), folded(i32::wrapping_mul));
        prop_assert_eq!(along.max(), folded(i32::max));
        prop_assert_eq!(along.min(), folded(i32::min));
        let whole = x.keeping::<R3<0, 1, 2>>().sum();
        prop_assert_eq!(whole.as_slice()[0], x.iter().fold(0_i32, |sum, &x| sum.wrapping_add(x)));
    }
}
