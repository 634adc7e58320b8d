//! Values and gradients of every operation against PyTorch's, in both precisions.

use nanotorch::prelude::*;
use nanotorch::shape::Layout;
use nanotorch_tests::golden::Golden;

fn input<S: Shape, T: Float>(golden: &Golden, name: &str) -> Tensor<S, T> {
    let numbers = golden.values(name, Layout::of::<S>().lengths());
    Tensor::from_slice(&numbers).map(|numbers: Tensor<S, f64>| numbers.cast()).unwrap()
}

/// Goes back from the result, by the case's gradient.
fn finish<S: Shape, T: Float>(golden: &Golden, case: &str, y: Var<'_, S, T>) -> Vec<f64> {
    y.backward_with(&input(golden, &format!("{case}.dy"))).unwrap();
    y.value().cast::<f64>().to_vec()
}

/// The gradient by an operand; zeros where there is none.
fn slope<S: Shape, T: Float>(x: Var<'_, S, T>) -> Vec<f64> {
    x.grad().unwrap_or_default().cast::<f64>().to_vec()
}

/// Value and gradients of a case, in both precisions. What f64 can be held to, some of PyTorch's functions are themselves off by a
/// few units in the last place; PyTorch's own f32 is off by 1e-6.
macro_rules! both {
    ($golden:ident, ($case:expr), $operands:tt, $y:expr) => {
        both!(@one f64, 2e-14 2e-13, $golden, $case, $operands, $y);
        both!(@one f32, 4e-6 4e-6, $golden, $case, $operands, $y);
    };
    (@one $T:ty, $value:literal $slope:literal, $golden:ident, $case:expr, [$($x:ident $S:ty, $name:literal $dname:literal);*], $y:expr) => {
        let (y, slopes) = Tape::<$T>::new().record(|tape| {
            $(let $x = tape.variable(&input::<$S, $T>(&$golden, &format!("{}{}", $case, $name)));)*
            (finish(&$golden, $case, $y), [$(slope($x)),*])
        });
        $golden.assert_close(&format!("{}.y", $case), &y, $value);
        for (name, slope) in [$(format!("{}{}", $case, $dname)),*].iter().zip(&slopes) {
            $golden.assert_close(name, slope, $slope);
        }
    };
}

macro_rules! unary {
    ($golden:ident: $($case:ident |$x:ident| $y:expr;)*) => {
        $(both!($golden, (stringify!($case)), [$x R2<3, 5>, ".x" ".dx"], $y);)*
    };
}

macro_rules! single {
    ($golden:ident: $($case:ident $S:ty, |$x:ident| $y:expr;)*) => {
        $(both!($golden, (stringify!($case)), [$x $S, ".x" ".dx"], $y);)*
    };
}

macro_rules! binary {
    ($golden:ident: $($case:ident $A:ty, $B:ty, |$a:ident, $b:ident| $y:expr;)*) => {
        $(both!($golden, (stringify!($case)), [$a $A, ".x" ".dx"; $b $B, ".b" ".db"], $y);)*
    };
}

#[test]
fn functions() {
    let golden = Golden::open("tensors");
    crate::every_function!(unary! { golden: });
}

#[test]
fn functions_of_two() {
    let golden = Golden::open("tensors");
    binary! { golden:
        add R2<2, 3>, R1<3>, |a, b| a + b;
        add_rank R1<3>, R2<2, 3>, |a, b| a + b;
        sub R3<4, 1, 3>, R2<2, 1>, |a, b| a.combine::<_, _, R3<4, 2, 3>>(nanotorch::graph::Subtract, &b);
        mul R2<2, 3>, R2<2, 1>, |a, b| a * b;
        mul_ones R2<1, 1>, R2<1, 1>, |a, b| a * b;
        div R2<2, 3>, R2<1, 3>, |a, b| a / b;
        pow R2<2, 3>, R1<3>, |a, b| a.pow(&b);
        rem R2<2, 3>, R1<3>, |a, b| a.rem(&b);
        maximum R2<2, 3>, R1<1>, |a, b| a.maximum(&b);
        minimum R2<2, 3>, R2<2, 3>, |a, b| a.minimum(&b);
        concat R2<2, 3>, R2<2, 2>, |a, b| a.concat::<1, _, R2<2, 5>>(&b);
        stack R2<2, 3>, R2<2, 3>, |a, b| a.stack::<1, _>(&b);
    }
}

