//! Values that PyTorch computed, read from `tests/golden/*.safetensors`; `tests/golden/README.md` lists them.
//!
//! Made for tests: a missing file or tensor, or a value that is too far off, is a panic that names it.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};

/// One golden file, held in memory.
///
/// ```
/// use nanotorch_tests::golden::Golden;
///
/// let layers = Golden::open("layers");
/// let (shape, x) = layers.tensor("relu.x");
/// assert_eq!(shape, [3, 11]);
/// let y: Vec<f64> = x.iter().map(|x| x.max(0.0)).collect();
/// layers.assert_close("relu.y", &y, 1e-10);
/// ```
pub struct Golden {
    file: String,
    /// Shape and values by name: a header is read once.
    tensors: BTreeMap<String, (Vec<usize>, Vec<f64>)>,
}

impl Golden {
    /// Reads `tests/golden/<name>.safetensors`.
    ///
    /// # Panics
    /// If the file can't be read, or isn't a safetensors file.
    pub fn open(name: &str) -> Self {
        let file = format!("{name}.safetensors");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(&file);
        let bytes = std::fs::read(&path).unwrap_or_else(|error| {
            panic!("cannot read the golden file {}: {error}; tests/golden/make.py writes it", path.display())
        });
        let tensors = SafeTensors::deserialize(&bytes)
            .unwrap_or_else(|error| panic!("{} is not a safetensors file: {error}", path.display()));
        let widened = tensors.tensors().into_iter().map(|(name, view)| {
            let data = view.data();
            let values = match view.dtype() {
                Dtype::F64 => words(data).map(f64::from_le_bytes).collect(),
                Dtype::F32 => words(data).map(|word| f64::from(f32::from_le_bytes(word))).collect(),
                Dtype::I64 => words(data).map(|word| i64::from_le_bytes(word) as f64).collect(),
                other => panic!("`{name}` in {file} is {other:?}; golden tensors are F64, F32 or I64"),
            };
            (name, (view.shape().to_vec(), values))
        });
        Self { tensors: widened.collect(), file }
    }

    /// Shape and values of a tensor, row-major; f32 and integers are widened to f64.
    ///
    /// # Panics
    /// If the file has no such tensor; the message lists the tensors of the same case.
    pub fn tensor(&self, name: &str) -> (Vec<usize>, Vec<f64>) {
        self.tensors.get(name).unwrap_or_else(|| panic!("{}", self.missing(name))).clone()
    }

    /// The values of a tensor that has to have this shape.
    ///
    /// # Panics
    /// If the tensor is missing, or of another shape.
    pub fn values(&self, name: &str, shape: &[usize]) -> Vec<f64> {
        let (actual, values) = self.tensor(name);
        assert!(actual == shape, "`{name}` in {} has shape {actual:?}, not {shape:?}", self.file);
        values
    }

    /// The values of a tensor of class indices.
    ///
    /// # Panics
    /// If the tensor is missing, or holds anything but non-negative integers.
    pub fn indices(&self, name: &str) -> Vec<usize> {
        let index = |value: f64| {
            assert!(
                value >= 0.0 && value.fract() == 0.0,
                "`{name}` in {} holds {value}, not an index",
                self.file
            );
            value as usize
        };
        self.tensor(name).1.into_iter().map(index).collect()
    }

    /// Whether there is such a tensor.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// All tensor names, sorted.
    pub fn names(&self) -> Vec<String> {
        self.tensors.keys().cloned().collect()
    }

    /// The cases of the file, sorted: what stands before the first dot of the names.
    pub fn cases(&self) -> Vec<String> {
        let mut cases: Vec<String> = self.names().iter().map(|name| case(name).to_owned()).collect();
        cases.dedup();
        cases
    }

