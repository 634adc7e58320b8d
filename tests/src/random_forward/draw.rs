//! Random choices, the same on every machine.

/// A generator of random numbers (SplitMix64).
pub(super) struct Draw {
    state: u64,
    turns: [usize; FAMILIES],
}

/// How many families of choices take turns.
const FAMILIES: usize = 9;

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Draw { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d, turns: [0; FAMILIES] }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    /// A number below `count`: in each family all in turn, so that none is left out.
    pub(super) fn turn(&mut self, family: usize, count: usize) -> usize {
        self.turns[family] += 1;
        self.turns[family] % count
    }

    /// Whether something happens that does so in `percent` of a hundred cases.
    pub(super) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub(super) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}
