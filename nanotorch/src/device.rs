//! A device is a set of kernels: layers say *what* to compute, a device says *how*, or only takes note of it.
//!
//! A kernel is a value that holds its operands as slices and knows how to run on a CPU, so a new one is one entry in one
//! file and no device has to be touched. [`Cpu`] runs it and costs nothing after monomorphization; the recorder (see
//! [`crate::recorder`]) writes down its name and operands instead.

use core::fmt;
use core::marker::PhantomData;

use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::random::Random;
use crate::simd::{Simd, Vector, WithSimd, dispatch};
use crate::threads::Threads;

/// One operation on slices, with its operands.
pub trait Kernel<T: Float>: Sized {
    /// Its name: ONNX's where ONNX has the operation.
    const NAME: &'static str;
    /// Shows each operand, inputs first, in ONNX's order.
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>));
    /// Computes the outputs. Mark the implementation `#[inline(always)]`.
    fn run<S: Simd>(self, cpu: Cpu<S>);
    /// The same as a function that looks for the instruction set itself, as [`Calling`] asks for. Where the kernel has the same
    /// type in all programs, that function may be one of this crate.
    #[inline(never)]
    fn carry_out(self, threads: Threads<'_>) {
        carry_out(self, threads);
    }
}

/// What a kernel reads or writes.
#[derive(Clone, Copy, Debug)]
pub enum Operand<'a, T> {
    /// It is read.
    Input(&'a [T]),
    /// It is written.
    Output(&'a [T]),
    /// A number that is part of the operation, with ONNX's name for it.
    Attribute(&'static str, f64),
}

/// What a layer is called in its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A field.
    Field(&'static str),
    /// An item of an array.
    Item(usize),
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Field(name) => formatter.write_str(name),
            Name::Item(index) => index.fmt(formatter),
        }
    }
}

/// A layer in a model, as a device is told about it.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// What it is called.
    pub name: Name,
    /// Its type, as it was written; empty for an item of an array.
    pub kind: &'static str,
    /// One input sample's dimensions.
    pub input: &'a [usize],
    /// One output sample's dimensions.
    pub output: &'a [usize],
    /// How many parameters the layer has.
    pub params: usize,
    /// Floating-point operations of its forward, a sample.
    pub flops: usize,
}

/// Someone who follows a forward pass on [`Calling`], layer by layer.
///
/// Which one it is, is found out when the program runs: so a pass that is followed is the same code as any other.
pub trait Watcher {
    /// The layer of this name begins.
    fn enter(&self, name: Name);
    /// The layer that began last has ended; `finite` finds out whether its output is.
    fn leave(&self, finite: &dyn Fn() -> bool);
}

impl fmt::Debug for dyn Watcher + '_ {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watcher")
    }
}

/// Something that carries out kernels.
pub trait Device {
    /// Whether each step of a model is to be a function of its own, rather than part of the model's.
    const CALLS: bool = true;
    /// Whether it looks at layers: then it is told of each, and each is carried out by itself, even where, at inference, one
    /// before it could do its work on the way out.
    const WATCHES: bool = true;
    /// Whether kernels do anything there. Else layers without layers in them aren't run at all.
    const COMPUTES: bool = true;
    /// Carries out a kernel.
    fn run<T: Float, K: Kernel<T>>(&mut self, kernel: K);
    /// The layer `scope` begins its forward. Called on devices that watch.
    #[inline(always)]
    fn enter(&mut self, scope: &Scope<'_>) {
        let _ = scope;
    }
    /// The layer that began last has written `output`. Called on devices that watch.
    #[inline(always)]
    fn leave<T: Float>(&mut self, scope: &Scope<'_>, output: &[T]) {
        let _ = (scope, output);
    }
    /// Who may work on what is large.
    #[inline(always)]
    fn threads(&self) -> Threads<'_> {
        Threads::ALONE
    }
    /// Who follows the pass, on a device that calls.
    #[inline(always)]
    fn watcher(&self) -> Option<&dyn Watcher> {
        None
    }
}

/// The processor, with an instruction set that it is known to have, and the threads that may be used.
#[derive(Clone, Copy, Debug)]
pub struct Cpu<'a, S> {
    /// The proof of the instruction set.
    pub simd: S,
    /// Who works on what is large.
    pub threads: Threads<'a>,
}

impl<S: Simd> Cpu<'_, S> {
    /// The calling thread alone.
    #[inline(always)]
    pub const fn new(simd: S) -> Self {
        Cpu { simd, threads: Threads::ALONE }
    }
}

impl<S: Simd> Device for Cpu<'_, S> {
    // Without optimization every register of an inlined kernel has its own place on the stack, which a model of a few layers
    // would overflow. Without vectors a kernel takes its time.
    const CALLS: bool = cfg!(debug_assertions) || S::F32::LANES == 1;
    const WATCHES: bool = false;
    #[inline(always)]
    fn run<T: Float, K: Kernel<T>>(&mut self, kernel: K) {
        let cpu = *self;
        if const { Self::CALLS } {
            cpu.simd.vectorize(
                #[inline(always)]
                || kernel.run(cpu),
            );
        } else {
            kernel.run(cpu);
        }
    }
    #[inline(always)]
    fn threads(&self) -> Threads<'_> {
        self.threads
    }
}

/// The processor, on which each kernel is a function that looks for the instruction set itself and is shared by all who run it
/// with the same sizes: so that a model of many layers isn't compiled as one function of that length, and what is between its
/// kernels once rather than for each instruction set.
#[derive(Clone, Copy, Debug)]
pub struct Calling<'a> {
    /// Who works on what is large.
    pub threads: Threads<'a>,
    /// Who follows the pass, if anyone does.
    pub watcher: Option<&'a dyn Watcher>,
}