#[test]
fn products() {
    let golden = Golden::open("tensors");
    binary! { golden:
        matmul R2<3, 4>, R2<4, 5>, |a, b| a.matmul(&b);
        matmul_batch R3<2, 3, 4>, R3<2, 4, 2>, |a, b| a.matmul(&b);
        matmul_broadcast R4<2, 3, 2, 4>, R3<1, 4, 3>, |a, b| a.matmul(&b);
        matmul_row R1<4>, R2<4, 3>, |a, b| a.matmul(&b);
        matmul_column R2<3, 4>, R1<4>, |a, b| a.matmul(&b);
        dot R1<7>, R1<7>, |a, b| a.dot(&b);
        outer R1<3>, R1<4>, |a, b| a.outer(&b);
        einsum_batch R3<2, 3, 4>, R3<2, 4, 2>, |a, b| einsum!("bij,bjk->bik", a, b);
        einsum_mixed R3<2, 3, 4>, R3<4, 5, 3>, |a, b| einsum!("abc,cdb->da", a, b);
    }
}

#[test]
fn reductions_and_rearrangements() {
    let golden = Golden::open("tensors");
    single! { golden:
        sum R3<2, 3, 4>, |x| x.sum();
        sum_axis R3<2, 3, 4>, |x| x.sum_axis::<1>();
        sum_axes R3<2, 3, 4>, |x| x.along::<R2<0, 2>>().sum();
        mean_kept R3<2, 3, 4>, |x| x.keeping::<R2<0, 2>>().mean();
        prod R2<2, 3>, |x| x.whole().prod();
        prod_axis R3<2, 3, 4>, |x| x.along::<R1<1>>().prod();
        max R2<2, 3>, |x| x.max();
        max_axis R3<2, 3, 4>, |x| x.max_axis::<1>();
        min_axis R3<2, 3, 4>, |x| x.along::<R1<2>>().min();
        var R2<3, 4>, |x| x.along::<R1<1>>().var(1);
        var_population R2<3, 4>, |x| x.along::<R1<0>>().var(0);
        std R2<3, 4>, |x| x.whole().std(1);
        norm R2<3, 4>, |x| x.along::<R1<0>>().norm();
        logsumexp R2<3, 4>, |x| (x * 30.0).along::<R1<1>>().logsumexp();
        cumsum R2<3, 4>, |x| x.cumsum::<0>();
        softmax R2<3, 4>, |x| x.softmax();
        log_softmax R2<3, 4>, |x| x.log_softmax();
        permute R3<2, 3, 4>, |x| x.permute::<R3<2, 0, 1>>();
        transpose R3<2, 3, 4>, |x| x.transpose();
        broadcast R2<3, 1>, |x| x.broadcast::<R3<2, 3, 4>>();
        slice R2<4, 3>, |x| x.slice::<0, 1, 3, R2<2, 3>>();
        flip R2<2, 3>, |x| x.flip::<1>();
        pad R2<2, 3>, |x| x.pad::<1, 2, 1, R2<2, 6>>();
        tril R2<3, 4>, |x| x.tril(-1);
        triu R2<3, 4>, |x| x.triu(1);
        gather R2<2, 3>, |x| x.gather::<1, _, _>(&Tensor::from([[2_i64, 0], [1, 1]])).unwrap();
        index_select R2<3, 2>, |x| x.index_select::<0, 3, _>(&Tensor::from([2_i64, 0, 2])).unwrap();
        scatter_add R1<4>, |x| (x.slice::<0, 0, 3, R1<3>>() * 0.0 + 1.0)
            .scatter_add::<0, _, _, _>(&Tensor::from([0_i64, 2, 2, 1]), &x).unwrap();
        min R2<2, 3>, |x| x.min();
        mean R2<2, 3>, |x| x.mean();
        mean_axis R2<2, 3>, |x| x.mean_axis::<0>();
        neg R2<2, 3>, |x| -x;
        logsumexp_kept R2<2, 3>, |x| x.keeping::<R2<0, 1>>().logsumexp();
        reshape R2<2, 3>, |x| x.reshape::<R2<3, 2>>();
        flatten R2<2, 3>, |x| x.flatten::<6>();
        chunk R2<4, 3>, |x| x.chunk::<0, 1, 2, R2<2, 3>>();
        select_at R2<4, 3>, |x| x.select_at::<1, 2>();
        unsqueeze R2<2, 3>, |x| x.unsqueeze::<1>();
        squeeze R3<2, 1, 3>, |x| x.squeeze::<1>();
        apply R2<2, 3>, |x| x.apply(nanotorch::op::activation::LeakyRelu::<1, 5>);
        scalars R2<2, 3>, |x| (2.0 / (x - 3.0) + (1.0 - x) / 7.0) * 3.0 + 0.5;
        sort R2<3, 4>, |x| x.sort::<1>(false).0;
        topk R2<3, 4>, |x| x.topk::<1, 2>().0;
        select_where R2<2, 2>, |x| Tensor::from([[true, false], [false, true]]).select(&x, &(x * 3.0));
    }
}

