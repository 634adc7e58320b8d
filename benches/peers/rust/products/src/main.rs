//! Products of matrices by the crates `gemm`, `faer` and `matrixmultiply`: `PEER gemm [--secs S] [--threads N]`.

#[path = "../../measure.rs"]
mod measure;

use std::hint::black_box;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use measure::{Options, numbers};

const SIZES: [(usize, usize, usize); 7] = [
    (64, 64, 64),
    (128, 128, 128),
    (256, 256, 256),
    (512, 512, 512),
    (1024, 1024, 1024),
    (2048, 2048, 2048),
    (64, 784, 512),
];

fn main() {
    for peer in ["gemm", "faer", "matrixmultiply"] {
        let options = Options::read(peer);
        if options.workload != "gemm" || (peer == "matrixmultiply" && options.threads > 1) {
            continue;
        }
        for (m, k, n) in SIZES {
            let (a, b, mut c) = (numbers(m * k, 1.0), numbers(k * n, 1.0), numbers(m * n, 1.0));
            let least = options.least(1.0 / 21.0, || product(peer, options.threads, (m, k, n), black_box(&a), black_box(&b), &mut c));
            options.print(&format!("gemm_{m}x{k}x{n}_GFLOPs_max"), 2e-9 * (m * k * n) as f64 / least);
        }
    }
}

fn product(peer: &str, threads: usize, (m, k, n): (usize, usize, usize), a: &[f32], b: &[f32], c: &mut [f32]) {
    let (rows, columns) = (k as isize, n as isize);
    match peer {
        // SAFETY: the slices are as long as the sizes say.
        "gemm" => unsafe {
            let parallelism = if threads == 1 { gemm::Parallelism::None } else { gemm::Parallelism::Rayon(threads) };
            gemm::gemm(
                m, n, k, c.as_mut_ptr(), 1, columns, false, a.as_ptr(), 1, rows, b.as_ptr(), 1, columns, 0.0, 1.0, false, false, false,
                parallelism,
            );
        },
        "faer" => matmul(
            MatMut::from_row_major_slice_mut(c, m, n),
            Accum::Replace,
            MatRef::from_row_major_slice(a, m, k),
            MatRef::from_row_major_slice(b, k, n),
            1.0,
            if threads == 1 { Par::Seq } else { Par::rayon(threads) },
        ),
        // SAFETY: as above.
        _ => unsafe {
            matrixmultiply::sgemm(m, k, n, 1.0, a.as_ptr(), rows, 1, b.as_ptr(), columns, 1, 0.0, c.as_mut_ptr(), columns, 1);
        },
    }
}
