//! Products of matrices in f32: squares, and the products of the dense layers of `mlp-mnist` and `mlp-tiny`.

use std::hint::black_box;

use nanotorch::extent::{Const, Extent};
use nanotorch::kernel::Accumulate;
use nanotorch::kernel::gemm::{Plain, columns, gemm_on, rows, workspace};
use nanotorch::simd::{Simd, Vector, WithSimd, dispatch};
use nanotorch::threads::{Team, Threads};

use crate::Options;
use crate::measure::{Shares, numbers};

/// Which factor is stored transposed.
#[derive(Clone, Copy)]
enum Form {
    /// A data gradient, or a plain product.
    Neither,
    /// A forward pass: the weights are (outputs, inputs).
    Right,
    /// A weight gradient.
    Left,
}

struct Product<'a, M, N, K> {
    sizes: (M, N, K),
    form: Form,
    a: &'a [f32],
    b: &'a [f32],
    c: &'a mut [f32],
    workspace: &'a mut [f32],
    threads: Threads<'a>,
}

impl<M: Extent, N: Extent, K: Extent> WithSimd for Product<'_, M, N, K> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { sizes, form, a, b, c, workspace, threads } = self;
        let (m, n, k) = (sizes.0.get(), sizes.1.get(), sizes.2.get());
        let mode = Accumulate::Replace;
        match form {
            Form::Neither => {
                gemm_on(threads, simd, sizes, rows(a, k), rows(b, n), c, n, mode, Plain, workspace)
            }
            Form::Right => {
                gemm_on(threads, simd, sizes, rows(a, k), columns(b, k), c, n, mode, Plain, workspace)
            }
            Form::Left => {
                gemm_on(threads, simd, sizes, columns(a, m), rows(b, n), c, n, mode, Plain, workspace)
            }
        }
    }
}

/// Multiplications and additions that depend on nothing near: the most that a core can do.
struct Peak;

/// Turns of the loop, and chains in each, of [`Peak`].
const TURNS: usize = 2000;
const CHAINS: usize = 12;

impl WithSimd for Peak {
    type Output = usize;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> usize {
        let factor = black_box(S::F32::splat(simd, 0.999));
        let mut chains = [S::F32::splat(simd, 1.0); CHAINS];
        for _ in 0..TURNS {
            for chain in &mut chains {
                *chain = chain.mul_add(factor, factor);
            }
        }
        black_box(chains);
        2 * TURNS * CHAINS * S::F32::LANES
    }
}

fn product<M: Extent, N: Extent, K: Extent>(shares: &mut Shares<'_>, m: M, n: N, k: K, form: Form) {
    let (rows, width, depth) = (m.get(), n.get(), k.get());
    let (a, b) = (numbers(rows * depth, 1.0), numbers(depth * width, 1.0));
    let mut c = numbers(rows * width, 1.0);
    let mut workspace = numbers(workspace(width, depth), 1.0);
    let suffix = match form {
        Form::Neither => "",
        Form::Right => "_NT",
        Form::Left => "_TN",
    };
    let team = Team::of(shares.threads(), size_of_val(&workspace[..]));
    shares.rate(&format!("gemm_{rows}x{depth}x{width}{suffix}"), 2 * rows * width * depth, || {
        let (a, b) = (black_box(&*a), black_box(&*b));
        let threads = team.threads();
        dispatch(Product { sizes: (m, n, k), form, a, b, c: &mut c, workspace: &mut workspace, threads });
    });
}

/// Prints the rates of all products, after the peak of one core.
pub(crate) fn run(options: Options<'_>) {
    let mut shares = Shares::new("gemm", options, 26);
    let operations = dispatch(Peak);
    shares.rate("fma_peak", operations, || {
        dispatch(Peak);
    });
    for size in [64, 128, 256, 512, 1024, 2048] {
        product(&mut shares, size, size, size, Form::Neither);
    }
    product(&mut shares, 64, 512, 784, Form::Neither);
    /// The three products of a dense layer.
    macro_rules! dense {
        ($batch:literal, $inputs:literal, $outputs:literal) => {
            let (batch, inputs, outputs) = (Const::<$batch>, Const::<$inputs>, Const::<$outputs>);
            product(&mut shares, batch, outputs, inputs, Form::Right);
            product(&mut shares, batch, inputs, outputs, Form::Neither);
            product(&mut shares, outputs, inputs, batch, Form::Left);
        };
    }
    dense!(64, 784, 512);
    dense!(64, 512, 256);
    dense!(64, 256, 10);
    dense!(32, 4, 16);
    dense!(32, 16, 16);
    dense!(32, 16, 2);
}
