//! Going through a value: what all grammars of RFC 9110 are made of (§5.6).
//!
//! A failure is the offset of the first byte that cannot stand there, or the length of the value
//! when it ends too early.

use crate::field::Span;
use crate::offset::{index, narrow};
use crate::token::{self, is_same, is_text};

/// A place in a value. The value may end before the bytes do, at the end of a list element.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The bytes of a span.
    #[inline(never)]
    pub fn of(&self, span: Span) -> &'a [u8] {
        span.of(self.bytes)
    }

    /// Whether a span holds this name, whatever its case.
    #[inline(never)]
    pub fn is(&self, span: Span, name: &[u8]) -> bool {
        is_same(self.of(span), name)
    }

    /// The bytes before the end of this span, from where it begins.
    #[inline(never)]
    pub fn part(&self, span: Span) -> Self {
        let at = index(span.off);
        let end = at.saturating_add(index(span.len));
        Self { bytes: self.bytes.get(..end).unwrap_or(self.bytes), at }
    }

    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Nothing may follow.
    pub fn end(&self) -> Result<(), usize> {
        if self.at < self.bytes.len() { Err(self.at) } else { Ok(()) }
    }

    /// Whether this byte stands here; it is then behind us.
    #[inline(never)]
    pub fn eat(&mut self, byte: u8) -> bool {
        let is_here = self.peek() == Some(byte);
        self.at += usize::from(is_here);
        is_here
    }

    pub fn expect(&mut self, byte: u8) -> Result<(), usize> {
        if self.eat(byte) { Ok(()) } else { Err(self.at) }
    }

    /// The longest run of bytes of these classes, which may be empty.
    #[inline(never)]
    pub fn run(&mut self, class: u8) -> Span {
        let start = self.at;
        while self.peek().is_some_and(|byte| token::is_in(class, byte)) {
            self.at += 1;
        }
        self.since(start)
    }

    pub fn skip_ows(&mut self) {
        self.run(token::OWS);
    }

    /// Passes over the empty elements of a list.
    #[inline(never)]
    pub fn skip_commas(&mut self) {
        while self.run(token::OWS).len > 0 || self.eat(b',') {}
    }

    /// `1*tchar` (RFC 9110 §5.6.2).
    #[inline(never)]
    pub fn token(&mut self) -> Result<Span, usize> {
        let span = self.run(token::TCHAR);
        if span.len == 0 { Err(self.at) } else { Ok(span) }
    }

    /// `DQUOTE *( qdtext / quoted-pair ) DQUOTE` (RFC 9110 §5.6.4).
    #[inline(never)]
    pub fn quoted(&mut self) -> Result<Span, usize> {
        let start = self.at;
        self.expect(b'"')?;
        while !self.eat(b'"') {
            self.eat(b'\\');
            if !self.peek().is_some_and(is_text) {
                return Err(self.at);
            }
            self.at += 1;
        }
        Ok(self.since(start))
    }

    /// `token / quoted-string`.
    pub fn token_or_quoted(&mut self) -> Result<Span, usize> {
        if self.peek() == Some(b'"') { self.quoted() } else { self.token() }
    }

    /// `1*DIGIT`, the largest number where it is larger than that (RFC 9110 §14.1.2).
    #[inline(never)]
    pub fn digits(&mut self) -> Result<u64, usize> {
        let run = self.run(token::DIGIT);
        if run.len == 0 {
            return Err(self.at);
        }
        let add = |value: u64, &byte: &u8| {
            value.saturating_mul(10).saturating_add(u64::from(byte.wrapping_sub(b'0')))
        };
        Ok(self.of(run).iter().fold(0, add))
    }

    /// From there to here.
    pub fn since(&self, start: usize) -> Span {
        Span::between(narrow(start), narrow(self.at))
    }
}

/// Whether the bytes are one token.
#[inline(never)]
pub(super) fn is_token(bytes: &[u8]) -> bool {
    let mut scan = Scanner::new(bytes);
    scan.token().and_then(|_| scan.end()).is_ok()
}
