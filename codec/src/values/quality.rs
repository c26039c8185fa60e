//! Quality values, and what they say about an offer (RFC 9110 §12.4.2, §12.5).
//!
//! The most specific range that the offer is in decides, wherever it stands in the list: in
//! `text/*;q=0, text/html` HTML is wanted, in `*, gzip;q=0` gzip is not. Of equals the first counts.

use super::media_type::{self, names};
use super::parameter::{Parameter, parameter};
use super::scan::{Scanner, is_token};
use super::{Error, list, quoted, syntax};
use crate::fault::BOJAGI_REASON_QUALITY;
use crate::field::Span;
use crate::offset::index;
use crate::token::{self, is_same};

/// What a list says about an offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// 0, not acceptable, to 1000, preferred.
    pub quality: u16,
    /// 0 when no range of the list holds the offer; else the larger the narrower the range.
    pub specificity: u32,
}

/// A quality value alone, in thousandths.
pub fn parse(value: &[u8]) -> Result<u16, Error> {
    whole(&mut Scanner::new(value)).map_err(syntax(BOJAGI_REASON_QUALITY))
}

/// What Accept-Encoding says about a content coding (RFC 9110 §12.5.3); any other list of
/// `( token / "*" ) [ weight ]` is read in the same way.
pub fn coding(value: &[u8], offer: &[u8]) -> Result<Answer, Error> {
    if !is_token(offer) {
        return Err(Error::Arg);
    }
    let mut answer = answer(value, offer, Range::Coding)?;
    // No coding at all is acceptable until the list excludes it, but the last choice.
    if answer.specificity == 0 && is_same(offer, b"identity") {
        answer.quality = 1;
    }
    Ok(answer)
}

/// What Accept-Language says about a language tag, by basic filtering (RFC 9110 §12.5.4, RFC 4647
/// §3.3.1): a range holds the tags that begin with its subtags.
pub fn language(value: &[u8], offer: &[u8]) -> Result<Answer, Error> {
    answer(value, offer, Range::Language)
}

/// What Accept says about a media type (RFC 9110 §12.5.1).
pub fn media(value: &[u8], offer: &[u8]) -> Result<Answer, Error> {
    media_type::parse(offer).map_err(|_| Error::Arg)?;
    answer(value, offer, Range::Media)
}

/// What the elements of a list are. Told apart where one is read: no function is called by a pointer, so
/// that the depth of the stack can be computed.
#[derive(Clone, Copy)]
enum Range {
    Coding,
    Language,
    Media,
}

#[inline(never)]
fn answer(value: &[u8], offer: &[u8], range: Range) -> Result<Answer, Error> {
    best(value, offer, range).map_err(syntax(BOJAGI_REASON_QUALITY))
}

fn best(value: &[u8], offer: &[u8], range: Range) -> Result<Answer, usize> {
    let mut best = Answer::default();
    let mut scan = Scanner::new(value);
    while let Some(element) = list::element(&mut scan)? {
        let scan = &mut scan.part(element);
        let answer = match range {
            Range::Coding => coding_range(scan, offer),
            Range::Language => language_range(scan, offer),
            Range::Media => media_range(scan, offer),
        }?;
        if answer.specificity > best.specificity {
            best = answer;
        }
    }
    Ok(best)
}

fn coding_range(scan: &mut Scanner<'_>, offer: &[u8]) -> Result<Answer, usize> {
    let name = scan.token()?;
    let specificity = match scan.of(name) {
        b"*" => 1,
        _ if scan.is(name, offer) => 2,
        _ => 0,
    };
    Ok(Answer { quality: weight(scan)?, specificity })
}

fn language_range(scan: &mut Scanner<'_>, offer: &[u8]) -> Result<Answer, usize> {
    let specificity = if scan.eat(b'*') {
        1
    } else {
        let range = language_tag(scan)?;
        let (front, rest) = offer.split_at_checked(index(range.len)).unwrap_or_default();
        let is_in = scan.is(range, front) && matches!(rest, [] | [b'-', ..]);
        if is_in { range.len.saturating_add(1) } else { 0 }
    };
    Ok(Answer { quality: weight(scan)?, specificity })
}

