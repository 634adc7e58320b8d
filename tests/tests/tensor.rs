//! Tensors: making, indexing, views, errors, and how they print.

use nanotorch::prelude::*;
use nanotorch::tensor;
use nanotorch::tensor::{TensorError, TensorView, TensorViewMut};
use proptest::prelude::*;

#[test]
fn nested_arrays_give_the_shape() {
    let scalar: Tensor<R0> = Tensor::from(3.0);
    let vector: Tensor<R1<3>> = tensor![1.0, 2.0, 3.0];
    let matrix: Tensor<R2<2, 2>> = tensor![[1.0, 2.0], [3.0, 4.0]];
    let deep: Tensor<R6<1, 2, 1, 1, 2, 1>, i32> = Tensor::from([[[[[[1], [2]]]], [[[[3], [4]]]]]]);
    assert_eq!((scalar[[]], vector[[2]], matrix[[1, 0]], deep[[0, 1, 0, 0, 1, 0]]), (3.0, 3.0, 3.0, 4));
    static TABLE: [[f64; 2]; 3] = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
    let view: TensorView<R2<3, 2>, f64> = (&TABLE).into();
    assert_eq!(view.as_slice().as_ptr(), TABLE.as_flattened().as_ptr());
    assert_eq!(Tensor::from(&TABLE), *view);
}

#[test]
fn memory_is_aligned_and_large_tensors_are_made_on_the_heap() {
    let large = Tensor::<R2<8192, 8192>>::zeros();
    assert_eq!(large.as_slice().as_ptr().addr() % 64, 0);
    assert_eq!(large[[8191, 8191]], 0.0);
    // 32 MB: four times a thread's default stack.
    let mut filled = Tensor::<R3<32, 512, 512>>::full(1.0);
    filled[[31, 511, 511]] = 3.0;
    let copy = filled.clone().reshape::<R1<{ 32 * 512 * 512 }>>();
    assert_eq!((copy[[0]], copy[[copy.len() - 1]]), (1.0, 3.0));
}

