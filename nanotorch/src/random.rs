//! Random numbers: one generator, one seed, the same bits everywhere.
//!
//! Everything in nanotorch that is random (initial weights, dropout masks, the order of samples) draws from a [`Random`]
//! that was made from a seed. There is no global generator and no entropy from the system, so a run can be repeated bit for
//! bit, on any platform: whatever is not integer arithmetic goes through `libm`, not through the platform's mathematics.
//!
//! Here belong the generator and the distributions that the library itself needs. What is drawn, and from which stream,
//! belongs to whoever draws.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A seeded stream of random numbers: xoshiro256++, of period `2^256 - 1`.
///
/// It is a plain value of 32 bytes: a clone continues with the same numbers, and [`state`](Self::state) with
/// [`from_state`](Self::from_state) saves and resumes it. It is not meant for cryptography.
///
/// ```
/// use nanotorch::random::Random;
///
/// let mut random = Random::new(7);
/// let again = random.clone();
/// let first = random.next_u64();
/// assert_eq!(first, Random::new(7).next_u64());
/// assert_eq!(first, again.clone().next_u64());
/// assert_ne!(first, random.next_u64());
/// ```
///
/// Source: D. Blackman and S. Vigna, *Scrambled linear pseudorandom number generators*, ACM TOMS 47 (2021).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random {
    generator: Xoshiro256PlusPlus,
}

