//! Bytes from a file or a reader: plain or gzip, counted, bounded.

use alloc::boxed::Box;
use alloc::string::ToString;
use core::fmt::Display;
use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::DataError;

/// The content of a file, unpacked where it begins as gzip does.
pub(super) struct Source<'a> {
    reader: Box<dyn Read + 'a>,
    gzip: bool,
    offset: u64,
    limit: u64,
}

impl<'a> Source<'a> {
    /// The content behind `reader`, of which at most `limit` bytes are given. Not generic, so that unpacking is compiled once.
    pub(super) fn new(mut reader: Box<dyn Read + 'a>, limit: u64) -> Result<Self, DataError> {
        let mut magic = [0; 2];
        let mut found = 0;
        while found < magic.len() {
            match reader.read(&mut magic[found..]) {
                Ok(0) => break,
                Ok(count) => found += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        let whole = Cursor::new(magic).take(found as u64).chain(reader);
        let gzip = magic == [0x1F, 0x8B];
        let reader: Box<dyn Read + 'a> =
            if gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) };
        Ok(Self { reader, gzip, offset: 0, limit })
    }

    /// How many bytes were given so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// What an error of `read` means.
    pub(super) fn explain(&self, error: &io::Error) -> DataError {
        match error.kind() {
            ErrorKind::FileTooLarge => DataError::TooLarge { limit: self.limit },
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput if self.gzip => {
                DataError::Gzip { offset: self.offset, message: error.to_string() }
            }
            kind => DataError::Io { kind, message: error.to_string() },
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.offset += count as u64;
        if self.offset > self.limit { Err(ErrorKind::FileTooLarge.into()) } else { Ok(count) }
    }
}

/// Opens `path` for `read`, and puts the path into whatever error comes of it.
pub(super) fn with_file<V>(
    path: &Path,
    read: impl FnOnce(File) -> Result<V, DataError>,
) -> Result<V, DataError> {
    File::open(path).map_err(DataError::from).and_then(read).map_err(|problem| named(path.display(), problem))
}

/// `problem`, in the file of that name.
pub(super) fn named(path: impl Display, problem: DataError) -> DataError {
    problem.in_file(path.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn no_more_than_the_limit_is_read() {
        for (length, limit, fits) in
            [(99, 100, true), (100, 100, true), (101, 100, false), (1 << 20, 100, false)]
        {
            let plain = vec![b'x'; length];
            let mut packed = Vec::new();
            let mut encoder = flate2::read::GzEncoder::new(&plain[..], flate2::Compression::fast());
            assert!(encoder.read_to_end(&mut packed).is_ok());
            for bytes in [&plain, &packed] {
                let Ok(mut source) = Source::new(Box::new(&bytes[..]), limit) else {
                    panic!("nothing fails to open here")
                };
                let mut given = Vec::new();
                let result = source.read_to_end(&mut given).map_err(|error| source.explain(&error));
                assert_eq!(result.is_ok(), fits);
                assert!(given == plain || result == Err(DataError::TooLarge { limit }));
            }
        }
    }
}
