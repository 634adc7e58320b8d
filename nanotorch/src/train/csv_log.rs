//! The history as a CSV file that grows while training runs.
//!
//! All is compiled where it is used (`#[inline]`), as most programs don't.

use std::format;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::iter;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::string::String;

use super::{Callback, Epoch, Evaluation, State, TrainError};
use crate::model::Model;

/// Appends a line to a CSV file after each epoch, so that nothing is lost when a run is interrupted.
///
/// The columns are `epoch,learning_rate,seconds,loss`, the metrics, and for the validation set `validation_loss` and so on.
/// A file that exists is continued if it has the same columns; anything else is an error rather than overwritten. A resumed
/// run takes back the lines of epochs that it does again.
///
/// ```
/// use nanotorch::train::CsvLog;
/// let log = CsvLog::new("digits.csv");
/// # let _ = log;
/// ```
#[derive(Debug)]
pub struct CsvLog {
    path: PathBuf,
    file: Option<File>,
    /// How many epochs a resumed run has behind it.
    done: usize,
}

impl CsvLog {
    /// A log in the file `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        CsvLog { path: path.into(), file: None, done: 0 }
    }

    #[inline]
    fn append(&mut self, epoch: &Epoch) -> Result<(), TrainError> {
        let header = header(epoch);
        let failed = |error| TrainError::File { path: self.path.clone(), error };
        let file = match &mut self.file {
            Some(file) => file,
            none => match open(&self.path, &header, self.done).map_err(failed)? {
                Ok(file) => none.insert(file),
                Err(found) => {
                    let path = self.path.clone();
                    return Err(TrainError::OtherColumns { path, found, expected: header });
                }
            },
        };
        // One write a line: an interrupted run leaves whole lines.
        file.write_all(line(epoch).as_bytes()).map_err(failed)
    }
}

impl<M: Model, O> Callback<M, O> for CsvLog {
    fn start(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        (self.file, self.done) = (None, state.history.epochs.len());
        Ok(())
    }

    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        state.epoch().map_or(Ok(()), |epoch| self.append(epoch))?;
        Ok(ControlFlow::Continue(()))
    }

    fn end(&mut self, _: &mut State<'_, M, O>) -> Result<(), TrainError> {
        self.file = None;
        Ok(())
    }
}

#[inline]
fn header(epoch: &Epoch) -> String {
    let mut columns = String::from("epoch,learning_rate,seconds");
    let mut enter = |of: &str, evaluation: &Evaluation| {
        for score in evaluation.all() {
            columns += &format!(",{of}{}", score.name);
        }
    };
    enter("", &epoch.training);
    if let Some(validation) = &epoch.validation {
        enter("validation_", validation);
    }
    columns
}

#[inline]
fn line(epoch: &Epoch) -> String {
    let mut line = format!("{},{},{:.3}", epoch.number, epoch.learning_rate, epoch.seconds);
    for evaluation in iter::once(&epoch.training).chain(&epoch.validation) {
        for score in evaluation.all() {
            line += &format!(",{}", score.value);
        }
    }
    line + "\n"
}

/// The log, ready to be appended to: with the header, and without the epochs after `done`, if any are; these come again.
/// Or else the other header that it has.
#[inline]
fn open(path: &Path, header: &str, done: usize) -> io::Result<Result<File, String>> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let first = text.lines().next().unwrap_or(header);
    if first != header {
        return Ok(Err(first.into()));
    }
    if done > 0 {
        let epoch = |line: &str| line.split(',').next().and_then(|epoch| epoch.parse::<usize>().ok());
        loop {
            let start = text.trim_end().rfind('\n').map_or(0, |end| end + 1);
            if epoch(&text[start..]).is_none_or(|epoch| epoch <= done) {
                break;
            }
            text.truncate(start);
        }
        file.set_len(text.len() as u64)?;
    }
    file.seek(SeekFrom::End(0))?;
    if text.is_empty() {
        file.write_all(format!("{header}\n").as_bytes())?;
    } else if !text.ends_with('\n') {
        file.write_all(b"\n")?;
    }
    Ok(Ok(file))
}
