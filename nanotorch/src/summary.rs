//! A model as a table: a line a layer, and what the whole needs in memory.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::element::Element;
use crate::model::{Model, Parameters, facts};
use crate::recorder::{LayerRecord, layers};

/// What a model consists of and costs. Printed, it is a table.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [4], batch = 32)]
/// pub struct Net {
///     hidden: Linear<4, 16>,
///     tanh: Tanh,
///     head: Linear<16, 2>,
/// }
/// println!("{}", Net::summary());
/// assert_eq!(Net::summary().layers.len(), 3);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The layers, nested ones behind the layer that they are in.
    pub layers: Vec<LayerRecord>,
    /// How many parameters there are.
    pub params: usize,
    /// How many of them are trained.
    pub trained: usize,
    /// Floating-point operations of one sample's forward.
    pub flops: usize,
    /// The batch that the bytes are told for.
    pub batch: usize,
    /// Bytes of the parameters.
    pub model_bytes: usize,
    /// Bytes that an inference needs beside the parameters.
    pub infer_bytes: usize,
    /// Bytes that a training step needs beside parameters, gradient and moments.
    pub train_bytes: usize,
    /// Bytes of the gradient by the parameters.
    pub gradient_bytes: usize,
    element: &'static str,
}

impl Summary {
    /// The summary of a model, with its memory for batches of this size.
    pub fn of<M: Model>(batch: usize) -> Summary {
        Summary {
            layers: layers::<M>(),
            params: M::PARAMS,
            trained: M::Gradient::PARAMS,
            flops: facts::flops::<M>(),
            batch,
            model_bytes: size_of::<M>(),
            infer_bytes: facts::infer_bytes::<M>(batch),
            train_bytes: facts::train_bytes::<M>(batch),
            gradient_bytes: size_of::<M::Gradient>(),
            element: M::Element::NAME,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["layer", "type", "input", "output", "parameters", "FLOPs"].map(String::from);
        let rows = self.layers.iter().map(|layer| {
            let name = layer.path.rsplit('.').next().unwrap_or_default();
            [
                format!("{:indent$}{name}", "", indent = 2 * layer.depth),
                layer.kind.clone(),
                format!("{:?}", layer.input),
                format!("{:?}", layer.output),
                grouped(layer.params),
                grouped(layer.flops),
            ]
        });
        let table: Vec<_> = core::iter::once(head).chain(rows).collect();
        let mut widths = [0; 6];
        for row in &table {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let whole: usize = widths.iter().sum::<usize>() + 2 * 5;
        for (index, row) in table.iter().enumerate() {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                // Words lean left, numbers right.
                line += &if column < 4 { format!("{cell:<width$}  ") } else { format!("{cell:>width$}  ") };
            }
            writeln!(formatter, "{}", line.trim_end())?;
            if index == 0 {
                writeln!(formatter, "{}", "-".repeat(whole))?;
            }
        }
        writeln!(formatter, "{}", "-".repeat(whole))?;
        let frozen = self.params - self.trained;
        let frozen = if frozen > 0 { format!(", {} of them frozen", grouped(frozen)) } else { String::new() };
        writeln!(
            formatter,
            "{} parameters ({}){frozen}, {} FLOPs a sample",
            grouped(self.params),
            self.element,
            grouped(self.flops)
        )?;
        let samples =
            if self.batch == 1 { "1 sample".to_string() } else { format!("{} samples", grouped(self.batch)) };
        writeln!(
            formatter,
            "model {} bytes; inference of {samples} {} bytes; training step {} bytes, gradient {} bytes",
            grouped(self.model_bytes),
            grouped(self.infer_bytes),
            grouped(self.train_bytes),
            grouped(self.gradient_bytes)
        )
    }
}

/// A number with a comma between groups of three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
