//! Functions of two numbers, element by element, with NumPy's rules of broadcasting.

use alloc::rc::Rc;
use core::marker::PhantomData;

use super::broadcast::Broadcasting;
use super::unary::compute;
use super::{Adjoint, Arrange, Derived, Edges, Graph, Kind, Layout, MAX_OPERANDS, Moved, Places, Room, Rule};
use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::graph::{Binary, Multiply};
use crate::kernel::map::{BinaryMap, TernaryMap, zip, zip_in_place, zip3};
use crate::kernel::reduce;
use crate::simd::{Dual, Scalar, Simd, Vector, VectorOf};

/// `y = f(a, b)`, element by element.
#[derive(Clone, Copy, Debug)]
pub struct Combine<O> {
    function: PhantomData<O>,
    result: Layout,
    operands: [Layout; 2],
    broadcast: Broadcasting,
}

impl<O: Binary> Combine<O> {
    /// The function on operands that broadcast to the shape `result`.
    pub fn new(_: O, result: Layout, operands: [Layout; 2]) -> Self {
        Combine { function: PhantomData, result, operands, broadcast: Broadcasting::new(result, operands) }
    }
}

impl<T: Float, O: Binary> Rule<T> for Combine<O> {
    fn name(&self) -> &'static str {
        O::NAME
    }
    fn layout(&self) -> Layout {
        self.result
    }
    fn kind(&self) -> Kind {
        if O::BILINEAR {
            Kind::Bilinear
        } else if O::KEEPS {
            Kind::Curved
        } else {
            Kind::Linear
        }
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        compute(Forward { function: self.function, broadcast: &self.broadcast, x: [x[0], x[1]], y });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        let Edges { x, dy, dx, .. } = edges;
        if let [da, db] = dx {
            let dx = [&mut **da, &mut **db];
            let broadcast = &self.broadcast;
            compute(Backward { function: self.function, broadcast, x: [x[0], x[1]], dy, dx });
        }
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        self.gradients(graph, places, |operand| Differential { rule: *self, by: operand, then_by: None })
    }
}

impl<O: Binary> Combine<O> {
    /// The gradient by each operand, given what makes the derivative by it.
    fn gradients<T: Float>(
        &self,
        graph: &mut dyn Graph<T>,
        places: &Places<'_>,
        derivative: impl Fn(usize) -> Differential<O>,
    ) -> Derived {
        let mut gradients = [None; MAX_OPERANDS];
        for (operand, made) in gradients.iter_mut().enumerate().take(2) {
            if !places.wanted[operand] {
                continue;
            }
            let slope = graph.apply(Rc::new(derivative(operand)), places.x);
            let product = Combine::new(Multiply, self.result, [self.result; 2]);
            let gradient = graph.apply(Rc::new(product), &[places.dy, slope]);
            // What was repeated is summed: the adjoint of the repetition.
            let repeated = Moved(Arrange::broadcast(self.operands[operand], self.result));
            let layouts = Adjoint::<T>::layouts([self.operands[operand]].into_iter());
            let adjoint = Adjoint { rule: Rc::new(repeated), operand: 0, count: 1, layouts };
            *made = Some(graph.apply(Rc::new(adjoint), &[gradient]));
        }
        Derived::Known(gradients)
    }
}

#[derive(Clone, Copy)]
struct Value<O>(PhantomData<O>);

impl<T: Float, O: Binary> BinaryMap<T> for Value<O> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V {
        O::value(a, b)
    }
}

#[derive(Clone, Copy)]
struct Gradient<O, const OPERAND: usize>(PhantomData<O>);

impl<T: Float, O: Binary, const OPERAND: usize> TernaryMap<T> for Gradient<O, OPERAND> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V, gradient: V) -> V {
        gradient * partial::<O, V>(OPERAND, a, b)
    }
}

/// The derivative by one of the operands.
#[inline(always)]
fn partial<O: Binary, V: Vector>(operand: usize, a: V, b: V) -> V {
    if operand == 0 { O::by_first(a, b) } else { O::by_second(a, b) }
}

