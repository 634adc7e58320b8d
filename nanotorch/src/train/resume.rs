//! A run that was interrupted goes on as if nothing had happened.
//!
//! A trainer knows this file as [`Keep`] alone, and what isn't generic is `#[inline]`: so it is compiled in programs that resume.

use std::fmt::{Display, Write};
use std::path::PathBuf;
use std::string::{String, ToString};
use std::vec::Vec;

use super::callback::Best;
use super::{Epoch, Evaluation, History, OptimizerFor, Scale, Score, TrainError};
use crate::checkpoint::{Checkpoint, Contents};
use crate::model::{Model, Parameters};
use crate::optimizer::MovingAverage;
use crate::random::Random;

/// What makes a run this run: another one can't go on where it stopped.
#[derive(Clone, Copy)]
pub(super) struct Identity {
    pub(super) seed: u64,
    pub(super) samples: usize,
    pub(super) batch: usize,
    pub(super) accumulate: usize,
    pub(super) average: Option<f64>,
}

/// All that goes on in a run that is resumed, but for its history.
pub(super) struct Whole<'a, M: Parameters, O> {
    pub(super) identity: Identity,
    pub(super) model: &'a mut M,
    pub(super) optimizer: &'a mut O,
    pub(super) average: Option<&'a mut MovingAverage<M>>,
    /// The random numbers of layers.
    pub(super) random: &'a mut Random,
    /// The best parameters so far, if a callback keeps them.
    pub(super) best: &'a mut Option<Best<M>>,
}

/// How far a saved run is, and whether a callback had stopped it.
pub(super) type Saved = (History, bool);

/// A run, and what keeps it, if something does.
pub(super) type Kept<'a, M, O> =
    (Option<&'a dyn Keep<M, O>>, Whole<'a, M, <O as OptimizerFor<M>>::Optimizer>);

/// Keeps runs of models of the type `M` whose optimizer is made from `O`.
pub(super) trait Keep<M, O> {
    /// Saves a run.
    fn save(
        &self,
        run: Whole<'_, M, O::Optimizer>,
        history: &History,
        stopped: bool,
    ) -> Result<(), TrainError>
    where
        M: Model,
        O: OptimizerFor<M>;

    /// Goes on with the saved run, if there is one. On an error nothing has changed.
    fn load(&self, run: Whole<'_, M, O::Optimizer>) -> Result<Option<Saved>, TrainError>
    where
        M: Model,
        O: OptimizerFor<M>;
}

/// Where a run is saved after each epoch.
pub(super) struct Resume {
    path: PathBuf,
}

impl<M, O> Keep<M, O> for Resume {
    fn save(
        &self,
        run: Whole<'_, M, O::Optimizer>,
        history: &History,
        stopped: bool,
    ) -> Result<(), TrainError>
    where
        M: Model,
        O: OptimizerFor<M>,
    {
        let mut contents = Contents::new().model(&*run.model).optimizer::<M, _>(&*run.optimizer);
        if let Some(average) = &run.average {
            contents = contents.average(average);
        }
        let best = run.best.as_ref().map(|best| (best.epoch, Contents::new().model(&*best.model)));
        self.write(describe(contents, run.identity, run.random, history, stopped), history.epochs.len(), best)
    }

    fn load(&self, run: Whole<'_, M, O::Optimizer>) -> Result<Option<Saved>, TrainError>
    where
        M: Model,
        O: OptimizerFor<M>,
    {
        let Some((checkpoint, random, saved)) = self.open(run.identity)? else { return Ok(None) };
        let mut kept = None;
        if let Some((epoch, best)) = self.open_best(&checkpoint)? {
            let mut model = M::zeroed();
            best.restore().model(&mut *model).finish()?;
            kept = Some(Best { epoch, model });
        }
        let mut restore = checkpoint.restore().model(run.model).optimizer::<M, _>(run.optimizer);
        if let Some(average) = run.average {
            restore = restore.average(average);
        }
        restore.finish()?;
        (*run.best, *run.random) = (kept, random);
        Ok(Some(saved))
    }
}

/// What the file says of a run beside parameters and moments.
#[inline]
fn describe<'a>(
    contents: Contents<'a>,
    run: Identity,
    random: &Random,
    history: &History,
    stopped: bool,
) -> Contents<'a> {
    contents
        .random("layers", random)
        .note("seed", run.seed)
        .note("samples", run.samples)
        .note("batch", run.batch)
        .note("accumulate", run.accumulate)
        .note("average", run.average())
        .note("stopped", stopped)
        .note("history", text(history))
}

