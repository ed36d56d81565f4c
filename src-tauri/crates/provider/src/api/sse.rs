//! Server-sent events, read piece by piece.
//!
//! Source: WHATWG HTML, section 9.2.6, "Interpreting an event stream". Any split of the bytes gives the same events; line ends
//! may be LF, CR LF or CR; comments are dropped; several `data` lines are joined by a newline.

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// The `event` field; empty where there was none.
    pub event: String,
    /// The `data` lines, joined by newlines.
    pub data: String,
    /// The `id` field of this event.
    pub id: Option<String>,
    /// Bytes of the stream up to and with the blank line that ended the event.
    pub end: usize,
}

/// Reads a stream in pieces of any size.
#[derive(Clone, Debug, Default)]
pub struct SseParser {
    line: Vec<u8>,
    event: SseEvent,
    has_data: bool,
    after_carriage_return: bool,
    past_first_line: bool,
    position: usize,
}

impl SseParser {
    /// A parser at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece and appends the events that it completes.
    pub fn push(&mut self, mut bytes: &[u8], events: &mut Vec<SseEvent>) {
        if self.after_carriage_return && !bytes.is_empty() {
            self.after_carriage_return = false;
            if bytes[0] == b'\n' {
                bytes = &bytes[1..];
                self.position += 1;
            }
        }
        while let Some(length) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line.extend_from_slice(&bytes[..length]);
            let mut used = length + 1;
            if bytes[length] == b'\r' {
                match bytes.get(used) {
                    Some(b'\n') => used += 1,
                    Some(_) => {}
                    None => self.after_carriage_return = true,
                }
            }
            self.position += used;
            bytes = &bytes[used..];
            events.extend(self.end_of_line());
        }
        self.line.extend_from_slice(bytes);
        self.position += bytes.len();
    }

    /// Ends the stream. The standard discards an event that no blank line has ended; servers forget that line after their
    /// last event, so it is handed out, and whoever reads it must expect it to be cut.
    #[must_use]
    pub fn finish(mut self) -> Option<SseEvent> {
        let ended = if self.line.is_empty() {
            None
        } else {
            self.end_of_line()
        };
        ended.or_else(|| self.dispatch())
    }

    fn end_of_line(&mut self) -> Option<SseEvent> {
        let line = std::mem::take(&mut self.line);
        let line = if self.past_first_line {
            &line[..]
        } else {
            self.past_first_line = true;
            line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line)
        };
        if line.is_empty() {
            return self.dispatch();
        }
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        match name {
            b"data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(&value);
                self.has_data = true;
            }
            b"event" => self.event.event = value.into_owned(),
            b"id" if !value.contains('\0') => self.event.id = Some(value.into_owned()),
            // Comments (an empty name), `retry`, and names that the standard does not know.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<SseEvent> {
        let mut event = std::mem::take(&mut self.event);
        if !std::mem::take(&mut self.has_data) {
            return None;
        }
        event.end = self.position;
        Some(event)
    }
}
