//! The history as a CSV file that grows while training runs.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, io};

use super::{Callback, Epoch, State, TrainError};
use crate::model::Model;

/// Appends a line to a CSV file after each epoch, so that nothing is lost when a run is interrupted.
///
/// The columns are `epoch,learning_rate,seconds,loss`, the metrics, and for the validation set `validation_loss` and so on.
/// A file that exists is continued if it has the same columns; anything else is an error rather than overwritten.
#[derive(Debug)]
pub struct CsvLog {
    path: PathBuf,
    file: Option<File>,
}

impl CsvLog {
    /// A log in the file `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        CsvLog { path: path.into(), file: None }
    }
}

impl<M: Model, O> Callback<M, O> for CsvLog {
    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        if let Some(epoch) = state.epoch() {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(open(&self.path, &header(epoch))?),
            };
            // One write a line: an interrupted run leaves whole lines.
            file.write_all(line(epoch).as_bytes())
                .and_then(|()| file.flush())
                .map_err(|error| TrainError::File { path: self.path.clone(), error })?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn end(&mut self, _: &mut State<'_, M, O>) -> Result<(), TrainError> {
        self.file = None;
        Ok(())
    }
}

fn header(epoch: &Epoch) -> String {
    let mut columns: Vec<String> = ["epoch", "learning_rate", "seconds"].map(Into::into).into();
    columns.extend(epoch.training.all().map(|score| score.name.into()));
    columns.extend(
        epoch.validation.iter().flat_map(|it| it.all()).map(|score| format!("validation_{}", score.name)),
    );
    columns.join(",")
}

fn line(epoch: &Epoch) -> String {
    let mut fields = Vec::from([
        epoch.number.to_string(),
        epoch.learning_rate.to_string(),
        format!("{:.3}", epoch.seconds),
    ]);
    let scores = epoch.training.all().chain(epoch.validation.iter().flat_map(|it| it.all()));
    fields.extend(scores.map(|score| score.value.to_string()));
    fields.join(",") + "\n"
}

/// The log, ready to be appended to: with its header, and without a line that was cut off.
fn open(path: &Path, header: &str) -> Result<File, TrainError> {
    let failed = |error: io::Error| TrainError::File { path: path.to_path_buf(), error };
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
    let mut first = String::new();
    BufReader::new(&file).read_line(&mut first).map_err(failed)?;
    if first.is_empty() {
        file.write_all(format!("{header}\n").as_bytes()).map_err(failed)?;
    } else if first.trim_end() != header {
        return Err(TrainError::OtherColumns {
            path: path.to_path_buf(),
            found: first.trim_end().into(),
            expected: header.into(),
        });
    }
    file.seek(SeekFrom::End(0)).map_err(failed)?;
    Ok(file)
}