#[test]
fn a_leading_dimension_up_to_has_a_length_at_run_time() {
    type Batch = (UpTo<4>, Const<2>);
    let mut batch = Tensor::<Batch>::from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    assert_eq!((batch.row_count(), batch.len(), batch.dims().as_slice()), (3, 6, [3, 2].as_slice()));
    assert_eq!(batch.get([3, 0]), None);
    assert_eq!(batch.map(|x| x + 1.0).as_slice(), [2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    batch.set_rows(1).unwrap();
    assert_eq!(batch.as_slice(), [1.0, 2.0]);
    batch.set_rows(4).unwrap();
    assert_eq!(batch.as_slice(), [1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    batch.set_rows(0).unwrap();
    assert!(batch.is_empty() && batch.rows().len() == 0);
    assert_eq!(batch.to_string(), "tensor([], shape=[0, 2], f32)");
    assert!(batch.set_rows(usize::MAX).is_err());
    let wide = Tensor::<Batch>::from_slice(&[1.0; 4]).unwrap().reshape::<(UpTo<4>, Const<1>, Const<2>)>();
    assert_eq!(wide.dims().as_slice(), [2, 1, 2]);
    assert_ne!(Tensor::<Batch>::zeros(), Tensor::<Batch>::from_slice(&[0.0; 4]).unwrap());
}

#[test]
fn wrong_lengths_are_errors_with_the_numbers() {
    let message = |result: Result<&View<R2<2, 3>>, TensorError>| result.unwrap_err().to_string();
    assert_eq!(message(View::from_slice(&[0.0; 5])), "5 numbers don't make the shape [2, 3], which takes 6");
    let mut numbers = [0.0_f32; 10];
    let error = View::<(UpTo<3>, Const<3>)>::from_mut_slice(&mut numbers).unwrap_err();
    assert_eq!(
        error.to_string(),
        "10 numbers don't make the shape [up to 3, 3], which takes a multiple of 3, at most 9"
    );
    assert!(View::<(UpTo<3>, Const<3>)>::from_slice(&[0.0; 12]).is_err());
    assert_eq!(
        Tensor::<R1<3>>::zeros().set_rows(2).unwrap_err().to_string(),
        "the shape [3] can't have 2 rows"
    );
}

#[test]
#[should_panic(expected = "index [2, 0] is out of range of the shape [2, 2]")]
fn an_index_out_of_range_names_both() {
    let _ = Tensor::<R2<2, 2>>::zeros()[[2, 0]];
}

#[test]
#[should_panic(expected = "row 2 is out of range: there are 2")]
fn a_row_out_of_range_names_both() {
    Tensor::<R2<2, 2>>::zeros().row_mut(2);
}

#[test]
fn rows_are_views_of_the_same_memory() {
    let mut cube = Tensor::<R3<2, 3, 2>>::zeros();
    for (place, row) in cube.rows_mut().enumerate() {
        let row: TensorViewMut<R2<3, 2>> = row;
        row[[1, 1]] = place as f32 + 1.0;
    }
    cube.row_mut(1).row_mut(2).as_mut_slice()[0] = 9.0;
    assert_eq!((cube[[0, 1, 1]], cube[[1, 1, 1]], cube[[1, 2, 0]]), (1.0, 2.0, 9.0));
    assert_eq!(cube.rows().next_back().unwrap(), cube.row(1));
    assert_eq!(cube.row(1).row(2).row(0)[[]], 9.0);
    assert!(cube.get_row(2).is_none() && cube.get_row_mut(2).is_none());
    // Rows with nothing in them are still rows.
    assert_eq!(Tensor::<R2<3, 0>>::zeros().rows_mut().len(), 3);
    assert_eq!(Tensor::<R2<3, 0>>::zeros().rows().count(), 3);
}

#[test]
fn casts_follow_rust() {
    let floats = Tensor::<R1<6>, f64>::from([-1.9, 0.5, 255.7, 1e20, f64::NAN, f64::NEG_INFINITY]);
    assert_eq!(floats.cast::<u8>().as_slice(), [0, 0, 255, 255, 0, 0]);
    assert_eq!(floats.cast::<i64>().as_slice(), [-1, 0, 255, i64::MAX, 0, i64::MIN]);
    assert_eq!(Tensor::<R1<2>, i64>::from([-1, 300]).cast::<u8>().as_slice(), [255, 44]);
    assert_eq!(Tensor::<R1<1>, u64>::from([u64::MAX]).cast::<f32>().as_slice(), [u64::MAX as f32]);
}

#[test]
fn ends_and_seeds() {
    let line = Tensor::<R1<7>>::linspace(-0.3, 0.3);
    assert_eq!((line[[0]], line[[6]]), (-0.3, 0.3));
    assert!((0..7).all(|i| line[[i]] == -line[[6 - i]] || i == 3));
    assert_eq!(Tensor::<R1<1>>::linspace(2.0, 5.0).as_slice(), [2.0]);
    assert_eq!(Tensor::<R1<9>>::normal(3), Tensor::normal(3));
    assert_ne!(Tensor::<R1<9>>::normal(3), Tensor::normal(4));
    let narrow = Tensor::<R1<1000>>::uniform(0, 1.0..1.0 + 2.0 * f32::EPSILON);
    assert!(narrow.iter().all(|&x| x < 1.0 + 2.0 * f32::EPSILON));
}

#[test]
fn one_format_for_the_whole_tensor() {
    assert_eq!(format!("{:?}", tensor![1.0, 2.0]), "tensor([1., 2.], shape=[2], f32)");
    assert_eq!(tensor![1.5, -20.0].to_string(), "tensor([  1.5000, -20.0000], shape=[2], f32)");
    assert_eq!(tensor![1e9, 1.0].to_string(), "tensor([1.0000e9, 1.0000e0], shape=[2], f32)");
    assert_eq!(tensor![1e-7, 0.0].to_string(), "tensor([1.0000e-7,  0.0000e0], shape=[2], f32)");
    assert_eq!(
        tensor![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.0].to_string(),
        "tensor([ NaN,  inf, -inf,   1.], shape=[4], f32)"
    );
    assert_eq!(Tensor::<R0, f64>::from(0.25).to_string(), "tensor(0.2500, shape=[], f64)");
    assert_eq!(Tensor::<R1<2>, i16>::from([-3, 10]).to_string(), "tensor([-3, 10], shape=[2], i16)");
    assert_eq!(format!("{:.1}", tensor![1.0, 0.25]), "tensor([1.0, 0.2], shape=[2], f32)");
    assert_eq!(Tensor::<R2<2, 0>>::zeros().to_string(), "tensor([], shape=[2, 0], f32)");
    assert_eq!(Tensor::<R2<0, 2>>::zeros().to_string(), "tensor([], shape=[0, 2], f32)");
}

#[test]
fn deep_tensors_are_laid_out_in_blocks() {
    let cube = Tensor::<R1<8>, u8>::from([1, 2, 3, 4, 5, 6, 7, 100]).reshape::<R3<2, 2, 2>>();
    let expected = "\
tensor([[[  1,   2],
         [  3,   4]],

        [[  5,   6],
         [  7, 100]]], shape=[2, 2, 2], u8)";
    assert_eq!(cube.to_string(), expected);
}

#[test]
fn large_tensors_are_shortened_and_long_lines_wrapped() {
    let large = Tensor::<R1<4000>>::arange(0.0, 1.0).reshape::<R2<1000, 4>>();
    let expected = "\
tensor([[   0.,    1.,    2.,    3.],
        [   4.,    5.,    6.,    7.],
        [   8.,    9.,   10.,   11.],
        ...,
        [3988., 3989., 3990., 3991.],
        [3992., 3993., 3994., 3995.],
        [3996., 3997., 3998., 3999.]], shape=[1000, 4], f32)";
    assert_eq!(large.to_string(), expected);
    let long = Tensor::<R1<2000>>::arange(0.0, 1.0);
    assert_eq!(
        long.to_string(),
        "tensor([   0.,    1.,    2., ..., 1997., 1998., 1999.], shape=[2000], f32)"
    );
    let wrapped = Tensor::<R1<40>>::arange(0.0, 0.5).to_string();
    assert!(wrapped.lines().count() > 1, "{wrapped}");
    assert!(wrapped.lines().rev().skip(1).all(|line| line.len() <= 88), "{wrapped}");
    assert!(wrapped.lines().skip(1).all(|line| line.starts_with("        ")), "{wrapped}");
}

