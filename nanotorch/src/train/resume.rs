//! A run that was interrupted goes on as if nothing had happened.

use std::fmt::{Display, Write};
use std::path::PathBuf;
use std::string::{String, ToString};
use std::vec::Vec;

use super::learner::Learner;
use super::{Epoch, Evaluation, History, Scale, Score, TrainError};
use crate::checkpoint::{Checkpoint, Contents};
use crate::random::Random;

/// Where a run is saved after each epoch, and what makes it this run.
pub(super) struct Resume {
    path: PathBuf,
    seed: u64,
    samples: usize,
    batch: usize,
    accumulate: usize,
    average: Option<f64>,
}

/// How far a saved run is.
pub(super) struct Saved {
    pub(super) history: History,
    random: Random,
    /// A callback had stopped it.
    pub(super) stopped: bool,
}

impl Resume {
    /// The run of a seed on so many samples, a batch of so many, steps of so many batches.
    pub(super) fn of(
        path: Option<PathBuf>,
        seed: u64,
        (samples, batch, accumulate): (usize, usize, usize),
        average: Option<f64>,
    ) -> Option<Resume> {
        path.map(|path| Resume { path, seed, samples, batch, accumulate, average })
    }

    /// The part of itself that the moving average keeps, as text.
    fn average(&self) -> String {
        self.average.map_or_else(|| "none".to_string(), |decay| decay.to_string())
    }

    /// The file beside the run's that holds the best parameters, if a callback keeps them.
    fn best_path(&self) -> PathBuf {
        self.path.with_extension("best.safetensors")
    }

    /// What the file says of the run beside parameters and moments.
    fn describe<'a>(
        &self,
        contents: Contents<'a>,
        random: &Random,
        history: &History,
        stopped: bool,
    ) -> Contents<'a> {
        contents
            .random("layers", random)
            .note("seed", self.seed)
            .note("samples", self.samples)
            .note("batch", self.batch)
            .note("accumulate", self.accumulate)
            .note("average", self.average())
            .note("stopped", stopped)
            .note("history", text(history))
    }

    /// Saves the run. The best parameters come first, so that whatever the run's file speaks of is there.
    pub(super) fn save(
        &self,
        learner: &mut dyn Learner,
        history: &History,
        stopped: bool,
    ) -> Result<(), TrainError> {
        let (epoch, random) = (history.epochs.len(), learner.random().clone());
        let mut contents = self.describe(learner.contents(), &random, history, stopped);
        if let Some((number, best)) = learner.best() {
            if number == epoch {
                best.note("epoch", epoch).save(self.best_path())?;
            }
            contents = contents.note("best", number);
        }
        Ok(contents.save(&self.path)?)
    }

    /// Goes on with the saved run, if there is one. On an error nothing has changed.
    pub(super) fn load(&self, learner: &mut dyn Learner) -> Result<Option<Saved>, TrainError> {
        let Some((checkpoint, saved)) = self.open()? else { return Ok(None) };
        let best = match checkpoint.note("best") {
            Some(epoch) => self.open_best(epoch)?,
            None => None,
        };
        learner.restore(&checkpoint, best.as_ref().map(|(epoch, best)| (*epoch, best)))?;
        *learner.random() = saved.random.clone();
        Ok(Some(saved))
    }

    /// The file, if there is one, and how far its run is.
    fn open(&self) -> Result<Option<(Checkpoint<'static>, Saved)>, TrainError> {
        let there = self.path.try_exists();
        if !there.map_err(|error| TrainError::File { path: self.path.clone(), error })? {
            return Ok(None);
        }
        let checkpoint = Checkpoint::open(&self.path)?;
        self.same(&checkpoint, "seed", &self.seed)?;
        self.same(&checkpoint, "samples", &self.samples)?;
        self.same(&checkpoint, "batch", &self.batch)?;
        self.same(&checkpoint, "accumulate", &self.accumulate)?;
        self.same(&checkpoint, "average", &self.average())?;
        let note = checkpoint.note("history").unwrap_or_default();
        let history = parse(note)
            .ok_or_else(|| self.other_run("history", "damaged", &"one that this program has written"))?;
        let (random, stopped) = (checkpoint.random("layers")?, checkpoint.number("stopped")?);
        Ok(Some((checkpoint, Saved { history, random, stopped })))
    }

    /// The best parameters, of the epoch that the run's file names. A file of a later epoch was written by an interrupted
    /// save: that epoch comes again, and with it these parameters.
    fn open_best(&self, epoch: &str) -> Result<Option<(usize, Checkpoint<'static>)>, TrainError> {
        let checkpoint = Checkpoint::open(self.best_path())?;
        if checkpoint.note("epoch") != Some(epoch) {
            return Ok(None);
        }
        Ok(Some((checkpoint.number("epoch")?, checkpoint)))
    }

    fn same(
        &self,
        checkpoint: &Checkpoint<'_>,
        what: &'static str,
        expected: &dyn Display,
    ) -> Result<(), TrainError> {
        let found = checkpoint.note(what).unwrap_or("unknown");
        if found == expected.to_string() { Ok(()) } else { Err(self.other_run(what, found, expected)) }
    }

    fn other_run(&self, what: &'static str, found: &str, expected: &dyn Display) -> TrainError {
        let (path, found, expected) = (self.path.clone(), found.to_string(), expected.to_string());
        TrainError::OtherRun { path, what, found, expected }
    }
}

