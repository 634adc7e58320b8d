//! The program that `#[model]` derives, to be read: forward and backward, a line an edge, with shapes, bytes and places.
//!
//! It is made of the constants that the model runs by (plan, shapes) and of the [`Formulas`] that stand beside the code of
//! each layer and operation, so that it can't say anything else than what is done.

mod page;
mod passes;

use super::operation::Edges;
use super::place::{Mode, Place, Plan, Region, StepPlan};
use super::step::MAX_INPUTS;
use super::{Formula, Formulas, Layer, Operation};
use crate::element::Float;
use crate::message::edges_of;
use crate::shape::{Dims, Shape};
use page::Page;

/// A model's derived program. Printed, it is text that reads like Rust.
#[derive(Clone, Copy)]
pub struct Program {
    /// The model's name.
    pub name: &'static str,
    /// The bytes of a number.
    pub element_bytes: usize,
    /// What goes in.
    pub inputs: &'static [Value],
    /// What is computed, in order.
    pub lines: &'static [Line],
    /// Where it lies in training.
    pub places: &'static [StepPlan],
    /// Where it lies at inference.
    pub inference: &'static [StepPlan],
    /// How much memory that takes.
    pub memory: Memory,
}

/// Something whose program was derived: the marker type of a model.
#[doc(hidden)]
pub trait Derived {
    /// The program.
    const PROGRAM: Program;
}

/// The program of `M`. It is worked out where it is asked for: a function that isn't generic would have it worked out in every
/// `cargo check`.
#[doc(hidden)]
#[inline]
pub const fn program_of<M: Derived>() -> Program {
    M::PROGRAM
}

/// An edge, or several in one: a name, and the shape of each.
#[derive(Clone, Copy)]
pub struct Value {
    name: &'static str,
    edges: usize,
    ranks: [usize; 4],
    dims: [Dims; 4],
}

/// One step of the program.
#[derive(Clone, Copy)]
pub struct Line {
    value: Value,
    /// The field that is called, or the operation.
    callee: &'static str,
    is_field: bool,
    /// Whether its gradient is added to what a later use of the field has left.
    adds: bool,
    inputs: [usize; MAX_INPUTS],
    arity: usize,
    formulas: Formulas,
}

/// Numbers a sample that a plan needs, beside the two figures that it is to be measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// What the plan needs.
    pub planned: usize,
    /// The most that is alive at one time: no plan needs less.
    pub lower_bound: usize,
    /// What it would be if nothing shared memory with anything.
    pub keep_everything: usize,
}

impl Memory {
    /// Of a plan.
    #[inline]
    pub const fn of<const STEPS: usize>(plan: &Plan<STEPS>) -> Memory {
        Memory {
            planned: plan.saved + plan.scratch,
            lower_bound: plan.lower_bound,
            keep_everything: plan.keep_everything,
        }
    }
}

impl Value {
    /// An edge of the shape `S`.
    #[inline]
    pub const fn of<S: Shape>(name: &'static str) -> Value {
        Value { name, edges: edges_of::<S>(), ranks: S::PART_RANKS, dims: S::PART_DIMS }
    }
}

impl Line {
    /// The field `field` as a layer, on one edge.
    #[inline]
    pub const fn layer<L: Layer<I>, I: Shape>(
        name: &'static str,
        field: &'static str,
        inputs: &[usize],
        is_last_use: bool,
    ) -> Line {
        let mut line = Line::new::<L::Out>(name, field, inputs, L::FORMULAS);
        line.is_field = true;
        line.adds = !is_last_use;
        line
    }

    /// An operation between edges.
    #[inline]
    pub const fn operation<O: Operation<I, T>, I: Edges, T: Float>(
        name: &'static str,
        operation: &'static str,
        inputs: &[usize],
    ) -> Line {
        Line::new::<O::Out>(name, operation, inputs, O::FORMULAS)
    }

    /// With formulas made of what the user wrote; no derivative leaves the operation's own.
    #[inline]
    pub const fn written(mut self, value: Formula, derivative: &'static [Formula]) -> Line {
        self.formulas.value = value;
        if !derivative.is_empty() {
            self.formulas.edges = derivative;
        }
        self
    }

    #[inline]
    const fn new<S: Shape>(
        name: &'static str,
        callee: &'static str,
        edges: &[usize],
        formulas: Formulas,
    ) -> Line {
        let (mut inputs, mut input) = ([0; MAX_INPUTS], 0);
        while input < edges.len() {
            inputs[input] = edges[input];
            input += 1;
        }
        Line {
            value: Value::of::<S>(name),
            callee,
            is_field: false,
            adds: false,
            inputs,
            arity: edges.len(),
            formulas,
        }
    }
}

