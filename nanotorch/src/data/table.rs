//! Tables of numbers, and how their columns become samples and targets.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{DataError, Dataset};
use crate::element::Float;
use crate::shape::{Shape, lengths};

/// A column of a table: its index (`usize`), its name (`&str`), or the last one.
///
/// ```
/// use nanotorch::data::csv::Column;
/// assert_eq!(Column::from("price"), Column::Name("price"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column<'a> {
    /// The column with this index, counted from 0.
    Index(usize),
    /// The column with this name in the header.
    Name(&'a str),
    /// The last column.
    Last,
}

impl From<usize> for Column<'_> {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl<'a> From<&'a str> for Column<'a> {
    fn from(name: &'a str) -> Self {
        Self::Name(name)
    }
}

/// A table of finite numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Where it comes from, for messages.
    pub(super) path: Option<String>,
    /// The line of each row.
    pub(super) lines: Vec<u64>,
    pub(super) names: Vec<String>,
    pub(super) columns: usize,
    pub(super) values: Vec<f64>,
}

impl Table {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Table { path: None, lines: Vec::new(), names: Vec::new(), columns: 0, values: Vec::new() }
    }

    /// The number of rows, without the header.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// The number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The columns' names, or none where there is no header.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The numbers, row by row.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// One column as the label, a whole number from 0 to `classes - 1`; all others, in order, as the sample.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset, csv::CsvReader};
    /// use nanotorch::shape::R1;
    ///
    /// let table = CsvReader::new().read("kind,length,width\n1,2.5,3\n0,4,5\n".as_bytes())?;
    /// let dataset: Dataset<R1<2>> = table.classification("kind", 2)?;
    /// assert_eq!(dataset.inputs(), [2.5, 3.0, 4.0, 5.0]);
    /// assert_eq!(dataset.targets(), [1, 0]);
    /// # Ok::<(), DataError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such column, the others are not as many as the shape has values, or a label is not a class.
    pub fn classification<'a, S: Shape, T: Float>(
        &self,
        label: impl Into<Column<'a>>,
        classes: usize,
    ) -> Result<Dataset<S, u32, T>, DataError> {
        let label = self.find(label.into())?;
        let inputs = self.inputs::<S, T>(&[label])?;
        Dataset::new(inputs, self.classes(label, classes)?)
    }

    /// A column of labels.
    fn classes(&self, label: usize, classes: usize) -> Result<Vec<u32>, DataError> {
        let mut labels = Vec::with_capacity(self.rows());
        for (row, fields) in self.values.chunks_exact(self.columns).enumerate() {
            let label = fields[label];
            if label.trunc() != label || !(0.0..classes as f64).contains(&label) {
                return Err(self.wrong(row, DataError::LabelOutOfRange { row, label, classes }));
            }
            labels.push(label as u32);
        }
        Ok(labels)
    }

    /// One or more columns as the targets, in the order given; all others, in order, as the sample.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset, csv::CsvReader};
    /// use nanotorch::shape::R1;
    ///
    /// let table = CsvReader::new().read("1,2,0.5\n3,4,0.25\n".as_bytes())?;
    /// let dataset: Dataset<R1<1>, f32> = table.regression([2, 0])?;
    /// assert_eq!(dataset.inputs(), [2.0, 4.0]);
    /// assert_eq!(dataset.targets(), [0.5, 1.0, 0.25, 3.0]);
    /// # Ok::<(), DataError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such column, or the others are not as many as the shape has values.
    pub fn regression<'a, S: Shape, T: Float>(
        &self,
        targets: impl IntoIterator<Item: Into<Column<'a>>>,
    ) -> Result<Dataset<S, T, T>, DataError> {
        let chosen =
            targets.into_iter().map(|target| self.find(target.into())).collect::<Result<Vec<_>, _>>()?;
        let inputs = self.inputs::<S, T>(&chosen)?;
        Dataset::with_targets(inputs, self.numbers(&chosen), chosen.len())
    }

    fn find(&self, wanted: Column<'_>) -> Result<usize, DataError> {
        let found = match wanted {
            Column::Index(index) => Some(index).filter(|&index| index < self.columns),
            Column::Name(name) => self.names.iter().position(|column| column == name),
            Column::Last => Some(self.columns - 1),
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let wanted = match wanted {
            Column::Name(name) => alloc::format!("`{name}`"),
            Column::Index(index) => index.to_string(),
            Column::Last => "at the end".to_owned(),
        };
        let (columns, names) = (self.columns, self.names.clone());
        Err(self.named(DataError::NoColumn { wanted, columns, names }))
    }

    /// `problem`, in this table's file.
    fn named(&self, problem: DataError) -> DataError {
        match &self.path {
            Some(path) => problem.in_file(path.as_str()),
            None => problem,
        }
    }

    /// `problem`, in the line of the row.
    pub(super) fn wrong(&self, row: usize, problem: DataError) -> DataError {
        self.named(match self.lines.get(row) {
            Some(&line) => problem.in_line(line),
            None => problem,
        })
    }

    /// The columns that are not targets.
    fn inputs<S: Shape, T: Float>(&self, targets: &[usize]) -> Result<Vec<T>, DataError> {
        Ok(self.numbers(&self.features(targets, lengths::<S>())?))
    }

    /// Which those are, if there are as many as a sample of these dimensions has values.
    fn features(&self, targets: &[usize], sample: &[usize]) -> Result<Vec<usize>, DataError> {
        let mut features = Vec::new();
        for column in 0..self.columns {
            if !targets.contains(&column) {
                features.push(column);
            }
        }
        if features.len() != sample.iter().product::<usize>() {
            let found = [features.len()].to_vec();
            return Err(self.named(DataError::WrongShape { expected: sample.to_vec(), found }));
        }
        Ok(features)
    }

    /// Some columns, row by row.
    fn numbers<T: Float>(&self, columns: &[usize]) -> Vec<T> {
        let mut numbers = Vec::with_capacity(columns.len() * self.rows());
        for row in self.values.chunks_exact(self.columns) {
            for &column in columns {
                numbers.push(T::from_f64(row[column]));
            }
        }
        numbers
    }
}