const SCALES: [(&str, Scale); 3] =
    [("fraction", Scale::Fraction), ("gain", Scale::Gain), ("error", Scale::Error)];

/// A history as lines: `epoch 3 0.001 0.25`, then `training error 0.5 loss` and so on. `{:?}` of a float is the shortest text
/// that is read as the same number.
fn text(history: &History) -> String {
    let mut text = String::new();
    for epoch in &history.epochs {
        // Writing to a string can't fail.
        let _ = writeln!(text, "epoch {} {:?} {:?}", epoch.number, epoch.learning_rate, epoch.seconds);
        let training = epoch.training.all().map(|score| ("training", score));
        let validation = epoch.validation.iter().flat_map(Evaluation::all).map(|score| ("validation", score));
        for (set, score) in training.chain(validation) {
            let scale = SCALES.iter().find(|scale| scale.1 == score.scale).map_or("", |scale| scale.0);
            let _ = writeln!(text, "{set} {scale} {:?} {}", score.value, score.name.replace('\n', " "));
        }
    }
    text
}

/// The history that [`text`] was made of.
fn parse(text: &str) -> Option<History> {
    let mut history = History::default();
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        let [kind, second, third, fourth] = [words.next()?, words.next()?, words.next()?, words.next()?];
        if kind == "epoch" {
            history.epochs.push(Epoch {
                number: second.parse().ok()?,
                training: Evaluation { loss: f64::NAN, scores: Vec::new() },
                validation: None,
                learning_rate: third.parse().ok()?,
                seconds: fourth.parse().ok()?,
            });
            continue;
        }
        let scale = SCALES.iter().find(|scale| scale.0 == second)?.1;
        let score = Score { name: fourth.to_string().into(), value: third.parse().ok()?, scale };
        let epoch = history.epochs.last_mut()?;
        match (kind, &mut epoch.validation) {
            // The loss is the first line of a set.
            ("training", _) if score.name == "loss" => epoch.training.loss = score.value,
            ("training", _) => epoch.training.scores.push(score),
            ("validation", none @ None) => {
                *none = Some(Evaluation { loss: score.value, scores: Vec::new() });
            }
            ("validation", Some(validation)) => validation.scores.push(score),
            _ => return None,
        }
    }
    Some(history)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_survives_being_text() {
        let evaluation = |loss| Evaluation {
            loss,
            scores: std::vec![Score::fraction("top 5", 0.1 + 0.2), Score::gain("r2", f64::NEG_INFINITY)],
        };
        let epoch = |number, validation| Epoch {
            number,
            training: evaluation(1.0 / 3.0),
            validation,
            learning_rate: 1e-300,
            seconds: 0.5,
        };
        let history = History { epochs: std::vec![epoch(1, None), epoch(2, Some(evaluation(5e-324)))] };
        assert_eq!(parse(&text(&history)), Some(history));
        assert_eq!(parse(""), Some(History::default()));
        for damaged in ["epoch 1", "training error 0.5 loss", "epoch 1 0.1 0.2\nelse error 1 loss"] {
            assert_eq!(parse(damaged), None);
        }
    }
}
