//! A device that computes nothing and takes note of everything: which layers a model has, which kernels they run, and which
//! values flow between them. The printed summary and exports are made from its notes.
//!
//! Buffers share memory, so a value is known by where it lies *and when*: a kernel reads what was last written there.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::device::{Device, InferencePass, Kernel, Operand, Scope};
use crate::element::Float;
use crate::model::{Layer, Memory, Model, OutputOf, facts, for_each_parameter};
use crate::shape::Shape;
use crate::storage::{Block, take};

/// The number of a value among a recording's values.
pub type ValueId = usize;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is the model's input.
    Input,
    /// It is a parameter, of this name and shape.
    Parameter(String, Vec<usize>),
    /// It is written by this kernel.
    Kernel(usize),
    /// It was there before; a model that reads such a value reads memory that nobody wrote.
    Unknown,
}

/// A layer that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerRecord {
    /// Its path, such as `blocks.0.fc1`.
    pub path: String,
    /// Its type, as it was written; empty for an item of an array.
    pub kind: String,
    /// How many layers it is inside.
    pub depth: usize,
    /// One input sample's dimensions.
    pub input: Vec<usize>,
    /// One output sample's dimensions.
    pub output: Vec<usize>,
    /// How many parameters it has.
    pub params: usize,
    /// Floating-point operations of its forward, a sample.
    pub flops: usize,
}

/// A kernel that ran.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelRecord {
    /// Its name.
    pub name: &'static str,
    /// The layer that ran it, as a number among the recording's layers.
    pub layer: Option<usize>,
    /// What it reads.
    pub inputs: Vec<ValueId>,
    /// What it writes.
    pub outputs: Vec<ValueId>,
    /// Its attributes.
    pub attributes: Vec<(&'static str, f64)>,
}

/// The notes of one forward pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The layers, in the order in which they began.
    pub layers: Vec<LayerRecord>,
    /// The kernels, in order.
    pub kernels: Vec<KernelRecord>,
    /// Where each value comes from.
    pub values: Vec<Source>,
}

/// The device that takes the notes: of kernels, too, or of layers alone.
#[derive(Default)]
struct Recorder<const KERNELS: bool> {
    recording: Recording,
    open: Open,
    /// The value that lies at each address, the latest last.
    places: Vec<(usize, ValueId)>,
}

/// The layers that have begun and not ended.
#[derive(Default)]
struct Open(Vec<usize>);

impl Open {
    fn enter(&mut self, layers: &mut Vec<LayerRecord>, scope: &Scope<'_>) {
        let name = scope.name.to_string();
        let path = match self.0.last() {
            Some(&outer) => alloc::format!("{}.{name}", layers[outer].path),
            None => name,
        };
        let record = LayerRecord {
            path,
            kind: scope.kind.to_owned(),
            depth: self.0.len(),
            input: scope.input.to_owned(),
            output: scope.output.to_owned(),
            params: scope.params,
            flops: scope.flops,
        };
        self.0.push(layers.len());
        layers.push(record);
    }
}

/// Runs the inference of a model on one sample without computing anything, and returns the notes.
///
/// ```
/// use nanotorch::{prelude::*, recorder::record};
///
/// #[model(input = [4])]
/// pub struct Net {
///     hidden: Linear<4, 16>,
///     tanh: Tanh,
///     head: Linear<16, 2>,
/// }
/// let names: Vec<_> = record::<Net>().kernels.iter().map(|kernel| kernel.name).collect();
/// assert_eq!(names, ["Gemm", "Tanh", "Gemm"]);
/// ```
pub fn record<M: Model>() -> Recording {
    run::<M, true>()
}

/// The layers of a model, without their kernels, which needn't be compiled then.
pub(crate) fn layers<M: Model>() -> Vec<LayerRecord> {
    run::<M, false>().layers
}

fn run<M: Model, const KERNELS: bool>() -> Recording {
    let model = M::zeroed();
    let needs = <M as Layer<M::Input>>::NEEDS;
    let more = needs.inference(true) - needs.infer;
    let mut arena = Block::<M::Element>::zeros(facts::infer_numbers::<M>(1) + more);
    let mut numbers = arena.as_mut_slice();
    let input = Block::<M::Element>::zeros(<M::Input as Shape>::LEN);
    let y = take(&mut numbers, <OutputOf<M> as Shape>::LEN);
    let scratch = take(&mut numbers, needs.inference(true));
    let workspace = take(&mut numbers, needs.workspace);

    let mut recorder = Recorder::<KERNELS>::default();
    if const { KERNELS } {
        recorder.place(input.as_slice(), Source::Input);
        for_each_parameter::<M>(|parameter| {
            let source = Source::Parameter(parameter.path.to_string(), parameter.dims.to_owned());
            recorder.place(&model.values()[parameter.range()], source);
        });
    }
    let mut pass = InferencePass { device: recorder, rows: crate::extent::Const::<1> };
    model.forward(&mut pass, input.as_slice(), y, Memory { saved: &mut [], scratch, workspace });
    pass.device.recording
}

impl<const KERNELS: bool> Recorder<KERNELS> {
    /// The notes of a kernel, without operands as yet.
    fn begin(&self, name: &'static str) -> KernelRecord {
        let layer = self.open.0.last().copied();
        KernelRecord { name, layer, inputs: Vec::new(), outputs: Vec::new(), attributes: Vec::new() }
    }

    /// Notes an operand of the kernel that comes next.
    fn operand<T>(&mut self, note: &mut KernelRecord, operand: Operand<'_, T>) {
        match operand {
            Operand::Input(slice) => note.inputs.push(self.value_at(slice)),
            Operand::Output(slice) => {
                let kernel = Source::Kernel(self.recording.kernels.len());
                note.outputs.push(self.place(slice, kernel));
            }
            Operand::Attribute(name, value) => note.attributes.push((name, value)),
        }
    }

    /// Notes that a new value lies at a slice's place.
    fn place<T>(&mut self, slice: &[T], source: Source) -> ValueId {
        let value = self.recording.values.len();
        self.recording.values.push(source);
        self.places.push((slice.as_ptr().addr(), value));
        value
    }

    /// The value that lies at a slice's place.
    fn value_at<T>(&mut self, slice: &[T]) -> ValueId {
        let address = slice.as_ptr().addr();
        let latest = self.places.iter().rev().find(|place| place.0 == address).map(|place| place.1);
        latest.unwrap_or_else(|| self.place(slice, Source::Unknown))
    }
}

impl<const KERNELS: bool> Device for Recorder<KERNELS> {
    const COMPUTES: bool = KERNELS;
    fn run<T: Float, K: Kernel<T>>(&mut self, kernel: K) {
        if const { KERNELS } {
            let mut note = self.begin(K::NAME);
            kernel.operands(&mut |operand| self.operand(&mut note, operand));
            self.recording.kernels.push(note);
        }
    }

    fn enter(&mut self, scope: &Scope<'_>) {
        self.open.enter(&mut self.recording.layers, scope);
    }

    fn leave<T: Float>(&mut self, _: &Scope<'_>, _: &[T]) {
        self.open.0.pop();
    }
}
