//! Files that are there whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Problem;

/// Writes a file beside its place, makes sure that it is on the disk, and moves it there.
pub(super) fn write(path: &Path, pieces: &[&[u8]]) -> Result<(), Problem> {
    let failed = |tried| move |error| Problem::Io { tried, error };
    let Some(name) = path.file_name() else {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "the path names no file");
        return Err(Problem::Io { tried: "write it", error });
    };
    // Two threads or programs that save to one place at once don't share the file beside it.
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}-{}.part", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    let beside = path.with_file_name(beside);
    let result = fill(&beside, pieces)
        .map_err(failed("write the file beside it that becomes it"))
        .and_then(|()| fs::rename(&beside, path).map_err(failed("move the new file to its place")));
    if result.is_err() {
        // It may not even exist; what counts is the first error.
        let _ = fs::remove_file(&beside);
        return result;
    }
    keep_name(path).map_err(failed("make sure that the file's name is on the disk"))
}

fn fill(path: &Path, pieces: &[&[u8]]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    for piece in pieces {
        file.write_all(piece)?;
    }
    file.sync_all()
}

/// A file's name is part of its folder, which has to reach the disk too.
fn keep_name(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
