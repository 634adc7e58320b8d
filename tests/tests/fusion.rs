//! What a layer does at inference for those behind it is what they do themselves, within 1e-5.

use nanotorch::device::{Cpu, Device, InferencePass, Kernel};
use nanotorch::element::Float;
use nanotorch::model::{Layer, Memory, OutputOf};
use nanotorch::prelude::*;
use nanotorch::recorder::record;
use nanotorch::simd::{Simd, WithSimd, dispatch_on, for_each_isa};

/// Convolutions of all kinds, with and without a bias, before normalisations with and without weights.
#[model(input = [3, 9, 11])]
struct Chain {
    conv1: Conv2d<3, 20, 3, (Same, NoBias)>,
    norm1: BatchNorm<20>,
    relu1: Relu,
    conv2: Conv2d<20, 8, 3, (Stride<2>, Groups<4, 5>)>,
    norm2: BatchNorm<8, NoAffine>,
    pool: MaxPool2d<2>,
    up: ConvTranspose2d<8, 6, 3, Stride<2>>,
    relu2: Relu,
    norm3: BatchNorm<6>,
    flatten: Flatten,
    fc1: Linear<150, 33>,
    norm4: BatchNorm<33>,
    relu3: Relu,
    fc2: Linear<33, 7, NoBias>,
    norm5: BatchNorm<7>,
}

/// A residual block, whose sum is rectified, and an edge that two steps read.
#[model(input = [4, 6, 6], forward)]
struct Residual {
    conv1: Conv2d<4, 4, 3, Same>,
    norm1: BatchNorm<4>,
    conv2: Conv2d<4, 4, 3, (Same, NoBias)>,
    norm2: BatchNorm<4>,
}

#[forward]
impl Residual {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.norm1.forward(self.conv1.forward(x)).relu();
        let raw = self.conv2.forward(h);
        (x + self.norm2.forward(raw) + raw).relu()
    }
}

/// The last layer is the model's output, which others don't read.
#[model(input = [2, 5])]
struct Last {
    conv: Conv1d<2, 3, 2>,
    norm: BatchNorm<3>,
}

/// Pools of all kinds behind convolutions: two by two, overlapping ones with padding, over one axis, with nothing between.
#[model(input = [2, 19, 23])]
struct Pools {
    conv1: Conv2d<2, 18, 3, Same>,
    relu1: Relu,
    pool1: MaxPool2d<2>,
    conv2: Conv2d<18, 12, 3, Same>,
    pool2: MaxPool2d<3, (Stride<2>, Padding<1>)>,
    conv3: Conv2d<12, 5, 2>,
    relu3: Relu,
    pool3: MaxPool2d<2, (Stride<1>, Dilation<2>)>,
}

/// The same over one axis, in a block that another model repeats.
#[model]
struct Signal {
    conv: Conv1d<3, 3, 5, Padding<2>>,
    relu: Relu,
    pool: MaxPool1d<3, (Stride<1>, Padding<1>)>,
}

#[model(input = [3, 37])]
struct Signals {
    blocks: [Signal; 2],
    conv: Conv1d<3, 4, 4>,
    pool: MaxPool1d<4>,
}

/// A device that has each layer do its own work.
struct OneByOne<'a, S>(Cpu<'a, S>);

impl<S: Simd> Device for OneByOne<'_, S> {
    fn run<T: Float, K: Kernel<T>>(&mut self, kernel: K) {
        self.0.run(kernel);
    }
}

struct Apart<'a, M: Model> {
    model: &'a M,
    inputs: &'a [f32],
    rows: usize,
}

impl<M: Model> Clone for Apart<'_, M> {
    fn clone(&self) -> Self {
        Apart { ..*self }
    }
}

impl<M: Model<Element = f32>> WithSimd for Apart<'_, M> {
    type Output = Vec<f32>;
    fn run<S: Simd>(self, simd: S) -> Vec<f32> {
        let Apart { model, inputs, rows } = self;
        let needs = <M as Layer<M::Input>>::NEEDS;
        let mut outputs = vec![0.0; rows * <OutputOf<M> as Shape>::LEN];
        let (mut scratch, mut workspace) =
            (vec![f32::NAN; rows * needs.inference(true)], vec![f32::NAN; needs.workspace]);
        let mut pass = InferencePass { device: OneByOne(Cpu::new(simd)), rows };
        let memory = Memory { saved: &mut [], scratch: &mut scratch, workspace: &mut workspace };
        model.forward(&mut pass, inputs, &mut outputs, memory);
        outputs
    }
}

