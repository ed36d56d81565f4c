//! Where the quote was opened that a CSV file never closes.

use std::io::{self, Read};

/// What is wrong with such a quote.
pub const NEVER_CLOSED: &str = "the quote that opens a cell here is never closed, so every row after it would belong to the cell; \
     close it, and write a quote inside a cell twice";

/// Where a quote was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// Bytes before it.
    pub byte: u64,
    /// Its line, from 1.
    pub line: u64,
}

/// Where in a row the next byte stands (RFC 4180; a quote within a cell that does not begin with one is a letter of it).
#[derive(Clone, Copy)]
enum Place {
    /// At the beginning of a cell.
    Begin,
    /// In a cell without quotes, or behind its closing quote.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote between quotes: it closes the cell, or is the first of two that stand for one.
    Closing,
}

/// Reads on, and notes the quotes that pass.
pub struct Watched<R> {
    inner: R,
    place: Place,
    open: Open,
    byte: u64,
    line: u64,
    ended: bool,
}

impl<R> Watched<R> {
    /// Watches what is read of this.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            place: Place::Begin,
            open: Open { byte: 0, line: 1 },
            byte: 0,
            line: 1,
            ended: false,
        }
    }

    /// The quote in which the file ended; none before its end.
    pub fn unclosed(&self) -> Option<Open> {
        (self.ended && matches!(self.place, Place::Quoted)).then_some(self.open)
    }

    fn see(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (Place::Begin, b'"') => {
                self.open = Open {
                    byte: self.byte,
                    line: self.line,
                };
                Place::Quoted
            }
            (Place::Quoted, b'"') => Place::Closing,
            (Place::Quoted, _) | (Place::Closing, b'"') => Place::Quoted,
            (_, b',' | b'\n' | b'\r') => Place::Begin,
            _ => Place::Plain,
        };
        self.byte += 1;
        self.line += u64::from(byte == b'\n');
    }
}

impl<R: Read> Watched<R> {
    /// The line of the quote that the row which was just read opens and never closes.
    pub fn unclosed_in_row(reader: &csv::Reader<Self>) -> Option<u64> {
        let open = reader.get_ref().unclosed()?;
        (open.byte < reader.position().byte()).then_some(open.line)
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.ended = count == 0 && !buffer.is_empty();
        for byte in buffer.iter().take(count) {
            self.see(*byte);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_open_only_where_it_opens_a_cell_and_nothing_closes_it() {
        for (text, line) in [
            ("a,b\n1,\"two\"\n", None),
            ("a,b\n1,\"two \"\"2\"\"\"\n", None),
            ("a,b\n1,5\" wide\n", None),
            ("a,b\n1,\"two\nlines\"\n", None),
            ("a,b\n1,\"two\n2,three\n", Some(2)),
            ("a,b\r\n1,x\r\n2,\"\"\"\r\n3,y\r\n", Some(3)),
            ("\"a,b\n1,2\n", Some(1)),
        ] {
            let mut watched = Watched::new(text.as_bytes());
            let mut read = String::new();
            watched.read_to_string(&mut read).unwrap();
            assert_eq!(watched.unclosed().map(|open| open.line), line, "{text}");
        }
    }
}
