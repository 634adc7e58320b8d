//! `x.matmul(p)`, for a parameter `p`.

use core::marker::PhantomData;

use super::applied;
use crate::computed::{Computed, ShapeFunction};
use crate::device::Pass;
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::layer::{ArrayShape, Beginning, Param};
use crate::message::Text;
use crate::model::{Backward, Fit, Formulas, Layer, Memory, Module, Needs, Parameters, Path, Walk};
use crate::op::dense::{
    DenseForward, DenseInputGradient, DenseParameterGradient, forward_workspace, input_gradient_workspace,
    parameter_gradient_workspace,
};
use crate::random::Random;
use crate::shape::{Dims, Shape};

/// `y[.., n] = sum over k of x[.., k] p[k, n]`, or with `p[n, k]` where it is `TRANSPOSED`. A parameter of more than two axes is
/// a matrix for each place on the axes before the last two, which the input has, too.
#[repr(transparent)]
#[derive(Debug)]
pub struct AppliedProduct<const TRANSPOSED: bool, P> {
    parameter: P,
}

applied!([const TRANSPOSED: bool,] AppliedProduct [TRANSPOSED]);

/// The shape of the product.
#[derive(Clone, Copy, Debug)]
pub struct AppliedProductOf<I, S, const TRANSPOSED: bool>(PhantomData<(I, S)>);

impl<I: Shape, S: Shape, const TRANSPOSED: bool> ShapeFunction for AppliedProductOf<I, S, TRANSPOSED> {
    const RANK: usize = I::RANK;
    const DIMS: Dims = {
        let mut dims = I::DIMS;
        if I::RANK > 0 {
            dims[I::RANK - 1] = Sizes::of::<I, S>(TRANSPOSED).n;
        }
        dims
    };
}

/// How many matrices the parameter is; in a sample, for each of them, the rows of the input; and the sizes of a matrix.
#[derive(Clone, Copy)]
struct Sizes {
    count: usize,
    m: usize,
    n: usize,
    k: usize,
}

impl Sizes {
    const fn of<I: Shape, S: Shape>(transposed: bool) -> Sizes {
        if I::RANK < 1 || S::RANK < 2 || S::LEN == 0 || I::LEN == 0 {
            return Sizes { count: 0, m: 0, n: 0, k: 0 };
        }
        let (rows, columns) = (S::DIMS[S::RANK - 2], S::DIMS[S::RANK - 1]);
        let (k, n) = if transposed { (columns, rows) } else { (rows, columns) };
        let count = S::LEN / (k * n);
        Sizes { count, m: I::LEN / I::DIMS[I::RANK - 1] / count, n, k }
    }
}

const fn fit<I: Shape, S: Shape>(transposed: bool) -> Fit {
    let given = Text::EMPTY.shape::<I>().text(" and ").shape::<S>();
    let given = if transposed { given.text(", transposed") } else { given };
    if I::RANK < 1 || S::RANK < 2 {
        return Fit::mismatch(
            Text::new("takes an edge and a parameter of at least 2 axes"),
            given,
            Text::new("write the parameter as `Param<R2<..>>`"),
        );
    }
    let (mut axis, mut same) = (0, S::RANK == 2 || I::RANK == S::RANK);
    while S::RANK > 2 && same && axis + 2 < S::RANK {
        same = I::DIMS[axis] == S::DIMS[axis];
        axis += 1;
    }
    if !same {
        let takes = Text::new("takes edges that agree on the axes before the last two");
        return Fit::mismatch(takes, given, Text::new("give both the same number of matrices"));
    }
    let (wanted, rows) = (I::DIMS[I::RANK - 1], Sizes::of::<I, S>(transposed).k);
    if rows != wanted {
        let takes = Text::new("takes a second edge of ")
            .number(wanted)
            .text(" rows, as many as the first has columns");
        let fix = Text::new("make ").number(wanted).text(" and ").number(rows).text(" equal");
        return Fit::mismatch(takes, given, fix);
    }
    Fit::Fits
}

const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