#[inline]
const fn same_place(a: Place, b: Place) -> bool {
    a.offset == b.offset
        && matches!(
            (a.region, b.region),
            (Region::Saved, Region::Saved)
                | (Region::Scratch, Region::Scratch)
                | (Region::OutputGradient, Region::OutputGradient)
        )
}

impl Program {
    /// No program, for a model with a mistake in it.
    #[doc(hidden)]
    pub const NOTHING: Program = Program {
        name: "",
        element_bytes: 0,
        inputs: &[],
        lines: &[],
        places: &[],
        inference: &[],
        memory: Memory { planned: 0, lower_bound: 0, keep_everything: 0 },
    };

    /// Writes the program to `bytes`, as much as there is room for, and returns how long it is.
    #[inline]
    pub const fn write(&self, bytes: &mut [u8]) -> usize {
        let mut page = Page { bytes, length: 0, column: 0 };
        self.head(&mut page);
        self.forward(&mut page);
        self.passes(&mut page);
        page.text("\n");
        self.backward(&mut page);
        page.length
    }

    /// As [`write`](Program::write), after a line that says why this is an error.
    #[doc(hidden)]
    #[inline]
    pub const fn write_with_reason(&self, bytes: &mut [u8]) -> usize {
        let mut page = Page { bytes, length: 0, column: 0 };
        page.text("this is the derived program; take `explain` away to go on\n\n");
        let length = page.length;
        let (_, rest) = bytes.split_at_mut(if bytes.len() < length { bytes.len() } else { length });
        length + self.write(rest)
    }

    #[inline]
    const fn value(&self, edge: usize) -> &Value {
        if edge < self.inputs.len() {
            &self.inputs[edge]
        } else {
            &self.lines[edge - self.inputs.len()].value
        }
    }

    #[inline]
    const fn output(&self) -> &Value {
        self.value(self.inputs.len() + self.lines.len() - 1)
    }

    #[inline]
    const fn head(&self, page: &mut Page<'_>) {
        page.text("// ");
        page.text(self.name);
        page.text(", as it is trained: ");
        page.number(self.memory.planned * self.element_bytes);
        page.text(" bytes a sample; ");
        page.number(self.memory.lower_bound * self.element_bytes);
        page.text(" of them in use at one time; ");
        page.number(self.memory.keep_everything * self.element_bytes);
        page.text(" if nothing shared memory.\n");
    }

    #[inline]
    const fn forward(&self, page: &mut Page<'_>) {
        page.text("fn forward(");
        let mut input = 0;
        while input < self.inputs.len() {
            if input > 0 {
                page.text(", ");
            }
            page.text(self.inputs[input].name);
            page.text(": ");
            page.shape(&self.inputs[input]);
            input += 1;
        }
        page.text(") -> ");
        page.shape(self.output());
        page.text(" {\n");
        let mut step = 0;
        while step < self.lines.len() {
            let line = &self.lines[step];
            page.text("    let ");
            page.text(line.value.name);
            page.text(" = ");
            if line.formulas.value.is_empty() {
                self.call(page, line);
            } else {
                self.formula(page, line, line.formulas.value);
            }
            page.text(";");
            page.remark();
            page.shape(&line.value);
            let place = self.places[step].y;
            match self.places[step].forward {
                Mode::Alias | Mode::Done => page.text(", the same numbers"),
                Mode::InPlace => {
                    page.text(", in place of ");
                    page.text(self.value(line.inputs[self.places[step].replaced]).name);
                }
                Mode::Separate => self.place(page, place),
            }
            if self.is_kept(step) {
                page.text(", kept");
            }
            page.text("\n");
            step += 1;
        }
        page.text("    ");
        page.text(self.output().name);
        page.text("\n}\n");
    }

    #[inline]
    const fn backward(&self, page: &mut Page<'_>) {
        page.text("fn backward(d_");
        page.text(self.output().name);
        page.text(": ");
        page.shape(self.output());
        page.text(") {\n");
        let mut step = self.lines.len();
        while step > 0 {
            step -= 1;
            let line = &self.lines[step];
            if self.places[step].trains {
                self.parameter_gradients(page, line);
            }
            let mut input = 0;
            while input < line.arity {
                self.edge_gradient(page, step, input);
                input += 1;
            }
        }
        page.text("}\n");
    }

    #[inline]
    const fn parameter_gradients(&self, page: &mut Page<'_>, line: &Line) {
        let parameters = line.formulas.parameters;
        let sign = if line.adds { " += " } else { " = " };
        if parameters.is_empty() {
            page.text("    gradient.");
            page.text(line.callee);
            page.text(sign);
            self.adjoint_call(page, line);
            page.text(";\n");
        }
        let mut parameter = 0;
        while parameter < parameters.len() {
            let (name, formula) = parameters[parameter];
            page.text("    gradient.");
            page.text(line.callee);
            if !name.is_empty() {
                page.text(".");
                page.text(name);
            }
            page.text(sign);
            self.formula(page, line, formula);
            page.text(";\n");
            parameter += 1;
        }
    }

