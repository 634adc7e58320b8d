//! A function of two numbers, written over one of them: what an operator does with a tensor that nobody else has.

use core::marker::PhantomData;

use super::Layout;
use super::broadcast::Broadcasting;
use super::unary::compute;
use crate::device::{Cpu, Kernel, Operand};
use crate::element::{Element, Float};
use crate::graph::Binary;
use crate::kernel::map::{BinaryMap, UnaryMap, map_in_place, zip_in_place};
use crate::simd::{Simd, Vector};

/// `y = f(y, x)`, element by element, or `y = f(x, y)` where `y` is the second operand. `y` has the shape of the result, into
/// which `x` is broadcast.
pub(crate) fn combine_over<O: Binary, T: Float>(
    second: bool,
    [result, other]: [Layout; 2],
    x: &[T],
    y: &mut [T],
) {
    let broadcast = &Broadcasting::new(result, [other, result]);
    if second {
        compute(Over::<O, T, true> { function: PhantomData, broadcast, x, y });
    } else {
        compute(Over::<O, T, false> { function: PhantomData, broadcast, x, y });
    }
}

/// As [`combine_over`], of any numbers and with any function.
pub(crate) fn zip_over<T: Element>(
    f: impl Fn(T, T) -> T,
    second: bool,
    [result, other]: [Layout; 2],
    x: &[T],
    y: &mut [T],
) {
    let broadcast = Broadcasting::new(result, [other, result]);
    let step = usize::from(broadcast.runs(0));
    broadcast.for_each_run(|position, [at, _]| {
        for (index, y) in y[position..][..broadcast.run()].iter_mut().enumerate() {
            let x = x[at + step * index];
            *y = if second { f(x, *y) } else { f(*y, x) };
        }
    });
}

struct Over<'a, O, T, const SECOND: bool> {
    function: PhantomData<O>,
    broadcast: &'a Broadcasting,
    x: &'a [T],
    y: &'a mut [T],
}

/// The function of an operand and what it is written over.
#[derive(Clone, Copy)]
struct Value<O, const SECOND: bool>(PhantomData<O>);

impl<T: Float, O: Binary, const SECOND: bool> BinaryMap<T> for Value<O, SECOND> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V, y: V) -> V {
        if SECOND { O::value(x, y) } else { O::value(y, x) }
    }
}

/// The same where the operand is one number.
#[derive(Clone, Copy)]
struct WithNumber<O, T, const SECOND: bool>(PhantomData<O>, T);

impl<T: Float, O: Binary, const SECOND: bool> UnaryMap<T> for WithNumber<O, T, SECOND> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, y: V) -> V {
        Value::<O, SECOND>(self.0).apply(V::splat(y.isa(), self.1), y)
    }
}

impl<O: Binary, T: Float, const SECOND: bool> Kernel<T> for Over<'_, O, T, SECOND> {
    const NAME: &'static str = O::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let Over { function, broadcast, x, y } = self;
        let run = broadcast.run();
        broadcast.for_each_run(
            #[inline(always)]
            |position, [at, _]| {
                let y = &mut y[position..][..run];
                if broadcast.runs(0) {
                    zip_in_place(cpu.simd, Value::<O, SECOND>(function), &x[at..][..run], y);
                } else {
                    map_in_place(cpu.simd, WithNumber::<O, T, SECOND>(function, x[at]), y);
                }
            },
        );
    }
}