/// The numbers of a printed tensor, in order.
fn printed(text: &str) -> Vec<f64> {
    let body = text.strip_prefix("tensor(").unwrap().split(", shape=").next().unwrap();
    let numbers = body.split(|character: char| "[], \n".contains(character));
    numbers.filter(|word| !word.is_empty()).map(|word| word.parse().unwrap()).collect()
}

fn check_printed<S: Shape>(numbers: &[f64], relative: f64) -> Result<(), TestCaseError> {
    let tensor = Tensor::<S, f64>::from_slice(&numbers[..S::LEN]).unwrap();
    let text = tensor.to_string();
    let shown = printed(&text);
    prop_assert_eq!(shown.len(), tensor.len(), "{}", &text);
    for (shown, &number) in shown.iter().zip(&tensor) {
        let near = (shown - number).abs() <= 0.5e-4 * (1.0 + relative * number.abs());
        prop_assert!(near || (shown.is_nan() && number.is_nan()) || *shown == number, "{text}: {number}");
    }
    prop_assert!(text.lines().rev().skip(1).all(|line| line.len() <= 88), "{text}");
    Ok(())
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -10.0..10.0,
        2 => (-1000_i32..1000).prop_map(f64::from),
        1 => Just(0.0),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)],
        1 => proptest::num::f64::NORMAL,
    ]
}

