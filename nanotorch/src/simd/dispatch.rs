//! The choice of an instruction set: made once, here and nowhere else.

use core::fmt;
#[cfg(target_arch = "x86_64")]
use core::mem::ManuallyDrop;
use core::sync::atomic::{AtomicU8, Ordering};

#[cfg(target_arch = "x86_64")]
use super::{Avx2, Avx512};
use super::{Scalar, Simd};

/// An algorithm that can run with any instruction set.
pub trait WithSimd {
    /// What it returns.
    type Output;
    /// Runs it. Mark the implementation `#[inline(always)]`.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// The instruction sets, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Isa {
    /// AVX-512 F, DQ, BW and VL (x86-64).
    Avx512 = 1,
    /// AVX2 and FMA (x86-64).
    Avx2 = 2,
    /// NEON (AArch64).
    Neon = 3,
    /// One number at a time: every machine.
    Scalar = 4,
}

impl Isa {
    /// All of them, best first.
    pub const ALL: [Self; 4] = [Self::Avx512, Self::Avx2, Self::Neon, Self::Scalar];

    /// Its name: `avx512`, `avx2`, `neon` or `scalar`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Scalar => "scalar",
        }
    }

    /// The instruction set of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|isa| isa.name() == name)
    }

    /// Whether this machine has it. Without `std`, whether the program is compiled for it.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::detect().is_some(),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => super::Neon::detect().is_some(),
            Self::Scalar => true,
            _ => false,
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// An instruction set was asked for that the machine or the build doesn't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingIsa(pub Isa);

impl fmt::Display for MissingIsa {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A trait object: what writes a sentence is called for each of them, not compiled into each.
        let formatter: &mut dyn fmt::Write = formatter;
        let Self(isa) = self;
        if isa.is_available() {
            write!(formatter, "the program is compiled for better machines than `{isa}` only; ")?;
            formatter.write_str("compile it without `target-cpu` to choose at run time")
        } else {
            write!(formatter, "this machine has no `{isa}`; it has")?;
            for other in Isa::ALL.into_iter().filter(|other| other.is_available()) {
                write!(formatter, " `{other}`")?;
            }
            Ok(())
        }
    }
}

impl core::error::Error for MissingIsa {}

/// The instruction set that [`dispatch`] uses, as a number of [`Isa`]; 0 until the machine has been asked.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// Asks the machine, and remembers.
#[cfg(target_arch = "x86_64")]
#[cold]
fn choose() -> u8 {
    let best = Isa::ALL.into_iter().find(|isa| isa.is_available()).unwrap_or(Isa::Scalar);
    // Another thread may have selected one meanwhile: then that one counts.
    match CHOSEN.compare_exchange(0, best as u8, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => best as u8,
        Err(selected) => selected,
    }
}

/// Makes [`dispatch`] use `isa` from now on, in all threads: for benchmarks, and for results that are to be bit-identical on
/// unequal machines.
///
/// ```
/// use nanotorch::simd::{Isa, MissingIsa, select_isa};
/// match select_isa(Isa::Avx2) {
///     Ok(()) => println!("AVX2 from now on"),
///     Err(error @ MissingIsa(_)) => println!("{error}"),
/// }
/// ```
/// # Errors
/// The machine lacks it, or the program is compiled for machines with a better one, so that it contains no code for it.
pub fn select_isa(isa: Isa) -> Result<(), MissingIsa> {
    let compiled = STATIC.is_none_or(|least| isa as u8 <= least as u8);
    if !(compiled && isa.is_available()) {
        return Err(MissingIsa(isa));
    }
    CHOSEN.store(isa as u8, Ordering::Relaxed);
    Ok(())
}

/// The best instruction set that all machines which the program is compiled for have, where it is one of vectors.
#[cfg(target_arch = "x86_64")]
const STATIC: Option<Isa> = if Avx512::STATIC {
    Some(Isa::Avx512)
} else if Avx2::STATIC {
    Some(Isa::Avx2)
} else {
    None
};
#[cfg(target_arch = "aarch64")]
const STATIC: Option<Isa> = Some(Isa::Neon);
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const STATIC: Option<Isa> = Some(Isa::Scalar);

/// The instruction set to be used, as a number of [`Isa`].
#[cfg(target_arch = "x86_64")]
#[inline]
fn chosen() -> u8 {
    match CHOSEN.load(Ordering::Relaxed) {
        0 => choose(),
        chosen => chosen,
    }
}

/// Runs `work` with the best instruction set of the machine, or the one that was [selected](select_isa).
#[inline(always)]
pub fn dispatch<W: WithSimd>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if Avx512::STATIC {
            // SAFETY: the program is compiled for machines that have it.
            let simd = unsafe { Avx512::assume() };
            return simd.vectorize(
                #[inline(always)]
                || work.run(simd),
            );
        }
        // Without a flag whether it must be dropped, which the compiler would have to find out to be needless for each work.
        let work = ManuallyDrop::new(work);
        let chosen = chosen();
        if chosen == Isa::Avx512 as u8 {
            // SAFETY: only an instruction set that was detected is ever chosen.
            let simd = unsafe { Avx512::assume() };
            return simd.vectorize(
                #[inline(always)]
                || ManuallyDrop::into_inner(work).run(simd),
            );
        }
        if Avx2::STATIC || chosen == Isa::Avx2 as u8 {
            // SAFETY: only an instruction set that was detected is ever chosen.
            let simd = unsafe { Avx2::assume() };
            return simd.vectorize(
                #[inline(always)]
                || ManuallyDrop::into_inner(work).run(simd),
            );
        }
        Scalar.vectorize(
            #[inline(always)]
            || ManuallyDrop::into_inner(work).run(Scalar),
        )
    }
    #[cfg(target_arch = "aarch64")]
    {
        work.run(super::Neon::default())
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        Scalar.vectorize(
            #[inline(always)]
            || work.run(Scalar),
        )
    }
}

/// Runs `work` with the given instruction set; `None` if the machine doesn't have it.
pub fn dispatch_on<W: WithSimd>(isa: Isa, work: W) -> Option<W::Output> {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => Avx512::detect().map(|simd| {
            simd.vectorize(
                #[inline(always)]
                || work.run(simd),
            )
        }),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => Avx2::detect().map(|simd| {
            simd.vectorize(
                #[inline(always)]
                || work.run(simd),
            )
        }),
        #[cfg(target_arch = "aarch64")]
        Isa::Neon => super::Neon::detect().map(|simd| work.run(simd)),
        Isa::Scalar => Some(work.run(Scalar)),
        _ => None,
    }
}

/// Runs `work` with each instruction set that this machine has, scalar included, and hands each result to `check`: how a
/// kernel is compared with its naive twin everywhere.
pub fn for_each_isa<W: WithSimd + Clone>(work: W, mut check: impl FnMut(Isa, W::Output)) {
    for isa in Isa::ALL {
        if let Some(output) = dispatch_on(isa, work.clone()) {
            check(isa, output);
        }
    }
}