#[test]
fn shapes_at_the_edges() {
    use nanotorch::graph::{Divide, Multiply};
    let golden = Golden::open("tensors");
    binary! { golden:
        edge_add R1<1>, R3<1, 1, 1>, |a, b| a + b;
        edge_sub R2<3, 5>, R0, |a, b| a - b;
        edge_mul R3<5, 1, 7>, R3<5, 3, 7>, |a, b| a.combine::<_, _, R3<5, 3, 7>>(Multiply, &b);
        edge_div R2<7, 1>, R2<1, 9>, |a, b| a.combine::<_, _, R2<7, 9>>(Divide, &b);
        edge_pow R2<1, 6>, R1<1>, |a, b| a.pow(&b);
        edge_maximum R1<17>, R2<3, 17>, |a, b| a.maximum(&b);
        edge_matmul R2<1, 1>, R2<1, 1>, |a, b| a.matmul(&b);
        edge_matmul_dot R2<1, 5>, R2<5, 1>, |a, b| a.matmul(&b);
        edge_matmul_outer R2<7, 1>, R2<1, 9>, |a, b| a.matmul(&b);
        edge_matmul_odd R2<13, 11>, R2<11, 17>, |a, b| a.matmul(&b);
        edge_matmul_batch R3<4, 1, 5>, R2<5, 3>, |a, b| a.matmul(&b);
        edge_concat R2<1, 3>, R2<4, 3>, |a, b| a.concat::<0, _, R2<5, 3>>(&b);
    }
    single! { golden:
        edge_sum R3<1, 1, 1>, |x| x.along::<R2<0, 2>>().sum();
        edge_mean R2<129, 3>, |x| x.mean_axis::<0>();
        edge_max R3<1, 7, 1>, |x| x.max_axis::<2>();
        edge_var R2<2, 33>, |x| x.along::<R1<1>>().var(1);
        edge_softmax R2<5, 1>, |x| x.softmax();
        edge_log_softmax R2<3, 37>, |x| x.log_softmax();
        edge_logsumexp R2<1, 40>, |x| x.along::<R1<1>>().logsumexp();
        edge_cumsum R2<1, 5>, |x| x.cumsum::<0>();
        edge_norm R2<67, 2>, |x| x.along::<R1<0>>().norm();
        edge_prod R2<2, 9>, |x| x.along::<R1<1>>().prod();
        edge_permute R4<2, 1, 3, 4>, |x| x.permute::<R4<3, 0, 2, 1>>();
        edge_slice R2<1, 9>, |x| x.slice::<1, 8, 9, R2<1, 1>>();
    }
}