    #[inline]
    const fn edge_gradient(&self, page: &mut Page<'_>, step: usize, input: usize) {
        let (line, plan) = (&self.lines[step], &self.places[step]);
        let edge = line.inputs[input];
        let adds = plan.adds[input];
        if !plan.wants[input] || adds && plan.needs.stops {
            return;
        }
        page.text(if adds { "    d_" } else { "    let d_" });
        page.text(self.value(edge).name);
        page.text(if adds { " += " } else { " = " });
        if input < line.formulas.edges.len() {
            self.formula(page, line, line.formulas.edges[input]);
        } else {
            self.adjoint_call(page, line);
        }
        page.text(";");
        page.remark();
        page.shape(self.value(edge));
        match plan.backward {
            Mode::Alias | Mode::Done => page.text(", the same numbers"),
            Mode::InPlace => {
                page.text(", in place of d_");
                page.text(line.value.name);
            }
            Mode::Separate if plan.needs.passes(input) && same_place(plan.dx[input], plan.dy) => {
                page.text(", the same numbers");
            }
            Mode::Separate => {
                let is_partial = plan.partial[input].length > 0;
                self.place(page, if is_partial { plan.partial[input] } else { plan.dx[input] });
            }
        }
        page.text("\n");
    }

    /// Whether the backward pass reads what a step has computed.
    #[inline]
    const fn is_kept(&self, step: usize) -> bool {
        let mut reader = step + 1;
        let mut kept = self.places[step].needs.output;
        while reader < self.lines.len() {
            let line = &self.lines[reader];
            let mut input = 0;
            while input < line.arity {
                kept |= line.inputs[input] == self.inputs.len() + step && self.places[reader].needs.input;
                input += 1;
            }
            reader += 1;
        }
        kept
    }

    #[inline]
    const fn place(&self, page: &mut Page<'_>, place: Place) {
        let region = match place.region {
            Region::Output => return page.text(", the output"),
            Region::InputGradient => return page.text(", if it is asked for"),
            Region::OutputGradient => return page.text(", given"),
            Region::Input | Region::Nowhere => return,
            Region::Saved => " of saved",
            Region::Scratch => " of scratch",
        };
        page.text(", ");
        page.number(place.length * self.element_bytes);
        page.text(" bytes at ");
        page.number(place.offset * self.element_bytes);
        page.text(region);
    }

    /// `self.fc1(x)`, or `softmax(x)`.
    #[inline]
    const fn call(&self, page: &mut Page<'_>, line: &Line) {
        self.callee(page, line);
        page.text("(");
        let mut input = 0;
        while input < line.arity {
            if input > 0 {
                page.text(", ");
            }
            page.text(self.value(line.inputs[input]).name);
            input += 1;
        }
        page.text(")");
    }

    /// `self.fc1.backward(d_fc1)`.
    #[inline]
    const fn adjoint_call(&self, page: &mut Page<'_>, line: &Line) {
        self.callee(page, line);
        page.text(if line.is_field { ".backward(d_" } else { "_backward(d_" });
        page.text(line.value.name);
        page.text(")");
    }

    #[inline]
    const fn callee(&self, page: &mut Page<'_>, line: &Line) {
        if line.is_field {
            page.text("self.");
        }
        page.text(line.callee);
    }

    /// A formula, with names in the places that are kept for them.
    #[inline]
    const fn formula(&self, page: &mut Page<'_>, line: &Line, formula: Formula) {
        let mut piece = 0;
        while piece < formula.len() {
            let text = formula[piece].as_bytes();
            let mut at = 0;
            while at < text.len() {
                if text[at] == b'{' {
                    let mut end = at + 1;
                    while end < text.len() && text[end] != b'}' {
                        end += 1;
                    }
                    let (_, rest) = text.split_at(at + 1);
                    let (name, _) = rest.split_at(end - at - 1);
                    self.named(page, line, name);
                    at = end + 1;
                } else {
                    page.byte(text[at]);
                    at += 1;
                }
            }
            piece += 1;
        }
    }

    #[inline]
    const fn named(&self, page: &mut Page<'_>, line: &Line, name: &[u8]) {
        match name {
            b"y" => page.text(line.value.name),
            b"dy" => {
                page.text("d_");
                page.text(line.value.name);
            }
            b"self" => self.callee(page, line),
            // The first edge, where a function of one number says what its derivative is computed from.
            b"x" => page.text(self.value(line.inputs[0]).name),
            [digit] if digit.is_ascii_digit() => {
                page.text(self.value(line.inputs[(*digit - b'0') as usize]).name);
            }
            _ => page.text("?"),
        }
    }
}