    /// Checks `|actual - golden| <= tolerance * max(1, |golden|)` for each element.
    ///
    /// # Panics
    /// If the lengths differ or an element is too far off (NaN is): the message names tensor, index and both values
    /// of the worst element, and counts the others.
    pub fn assert_close(&self, name: &str, actual: &[f64], tolerance: f64) {
        let (shape, expected) = self.tensor(name);
        assert!(
            actual.len() == expected.len(),
            "`{name}` in {} has shape {shape:?}, so {} values, but {} were computed",
            self.file,
            expected.len(),
            actual.len()
        );
        let deviation = |index: usize| {
            let error = (actual[index] - expected[index]).abs() / expected[index].abs().max(1.0);
            if error.is_nan() { f64::INFINITY } else { error }
        };
        let off: Vec<usize> = (0..actual.len()).filter(|&index| deviation(index) > tolerance).collect();
        if let Some(&worst) = off.iter().max_by(|&&a, &&b| deviation(a).total_cmp(&deviation(b))) {
            panic!(
                "`{name}` in {}: {} of {} values are off by more than {tolerance:e}; the worst at {:?}: computed {:?}, \
                 golden {:?}, deviation {:.1e}",
                self.file,
                off.len(),
                actual.len(),
                position(worst, &shape),
                actual[worst],
                expected[worst],
                deviation(worst)
            );
        }
    }

    fn missing(&self, name: &str) -> String {
        let siblings: Vec<String> =
            self.names().into_iter().filter(|other| case(other) == case(name)).collect();
        if siblings.is_empty() {
            format!(
                "{} has no tensor `{name}` and no case `{}`; its cases: {:?}",
                self.file,
                case(name),
                self.cases()
            )
        } else {
            format!("{} has no tensor `{name}`; case `{}` has: {siblings:?}", self.file, case(name))
        }
    }
}

/// What stands before the first dot.
fn case(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// The bytes of each element; a safetensors header guarantees that they come out even.
fn words<const SIZE: usize>(data: &[u8]) -> impl Iterator<Item = [u8; SIZE]> + '_ {
    data.as_chunks::<SIZE>().0.iter().copied()
}

/// The index of each dimension at a row-major offset.
fn position(offset: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = offset;
    let mut index: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&extent| {
            let here = rest % extent;
            rest /= extent;
            here
        })
        .collect();
    index.reverse();
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_every_file_is_finite() {
        for file in ["layers", "losses", "optimizers", "models", "mlp_weights", "forward"] {
            let golden = Golden::open(file);
            assert!(!golden.cases().is_empty(), "{file} is empty");
            for name in golden.names() {
                let (shape, values) = golden.tensor(&name);
                assert_eq!(shape.iter().product::<usize>(), values.len(), "{file}: {name}");
                assert!(values.iter().all(|value| value.is_finite()), "{file}: {name}");
            }
        }
    }

    #[test]
    fn linear_is_what_its_formula_says() {
        let layers = Golden::open("layers");
        let (x, weight) = (layers.values("linear.x", &[3, 5]), layers.values("linear.param.weight", &[7, 5]));
        let bias = layers.values("linear.param.bias", &[7]);
        let dot = |row: &[f64], column: &[f64]| row.iter().zip(column).map(|(a, b)| a * b).sum::<f64>();
        let y: Vec<f64> = x
            .chunks(5)
            .flat_map(|row| weight.chunks(5).zip(&bias).map(move |(column, bias)| dot(row, column) + bias))
            .collect();
        layers.assert_close("linear.y", &y, 1e-14);
    }

    #[test]
    fn inputs_are_f32_numbers() {
        for (file, name) in
            [("layers", "stack.x"), ("losses", "kl_div.x"), ("models", "mlp.param.fc1.weight")]
        {
            let (_, values) = Golden::open(file).tensor(name);
            assert!(values.iter().all(|&value| f64::from(value as f32) == value), "{file}: {name}");
        }
    }

    #[test]
    fn indices_are_read() {
        assert_eq!(Golden::open("losses").indices("cross_entropy.target"), [1, 6, 0, 3, 1]);
    }

    #[test]
    #[should_panic(expected = "losses.safetensors has no tensor `mse.y`; case `mse` has: [\"mse.mean.dx\", ")]
    fn a_missing_tensor_is_named_with_its_siblings() {
        Golden::open("losses").tensor("mse.y");
    }

    #[test]
    #[should_panic(expected = "has no tensor `swish.x` and no case `swish`; its cases: [\"elu\", ")]
    fn a_missing_case_is_named_with_the_cases() {
        Golden::open("layers").tensor("swish.x");
    }

    #[test]
    #[should_panic(expected = "1 of 33 values are off by more than 1e-10; the worst at [1, 2]: computed NaN")]
    fn a_value_that_is_not_a_number_is_off() {
        let layers = Golden::open("layers");
        let (_, mut y) = layers.tensor("tanh.y");
        y[13] = f64::NAN;
        layers.assert_close("tanh.y", &y, 1e-10);
    }
}
