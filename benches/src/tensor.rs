//! Tensors and tapes: elementwise chains over a million numbers, a dense layer by operators, and the training step of `mlp-tiny`
//! written with variables. One thread.

use std::hint::black_box;

use nanotorch::kernel::Accumulate;
use nanotorch::kernel::gemm::{Plain, gemm, rows, workspace};
use nanotorch::prelude::*;
use nanotorch::simd::{Simd, WithSimd, dispatch};

use crate::measure::Shares;
use crate::{Options, TinyByHand};

const MANY: usize = 1 << 20;

struct Product<'a>(&'a [f32], &'a [f32], &'a mut [f32], &'a mut [f32]);

impl WithSimd for Product<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Product(a, b, y, room) = self;
        let sizes = (64_usize, 512_usize, 784_usize);
        gemm(simd, sizes, rows(a, 784), rows(b, 512), y, 512, Accumulate::Replace, Plain, room);
    }
}

/// Prints the lines of this workload.
pub(crate) fn run(options: Options<'_>) {
    let mut shares = Shares::new("tensor", options, 12);
    let x = Tensor::<R1<MANY>>::uniform(1, -1.0..1.0);
    let mut y = Tensor::<R1<MANY>>::zeros();
    shares.line("copy", MANY, || black_box(&mut y).as_mut_slice().copy_from_slice(black_box(x.as_slice())));
    shares.line("relu", MANY, || drop(black_box(black_box(&x).relu())));
    shares.line("add", MANY, || drop(black_box(black_box(&x) + &x)));
    shares.line("exp", MANY, || drop(black_box(black_box(&x).exp())));
    let (base, exponent) = (x.abs() + 0.1, &x * 8.0);
    shares.line("pow", MANY, || drop(black_box(black_box(&base).pow(&exponent))));
    // Four operations; each makes a tensor.
    shares.line("chain_of_4", 4 * MANY, || drop(black_box(((black_box(&x) * 2.0 + &x).relu() - 1.0).abs())));
    let rows: &View<R2<4096, 256>> = x.view().reshape();
    let bias = Tensor::<R1<256>>::normal(1);
    shares.line("add_row", MANY, || drop(black_box(black_box(rows) + &bias)));
    shares.line("sum_axis_0", MANY, || drop(black_box(black_box(rows).sum_axis::<0>())));

    let (a, b) = (Tensor::<R2<64, 784>>::normal(1), Tensor::<R2<784, 512>>::normal(2));
    let mut c = vec![0.0; 64 * 512];
    let mut room = vec![0.0; workspace(512, 784)];
    let product = 2 * 64 * 784 * 512;
    let pass = Tensor::<R2<64, 512>>::normal(3);
    shares.line("relu_64x512", pass.len(), || drop(black_box(black_box(&pass).relu())));
    shares.rate("gemm_64x784x512", product, || {
        dispatch(Product(black_box(a.as_slice()), black_box(b.as_slice()), &mut c, &mut room));
    });
    shares.rate("matmul_relu_64x784x512", product, || drop(black_box(black_box(&a).matmul(&b).relu())));

    let mut net = TinyByHand::new();
    let (inputs, targets) = (Tensor::normal(4), Tensor::normal(5));
    let mut tape = Tape::new();
    shares.line("tape_mlp_tiny_step", 1, || {
        black_box(net.step(&mut tape, &inputs, &targets));
    });
    let allocations = allocation_counter::measure(|| {
        black_box(net.step(&mut tape, &inputs, &targets));
    });
    shares.print("tape_mlp_tiny_heap_allocs_per_step", allocations.count_total);
}