#[derive(Clone, Copy)]
struct Sum;

impl<T: Float> BinaryMap<T> for Sum {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V {
        a + b
    }
}

/// How many numbers of a run are looked at together where an operand is one number.
const CHUNK: usize = 256;

/// An operand's numbers along a part of a run: its own, or one of them as often as needed.
#[inline(always)]
fn along<'a, T: Float>(runs: bool, x: &'a [T], at: usize, done: usize, filled: &'a [T]) -> &'a [T] {
    if runs && !x.is_empty() { &x[at + done..][..filled.len()] } else { filled }
}

struct Forward<'a, O, T> {
    function: PhantomData<O>,
    broadcast: &'a Broadcasting,
    x: [&'a [T]; 2],
    y: &'a mut [T],
}

impl<O: Binary, T: Float> Kernel<T> for Forward<'_, O, T> {
    const NAME: &'static str = O::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x[0]));
        see(Operand::Input(self.x[1]));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let Forward { broadcast, x: [a, b], y, .. } = self;
        let (run, plain) = (broadcast.run(), broadcast.runs(0) && broadcast.runs(1));
        let mut filled = [[T::ZERO; CHUNK]; 2];
        let most = if plain { run } else { CHUNK };
        broadcast.for_each_run(
            #[inline(always)]
            |position, at| {
                for (filled, (x, at)) in filled.iter_mut().zip([(a, at[0]), (b, at[1])]) {
                    if !plain {
                        filled[..run.min(CHUNK)].fill(x[at]);
                    }
                }
                let mut done = 0;
                while done < run {
                    let length = most.min(run - done);
                    let (a, b) = if plain {
                        (&a[at[0]..][..run], &b[at[1]..][..run])
                    } else {
                        (
                            along(broadcast.runs(0), a, at[0], done, &filled[0][..length]),
                            along(broadcast.runs(1), b, at[1], done, &filled[1][..length]),
                        )
                    };
                    zip(cpu.simd, Value::<O>(PhantomData), a, b, &mut y[position + done..][..length]);
                    done += length;
                }
            },
        );
    }
}

struct Backward<'a, 'b, O, T> {
    function: PhantomData<O>,
    broadcast: &'a Broadcasting,
    x: [&'a [T]; 2],
    dy: &'a [T],
    dx: [&'b mut [T]; 2],
}

impl<O: Binary, T: Float> Kernel<T> for Backward<'_, '_, O, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.dy));
        see(Operand::Output(self.dx[0]));
        see(Operand::Output(self.dx[1]));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let Backward { broadcast, x: [a, b], dy, dx: [da, db], .. } = self;
        // Any numbers do for operands that the derivatives don't depend on, or whose gradient isn't wanted.
        if broadcast.is_plain() {
            let [a, b] = [a, b].map(|x| if O::KEEPS && !x.is_empty() { x } else { dy });
            if !da.is_empty() {
                zip3(cpu.simd, Gradient::<O, 0>(PhantomData), a, b, dy, da);
            }
            if !db.is_empty() {
                zip3(cpu.simd, Gradient::<O, 1>(PhantomData), a, b, dy, db);
            }
            return;
        }
        da.fill(T::ZERO);
        db.fill(T::ZERO);
        let run = broadcast.run();
        let (mut filled, mut parts) = ([[T::ZERO; CHUNK]; 2], [T::ZERO; CHUNK]);
        broadcast.for_each_run(
            #[inline(always)]
            |position, at| {
                if O::KEEPS {
                    for (filled, (x, at)) in filled.iter_mut().zip([(a, at[0]), (b, at[1])]) {
                        filled[..run.min(CHUNK)].fill(x.get(at).copied().unwrap_or(T::ZERO));
                    }
                }
                let mut done = 0;
                while done < run {
                    let length = CHUNK.min(run - done);
                    let dy = &dy[position + done..][..length];
                    let (a, b) = if O::KEEPS {
                        (
                            along(broadcast.runs(0), a, at[0], done, &filled[0][..length]),
                            along(broadcast.runs(1), b, at[1], done, &filled[1][..length]),
                        )
                    } else {
                        (dy, dy)
                    };
                    let parts = &mut parts[..length];
                    if !da.is_empty() {
                        zip3(cpu.simd, Gradient::<O, 0>(PhantomData), a, b, dy, parts);
                        collect(cpu.simd, broadcast.runs(0), parts, da, at[0], done);
                    }
                    if !db.is_empty() {
                        zip3(cpu.simd, Gradient::<O, 1>(PhantomData), a, b, dy, parts);
                        collect(cpu.simd, broadcast.runs(1), parts, db, at[1], done);
                    }
                    done += length;
                }
            },
        );
    }
}

