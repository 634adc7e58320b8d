//! Room for buffers: each gets an offset so that no two that live at the same time overlap.
//!
//! First fit by falling length: the buffers that must be saved lie side by side; then each other buffer, longest first,
//! takes the lowest gap among those placed that it lives together with. The order and the rule are fixed, so a plan is the
//! same wherever it is computed.
//!
//! This runs in the compiler, which is some hundred times slower than the machine: so what isn't used is left out first, and
//! a gap is found in one walk.

use super::place::{Place, Region};

/// A buffer: its length, its lifetime (first and last time of use, both included), and in the end its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buffer {
    pub(super) length: usize,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) place: Place,
}

impl Buffer {
    /// A buffer that nobody uses.
    pub(super) const NONE: Buffer = Buffer { length: 0, first: usize::MAX, last: 0, place: Place::NOWHERE };

    /// The buffer is used at this time, by someone to whom it has this length.
    #[inline]
    pub(super) const fn use_at(&mut self, time: usize, length: usize) {
        if time < self.first {
            self.first = time;
        }
        if time > self.last {
            self.last = time;
        }
        if length > self.length {
            self.length = length;
        }
    }

    /// The buffer is the caller's.
    #[inline]
    pub(super) const fn lies_at(&mut self, region: Region) {
        self.place = Place { region, offset: 0, length: self.length };
    }

    #[inline]
    const fn meets(&self, other: &Buffer) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    #[inline]
    const fn crosses(&self, turn: usize) -> bool {
        self.first < turn && turn <= self.last
    }

    /// Where it begins, if scratch lies behind what is saved.
    #[inline]
    const fn begin(&self, saved: usize) -> usize {
        match self.place.region {
            Region::Scratch => saved + self.place.offset,
            _ => self.place.offset,
        }
    }
}

/// What packing came to.
pub(super) struct Packed {
    pub(super) saved: usize,
    pub(super) scratch: usize,
    pub(super) lower_bound: usize,
    pub(super) keep_everything: usize,
}

/// Places all buffers. Those that live across the time `turn` are saved. `order` is as long as `buffers`, with anything in it.
#[inline]
pub(super) const fn pack(buffers: &mut [Buffer], order: &mut [usize], turn: usize) -> Packed {
    let used = find_unplaced(buffers, order);
    let (order, _) = order.split_at_mut(used);
    sort_by_length(buffers, order);

    // The first `placed` of the order have a place; they are in the order of their places then.
    let mut saved = 0;
    let mut placed = 0;
    let mut index = 0;
    while index < used {
        let buffer = &mut buffers[order[index]];
        if buffer.crosses(turn) {
            buffer.place = Place { region: Region::Saved, offset: saved, length: buffer.length };
            saved += buffer.length;
            move_forward(order, index, placed);
            placed += 1;
        }
        index += 1;
    }
    let mut end = saved;
    while placed < used {
        let buffer = buffers[order[placed]];
        let (length, (offset, rank)) = (buffer.length, lowest_gap(buffers, order, placed, saved));
        buffers[order[placed]].place = if offset < saved {
            Place { region: Region::Saved, offset, length }
        } else {
            Place { region: Region::Scratch, offset: offset - saved, length }
        };
        if offset + length > end {
            end = offset + length;
        }
        move_forward(order, placed, rank);
        placed += 1;
    }
    Packed {
        saved,
        scratch: end - saved,
        lower_bound: most_alive(buffers, order),
        keep_everything: total_length(buffers, order),
    }
}

/// Puts the indices of the buffers that are used, and have no place yet, to the front of `order`, and says how many there are.
#[inline]
const fn find_unplaced(buffers: &[Buffer], order: &mut [usize]) -> usize {
    let (mut used, mut index) = (0, 0);
    while index < buffers.len() {
        let buffer = &buffers[index];
        if buffer.length > 0 && buffer.first <= buffer.last && matches!(buffer.place.region, Region::Nowhere)
        {
            order[used] = index;
            used += 1;
        }
        index += 1;
    }
    used
}

/// The longest first; equals stay as they are.
#[inline]
const fn sort_by_length(buffers: &[Buffer], order: &mut [usize]) {
    let mut sorted = 0;
    while sorted < order.len() {
        // Lengths are few and mostly fall already, so the place is near the end.
        let length = buffers[order[sorted]].length;
        let mut rank = sorted;
        while rank > 0 && buffers[order[rank - 1]].length < length {
            rank -= 1;
        }
        move_forward(order, sorted, rank);
        sorted += 1;
    }
}

/// Moves what is at `from` to the place `to`, not behind it; what lies between moves one on.
#[inline]
const fn move_forward(order: &mut [usize], from: usize, to: usize) {
    let moved = order[from];
    let mut index = from;
    while index > to {
        order[index] = order[index - 1];
        index -= 1;
    }
    order[to] = moved;
}

/// The lowest offset at which the buffer at `placed` overlaps none before it that it lives together with, and doesn't cross
/// the border at `saved`; and its rank among those.
#[inline]
const fn lowest_gap(buffers: &[Buffer], order: &[usize], placed: usize, saved: usize) -> (usize, usize) {
    let buffer = buffers[order[placed]];
    let mut offset = if saved > 0 && buffer.length > saved { saved } else { 0 };
    let mut index = 0;
    while index < placed {
        let other = &buffers[order[index]];
        let start = other.begin(saved);
        if other.meets(&buffer) {
            if offset + buffer.length <= start {
                break;
            }
            if offset < start + other.length {
                offset = start + other.length;
                if offset < saved && offset + buffer.length > saved {
                    offset = saved;
                }
            }
        }
        index += 1;
    }
    // Behind all that begin before it.
    let mut rank = 0;
    while rank < placed && buffers[order[rank]].begin(saved) <= offset {
        rank += 1;
    }
    (offset, rank)
}

/// The most numbers alive at one time. Lifetimes begin somewhere, so looking at each beginning is enough.
#[inline]
const fn most_alive(buffers: &[Buffer], order: &[usize]) -> usize {
    let mut most = 0;
    let mut index = 0;
    while index < order.len() {
        let time = buffers[order[index]].first;
        let (mut alive, mut other) = (0, 0);
        while other < order.len() {
            let buffer = &buffers[order[other]];
            if buffer.first <= time && time <= buffer.last {
                alive += buffer.length;
            }
            other += 1;
        }
        if alive > most {
            most = alive;
        }
        index += 1;
    }
    most
}

#[inline]
const fn total_length(buffers: &[Buffer], order: &[usize]) -> usize {
    let (mut total, mut index) = (0, 0);
    while index < order.len() {
        total += buffers[order[index]].length;
        index += 1;
    }
    total
}