/// `1*8ALPHA *( "-" 1*8( ALPHA / DIGIT ) )` (RFC 4647 §2.1).
fn language_tag(scan: &mut Scanner<'_>) -> Result<Span, usize> {
    let start = scan.at;
    let mut class = token::ALPHA;
    loop {
        let subtag = scan.at;
        let len = scan.run(class).len;
        if len == 0 || len > 8 {
            return Err(subtag + if len == 0 { 0 } else { 8 });
        }
        if !scan.eat(b'-') {
            return Ok(scan.since(start));
        }
        class |= token::DIGIT;
    }
}

/// `[ OWS ";" OWS "q=" qvalue ]`, and nothing behind it.
#[inline(never)]
fn weight(scan: &mut Scanner<'_>) -> Result<u16, usize> {
    if scan.peek().is_none() {
        return Ok(1000);
    }
    scan.skip_ows();
    scan.expect(b';')?;
    scan.skip_ows();
    if !scan.eat(b'q') {
        scan.expect(b'Q')?;
    }
    scan.expect(b'=')?;
    whole(scan)
}

/// `media-range [ weight ]`. The weight is the parameter `q`, wherever it stands; all others must be
/// parameters of the offer, whose order and quotes mean nothing.
fn media_range(scan: &mut Scanner<'_>, offer: &[u8]) -> Result<Answer, usize> {
    let mut quality = None;
    let mut offered = Scanner::new(offer);
    let kind = kind(scan, &mut offered)?;
    let mut count = 0u32;
    let mut is_in = kind > 0;
    while let Some(wanted) = parameter(scan)? {
        if !scan.is(wanted.name, b"q") {
            count = count.saturating_add(1);
            is_in &= has(offered, &wanted, scan);
        } else if quality.replace(whole(&mut scan.part(wanted.value))?).is_some() {
            return Err(index(wanted.name.off));
        }
    }
    let specificity = if is_in { (kind << 16) + count.min(0xffff) } else { 0 };
    Ok(Answer { quality: quality.unwrap_or(1000), specificity })
}

/// 3 when the names are those of the offer, 2 for `type/*`, 1 for `*/*`, else 0; both scanners then
/// stand before the parameters.
#[inline(never)]
fn kind(scan: &mut Scanner<'_>, offered: &mut Scanner<'_>) -> Result<u32, usize> {
    let range = names(scan)?;
    let Ok(offer) = names(offered) else { return Ok(0) };
    let (main, sub) = (scan.of(range.main), scan.of(range.sub));
    if main == b"*" && sub == b"*" {
        return Ok(1);
    }
    Ok(match offered.is(offer.main, main) {
        true if sub == b"*" => 2,
        true if offered.is(offer.sub, sub) => 3,
        _ => 0,
    })
}

/// Whether the offer has a parameter of this name and value; case means nothing in either.
#[inline(never)]
fn has(mut offered: Scanner<'_>, wanted: &Parameter, range: &Scanner<'_>) -> bool {
    let (name, value) = (range.of(wanted.name), range.of(wanted.value));
    while let Ok(Some(found)) = parameter(&mut offered) {
        if offered.is(found.name, name) && quoted::is_same(offered.of(found.value), value) {
            return true;
        }
    }
    false
}

fn whole(scan: &mut Scanner<'_>) -> Result<u16, usize> {
    let quality = qvalue(scan)?;
    scan.end()?;
    Ok(quality)
}

/// `( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3"0" ] )`.
#[inline(never)]
fn qvalue(scan: &mut Scanner<'_>) -> Result<u16, usize> {
    let is_one = scan.eat(b'1');
    if !is_one {
        scan.expect(b'0')?;
    }
    let last = if is_one { b'0' } else { b'9' };
    let mut quality = if is_one { 1000 } else { 0 };
    let mut unit = if scan.eat(b'.') { 100u16 } else { 0 };
    while let Some(digit) = scan.peek()
        && (b'0'..=last).contains(&digit)
        && unit > 0
    {
        quality += unit * u16::from(digit - b'0');
        unit /= 10;
        scan.at += 1;
    }
    Ok(quality)
}