impl<'a> Calling<'a> {
    /// The calling thread alone.
    #[inline(always)]
    pub const fn alone() -> Self {
        Self::on(Threads::ALONE)
    }

    /// With these threads.
    #[inline(always)]
    pub const fn on(threads: Threads<'a>) -> Self {
        Calling { threads, watcher: None }
    }
}

impl Device for Calling<'_> {
    const WATCHES: bool = false;
    #[inline(always)]
    fn run<T: Float, K: Kernel<T>>(&mut self, kernel: K) {
        kernel.carry_out(self.threads);
    }
    #[inline(always)]
    fn threads(&self) -> Threads<'_> {
        self.threads
    }
    #[inline(always)]
    fn watcher(&self) -> Option<&dyn Watcher> {
        self.watcher
    }
}

/// [`Kernel::carry_out`], whatever the kernel.
#[inline(always)]
pub(crate) fn carry_out<T: Float, K: Kernel<T>>(kernel: K, threads: Threads<'_>) {
    dispatch(OnCpu { kernel, threads, numbers: PhantomData });
}

/// A kernel on its way to the processor.
struct OnCpu<'a, K, T> {
    kernel: K,
    threads: Threads<'a>,
    numbers: PhantomData<T>,
}

impl<K: Kernel<T>, T: Float> WithSimd for OnCpu<'_, K, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.kernel.run(Cpu { simd, threads: self.threads });
    }
}

/// Which gradients of a layer are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// None: there is no backward pass.
    Nothing,
    /// Those by its parameters.
    Parameters,
    /// That by its input, and those by its parameters.
    Input,
}

/// A pass over a model, forward or backward: what a layer may ask for beside its buffers.
pub trait Pass {
    /// What carries out kernels.
    type Device: Device;
    /// The number of samples: a constant or a number.
    type Rows: Extent;
    /// Whether this is training: then a backward follows, and layers such as dropout do their work. Known to the compiler.
    const TRAINING: bool;
    /// What carries out kernels.
    fn device(&mut self) -> &mut Self::Device;
    /// The number of samples.
    fn rows(&self) -> Self::Rows;
    /// Whether gradients by parameters replace what is there, or are added to it.
    fn accumulate(&self) -> Accumulate;
    /// Sets whether gradients by parameters are added, and returns what it was: for a layer that is used more than once.
    fn set_accumulate(&mut self, accumulate: Accumulate) -> Accumulate;
    /// Which gradients are going to be asked for of the layer at hand. Known before its forward, so that nothing need be kept
    /// for others.
    fn wants(&self) -> Wants;
    /// Sets which, and returns what it was: for a layer within the layer at hand.
    fn set_wants(&mut self, wants: Wants) -> Wants;
    /// Random numbers; there are none at inference.
    fn random(&mut self) -> Option<&mut Random>;
    /// The numbers `buffer`, which are part of the model, are to move by the share `momentum` towards `value` when the step is
    /// done, as running statistics do. A pass of which no step is made takes no note of it.
    #[inline(always)]
    fn observe<T: Float>(&mut self, buffer: &[T], value: &[T], momentum: f64) {
        let _ = (buffer, value, momentum);
    }
}

/// A pass with a backward.
pub struct TrainingPass<'a, D, R> {
    /// What carries out kernels.
    pub device: D,
    /// The number of samples.
    pub rows: R,
    /// Whether gradients by parameters replace what is there, or are added to it.
    pub accumulate: Accumulate,
    /// Which gradients are wanted.
    pub wants: Wants,
    /// Where random numbers come from.
    pub random: &'a mut Random,
}

impl<D: Device, R: Extent> Pass for TrainingPass<'_, D, R> {
    type Device = D;
    type Rows = R;
    const TRAINING: bool = true;
    #[inline(always)]
    fn device(&mut self) -> &mut D {
        &mut self.device
    }
    #[inline(always)]
    fn rows(&self) -> R {
        self.rows
    }
    #[inline(always)]
    fn accumulate(&self) -> Accumulate {
        self.accumulate
    }
    #[inline(always)]
    fn set_accumulate(&mut self, accumulate: Accumulate) -> Accumulate {
        core::mem::replace(&mut self.accumulate, accumulate)
    }
    #[inline(always)]
    fn wants(&self) -> Wants {
        self.wants
    }
    #[inline(always)]
    fn set_wants(&mut self, wants: Wants) -> Wants {
        core::mem::replace(&mut self.wants, wants)
    }
    #[inline(always)]
    fn random(&mut self) -> Option<&mut Random> {
        Some(self.random)
    }
}

/// A forward pass alone.
pub struct InferencePass<D, R> {
    /// What carries out kernels.
    pub device: D,
    /// The number of samples.
    pub rows: R,
}

impl<D: Device, R: Extent> Pass for InferencePass<D, R> {
    type Device = D;
    type Rows = R;
    const TRAINING: bool = false;
    #[inline(always)]
    fn device(&mut self) -> &mut D {
        &mut self.device
    }
    #[inline(always)]
    fn rows(&self) -> R {
        self.rows
    }
    #[inline(always)]
    fn accumulate(&self) -> Accumulate {
        Accumulate::Replace
    }
    #[inline(always)]
    fn set_accumulate(&mut self, _: Accumulate) -> Accumulate {
        Accumulate::Replace
    }
    #[inline(always)]
    fn wants(&self) -> Wants {
        Wants::Nothing
    }
    #[inline(always)]
    fn set_wants(&mut self, _: Wants) -> Wants {
        Wants::Nothing
    }
    #[inline(always)]
    fn random(&mut self) -> Option<&mut Random> {
        None
    }
}