#[test]
fn extremes_and_nan() {
    let x = tensor![[1.0, -3.0], [f32::NAN, 4.0]];
    assert!(x.max().is_nan() && x.min().is_nan() && x.sum().is_nan());
    let error = x.argmax().unwrap_err();
    assert_eq!(error.to_string(), "the number at [1, 0] is NaN, so none is the largest or smallest");
    assert_eq!(x.row(0).min(), -3.0);
    let nothing = Tensor::<R1<0>>::zeros();
    assert_eq!((nothing.sum(), nothing.max()), (0.0, f32::NEG_INFINITY));
    let error = nothing.argmax().unwrap_err();
    assert_eq!(error.to_string(), "the shape [0] has no numbers of which one were the largest or smallest");
    assert!(nothing.mean().is_nan());
}

proptest! {
    #[test]
    fn functions_and_reductions_are_loops(numbers in prop::collection::vec(-4.0..4.0, 221)) {
        let x = Tensor::<R2<13, 17>, f64>::from_slice(&numbers).unwrap();
        prop_assert_eq!(&x.relu(), &x.map(|x| x.max(0.0)));
        for ((y, z), &x) in x.tanh().iter().zip(&x.sigmoid()).zip(&x) {
            prop_assert!((y - x.tanh()).abs() < 1e-14 && (z - 1.0 / (1.0 + (-x).exp())).abs() < 1e-14);
        }
        prop_assert!((x.sum() - x.iter().sum::<f64>()).abs() < 1e-11);
        prop_assert!((x.mean() * 221.0 - x.sum()).abs() < 1e-11);
        prop_assert_eq!(x.max(), x.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        prop_assert_eq!(x.min(), x.iter().copied().fold(f64::INFINITY, f64::min));
        prop_assert_eq!(x[x.argmax().unwrap()], x.max());
    }

    #[test]
    fn every_element_of_a_small_tensor_is_printed(numbers in prop::collection::vec(number(), 120)) {
        check_printed::<R0>(&numbers, 1.0)?;
        check_printed::<R1<7>>(&numbers, 1.0)?;
        check_printed::<R1<120>>(&numbers, 1.0)?;
        check_printed::<R2<3, 40>>(&numbers, 1.0)?;
        check_printed::<R3<4, 1, 5>>(&numbers, 1.0)?;
        check_printed::<R6<1, 2, 3, 1, 2, 5>>(&numbers, 1.0)?;
    }

    #[test]
    fn indices_strides_and_memory_agree(numbers in prop::collection::vec(any::<i32>(), 60)) {
        let tensor = Tensor::<R4<3, 2, 5, 2>, i32>::from_slice(&numbers).unwrap();
        let strides = tensor.strides();
        for (place, (index, &number)) in tensor.indexed().enumerate() {
            let position: usize = index.iter().zip(&strides).map(|(i, stride)| i * stride).sum();
            prop_assert_eq!((position, number), (place, numbers[place]));
            prop_assert_eq!(tensor[index], number);
            prop_assert_eq!(tensor.row(index[0]).row(index[1]).row(index[2]).get([index[3]]), Some(&number));
        }
        prop_assert_eq!(tensor.indexed().len(), 60);
        prop_assert_eq!(&Tensor::from_fn(|index| tensor[index]), &tensor);
        prop_assert_eq!(tensor.to_vec(), numbers);
    }

    #[test]
    fn only_whole_rows_up_to_the_capacity_are_taken(length in 0_usize..40) {
        let numbers = vec![0_u8; length];
        let fits = length % 5 == 0 && length <= 30;
        prop_assert_eq!(View::<(UpTo<6>, Const<5>), u8>::from_slice(&numbers).is_ok(), fits);
        prop_assert_eq!(View::<R2<6, 5>, u8>::from_slice(&numbers).is_ok(), length == 30);
    }
}
