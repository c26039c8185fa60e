//! What the spans of an accepted head must be: classes of bytes, and tiles that leave nothing out.
//!
//! Written from the grammar of RFC 9112 in the plainest way, for it is to disagree with a decoder
//! that is wrong. A leniency widens only the white space between the tiles.

use crate::machine::Machine;
use bojagi_codec::rules::*;
use bojagi_codec::{Field, Head, Span};

/// Names are tokens, values are text without white space at their ends, both inside the data.
/// Holds for each field that was written, whatever became of the message.
pub fn check_fields(fields: &[Field], data: &[u8]) {
    for field in fields {
        let start = field.name_off as usize;
        let name = &data[start..start + usize::from(field.name_len)];
        assert!(is_token(name), "the name {:?}", name.escape_ascii().to_string());
        let start = field.value_off as usize;
        let value = &data[start..start + field.value_len as usize];
        assert!(is_value(value), "the value {:?}", value.escape_ascii().to_string());
        let id = bojagi_codec::known::field_id(name);
        assert_eq!(field.id, id, "the id of {:?}", name.escape_ascii().to_string());
    }
}

/// The spans, with the white space and line ends that may stand between them, are the message.
pub fn check_tiles(machine: &Machine, flags: u32, fields: &[Field], data: &[u8]) {
    let mut walk = Walk { data, at: 0, flags };
    match machine {
        Machine::Request(head) => walk.request_line(head),
        Machine::Response(head, _) => walk.status_line(head),
        Machine::Trailers(_) => {}
    }
    for field in fields {
        walk.field_line(field);
    }
    walk.line_end();
    let length = match machine.head() {
        Some(head) => head.length as usize,
        None => walk.at,
    };
    assert_eq!(walk.at, length, "the length");
}

/// 1*tchar (RFC 9110 section 5.6.2).
pub fn is_token(bytes: &[u8]) -> bool {
    let marks = b"!#$%&'*+-.^_`|~";
    !bytes.is_empty() && bytes.iter().all(|b| b.is_ascii_alphanumeric() || marks.contains(b))
}

/// HTAB, SP, VCHAR, obs-text (RFC 9110 section 5.5).
pub fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|&b| b == b'\t' || (b >= b' ' && b != 0x7f))
}

fn is_value(bytes: &[u8]) -> bool {
    let white = |byte: Option<&u8>| byte.is_some_and(|b| b" \t".contains(b));
    is_text(bytes) && !white(bytes.first()) && !white(bytes.last())
}

struct Walk<'a> {
    data: &'a [u8],
    at: usize,
    flags: u32,
}

impl Walk<'_> {
    fn request_line(&mut self, head: &Head) {
        self.empty_line();
        assert!(is_token(self.span(head.method)), "the method");
        self.spaces();
        let target = self.span(head.target);
        let visible = target.iter().all(|&b| (0x21..=0x7e).contains(&b) && b != b'#');
        assert!(visible && !target.is_empty(), "the target");
        self.spaces();
        self.version(head);
        self.line_rest();
    }

    fn status_line(&mut self, head: &Head) {
        self.empty_line();
        self.version(head);
        self.spaces();
        self.literal(head.status.to_string().as_bytes());
        let most = if self.flags & BOJAGI_ALLOW_STATUS_999 != 0 { 999 } else { 599 };
        assert!((100..=most).contains(&head.status), "the status");
        if self.peek() == Some(b' ') || self.is_lenient_space() {
            let phrase = head.reason_phrase.off as usize;
            assert!(phrase > self.at && (phrase == self.at + 1 || self.allows_space()));
            self.at = phrase;
        }
        assert!(is_text(self.span(head.reason_phrase)), "the reason phrase");
        self.line_rest();
    }

    /// At most one, before the message.
    fn empty_line(&mut self) {
        if matches!(self.peek(), Some(b'\r' | b'\n')) {
            self.line_end();
        }
    }

    fn field_line(&mut self, field: &Field) {
        self.span(Span { off: field.name_off, len: field.name_len.into() });
        if self.flags & BOJAGI_ALLOW_SPACE_BEFORE_COLON != 0 {
            self.white();
        }
        self.literal(b":");
        self.white_until(field.value_off as usize);
        self.span(Span { off: field.value_off, len: field.value_len });
        self.white();
        self.line_end();
    }

    fn version(&mut self, head: &Head) {
        let text = format!("HTTP/{}.{}", head.version / 10, head.version % 10);
        self.literal(text.as_bytes());
    }

    fn span(&mut self, span: Span) -> &[u8] {
        let (start, len) = (span.off as usize, span.len as usize);
        assert_eq!(start, self.at, "a span does not begin where the one before it ended");
        self.at += len;
        &self.data[start..start + len]
    }

    fn literal(&mut self, text: &[u8]) {
        assert!(self.data[self.at..].starts_with(text), "no {text:?} at {}", self.at);
        self.at += text.len();
    }

    /// One SP; with the leniency any white space.
    fn spaces(&mut self) {
        if self.allows_space() {
            let start = self.at;
            self.white();
            assert!(self.at > start, "nothing parts the start line at {start}");
        } else {
            self.literal(b" ");
        }
    }

    fn line_rest(&mut self) {
        if self.allows_space() {
            self.white();
        }
        self.line_end();
    }

    fn line_end(&mut self) {
        if self.flags & BOJAGI_ALLOW_BARE_LF != 0 && self.peek() == Some(b'\n') {
            self.at += 1;
        } else {
            self.literal(b"\r\n");
        }
    }

    fn white(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn white_until(&mut self, end: usize) {
        while self.at < end && matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn is_lenient_space(&self) -> bool {
        self.allows_space() && matches!(self.peek(), Some(b' ' | b'\t'))
    }

    fn allows_space(&self) -> bool {
        self.flags & BOJAGI_ALLOW_START_LINE_SPACE != 0
    }

    fn peek(&self) -> Option<u8> {
        self.data.get(self.at).copied()
    }
}