impl<I, const TRANSPOSED: bool, S, B, T> Layer<I> for AppliedProduct<TRANSPOSED, Param<S, B, T>>
where
    I: Shape,
    S: ArrayShape,
    B: Beginning,
    T: Float,
{
    type Out = Computed<AppliedProductOf<I, S, TRANSPOSED>>;
    const FIT: Fit = fit::<I, S>(TRANSPOSED);
    const FLOPS: usize = {
        let Sizes { count, m, n, k } = Sizes::of::<I, S>(TRANSPOSED);
        2 * count * m * n * k
    };
    const NEEDS: Needs = {
        let Sizes { n, k, .. } = Sizes::of::<I, S>(TRANSPOSED);
        // As it lies, the parameter has `n` rows if it is transposed, else `k`.
        let (rows, columns) = if TRANSPOSED { (n, k) } else { (k, n) };
        Needs {
            input: true,
            input_for_parameters: true,
            workspace: larger(
                larger(forward_workspace(rows, columns), input_gradient_workspace(rows, columns)),
                parameter_gradient_workspace(rows, columns),
            ),
            ..Needs::NOTHING
        }
    };
    const FORMULAS: Formulas = if TRANSPOSED {
        Formulas {
            value: &["{0} {self}ᵀ"], edges: &[&["{dy} {self}"]], parameters: &[("", &["{dy}ᵀ {0}"])]
        }
    } else {
        Formulas {
            value: &["{0} {self}"], edges: &[&["{dy} {self}ᵀ"]], parameters: &[("", &["{0}ᵀ {dy}"])]
        }
    };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], memory: Memory<'_, T>) {
        let sizes = const { Sizes::of::<I, S>(TRANSPOSED) };
        each(pass.rows().get(), sizes, |place, m| {
            let (x, y) = (&x[place.input..][..m * sizes.k], &mut y[place.output..][..m * sizes.n]);
            let weight = &self.parameter.values()[place.parameter..][..sizes.n * sizes.k];
            by_rows::<TRANSPOSED, _, _>(pass, (m, sizes.n, sizes.k), x, weight, y, memory.workspace);
        });
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        mut gradient: Option<&mut Param<S, B, T>>,
        memory: Memory<'_, T>,
    ) {
        let Backward { x, dy, mut dx, .. } = edges;
        let sizes = const { Sizes::of::<I, S>(TRANSPOSED) };
        let Sizes { n, k, .. } = sizes;
        let accumulate = pass.accumulate();
        each(pass.rows().get(), sizes, |place, m| {
            let dy = &dy[place.output..][..m * n];
            if let Some(dx) = &mut dx {
                let dx = &mut dx[place.input..][..m * k];
                let weight = &self.parameter.values()[place.parameter..][..n * k];
                // The same product with the parameter seen from the other side.
                match TRANSPOSED {
                    true => by_rows::<false, _, _>(pass, (m, k, n), dy, weight, dx, memory.workspace),
                    false => by_rows::<true, _, _>(pass, (m, k, n), dy, weight, dx, memory.workspace),
                }
            }
            if let Some(gradient) = &mut gradient {
                let x = &x[place.input..][..m * k];
                let weight = &mut gradient.values_mut()[place.parameter..][..n * k];
                let ((rows, left), (columns, right)) =
                    if TRANSPOSED { ((n, dy), (k, x)) } else { ((k, x), (n, dy)) };
                let parameters = DenseParameterGradient {
                    size: (m, rows, columns),
                    x: right,
                    dy: left,
                    weight,
                    bias: &mut [],
                    accumulate: if place.first { accumulate } else { Accumulate::Add },
                    workspace: memory.workspace,
                };
                parameters.run_on(pass.device());
            }
        });
    }
}

/// Where one product begins in the input, the output and the parameter, and whether it is the first of its matrix.
struct At {
    input: usize,
    output: usize,
    parameter: usize,
    first: bool,
}

/// Calls `product` for each matrix of the parameter and each sample with its place and the rows of the input there: once for all
/// samples if there is one matrix.
#[inline(always)]
fn each(samples: usize, sizes: Sizes, mut product: impl FnMut(At, usize)) {
    let Sizes { count, m, n, k } = sizes;
    if count == 1 {
        return product(At { input: 0, output: 0, parameter: 0, first: true }, samples * m);
    }
    for sample in 0..samples {
        for matrix in 0..count {
            let index = sample * count + matrix;
            let (input, output, parameter) = (index * m * k, index * m * n, matrix * k * n);
            product(At { input, output, parameter, first: sample == 0 }, m);
        }
    }
}

/// `y(m, n) = x(m, k) w`, with `w(n, k)` transposed or `w(k, n)` as it is.
#[inline(always)]
fn by_rows<const TRANSPOSED: bool, T: Float, P: Pass>(
    pass: &mut P,
    (m, n, k): (usize, usize, usize),
    x: &[T],
    weight: &[T],
    y: &mut [T],
    workspace: &mut [T],
) {
    if TRANSPOSED {
        DenseForward { size: (m, n, k), x, weight, bias: &[], y, workspace }.run_on(pass.device());
    } else {
        DenseInputGradient { size: (m, k, n), dy: x, weight, dx: y, workspace }.run_on(pass.device());
    }
}