impl Identity {
    /// The part of itself that the moving average keeps, as text.
    #[inline]
    fn average(self) -> String {
        self.average.map_or_else(|| "none".to_string(), |decay| decay.to_string())
    }
}

impl Resume {
    #[inline]
    pub(super) fn new(path: PathBuf) -> Resume {
        Resume { path }
    }

    /// The file beside the run's that holds the best parameters, if a callback keeps them.
    #[inline]
    fn best_path(&self) -> PathBuf {
        self.path.with_extension("best.safetensors")
    }

    /// Writes a run after so many epochs. The best parameters come first, so that whatever the run's file speaks of is there.
    #[inline]
    fn write(
        &self,
        mut contents: Contents<'_>,
        epoch: usize,
        best: Option<(usize, Contents<'_>)>,
    ) -> Result<(), TrainError> {
        if let Some((number, best)) = best {
            if number == epoch {
                best.note("epoch", epoch).save(self.best_path())?;
            }
            contents = contents.note("best", number);
        }
        Ok(contents.save(&self.path)?)
    }

    /// The file of this run, if there is one, with its random numbers.
    #[inline]
    fn open(&self, run: Identity) -> Result<Option<(Checkpoint<'static>, Random, Saved)>, TrainError> {
        let there = self.path.try_exists();
        if !there.map_err(|error| TrainError::File { path: self.path.clone(), error })? {
            return Ok(None);
        }
        let checkpoint = Checkpoint::open(&self.path)?;
        self.same(&checkpoint, "seed", &run.seed)?;
        self.same(&checkpoint, "samples", &run.samples)?;
        self.same(&checkpoint, "batch", &run.batch)?;
        self.same(&checkpoint, "accumulate", &run.accumulate)?;
        self.same(&checkpoint, "average", &run.average())?;
        let note = checkpoint.note("history").unwrap_or_default();
        let history = parse(note)
            .ok_or_else(|| self.other_run("history", "damaged", &"one that this program has written"))?;
        let (random, stopped) = (checkpoint.random("layers")?, checkpoint.number("stopped")?);
        Ok(Some((checkpoint, random, (history, stopped))))
    }

    /// The best parameters, of the epoch that the run's file names, if it names one. A file of a later epoch was written by an interrupted
    /// save: that epoch comes again, and with it these parameters.
    #[inline]
    fn open_best(&self, run: &Checkpoint<'_>) -> Result<Option<(usize, Checkpoint<'static>)>, TrainError> {
        let Some(epoch) = run.note("best") else { return Ok(None) };
        let checkpoint = Checkpoint::open(self.best_path())?;
        if checkpoint.note("epoch") != Some(epoch) {
            return Ok(None);
        }
        Ok(Some((checkpoint.number("epoch")?, checkpoint)))
    }

    #[inline]
    fn same(
        &self,
        checkpoint: &Checkpoint<'_>,
        what: &'static str,
        expected: &dyn Display,
    ) -> Result<(), TrainError> {
        let found = checkpoint.note(what).unwrap_or("unknown");
        if found == expected.to_string() { Ok(()) } else { Err(self.other_run(what, found, expected)) }
    }

    #[inline]
    fn other_run(&self, what: &'static str, found: &str, expected: &dyn Display) -> TrainError {
        let (path, found, expected) = (self.path.clone(), found.to_string(), expected.to_string());
        TrainError::OtherRun { path, what, found, expected }
    }
}

/// In the order of the enumeration.
const SCALES: [(&str, Scale); 3] =
    [("fraction", Scale::Fraction), ("gain", Scale::Gain), ("error", Scale::Error)];

/// A history as lines: `epoch 3 0.001 0.25`, then `training error 0.5 loss` and so on. `{:?}` of a float is the shortest text
/// that is read as the same number.
#[inline]
fn text(history: &History) -> String {
    let mut text = String::new();
    for epoch in &history.epochs {
        // Writing to a string can't fail.
        let _ = writeln!(text, "epoch {} {:?} {:?}", epoch.number, epoch.learning_rate, epoch.seconds);
        enter(&mut text, "training", &epoch.training);
        if let Some(validation) = &epoch.validation {
            enter(&mut text, "validation", validation);
        }
    }
    text
}

#[inline]
fn enter(text: &mut String, set: &str, evaluation: &Evaluation) {
    for Score { name, value, scale } in evaluation.all() {
        let _ = writeln!(text, "{set} {} {value:?} {}", SCALES[scale as usize].0, name.replace('\n', " "));
    }
}

/// The history that [`text`] was made of.
#[inline]
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
