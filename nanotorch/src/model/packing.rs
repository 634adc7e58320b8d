//! Room for buffers: each gets an offset so that no two that live at the same time overlap.
//!
//! First fit by falling length: the buffers that must be saved lie side by side; then each other buffer, longest first,
//! takes the lowest gap among those placed that it lives together with. The order and the rule are fixed, so a plan is the
//! same wherever it is computed.

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
    const fn is_unplaced(&self) -> bool {
        self.length > 0 && self.first <= self.last && matches!(self.place.region, Region::Nowhere)
    }

    #[inline]
    const fn is_ours(&self) -> bool {
        matches!(self.place.region, Region::Saved | Region::Scratch)
    }

    #[inline]
    const fn meets(&self, other: &Buffer) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    #[inline]
    const fn crosses(&self, turn: usize) -> bool {
        self.first < turn && turn <= self.last
    }
}

/// What packing came to.
pub(super) struct Packed {
    pub(super) saved: usize,
    pub(super) scratch: usize,
    pub(super) lower_bound: usize,
    pub(super) keep_everything: usize,
}

/// Places all buffers. Those that live across the time `turn` are saved.
#[inline]
pub(super) const fn pack(kinds: &mut [&mut [Buffer]], turn: usize) -> Packed {
    let mut saved = 0;
    while let Some((kind, index)) = longest_unplaced(kinds, Some(turn)) {
        let buffer = &mut kinds[kind][index];
        buffer.place = Place { region: Region::Saved, offset: saved, length: buffer.length };
        saved += buffer.length;
    }
    let mut end = saved;
    while let Some((kind, index)) = longest_unplaced(kinds, None) {
        let length = kinds[kind][index].length;
        let offset = lowest_gap(kinds, kind, index, saved);
        kinds[kind][index].place = if offset < saved {
            Place { region: Region::Saved, offset, length }
        } else {
            Place { region: Region::Scratch, offset: offset - saved, length }
        };
        if offset + length > end {
            end = offset + length;
        }
    }
    Packed {
        saved,
        scratch: end - saved,
        lower_bound: most_alive(kinds),
        keep_everything: total_length(kinds),
    }
}

/// The longest buffer without a place, the first of equals; with a turn, only among those that cross it.
#[inline]
const fn longest_unplaced(kinds: &[&mut [Buffer]], turn: Option<usize>) -> Option<(usize, usize)> {
    let mut longest: Option<(usize, usize)> = None;
    let mut kind = 0;
    while kind < kinds.len() {
        let mut index = 0;
        while index < kinds[kind].len() {
            let buffer = &kinds[kind][index];
            let wanted = match turn {
                Some(turn) => buffer.crosses(turn),
                None => true,
            };
            if buffer.is_unplaced() && wanted {
                let longer = match longest {
                    Some((kind, index)) => buffer.length > kinds[kind][index].length,
                    None => true,
                };
                if longer {
                    longest = Some((kind, index));
                }
            }
            index += 1;
        }
        kind += 1;
    }
    longest
}

/// The lowest offset at which the buffer overlaps none that it lives together with, and doesn't cross the border at `saved`.
#[inline]
const fn lowest_gap(kinds: &[&mut [Buffer]], kind: usize, index: usize, saved: usize) -> usize {
    let buffer = kinds[kind][index];
    let mut offset = 0;
    loop {
        if offset < saved && offset + buffer.length > saved {
            offset = saved;
        }
        // Move behind the first obstacle; each move ends at the end of a placed buffer, so there are as many as buffers at most.
        let mut moved = false;
        let mut kind = 0;
        while kind < kinds.len() {
            let mut index = 0;
            while index < kinds[kind].len() {
                let other = &kinds[kind][index];
                if other.is_ours() && other.meets(&buffer) {
                    let start = begin(other, saved);
                    if offset < start + other.length && start < offset + buffer.length {
                        offset = start + other.length;
                        moved = true;
                    }
                }
                index += 1;
            }
            kind += 1;
        }
        if !moved {
            return offset;
        }
    }
}

#[inline]
const fn begin(buffer: &Buffer, saved: usize) -> usize {
    match buffer.place.region {
        Region::Scratch => saved + buffer.place.offset,
        _ => buffer.place.offset,
    }
}

/// The most numbers alive at one time. Lifetimes begin somewhere, so looking at each beginning is enough.
#[inline]
const fn most_alive(kinds: &[&mut [Buffer]]) -> usize {
    let mut most = 0;
    let mut kind = 0;
    while kind < kinds.len() {
        let mut index = 0;
        while index < kinds[kind].len() {
            let moment = kinds[kind][index];
            if moment.is_ours() {
                let alive = alive_at(kinds, moment.first);
                if alive > most {
                    most = alive;
                }
            }
            index += 1;
        }
        kind += 1;
    }
    most
}

#[inline]
const fn alive_at(kinds: &[&mut [Buffer]], time: usize) -> usize {
    let mut alive = 0;
    let mut kind = 0;
    while kind < kinds.len() {
        let mut index = 0;
        while index < kinds[kind].len() {
            let buffer = &kinds[kind][index];
            if buffer.is_ours() && buffer.first <= time && time <= buffer.last {
                alive += buffer.length;
            }
            index += 1;
        }
        kind += 1;
    }
    alive
}

#[inline]
const fn total_length(kinds: &[&mut [Buffer]]) -> usize {
    let mut total = 0;
    let mut kind = 0;
    while kind < kinds.len() {
        let mut index = 0;
        while index < kinds[kind].len() {
            if kinds[kind][index].is_ours() {
                total += kinds[kind][index].length;
            }
            index += 1;
        }
        kind += 1;
    }
    total
}
