//! A window that slides over up to three axes: the arithmetic of convolutions and poolings.

/// A window that slides over three axes, of which the last are used: an image has `[1, height, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The lengths that it slides over.
    pub input: [usize; 3],
    /// How many places it has along each axis.
    pub output: [usize; 3],
    /// How many numbers it takes along each axis.
    pub kernel: [usize; 3],
    /// How far it moves from one place to the next.
    pub stride: [usize; 3],
    /// How far apart the numbers that it takes are.
    pub dilation: [usize; 3],
    /// Numbers that are imagined before the first.
    pub before: [usize; 3],
    /// Numbers that are imagined behind the last.
    pub after: [usize; 3],
}

impl Window {
    /// The window that takes single numbers, all of them.
    pub const fn over(input: [usize; 3]) -> Window {
        Window {
            input,
            output: input,
            kernel: [1; 3],
            stride: [1; 3],
            dilation: [1; 3],
            before: [0; 3],
            after: [0; 3],
        }
    }

    /// From its first number to its last along an axis: `d (k - 1) + 1`.
    pub const fn reach(&self, axis: usize) -> usize {
        self.dilation[axis] * self.kernel[axis].saturating_sub(1) + 1
    }

    /// Numbers that it takes at one place.
    pub const fn taps(&self) -> usize {
        volume(self.kernel)
    }

    /// The input's lengths with what is imagined before and behind.
    pub const fn padded(&self) -> [usize; 3] {
        let (input, before, after) = (self.input, self.before, self.after);
        [input[0] + before[0] + after[0], input[1] + before[1] + after[1], input[2] + before[2] + after[2]]
    }

    /// Whether nothing is imagined.
    pub const fn is_unpadded(&self) -> bool {
        volume(self.padded()) == volume(self.input)
    }

    /// Whether there are places, and each of them lies within the padded input, so that kernels need not ask again.
    pub const fn is_sound(&self) -> bool {
        let padded = self.padded();
        let mut axis = 0;
        while axis < 3 {
            if self.kernel[axis] == 0 || self.dilation[axis] == 0 || self.input[axis] == 0 {
                return false;
            }
            if self.output[axis] == 0
                || self.output[axis] > places(padded[axis], self.reach(axis), self.stride[axis])
            {
                return false;
            }
            axis += 1;
        }
        true
    }

    /// The numbers that the window takes at `place` along an axis, as far as they aren't imagined: the first tap that is
    /// real, how many are, and where in the input the first one is.
    #[inline(always)]
    pub(super) fn real(&self, axis: usize, place: usize) -> (usize, usize, usize) {
        let (start, before) = (place * self.stride[axis], self.before[axis]);
        let step = self.dilation[axis];
        let first = before.saturating_sub(start).div_ceil(step).min(self.kernel[axis]);
        let end = (before + self.input[axis]).saturating_sub(start).div_ceil(step).min(self.kernel[axis]);
        (first, end.saturating_sub(first), (start + first * step).saturating_sub(before))
    }
}

/// Places of a window that reaches over `reach` numbers, on `length` of them, if it moves by `stride`:
/// `(length - reach)/stride + 1`, or 0 if there is no room for it.
pub const fn places(length: usize, reach: usize, stride: usize) -> usize {
    if length < reach || stride == 0 { 0 } else { (length - reach) / stride + 1 }
}

/// The product of three lengths.
pub const fn volume([a, b, c]: [usize; 3]) -> usize {
    a * b * c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_numbers_are_those_within() {
        let window = Window {
            input: [1, 1, 7],
            output: [1, 1, 4],
            kernel: [1, 1, 3],
            stride: [1, 1, 2],
            dilation: [1, 1, 2],
            before: [0, 0, 3],
            after: [0, 0, 3],
        };
        assert!(window.is_sound());
        for place in 0..4 {
            let taps: Vec<_> = (0..3).filter(|tap| (3..10).contains(&(place * 2 + tap * 2))).collect();
            let (first, count, start) = window.real(2, place);
            assert_eq!((first..first + count).collect::<Vec<_>>(), taps);
            assert_eq!(start + 3, place * 2 + first * 2);
        }
        assert!(!Window { output: [1, 1, 8], ..window }.is_sound());
        assert_eq!((places(28, 31, 1), places(28, 5, 1), places(7, 3, 2)), (0, 24, 3));
    }
}
