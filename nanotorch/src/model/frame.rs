//! A model's memory while a pass runs: hands each step the slices that the plan gave it.
//!
//! With optimization all of it is inlined, and with a plan that is a constant nothing is left of it. Without, calls stay calls, so
//! that a debug build isn't the same code once for each step.

use core::array::from_fn;
use core::marker::PhantomData;

use super::place::{Mode, Place, Region, StepPlan};
use super::step::MAX_INPUTS;
use super::{Backward, Edges, Layer, Memory, Operation, OperationBackward};
use crate::device::{Device, Name, Pass, Scope};
use crate::element::Float;
use crate::extent::Extent;
use crate::op::{AddTo, Copy};
use crate::shape::Shape;

/// One region of memory; a read-only one has no `writable` bit.
#[derive(Clone, Copy)]
struct Part<T> {
    start: *mut T,
    length: usize,
    writable: bool,
}

impl<T> Part<T> {
    const fn none() -> Self {
        Part { start: core::ptr::NonNull::dangling().as_ptr(), length: 0, writable: false }
    }

    #[inline(always)]
    fn shared(slice: &[T]) -> Self {
        Part { start: slice.as_ptr().cast_mut(), length: slice.len(), writable: false }
    }

    #[inline(always)]
    fn unique(slice: &mut [T]) -> Self {
        Part { start: slice.as_mut_ptr(), length: slice.len(), writable: true }
    }
}

/// The memory of one pass over one model.
pub struct Frame<'a, T> {
    rows: usize,
    input: Part<T>,
    output: Part<T>,
    input_gradient: Option<Part<T>>,
    output_gradient: Part<T>,
    saved: Part<T>,
    scratch: Part<T>,
    workspace: Part<T>,
    borrow: PhantomData<&'a mut [T]>,
}

impl<'a, T: Float> Frame<'a, T> {
    /// The memory of a forward pass.
    #[inline(always)]
    pub fn forward(rows: usize, x: &'a [T], y: &'a mut [T], memory: Memory<'a, T>) -> Self {
        Frame {
            rows,
            input: Part::shared(x),
            output: Part::unique(y),
            input_gradient: None,
            output_gradient: Part::none(),
            saved: Part::unique(memory.saved),
            scratch: Part::unique(memory.scratch),
            workspace: Part::unique(memory.workspace),
            borrow: PhantomData,
        }
    }

    /// The memory of a backward pass.
    #[inline(always)]
    pub fn backward(rows: usize, edges: Backward<'a, T>, memory: Memory<'a, T>) -> Self {
        Frame {
            rows,
            input: Part::shared(edges.x),
            output: Part::shared(edges.y),
            input_gradient: edges.dx.map(Part::unique),
            output_gradient: Part::unique(edges.dy),
            saved: Part::unique(memory.saved),
            scratch: Part::unique(memory.scratch),
            workspace: Part::unique(memory.workspace),
            borrow: PhantomData,
        }
    }

    #[inline(always)]
    fn part(&self, region: Region) -> Part<T> {
        match region {
            Region::Nowhere => Part::none(),
            Region::Input => self.input,
            Region::Output => self.output,
            Region::InputGradient => self.input_gradient.unwrap_or(Part::none()),
            Region::OutputGradient => self.output_gradient,
            Region::Saved => self.saved,
            Region::Scratch => self.scratch,
        }
    }