/// The model in one go, as well.
struct Together<'a, M: Model>(Apart<'a, M>);

impl<M: Model<Element = f32>> WithSimd for Together<'_, M> {
    type Output = Vec<f32>;
    fn run<S: Simd>(self, simd: S) -> Vec<f32> {
        let Apart { model, inputs, rows } = self.0;
        let needs = <M as Layer<M::Input>>::NEEDS;
        let mut outputs = vec![0.0; rows * <OutputOf<M> as Shape>::LEN];
        let (mut scratch, mut workspace) =
            (vec![f32::NAN; rows * needs.infer], vec![f32::NAN; needs.workspace]);
        let mut pass = InferencePass { device: Cpu::new(simd), rows };
        let memory = Memory { saved: &mut [], scratch: &mut scratch, workspace: &mut workspace };
        model.forward(&mut pass, inputs, &mut outputs, memory);
        outputs
    }
}

/// The same on every instruction set, for few samples and for many; to the bit, where nothing is scaled.
fn check<M: Model<Element = f32>>(tolerance: f32) {
    let mut model = nanotorch::model::new::<M>(3);
    let mut random = Random::new(5);
    // Statistics as no batch has them; variances are positive.
    nanotorch::model::for_each_parameter::<M>(|parameter| {
        let is_buffer = parameter.path.to_string().contains("running") || parameter.dims.len() == 1;
        for number in &mut model.values_mut()[parameter.range()] {
            if is_buffer {
                *number = (0.2 + 2.0 * random.uniform_f64()) as f32;
            }
        }
    });
    for rows in [1, 2, 9, 33] {
        let inputs: Vec<f32> =
            (0..rows * M::Input::LEN).map(|_| (2.0 * random.uniform_f64() - 1.0) as f32).collect();
        let work = Apart { model: &*model, inputs: &inputs, rows };
        for_each_isa(work.clone(), |isa, apart| {
            let together = dispatch_on(isa, Together(work.clone())).unwrap();
            let largest = apart.iter().fold(0.0_f32, |most, y| most.max(y.abs()));
            for (index, (a, b)) in apart.iter().zip(&together).enumerate() {
                assert!(
                    (a - b).abs() <= tolerance * largest,
                    "{rows} samples on {isa} [{index}]: {a} and {b}"
                );
            }
        });
    }
}

#[test]
fn what_is_done_together_is_what_each_does() {
    check::<Chain>(1e-5);
    check::<Residual>(1e-5);
    check::<Last>(1e-5);
    check::<Pools>(0.0);
    check::<Signals>(0.0);
}

#[test]
fn the_program_says_what_is_done_together() {
    let said = |program: nanotorch::model::program::Program| {
        let text = program.to_string();
        text.lines().find(|line| line.starts_with("// At inference")).map(str::to_owned)
    };
    assert_eq!(
        said(Chain::explain()).unwrap(),
        "// At inference in one pass: conv1, norm1, relu1; conv2, norm2, pool; up, relu2; fc1, norm4, relu3; fc2, norm5."
    );
    assert_eq!(said(Residual::explain()).unwrap(), "// At inference in one pass: conv1, norm1, h.");
    assert_eq!(said(Last::explain()).unwrap(), "// At inference in one pass: conv, norm.");
    assert_eq!(
        said(Pools::explain()).unwrap(),
        "// At inference in one pass: conv1, relu1, pool1; conv2, pool2; conv3, relu3, pool3."
    );
}

/// Exports see each layer by itself.
#[test]
fn a_recording_has_every_layer() {
    let names: Vec<_> = record::<Last>().kernels.iter().map(|kernel| kernel.name).collect();
    assert_eq!(names, ["Conv", "Rsqrt", "BatchNormalization"]);
}

/// What is done together needs no memory of its own.
#[test]
fn memory_is_planned_for_it() {
    assert_eq!(<Last as Layer<R2<2, 5>>>::NEEDS.infer, 0);
    // Pooled images alone lie between the layers: those of 18 channels, then of 12.
    let needs = <Pools as Layer<R3<2, 19, 23>>>::NEEDS;
    assert_eq!(needs.infer, 18 * 9 * 11 + 12 * 5 * 6);
    assert!(needs.inference(true) >= 18 * 19 * 23);
}