#[test]
fn windows() {
    let golden = Golden::open("tensors");
    binary! { golden:
        conv1d R3<2, 3, 9>, R3<4, 3, 3>, |x, w| x.conv1d::<(), R3<2, 4, 7>>(&w);
        conv1d_options R3<3, 4, 11>, R3<6, 2, 3>, |x, w|
            x.conv1d::<(Stride<2>, Padding<2>, Dilation<2>, Groups<2, 2>), R3<3, 6, 6>>(&w);
        conv2d R4<2, 2, 6, 5>, R4<3, 2, 3, 2>, |x, w| x.conv2d::<(), R4<2, 3, 4, 4>>(&w);
        conv2d_options R4<2, 3, 7, 8>, R4<4, 3, 3, 3>, |x, w|
            x.conv2d::<(Stride<2, 1>, Padding<1, 2>), R4<2, 4, 4, 10>>(&w);
        conv2d_depthwise R4<9, 3, 5, 4>, R4<6, 1, 3, 3>, |x, w| x.conv2d::<(Same, Depthwise), R4<9, 6, 5, 4>>(&w);
        conv2d_single R4<1, 1, 1, 1>, R4<1, 1, 1, 1>, |x, w| x.conv2d::<(), R4<1, 1, 1, 1>>(&w);
        conv3d R5<1, 2, 4, 3, 5>, R5<2, 2, 2, 2, 3>, |x, w| x.conv3d::<Padding<1>, R5<1, 2, 5, 4, 5>>(&w);
        conv_transpose1d R3<2, 3, 5>, R3<3, 2, 3>, |x, w|
            x.conv_transpose1d::<(Stride<2>, Padding<1>, OutputPadding<1>), R3<2, 2, 10>>(&w);
        conv_transpose2d R4<2, 4, 3, 4>, R4<4, 1, 2, 3>, |x, w|
            x.conv_transpose2d::<(Stride<2>, Groups<2, 1>), R4<2, 2, 6, 9>>(&w);
        conv_transpose3d R5<1, 2, 2, 3, 2>, R5<2, 3, 2, 2, 2>, |x, w|
            x.conv_transpose3d::<(), R5<1, 3, 3, 4, 3>>(&w);
    }
    single! { golden:
        max_pool1d R3<2, 3, 9>, |x| x.max_pool1d::<3, (Stride<2>, Padding<1>), R3<2, 3, 5>>();
        max_pool2d R4<2, 2, 6, 7>, |x| x.max_pool2d::<2, (), R4<2, 2, 3, 3>>();
        max_pool2d_dilated R4<2, 1, 7, 7>, |x| x.max_pool2d::<3, (Stride<1>, Dilation<2>), R4<2, 1, 3, 3>>();
        max_pool3d R5<1, 2, 4, 4, 5>, |x| x.max_pool3d::<2, (), R5<1, 2, 2, 2, 2>>();
        avg_pool1d R3<2, 3, 7>, |x| x.avg_pool1d::<3, Padding<1>, R3<2, 3, 3>>();
        avg_pool2d R4<2, 2, 5, 6>, |x| x.avg_pool2d::<3, (Stride<2>, Padding<1>), R4<2, 2, 3, 3>>();
        avg_pool2d_without_padding R4<2, 2, 5, 6>, |x|
            x.avg_pool2d_without_padding::<3, (Stride<2>, Padding<1>), R4<2, 2, 3, 3>>();
        avg_pool1d_without_padding R3<2, 3, 7>, |x| x.avg_pool1d_without_padding::<3, Padding<1>, R3<2, 3, 3>>();
        avg_pool3d_without_padding R5<1, 2, 3, 4, 5>, |x|
            x.avg_pool3d_without_padding::<3, (Stride<2>, Padding<1>), R5<1, 2, 2, 2, 3>>();
        interpolate_nearest R4<2, 3, 2, 3>, |x| x.interpolate::<2, Nearest, R4<2, 3, 4, 6>>();
        interpolate_bilinear R4<2, 1, 3, 2>, |x| x.interpolate::<3, Bilinear, R4<2, 1, 9, 6>>();
        edge_interpolate R4<1, 1, 1, 1>, |x| x.interpolate::<5, Bilinear, R4<1, 1, 5, 5>>();
        pixel_shuffle R4<2, 8, 2, 3>, |x| x.pixel_shuffle::<2, R4<2, 2, 4, 6>>();
        zero_pad2d R4<2, 2, 2, 3>, |x| x.zero_pad2d::<1, 2, 0, 3, R4<2, 2, 5, 6>>();
        avg_pool3d R5<1, 2, 3, 4, 5>, |x| x.avg_pool3d::<2, Stride<1>, R5<1, 2, 2, 3, 4>>();
        adaptive_avg_pool R4<2, 2, 7, 5>, |x| x.adaptive_avg_pool::<R4<2, 2, 3, 2>>();
        layer_norm R3<2, 3, 5>, |x| x.layer_norm(1e-5);
        rms_norm R2<3, 5>, |x| x.rms_norm(1e-5);
        group_norm R3<2, 6, 3>, |x| x.group_norm::<3>(1e-5);
        instance_norm R4<2, 3, 4, 2>, |x| x.instance_norm(1e-5);
        batch_norm R4<5, 3, 2, 2>, |x| x.batch_norm(1e-5);
        batch_norm_of_features R2<6, 3>, |x| x.batch_norm(1e-5);
    }
}