    /// The buffers at `read` and `write`, and the workspace. What is written must overlap nothing else; the plan sees to
    /// that, and here it is checked, which costs nothing where the plan is a constant.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn buffers<const READ: usize, const WRITE: usize>(
        &mut self,
        read: [Place; READ],
        write: [Place; WRITE],
    ) -> ([&[T]; READ], [&mut [T]; WRITE], &mut [T]) {
        let (read, write, [], workspace) = self.more_buffers(read, write, []);
        (read, write, workspace)
    }

    /// Whether the places lie within their regions, and may be written to if that is what is wanted.
    #[inline(always)]
    fn holds<const COUNT: usize>(&self, places: &[Place; COUNT], writable: bool) -> bool {
        let mut held = true;
        for &Place { region, offset, length } in places {
            let part = self.part(region);
            held &= length == 0 || part.writable || !writable;
            held &= (offset + length) * self.rows <= part.length;
        }
        held
    }

    /// Where a place begins; it lies within its region.
    #[inline(always)]
    fn start(&self, place: Place) -> *mut T {
        self.part(place.region).start.wrapping_add(place.offset * self.rows)
    }

    /// As `buffers`, with two groups to be written.
    #[expect(clippy::type_complexity, reason = "three groups of slices, each of its own number")]
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn more_buffers<const READ: usize, const WRITE: usize, const MORE: usize>(
        &mut self,
        read: [Place; READ],
        write: [Place; WRITE],
        more: [Place; MORE],
    ) -> ([&[T]; READ], [&mut [T]; WRITE], [&mut [T]; MORE], &mut [T]) {
        let apart = are_apart(&write)
            & are_apart(&more)
            & are_apart_from(&write, &more)
            & are_apart_from(&write, &read)
            & are_apart_from(&more, &read);
        assert!(apart, "the memory plan lets buffers overlap");
        let held = self.holds(&read, false) & self.holds(&write, true) & self.holds(&more, true);
        assert!(held, "the memory is smaller than its plan, or the plan writes to what is only read");
        let length = |place: Place| place.length * self.rows;
        let shared = from_fn(
            #[inline(always)]
            |index| {
                let place: Place = read[index];
                // SAFETY: the place lies within its region (asserted), which is borrowed for `'a`; nothing that is written
                // overlaps it (asserted), and `&mut self` keeps other borrows away as long as this one lives.
                unsafe { core::slice::from_raw_parts(self.start(place), length(place)) }
            },
        );
        let unique = |place: Place| {
            // SAFETY: as above; the region is writable, so it came from a unique borrow, and no other buffer of this call overlaps.
            unsafe { core::slice::from_raw_parts_mut(self.start(place), length(place)) }
        };
        let (write, more) = (from_fn(|index| unique(write[index])), from_fn(|index| unique(more[index])));
        // SAFETY: the workspace is a region of its own that no place can name, borrowed uniquely for `'a`.
        let workspace =
            unsafe { core::slice::from_raw_parts_mut(self.workspace.start, self.workspace.length) };
        (shared, write, more, workspace)
    }

    /// Runs the forward of one operation on `COUNT` edges.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn operation_forward<O, I, P, const COUNT: usize>(
        &mut self,
        pass: &mut P,
        operation: &O,
        plan: &StepPlan,
        name: Name,
        kind: &'static str,
    ) where
        O: Operation<I, T>,
        I: Edges,
        P: Pass,
    {
        let scope = Scope {
            name,
            kind,
            input: &I::LENGTHS[..COUNT],
            output: &O::Out::DIMS[..O::Out::RANK],
            params: 0,
            flops: O::FLOPS,
        };
        pass.device().enter(&scope);
        let own = [plan.y, plan.saved, plan.forward_scratch];
        match plan.forward {
            Mode::Alias => {}
            Mode::InPlace => {
                let (others, [y, saved, scratch], workspace) = self.buffers(plan.others::<COUNT>(), own);
                let memory = Memory { saved, scratch, workspace };
                operation.forward_in_place(pass, plan.replaced, &others, y, memory);
            }
            Mode::Separate => {
                let (x, [y, saved, scratch], workspace) = self.buffers(plan.read::<COUNT>(), own);
                operation.forward(pass, &x, y, Memory { saved, scratch, workspace });
            }
        }
        let ([y], [], _) = self.buffers([plan.y], []);
        pass.device().leave(&scope, y);
    }

    /// Runs the backward of one operation on `COUNT` edges, unless nobody wants what it computes.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn operation_backward<O, I, P, const COUNT: usize>(
        &mut self,
        pass: &mut P,
        operation: &O,
        plan: &StepPlan,
    ) where
        O: Operation<I, T>,
        I: Edges,
        P: Pass,
    {
        let gives_input = self.input_gradient.is_some();
        for input in 0..COUNT {
            if plan.wants_by(input, gives_input) && plan.needs.passes(input) {
                self.pass_on(pass, plan, input);
            }
        }
        if !plan.computes_any(COUNT, gives_input) {
            return;
        }
        let kept = [plan.dy, plan.saved, plan.backward_scratch];
        match plan.backward {
            Mode::Alias => {}
            Mode::InPlace => {
                let [x, _, _, _, y] = plan.kept(1);
                let ([x, y], [dy, saved, scratch], workspace) = self.buffers([x, y], kept);
                operation.backward_in_place(pass, x, y, dy, Memory { saved, scratch, workspace });
            }
            Mode::Separate => {
                let targets = plan.targets::<COUNT>(gives_input);
                let (read, [dy, saved, scratch], mut dx, workspace) =
                    self.more_buffers(plan.kept(COUNT), kept, targets);
                let edges = OperationBackward { x: &read[..COUNT], y: read[MAX_INPUTS], dy, dx: &mut dx };
                operation.backward(pass, edges, Memory { saved, scratch, workspace });
                for input in 0..COUNT {
                    if plan.computes(input, gives_input) && plan.partial[input].length > 0 {
                        self.add_partial(pass, plan, input);
                    }
                }
            }
        }
    }

    /// What an operation gave an input, added to the gradient that is there.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn add_partial<P: Pass>(&mut self, pass: &mut P, plan: &StepPlan, input: usize) {
        let ([x], [y], _) = self.buffers([plan.partial[input]], [plan.dx[input]]);
        pass.device().run(AddTo { x, y });
    }

    /// The gradient by the output as that by an input.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pass_on<P: Pass>(&mut self, pass: &mut P, plan: &StepPlan, input: usize) {
        let (dy, dx) = (plan.dy, plan.dx[input]);
        if dx == dy {
            return;
        }
        let ([x], [y], _) = self.buffers([dy], [dx]);
        if plan.adds[input] {
            pass.device().run(AddTo { x, y });
        } else {
            pass.device().run(Copy { x, y });
        }
    }

    /// Runs the forward of one layer.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn step_forward<L, I, P>(
        &mut self,
        pass: &mut P,
        layer: &L,
        plan: &StepPlan,
        name: Name,
        kind: &'static str,
    ) where
        L: Layer<I, Element = T>,
        I: Shape,
        P: Pass,
    {
        let scope = Scope {
            name,
            kind,
            input: &I::DIMS[..I::RANK],
            output: &L::Out::DIMS[..L::Out::RANK],
            params: L::PARAMS,
            flops: L::FLOPS,
        };
        pass.device().enter(&scope);
        let outer = pass.set_wants(plan.asks);
        let kept = [plan.saved, plan.forward_scratch];
        match plan.forward {
            Mode::Alias => {}
            Mode::InPlace => {
                let ([], [y, saved, scratch], workspace) = self.buffers([], [plan.y, kept[0], kept[1]]);
                layer.forward_in_place(pass, y, Memory { saved, scratch, workspace });
            }
            Mode::Separate => {
                let ([x], [y, saved, scratch], workspace) =
                    self.buffers([plan.x[0]], [plan.y, kept[0], kept[1]]);
                layer.forward(pass, x, y, Memory { saved, scratch, workspace });
            }
        }
        pass.set_wants(outer);
        let ([y], [], _) = self.buffers([plan.y], []);
        pass.device().leave(&scope, y);
    }

    /// Runs the backward of one layer, unless nobody wants what it computes.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn step_backward<L, I, P>(
        &mut self,
        pass: &mut P,
        layer: &L,
        plan: &StepPlan,
        gradient: Option<&mut L::Gradient>,
    ) where
        L: Layer<I, Element = T>,
        I: Shape,
        P: Pass,
    {
        let wants_input = plan.wants_by(0, self.input_gradient.is_some());
        let wants_gradient = plan.trains && gradient.is_some();
        if !wants_input && !wants_gradient {
            return;
        }
        let outer = pass.set_wants(plan.asks);
        let [x, _, _, _, y] = plan.kept(1);
        match plan.backward {
            Mode::Alias => {}
            Mode::InPlace => {
                let ([x, y], [dy, saved, scratch], workspace) =
                    self.buffers([x, y], [plan.dy, plan.saved, plan.backward_scratch]);
                layer.backward_in_place(pass, x, y, dy, Memory { saved, scratch, workspace });
            }
            Mode::Separate => {
                let adds = plan.partial[0].length > 0;
                let target = match (wants_input, adds) {
                    (false, _) => Place::NOWHERE,
                    (true, false) => plan.dx[0],
                    (true, true) => plan.partial[0],
                };
                let ([x, y], [dy, dx, saved, scratch], workspace) =
                    self.buffers([x, y], [plan.dy, target, plan.saved, plan.backward_scratch]);
                let dx = wants_input.then_some(dx);
                layer.backward(
                    pass,
                    Backward { x, y, dy, dx },
                    gradient,
                    Memory { saved, scratch, workspace },
                );
                if wants_input && adds {
                    self.add_partial(pass, plan, 0);
                }
            }
        }
        pass.set_wants(outer);
    }
}

// Loops of constant length without a way out in between: the compiler unrolls them, sees the plan's constants, and nothing is
// left of them.

/// Whether no two of the places overlap.
#[inline(always)]
fn are_apart<const COUNT: usize>(places: &[Place; COUNT]) -> bool {
    let mut apart = true;
    for (index, place) in places.iter().enumerate() {
        for (number, other) in places.iter().enumerate() {
            apart &= index == number || place.is_apart_from(*other);
        }
    }
    apart
}

/// Whether none of the one places overlaps one of the others.
#[inline(always)]
fn are_apart_from<const COUNT: usize, const OTHERS: usize>(
    places: &[Place; COUNT],
    others: &[Place; OTHERS],
) -> bool {
    let mut apart = true;
    for place in places {
        for other in others {
            apart &= place.is_apart_from(*other);
        }
    }
    apart
}

/// The number of rows of a pass, as a number.
#[inline(always)]
pub fn rows_of<P: Pass>(pass: &P) -> usize {
    pass.rows().get()
}
