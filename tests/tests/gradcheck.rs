//! What `gradcheck` in `#[model(..)]` and `#[layer(..)]` makes: a test that finds a wrong derivative and no other.

use nanotorch::gradcheck::{Gradcheck, GradcheckError};
use nanotorch::model::{Fit, Formulas};
use nanotorch::prelude::*;

/// `y = scale * x`, number by number; the second parameter makes its gradient wrong.
#[layer(gradcheck(Scale<3>, [3]))]
struct Scale<const N: usize, const WRONG: bool = false, T: Float = f32> {
    scale: [T; N],
}

impl<const N: usize, const WRONG: bool, T: Float> Initialize for Scale<N, WRONG, T> {
    fn initialize(&mut self, _: &mut Random) {
        self.scale = [T::ONE; N];
    }
}

impl<I: Shape, const N: usize, const WRONG: bool, T: Float> Layer<I> for Scale<N, WRONG, T> {
    type Out = I;
    const FIT: Fit = Fit::Fits;
    const FLOPS: usize = N;
    const NEEDS: Needs = Needs { input: true, ..Needs::NOTHING };
    const FORMULAS: Formulas = Formulas {
        value: &["{self}.scale * {0}"],
        edges: &[&["{dy} * {self}.scale"]],
        parameters: &[("scale", &["sum of {dy} * {0} over the rows"])],
    };

    fn forward<P: Pass>(&self, _: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        for ((y, x), scale) in y.iter_mut().zip(x).zip(self.scale.iter().cycle()) {
            *y = *scale * *x;
        }
    }

    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        gradient: Option<&mut Self>,
        _: Memory<'_, T>,
    ) {
        let Backward { x, dy, dx, .. } = edges;
        if let Some(gradient) = gradient {
            if pass.accumulate() == nanotorch::kernel::Accumulate::Replace {
                gradient.scale = [T::ZERO; N];
            }
            for (index, (dy, x)) in dy.iter().zip(x).enumerate() {
                gradient.scale[index % N] += *dy * *x;
            }
        }
        if let Some(dx) = dx {
            for ((dx, dy), scale) in dx.iter_mut().zip(&*dy).zip(self.scale.iter().cycle()) {
                *dx = if WRONG { *dy } else { *dy * *scale };
            }
        }
    }
}

/// A model that tests itself.
#[model(input = [3], gradcheck)]
struct Sequential {
    hidden: Linear<3, 5>,
    tanh: Tanh,
    scale: Scale<5>,
    #[frozen]
    head: Linear<5, 2>,
}

/// A forward function that tests itself.
#[model(input = ([3], [2]), forward, gradcheck)]
struct Gate {
    fc: Linear<3, 2>,
    blocks: [Residual<2>; 2],
}

#[forward]
impl Gate {
    fn forward(&self, x: Edge, gate: Edge) -> (Edge, Edge) {
        let mut h = self.fc.forward(x);
        for block in &self.blocks {
            h = block.forward(h);
        }
        (h * gate.sigmoid(), h + gate)
    }
}

/// A generic one, which says on what.
#[model(forward, gradcheck(Residual<4>, [3, 4]))]
struct Residual<const N: usize> {
    fc: Linear<N, N>,
}

#[forward]
impl<const N: usize> Residual<N> {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc.forward(x).tanh()
    }
}

#[test]
fn a_wrong_gradient_is_found() {
    let right = Gradcheck::default().property::<R1<3>, Scale<3, false, f64>>();
    assert_eq!(right, Ok(()));
    let error = Gradcheck::default().property::<R1<3>, Scale<3, true, f64>>().unwrap_err();
    assert!(matches!(error, GradcheckError::Input { sample: 0, .. }), "{error}");
}

#[test]
fn every_formula_is_shown() {
    let program = Sequential::explain().to_string();
    for line in [
        "let scale = self.scale.scale * tanh;",
        "gradient.scale.scale = sum of d_scale * tanh over the rows;",
        "let d_tanh = d_scale * self.scale.scale;",
    ] {
        assert!(program.contains(line), "{line} isn't in\n{program}");
    }
}
