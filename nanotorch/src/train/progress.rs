//! What is shown while training runs: a bar where there is a terminal, one line an epoch everywhere.
//!
//! Everything goes to the standard error stream, so that the standard output is the program's own.

use std::io::{self, Write};

use super::Epoch;
use super::evaluate::MeanLoss;
use super::learner::Learner;

/// The display of one run.
pub(super) struct Progress {
    shown: bool,
    epochs: usize,
    #[cfg(feature = "progress")]
    bar: Option<bar::Bar>,
}

impl Progress {
    /// The display, or none at all.
    pub(super) fn new(shown: bool, epochs: usize, batches: usize) -> Self {
        #[cfg(not(feature = "progress"))]
        let _ = batches;
        Progress {
            shown,
            epochs,
            #[cfg(feature = "progress")]
            bar: (shown && io::IsTerminal::is_terminal(&io::stderr())).then(|| bar::Bar::new(batches)),
        }
    }

    /// The epoch `number` begins.
    pub(super) fn begin(&mut self, number: usize) {
        #[cfg(feature = "progress")]
        if let Some(bar) = &mut self.bar {
            bar.begin(number, self.epochs);
        }
        let _ = number;
    }

    /// `batches` batches of the epoch are done.
    pub(super) fn batch(&mut self, batches: usize, loss: &MeanLoss, learner: &dyn Learner) {
        #[cfg(feature = "progress")]
        if let Some(bar) = &mut self.bar {
            bar.batch(batches, loss, learner);
        }
        #[cfg(not(feature = "progress"))]
        let _ = (batches, loss, learner);
    }

    /// The epoch has ended.
    pub(super) fn end(&mut self, epoch: &Epoch) {
        self.clear();
        if self.shown {
            // Nothing is lost if nobody listens.
            let _ = writeln!(io::stderr(), "{}", Line(epoch, self.epochs));
        }
    }

    /// Takes the bar off the screen.
    pub(super) fn clear(&mut self) {
        #[cfg(feature = "progress")]
        if let Some(bar) = &mut self.bar {
            bar.clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

/// An epoch's line, with the number of epochs that there will be.
struct Line<'a>(&'a Epoch, usize);

impl core::fmt::Display for Line<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Line(epoch, epochs) = self;
        let width = digits(*epochs);
        epoch.line(formatter, format_args!("epoch {:>width$}/{epochs}", epoch.number))
    }
}

fn digits(number: usize) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

#[cfg(feature = "progress")]
mod bar {
    use std::format;
    use std::string::ToString;
    use std::time::{Duration, Instant};

    use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

    use super::{Learner, MeanLoss, digits};

    /// How often the bar is drawn: often enough to be seen to move, seldom enough to cost nothing.
    const PERIOD: Duration = Duration::from_millis(50);

    pub(super) struct Bar {
        batches: usize,
        drawn: Instant,
        bar: ProgressBar,
    }

    impl Bar {
        pub(super) fn new(batches: usize) -> Self {
            Bar { batches, drawn: Instant::now(), bar: ProgressBar::hidden() }
        }

        pub(super) fn begin(&mut self, number: usize, epochs: usize) {
            let target = ProgressDrawTarget::stderr_with_hz(20);
            self.bar = ProgressBar::with_draw_target(Some(self.batches as u64), target);
            let style = ProgressStyle::with_template("{prefix} [{bar:20}] {pos}/{len}  {wide_msg}");
            if let Ok(style) = style {
                self.bar.set_style(style.progress_chars("=> "));
            }
            let width = digits(epochs);
            self.bar.set_prefix(format!("epoch {number:>width$}/{epochs}"));
        }

        pub(super) fn batch(&mut self, batches: usize, loss: &MeanLoss, learner: &dyn Learner) {
            if self.drawn.elapsed() >= PERIOD {
                self.drawn = Instant::now();
                self.bar.set_message(learner.evaluation(loss).to_string());
                self.bar.set_position(batches as u64);
            }
        }

        pub(super) fn clear(&mut self) {
            self.bar.finish_and_clear();
        }
    }
}
