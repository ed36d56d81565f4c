//! Newline-delimited JSON, read piece by piece. Lines are cut here and parsed by whoever reads them.

/// One line that is not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NdjsonLine {
    /// The line without its end.
    pub text: String,
    /// Bytes of the stream up to and with the end of the line.
    pub end: usize,
}

/// Reads a stream in pieces of any size.
#[derive(Clone, Debug, Default)]
pub struct NdjsonParser {
    line: Vec<u8>,
    position: usize,
}

impl NdjsonParser {
    /// A parser at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece and appends the lines that it completes.
    pub fn push(&mut self, mut bytes: &[u8], lines: &mut Vec<NdjsonLine>) {
        while let Some(length) = bytes.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&bytes[..length]);
            self.position += length + 1;
            bytes = &bytes[length + 1..];
            lines.extend(self.take_line());
        }
        self.line.extend_from_slice(bytes);
        self.position += bytes.len();
    }

    /// Ends the stream and hands out a last line that lacked its end; it may be cut.
    #[must_use]
    pub fn finish(mut self) -> Option<NdjsonLine> {
        self.take_line()
    }

    fn take_line(&mut self) -> Option<NdjsonLine> {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(line.trim_ascii());
        (!text.is_empty()).then(|| NdjsonLine {
            text: text.into_owned(),
            end: self.position,
        })
    }
}
