//! Bytes from a file or a reader: plain or gzip, counted, bounded.

use alloc::boxed::Box;
use alloc::string::ToString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::DataError;

/// The content of a file, unpacked where it begins as gzip does.
pub(super) struct Source<'a> {
    content: Content<'a>,
    offset: u64,
    limit: u64,
}

/// Which it is. A trait object would be compiled with each method of `Read`.
enum Content<'a> {
    Plain(BufReader<Steady<'a>>),
    Gzip(MultiGzDecoder<BufReader<Steady<'a>>>),
}

impl<'a> Source<'a> {
    /// The content behind `reader`, of which at most `limit` bytes are given. Not generic, so that unpacking is compiled once.
    pub(super) fn new(reader: Box<dyn Read + 'a>, limit: u64) -> Result<Self, DataError> {
        let mut content = BufReader::new(Steady(reader));
        // A reader may give the first byte alone; no other file begins with it.
        let gzip = matches!(content.fill_buf()?, [0x1F] | [0x1F, 0x8B, ..]);
        let content =
            if gzip { Content::Gzip(MultiGzDecoder::new(content)) } else { Content::Plain(content) };
        Ok(Self { content, offset: 0, limit })
    }

    /// How many bytes were given so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// What an error of `read` means.
    pub(super) fn explain(&self, error: &io::Error) -> DataError {
        let (gzip, message) = (matches!(self.content, Content::Gzip(_)), error.to_string());
        match error.kind() {
            ErrorKind::FileTooLarge => DataError::TooLarge { limit: self.limit },
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput if gzip => {
                DataError::Gzip { offset: self.offset, message }
            }
            kind => DataError::Io { kind, message },
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.content {
            Content::Plain(content) => content.read(buffer)?,
            Content::Gzip(content) => content.read(buffer)?,
        };
        self.offset += count as u64;
        if self.offset > self.limit { Err(ErrorKind::FileTooLarge.into()) } else { Ok(count) }
    }
}

/// A reader that goes on where it was interrupted.
struct Steady<'a>(Box<dyn Read + 'a>);

impl Read for Steady<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

/// Opens `path` for `read`, and puts the path into whatever error comes of it.
pub(super) fn with_file<V>(
    path: &Path,
    read: impl FnOnce(File) -> Result<V, DataError>,
) -> Result<V, DataError> {
    match File::open(path) {
        Ok(file) => read(file).map_err(|problem| named(path, problem)),
        Err(error) => Err(named(path, error.into())),
    }
}

/// `problem`, in the file of that path.
pub(super) fn named(path: &Path, problem: DataError) -> DataError {
    problem.in_file(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Gives a byte at a time, and is interrupted before each.
    struct Halting<'a>(&'a [u8], bool);

    impl Read for Halting<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(ErrorKind::Interrupted.into()) } else { self.0.read(&mut buffer[..1]) }
        }
    }

    #[test]
    fn no_more_than_the_limit_is_read() {
        for (length, limit, fits) in
            [(99, 100, true), (100, 100, true), (101, 100, false), (1 << 20, 100, false)]
        {
            let plain = vec![b'x'; length];
            let mut packed = Vec::new();
            let mut encoder = flate2::read::GzEncoder::new(&plain[..], flate2::Compression::fast());
            assert!(encoder.read_to_end(&mut packed).is_ok());
            let readers: [Box<dyn Read>; 4] = [
                Box::new(&plain[..]),
                Box::new(&packed[..]),
                Box::new(Halting(&plain, false)),
                Box::new(Halting(&packed, false)),
            ];
            for reader in readers {
                let Ok(mut source) = Source::new(reader, limit) else { panic!("nothing fails to open here") };
                let mut given = Vec::new();
                let result = source.read_to_end(&mut given).map_err(|error| source.explain(&error));
                assert_eq!(result.is_ok(), fits);
                assert!(given == plain || result == Err(DataError::TooLarge { limit }));
            }
        }
    }
}
