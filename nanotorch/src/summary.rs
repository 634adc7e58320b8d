//! A model as a table: a line a layer, and what the whole needs in memory.

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
        let mut cells: Vec<String> = Vec::new();
        let mut enter = |cell: fmt::Arguments<'_>| cells.push(cell.to_string());
        for title in ["layer", "type", "input", "output", "parameters", "FLOPs"] {
            enter(format_args!("{title}"));
        }
        for layer in &self.layers {
            let name = layer.path.rsplit('.').next().unwrap_or_default();
            enter(format_args!("{:indent$}{name}", "", indent = 2 * layer.depth));
            enter(format_args!("{}", layer.kind));
            enter(format_args!("{:?}", layer.input));
            enter(format_args!("{:?}", layer.output));
            enter(format_args!("{}", Grouped(layer.params)));
            enter(format_args!("{}", Grouped(layer.flops)));
        }
        let mut widths = [0; 6];
        for (index, cell) in cells.iter().enumerate() {
            widths[index % 6] = widths[index % 6].max(cell.chars().count());
        }
        let whole: usize = widths.iter().sum::<usize>() + 2 * 5;
        // A pointer, so that what `write!` does isn't there as often as it is said.
        let out: &mut dyn fmt::Write = formatter;
        for (index, row) in cells.chunks_exact(6).enumerate() {
            for (column, cell) in row.iter().enumerate() {
                let width = widths[column];
                // Words lean left, numbers right.
                match column {
                    0..4 => write!(out, "{cell:<width$}  ")?,
                    4 => write!(out, "{cell:>width$}  ")?,
                    _ => writeln!(out, "{cell:>width$}")?,
                }
            }
            if index == 0 {
                writeln!(out, "{:-<whole$}", "")?;
            }
        }
        writeln!(out, "{:-<whole$}", "")?;
        write!(out, "{} parameters ({})", Grouped(self.params), self.element)?;
        if self.trained < self.params {
            write!(out, ", {} of them frozen", Grouped(self.params - self.trained))?;
        }
        writeln!(out, ", {} FLOPs a sample", Grouped(self.flops))?;
        writeln!(
            out,
            "model {} bytes; inference of {} sample{} {} bytes; training step {} bytes, gradient {} bytes",
            Grouped(self.model_bytes),
            Grouped(self.batch),
            if self.batch == 1 { "" } else { "s" },
            Grouped(self.infer_bytes),
            Grouped(self.train_bytes),
            Grouped(self.gradient_bytes)
        )
    }
}

/// A number with a comma between groups of three digits.
struct Grouped(usize);

impl fmt::Display for Grouped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out: &mut dyn fmt::Write = formatter;
        match (self.0 / 1000, self.0 % 1000) {
            (0, last) => write!(out, "{last}"),
            (first, last) => write!(out, "{},{last:03}", Grouped(first)),
        }
    }
}