/// Adds a part of a run to the gradient by an operand.
#[inline(always)]
fn collect<S: Simd, T: Float>(simd: S, runs: bool, parts: &[T], dx: &mut [T], at: usize, done: usize) {
    if runs {
        zip_in_place(simd, Sum, parts, &mut dx[at + done..][..parts.len()]);
    } else {
        dx[at] += reduce::sum(simd, parts);
    }
}

/// `y = f'(a, b)`, the derivative of a function of two numbers by one of them, and perhaps once more by one of them.
struct Differential<O> {
    rule: Combine<O>,
    by: usize,
    then_by: Option<usize>,
}

/// The numbers as registers that change with one of them.
fn varied<V: Vector>(operand: usize, a: V, b: V) -> (Dual<V>, Dual<V>) {
    if operand == 0 { (Dual::variable(a), Dual::fixed(b)) } else { (Dual::fixed(a), Dual::variable(b)) }
}

impl<O: Binary> Differential<O> {
    /// Calls `visit` with the places of each pair of operands, and that of the result.
    fn for_each(&self, mut visit: impl FnMut(usize, [usize; 2])) {
        let broadcast = &self.rule.broadcast;
        let step = |operand: usize, index: usize| if broadcast.runs(operand) { index } else { 0 };
        broadcast.for_each_run(
            #[inline(always)]
            |position, at| {
                for index in 0..broadcast.run() {
                    visit(position + index, [0, 1].map(|operand| at[operand] + step(operand, index)));
                }
            },
        );
    }
}

impl<T: Float, O: Binary> Rule<T> for Differential<O> {
    fn name(&self) -> &'static str {
        if self.then_by.is_some() { "SecondDerivative" } else { "Derivative" }
    }
    fn layout(&self) -> Layout {
        self.rule.result
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        self.for_each(|position, places| {
            let [a, b] =
                [0, 1].map(|operand| VectorOf::<Scalar, T>::splat(Scalar, x[operand][places[operand]]));
            y[position] = match self.then_by {
                None => partial::<O, _>(self.by, a, b).sum(),
                Some(operand) => {
                    let (a, b) = varied(operand, a, b);
                    partial::<O, _>(self.by, a, b).tangent().sum()
                }
            };
        });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        let Edges { x, dy, dx, .. } = edges;
        dx.iter_mut().for_each(|dx| dx.fill(T::ZERO));
        self.for_each(|position, places| {
            let [a, b] =
                [0, 1].map(|operand| VectorOf::<Scalar, T>::splat(Scalar, x[operand][places[operand]]));
            for operand in 0..2 {
                if dx[operand].is_empty() {
                    continue;
                }
                let (a, b) = varied(operand, a, b);
                let slope = match self.then_by {
                    None => partial::<O, _>(self.by, a, b).tangent().sum(),
                    Some(then) => {
                        let (a, b) = varied(then, a, b);
                        partial::<O, _>(self.by, a, b).tangent().tangent().sum()
                    }
                };
                dx[operand][places[operand]] += dy[position] * slope;
            }
        });
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        if self.then_by.is_some() {
            return Derived::Unknown;
        }
        let Differential { rule, by, .. } = *self;
        rule.gradients(graph, places, |operand| Differential { rule, by, then_by: Some(operand) })
    }
}