impl Random {
    /// The stream of a seed. Different seeds, even neighbouring ones, give unrelated streams.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { generator: Xoshiro256PlusPlus::seed_from_u64(seed) }
    }

    /// The stream that continues where [`state`](Self::state) was taken.
    ///
    /// All zeros is the one state that no stream ever has; it stands for `Random::new(0)`.
    ///
    /// ```
    /// use nanotorch::random::Random;
    ///
    /// let mut random = Random::new(1);
    /// random.next_u64();
    /// let saved: [u64; 4] = random.state();
    /// assert_eq!(Random::from_state(saved).next_u64(), random.next_u64());
    /// ```
    #[must_use]
    pub fn from_state(state: [u64; 4]) -> Self {
        let mut bytes = [0; 32];
        for (eight, word) in bytes.as_chunks_mut().0.iter_mut().zip(&state) {
            *eight = word.to_le_bytes();
        }
        Self { generator: Xoshiro256PlusPlus::from_seed(bytes) }
    }

    /// The whole state, to be kept in a checkpoint.
    #[must_use]
    pub fn state(&self) -> [u64; 4] {
        let mut state = [0; 4];
        for (word, eight) in state.iter_mut().zip(self.generator.state().as_chunks().0) {
            *word = u64::from_le_bytes(*eight);
        }
        state
    }

    /// The independent stream number `stream` of this generator, which itself does not move.
    ///
    /// It depends on the state and on the number alone, so that for instance layer 3 draws the same numbers whether or not
    /// layer 2 draws any.
    ///
    /// ```
    /// use nanotorch::random::Random;
    ///
    /// let random = Random::new(5);
    /// let (mut weights, mut dropout) = (random.fork(0), random.fork(1));
    /// assert_ne!(weights.next_u64(), dropout.next_u64());
    /// assert_eq!(random.fork(1).next_u64(), Random::new(5).fork(1).next_u64());
    /// ```
    #[must_use]
    pub fn fork(&self, stream: u64) -> Self {
        let mut hash = mix(stream);
        for word in &self.state() {
            hash = mix(hash ^ word);
        }
        Self::new(hash)
    }

    /// 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// A number in `[0, 1)`: a multiple of `2^-24`, each equally likely.
    ///
    /// ```
    /// let u = nanotorch::random::Random::new(3).uniform_f32();
    /// assert!((0.0..1.0).contains(&u));
    /// ```
    #[inline]
    pub fn uniform_f32(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 * (1.0 / (1_u64 << 24) as f32)
    }

    /// A number in `[0, 1)`: a multiple of `2^-53`, each equally likely.
    ///
    /// ```
    /// let u = nanotorch::random::Random::new(3).uniform_f64();
    /// assert!((0.0..1.0).contains(&u));
    /// ```
    #[inline]
    pub fn uniform_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A number of the normal distribution with mean 0 and variance 1: `sqrt(-2 ln u) cos(2 pi v)`.
    ///
    /// Each call takes exactly two draws, so the stream's position does not depend on the values drawn.
    ///
    /// ```
    /// let mut random = nanotorch::random::Random::new(0);
    /// let mean = (0..10_000).map(|_| random.normal()).sum::<f64>() / 10_000.0;
    /// assert!(mean.abs() < 0.05);
    /// ```
    ///
    /// Source: G. Box and M. Muller, *A note on the generation of random normal deviates* (1958).
    pub fn normal(&mut self) -> f64 {
        // 1 - u lies in (0, 1], where the logarithm is finite.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform_f64()));
        radius * libm::cos(core::f64::consts::TAU * self.uniform_f64())
    }

    /// An index in `0..bound`, each equally likely (no modulo bias).
    ///
    /// # Panics
    /// If `bound` is 0: there is no index below it.
    ///
    /// ```
    /// let mut random = nanotorch::random::Random::new(11);
    /// assert!((0..100).all(|_| random.below(6) < 6));
    /// ```
    ///
    /// Source: D. Lemire, *Fast random integer generation in an interval*, ACM TOMACS 29 (2019).
    #[inline]
    pub fn below(&mut self, bound: usize) -> usize {
        assert!(bound != 0, "Random::below(0): there is no index below 0");
        let bound = bound as u64;
        let mut product = u128::from(self.next_u64()) * u128::from(bound);
        // The low half is unevenly covered only below 2^64 mod bound; the division is needed only when it may be that low.
        if (product as u64) < bound {
            let uneven = bound.wrapping_neg() % bound;
            while (product as u64) < uneven {
                product = u128::from(self.next_u64()) * u128::from(bound);
            }
        }
        (product >> 64) as usize
    }

    /// Puts the items into an order in which every permutation is equally likely (up to the generator's period).
    ///
    /// ```
    /// let mut order = [0, 1, 2, 3, 4];
    /// nanotorch::random::Random::new(2).shuffle(&mut order);
    /// let mut sorted = order;
    /// sorted.sort();
    /// assert_eq!(sorted, [0, 1, 2, 3, 4]);
    /// ```
    ///
    /// Source: R. Durstenfeld, *Algorithm 235: random permutation* (1964), known as the Fisher-Yates shuffle.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// A bijection of 64 bits in which every input bit changes about half of the output bits (the finaliser of SplitMix64).
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_stream_of_xoshiro256plusplus() {
        let mut random = Random::from_state([1, 2, 3, 4]);
        let expected = [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386];
        assert_eq!(core::array::from_fn(|_| random.next_u64()), expected);
    }

    #[test]
    fn state_is_what_from_state_takes() {
        assert_eq!(Random::from_state([9, 8, 7, 6]).state(), [9, 8, 7, 6]);
        assert_eq!(Random::from_state([0; 4]), Random::new(0));
    }

    #[test]
    fn uniform_covers_the_unit_interval_evenly() {
        let mut random = Random::new(1);
        let mut counts = [[0_u32; 16]; 2];
        for _ in 0..160_000 {
            counts[0][(random.uniform_f32() * 16.0) as usize] += 1;
            counts[1][(random.uniform_f64() * 16.0) as usize] += 1;
        }
        // 10,000 expected in each of the cells, with a standard deviation of 97.
        assert!(counts.as_flattened().iter().all(|&count| count.abs_diff(10_000) < 500), "{counts:?}");
    }

    #[test]
    fn below_is_even_where_modulo_would_not_be() {
        let mut random = Random::new(4);
        let bound = (1 << 63) + (1 << 62);
        let low = (0..30_000).filter(|_| random.below(bound) < bound / 3).count();
        // Modulo would put a half of the draws into the lowest third.
        assert!(low.abs_diff(10_000) < 500, "{low}");
        assert_eq!(random.below(1), 0);
    }

    #[test]
    fn normal_has_the_moments_of_the_normal_distribution() {
        let mut random = Random::new(6);
        let moments = (0..200_000).map(|_| random.normal()).fold([0.0; 4], |sums, x| {
            core::array::from_fn(|power| sums[power] + (0..=power).map(|_| x).product::<f64>() / 200_000.0)
        });
        for (moment, (expected, tolerance)) in
            moments.into_iter().zip([(0.0, 0.02), (1.0, 0.03), (0.0, 0.06), (3.0, 0.2)])
        {
            assert!((moment - expected).abs() < tolerance, "{moments:?}");
        }
    }

    #[test]
    fn shuffle_reaches_every_order_equally() {
        let mut counts = [0_u32; 27];
        let mut random = Random::new(8);
        for _ in 0..6_000 {
            let mut order = [0, 1, 2];
            random.shuffle(&mut order);
            counts[order[0] * 9 + order[1] * 3 + order[2]] += 1;
        }
        let reached = counts.iter().filter(|&&count| count > 0);
        assert!(reached.clone().all(|count| count.abs_diff(1_000) < 150), "{counts:?}");
        assert_eq!(reached.count(), 6);
    }

    #[test]
    fn forks_differ_from_each_other_and_from_their_parent() {
        let random = Random::new(0);
        let mut firsts = [0; 65];
        for (stream, first) in firsts.iter_mut().enumerate() {
            *first = random.fork(stream as u64).next_u64();
        }
        firsts[64] = random.clone().next_u64();
        firsts.sort_unstable();
        assert!(firsts.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(random, Random::new(0));
    }
}
