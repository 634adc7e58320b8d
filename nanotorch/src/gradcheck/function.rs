//! The gradient of a function of tensors against differences.

use alloc::vec::Vec;

use super::{Gradcheck, GradcheckError, root_mean_square};
use crate::random::Random;
use crate::shape::Shape;
use crate::tape::{Recording, Tape, TapeError, Var};
use crate::tensor::Tensor;

/// The tensors that a function takes: one, or a tuple of two to four.
pub trait Inputs {
    /// The variables that the function is given.
    type Vars<'t>: Copy;
    /// The numbers of each tensor, with the lengths of its axes.
    fn numbers(&self) -> Vec<(Vec<f64>, Vec<usize>)>;
    /// Variables of such tensors with other numbers.
    fn vars<'t>(tape: Recording<'t, f64>, numbers: &[(Vec<f64>, Vec<usize>)]) -> Self::Vars<'t>;
    /// The gradients by the variables; zeros where there is none.
    fn gradients(vars: Self::Vars<'_>) -> Vec<Vec<f64>>;
}

fn var<'t, S: Shape>(tape: Recording<'t, f64>, numbers: &[f64]) -> Var<'t, S, f64> {
    match Tensor::<S, f64>::from_slice(numbers) {
        Ok(tensor) => tape.variable(&tensor),
        // The numbers came from such a tensor.
        Err(_) => tape.variable(&Tensor::zeros()),
    }
}

fn gradient<S: Shape>(var: Var<'_, S, f64>) -> Vec<f64> {
    var.with_grad(|gradient| gradient.to_vec()).unwrap_or_else(|| alloc::vec![0.0; S::LEN])
}

impl<S: Shape> Inputs for &Tensor<S, f64> {
    type Vars<'t> = Var<'t, S, f64>;
    fn numbers(&self) -> Vec<(Vec<f64>, Vec<usize>)> {
        alloc::vec![(self.to_vec(), self.layout().lengths().to_vec())]
    }
    fn vars<'t>(tape: Recording<'t, f64>, numbers: &[(Vec<f64>, Vec<usize>)]) -> Self::Vars<'t> {
        var(tape, &numbers[0].0)
    }
    fn gradients(vars: Self::Vars<'_>) -> Vec<Vec<f64>> {
        alloc::vec![gradient(vars)]
    }
}

macro_rules! inputs {
    ($($S:ident $place:tt)+) => {
        impl<$($S: Shape),+> Inputs for ($(&Tensor<$S, f64>,)+) {
            type Vars<'t> = ($(Var<'t, $S, f64>,)+);
            fn numbers(&self) -> Vec<(Vec<f64>, Vec<usize>)> {
                alloc::vec![$((self.$place.to_vec(), self.$place.layout().lengths().to_vec())),+]
            }
            fn vars<'t>(tape: Recording<'t, f64>, numbers: &[(Vec<f64>, Vec<usize>)]) -> Self::Vars<'t> {
                ($(var(tape, &numbers[$place].0),)+)
            }
            fn gradients(vars: Self::Vars<'_>) -> Vec<Vec<f64>> {
                alloc::vec![$(gradient(vars.$place)),+]
            }
        }
    };
}
inputs!(A 0 B 1);
inputs!(A 0 B 1 C 2);
inputs!(A 0 B 1 C 2 D 3);

impl Gradcheck {
    /// Compares the gradients by the inputs of a function of tensors with differences, for a random gradient by the result.
    ///
    /// ```
    /// use nanotorch::gradcheck::Gradcheck;
    /// use nanotorch::prelude::*;
    ///
    /// let (a, b) = (Tensor::<R2<2, 3>, f64>::normal(1), Tensor::<R2<3, 4>, f64>::normal(2));
    /// Gradcheck::default().function((&a, &b), |_, (a, b)| a.matmul(&b).tanh())?;
    ///
    /// // A second derivative is the first derivative of the first.
    /// Gradcheck::default().function(&a, |_, a| a.tanh().gradient(a).unwrap())?;
    /// # Ok::<(), nanotorch::gradcheck::GradcheckError>(())
    /// ```
    /// # Errors
    /// The gradient that is off most, with its place; or the function has no gradient, or no finite result.
    pub fn function<I, R, F>(&self, inputs: I, function: F) -> Result<(), GradcheckError>
    where
        I: Inputs,
        R: Shape,
        F: for<'t> Fn(Recording<'t, f64>, I::Vars<'t>) -> Var<'t, R, f64>,
    {
        let mut numbers = inputs.numbers();
        let mut tape = Tape::<f64>::new();
        let mut random = Random::new(self.seed);
        let weights = Tensor::<R, f64>::from_fn(|_| 2.0 * random.uniform_f64() - 1.0);
        let mut value = |numbers: &[(Vec<f64>, Vec<usize>)]| {
            tape.record(|tape| {
                let result = function(tape, I::vars(tape, numbers));
                result.with_value(|y| y.iter().zip(&weights).fold(0.0, |sum, (y, w)| sum + y * w))
            })
        };
        let result = value(&numbers);
        if !result.is_finite() {
            return Err(GradcheckError::Loss { value: result });
        }
        let gradients = Tape::<f64>::new().record(|tape| {
            let vars = I::vars(tape, &numbers);
            function(tape, vars).backward_with(&weights)?;
            Ok::<_, TapeError>(I::gradients(vars))
        })?;
        let typical = root_mean_square(gradients.iter().flatten());
        let mut worst: Option<(f64, GradcheckError)> = None;
        for (input, gradient) in gradients.iter().enumerate() {
            for (place, &got) in gradient.iter().enumerate() {
                let at = numbers[input].0[place];
                let compared = self.compare_number(at, got, typical, |x| {
                    numbers[input].0[place] = x;
                    value(&numbers)
                });
                numbers[input].0[place] = at;
                if let Err((expected, got)) = compared {
                    let off = (expected - got).abs();
                    if worst.as_ref().is_none_or(|(most, _)| off > *most || off.is_nan()) {
                        let index = super::position(place, &numbers[input].1);
                        worst = Some((off, GradcheckError::Function { input, index, expected, got }));
                    }
                }
            }
        }
        worst.map_or(Ok(()), |(_, error)| Err(error))
    }
}
