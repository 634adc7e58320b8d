//! What has no derivative against PyTorch's: truth values, places, integers, new tensors.

use nanotorch::prelude::*;
use nanotorch::shape::Layout;
use nanotorch::tensor;
use nanotorch_tests::golden::Golden;

fn input<S: Shape, T: nanotorch::element::Element>(golden: &Golden, name: &str) -> Tensor<S, T> {
    let numbers = golden.values(&format!("whole.{name}"), Layout::of::<S>().lengths());
    Tensor::<S, f64>::from_slice(&numbers).unwrap().cast()
}

/// Each result is the golden one of its name.
macro_rules! same {
    ($golden:ident: $($name:ident $y:expr;)*) => {
        $(
            let expected = $golden.tensor(concat!("whole.", stringify!($name))).1;
            assert_eq!($y.cast::<f64>().as_slice(), expected, "{}", stringify!($name));
        )*
    };
}

#[test]
fn comparisons_and_truth_values() {
    let golden = Golden::open("tensors");
    let (a, b) = (input::<R2<3, 5>, i64>(&golden, "a"), input::<R1<5>, i64>(&golden, "b"));
    let (truth, other) = (input::<R2<3, 5>, bool>(&golden, "truth"), input::<R1<5>, bool>(&golden, "other"));
    let bits = golden.tensor("special.x").1;
    let special = Tensor::<R1<22>>::from_fn(|[place]| f32::from_bits(bits[place] as i32 as u32));
    same! { golden:
        equal a.equal(&b);
        not_equal a.not_equal(&b);
        less a.less(&b);
        less_equal a.less_equal(&b);
        greater a.greater(&b);
        greater_equal a.greater_equal(&b);
        equal a.cast::<f32>().equal(&b.cast());
        less a.cast::<f64>().less(&b.cast());
        greater_equal a.cast::<i32>().greater_equal(&b.cast());
        and truth.and(&other);
        or truth.or(&other);
        xor truth.xor(&other);
        not truth.not();
        any truth.along::<R1<0>>().any();
        all truth.along::<R1<1>>().all();
        any_whole Tensor::from(truth.any());
        all_whole Tensor::from(truth.all());
        is_nan special.is_nan();
        is_finite special.is_finite();
        is_nan special.cast::<f64>().is_nan();
        is_finite special.cast::<f64>().is_finite();
        select truth.select(&a, &b);
    }
}

#[test]
fn places_and_rearrangements() {
    let golden = Golden::open("tensors");
    let (a, distinct) = (input::<R2<3, 5>, i64>(&golden, "a"), input::<R2<3, 5>, i64>(&golden, "distinct"));
    let (single, double) = (distinct.cast::<f32>(), distinct.cast::<f64>());
    let planes = input::<R3<4, 2, 3>, i32>(&golden, "permute").permute::<R3<1, 2, 0>>();
    let places = a.slice::<1, 0, 2, R2<3, 2>>().map(|place| (place + 3).min(4));
    same! { golden:
        argmax distinct.along::<R1<1>>().argmax().unwrap();
        argmin distinct.along::<R1<0>>().argmin().unwrap();
        argmax_whole distinct.whole().argmax().unwrap();
        argmax single.along::<R1<1>>().argmax().unwrap();
        argmin double.along::<R1<0>>().argmin().unwrap();
        sort_places single.sort::<1>(false).1;
        sort_places double.sort::<1>(false).1;
        topk_places double.topk::<0, 2>().1;
        one_hot a.select_at::<0, 0>().map(|class| class + 3).one_hot::<7>().unwrap();
        flip a.flip::<1>();
        permute planes.permute::<R3<2, 0, 1>>();
        gather a.gather::<1, _, _>(&places).unwrap();
    }
}

#[test]
fn integers() {
    let golden = Golden::open("tensors");
    let (a, b) = (input::<R2<3, 5>, i64>(&golden, "a"), input::<R1<5>, i64>(&golden, "b"));
    let (divisor, small) = (input::<R1<5>, i64>(&golden, "divisor"), input::<R2<2, 3>, u8>(&golden, "small"));
    let large = input::<R2<3, 5>, i64>(&golden, "integers");
    let sevens = a.map(|a| 7 * a);
    same! { golden:
        div_floor sevens.div_floor(&divisor).unwrap();
        rem_floor sevens.rem_floor(&divisor).unwrap();
        div_floor sevens.cast::<i32>().div_floor(&divisor.cast()).unwrap();
        add large.cast::<i32>() + b.cast::<i32>();
        sub &small - &Tensor::<R1<3>, u8>::from([9, 4, 8]);
        mul large.cast::<i32>() * large.cast::<i32>();
        sum large.along::<R1<0>>().sum();
        sum_wrapped small.along::<R1<0>>().sum();
        prod small.along::<R1<1>>().prod();
        max large.along::<R1<1>>().max();
        min large.whole().min();
    }
}

#[test]
fn casts_and_creation() {
    let golden = Golden::open("tensors");
    let bits = golden.tensor("special.x").1;
    let special = Tensor::<R1<22>>::from_fn(|[place]| f32::from_bits(bits[place] as i32 as u32));
    let within = special.map(|x| if x.is_nan() { 0.0 } else { x.clamp(-1e4, 1e4) });
    // Infinities are 9 and -9 there.
    let within = special.is_finite().or(&special.is_nan()).select(&within, &within.clamp(-9.0, 9.0));
    same! { golden:
        cast within.cast::<i64>();
        cast within.cast::<f64>().cast::<i32>();
        cast_bool special.cast::<bool>();
        cast_f32 Tensor::<R1<3>, i64>::from([16_777_217, -3, (1 << 53) + 1]).cast::<f32>();
        zeros Tensor::<R2<2, 3>>::zeros();
        ones Tensor::<R2<2, 3>, u8>::ones();
        full Tensor::<R2<2, 3>>::full(0.5);
        eye Tensor::<R2<3, 4>>::eye();
        eye Tensor::<R2<3, 4>, f64>::eye();
        from_slice Tensor::<R2<2, 2>>::from_slice(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        from_fn Tensor::<R2<2, 3>>::from_fn(|[i, j]| (3 * i + j) as f32 * 1.5);
        arange Tensor::<R1<7>>::arange(1.0, 0.5);
        arange Tensor::<R1<7>, f64>::arange(1.0, 0.5);
        linspace Tensor::<R1<7>>::linspace(-1.0, 2.0);
        linspace Tensor::<R1<7>, f64>::linspace(-1.0, 2.0);
    }
    // As bits: NaN is none of the numbers that equal themselves.
    same! { golden:
        cast_f16 special.cast::<half::f16>().map(|x| if x.is_nan() { 0x7E00 } else { i32::from(x.to_bits() as i16) });
        cast_bf16 special.cast::<half::bf16>().map(|x| if x.is_nan() { -1 } else { i32::from(x.to_bits() as i16) });
        cast_f16 special.cast::<f64>().cast::<half::f16>().map(|x| if x.is_nan() { 0x7E00 } else { i32::from(x.to_bits() as i16) });
    }
    let back = special.cast::<half::bf16>().cast::<f32>();
    assert_eq!((back[[2]], back[[10]], back[[12]]), (1.0, 0.5, 1.5));
    assert_eq!(tensor![1.0, 2.0].map(|x| x + 1.0), tensor![2.0, 3.0]);
}
