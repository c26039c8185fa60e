//! Arguments that are wrong, and outputs that nobody wants.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use bojagi_codec::capi::basic::*;
use bojagi_codec::capi::etag::*;
use bojagi_codec::capi::list::*;
use bojagi_codec::capi::parameter::*;
use bojagi_codec::capi::percent::*;
use bojagi_codec::capi::quality::*;
use bojagi_codec::capi::range::*;
use bojagi_codec::{Range, Span};

use crate::exports::{ARG, SYNTAX, raw};

/// No object is that long.
const LONG: usize = usize::MAX;

#[test]
fn null_with_a_length_and_impossible_lengths_are_refused() {
    let none = null::<c_void>();
    let (some, _) = raw(b"x");
    let out = null_mut();
    // SAFETY: nothing is read where an argument is refused, and else what is read is one byte.
    unsafe {
        for (data, len) in [(none, 1), (some, LONG)] {
            let mut at = 0;
            let results = [
                bojagi_list_next(data, len, &mut at, null_mut(), null_mut()),
                bojagi_media_type_parse(data, len, null_mut(), null_mut(), null_mut()),
                bojagi_parameter_next(data, len, &mut at, null_mut(), null_mut(), null_mut()),
                bojagi_parameter_find(data, len, 0, some, 1, null_mut(), null_mut()),
                bojagi_parameter_find(some, 1, 0, data, len, null_mut(), null_mut()),
                bojagi_quoted_decode(data, len, out, 0, null_mut()),
                bojagi_quoted_encode(out, 0, data, len, null_mut()),
                bojagi_quality_parse(data, len, null_mut()),
                bojagi_quality_coding(data, len, some, 1, null_mut(), null_mut()),
                bojagi_quality_coding(some, 1, data, len, null_mut(), null_mut()),
                bojagi_quality_language(data, len, some, 1, null_mut(), null_mut()),
                bojagi_quality_language(some, 1, data, len, null_mut(), null_mut()),
                bojagi_quality_media(data, len, some, 1, null_mut(), null_mut()),
                bojagi_quality_media(some, 1, data, len, null_mut(), null_mut()),
                bojagi_content_length_parse(data, len, null_mut(), null_mut()),
                bojagi_range_parse(data, len, 1, null_mut(), 0, null_mut()),
                bojagi_content_range_parse(data, len, null_mut(), null_mut(), null_mut()),
                bojagi_etag_parse(data, len, null_mut(), null_mut()),
                bojagi_etag_format(out, 0, data, len, 0, null_mut()),
                bojagi_etag_match(data, len, some, 1, 0),
                bojagi_etag_match(some, 1, data, len, 0),
                bojagi_if_match(data, len, 1, none, 0, null_mut()),
                bojagi_if_match(some, 1, 1, data, len, null_mut()),
                bojagi_if_none_match(data, len, 1, none, 0, null_mut()),
                bojagi_if_none_match(some, 1, 1, data, len, null_mut()),
                bojagi_if_range(data, len, none, 0, none, 0),
                bojagi_if_range(some, 1, data, len, none, 0),
                bojagi_if_range(some, 1, none, 0, data, len),
                bojagi_percent_decode(data, len, 0, out, 0, null_mut()),
                bojagi_percent_encode(out, 0, data, len, 0),
                bojagi_basic_decode(data, len, out, 0, null_mut(), null_mut(), null_mut()),
                bojagi_basic_encode(out, 0, data, len, none, 0, null_mut()),
                bojagi_basic_encode(out, 0, none, 0, data, len, null_mut()),
            ];
            assert_eq!(results, [ARG; 33]);
        }
    }
}

#[test]
fn no_room_with_a_capacity_is_refused() {
    let (some, _) = raw(b"x");
    let out = null_mut();
    // SAFETY: nothing is written where an argument is refused.
    let results = unsafe {
        [
            bojagi_quoted_decode(some, 1, out, 1, null_mut()),
            bojagi_quoted_encode(out, 1, some, 1, null_mut()),
            bojagi_content_length_format(out, 1, 1),
            bojagi_content_range_format(out, 1, null(), 1),
            bojagi_range_parse(some, 1, 1, null_mut(), 1, null_mut()),
            bojagi_etag_format(out, 1, some, 1, 0, null_mut()),
            bojagi_percent_decode(some, 1, 0, out, 1, null_mut()),
            bojagi_percent_encode(out, 1, some, 1, 0),
            bojagi_basic_decode(some, 1, out, 1, null_mut(), null_mut(), null_mut()),
            bojagi_basic_encode(out, 1, some, 1, some, 1, null_mut()),
        ]
    };
    assert_eq!(results, [ARG; 10]);
}

#[test]
fn numbers_out_of_range_and_places_of_nobody_are_refused() {
    let (some, len) = raw(b"\"a\"");
    let none = null::<c_void>();
    let mut misaligned = [0u64; 4];
    let range = misaligned.as_mut_ptr().cast::<u8>().wrapping_add(1).cast::<Range>();
    // SAFETY: nothing is read or written where an argument is refused.
    let results = unsafe {
        [
            bojagi_list_next(some, len, null_mut(), null_mut(), null_mut()),
            bojagi_parameter_next(some, len, null_mut(), null_mut(), null_mut(), null_mut()),
            bojagi_etag_match(some, len, some, len, 2),
            bojagi_etag_format(null_mut(), 0, some, 1, 2, null_mut()),
            bojagi_if_match(some, len, 2, none, 0, null_mut()),
            bojagi_if_none_match(some, len, u32::MAX, none, 0, null_mut()),
            bojagi_percent_decode(some, len, 4, null_mut(), 0, null_mut()),
            bojagi_percent_encode(null_mut(), 0, some, len, 4),
            bojagi_range_parse(some, len, 1, range, 1, null_mut()),
            bojagi_content_range_format(null_mut(), 0, range, 10),
        ]
    };
    assert_eq!(results, [ARG; 10]);
}

#[test]
fn outputs_may_be_null() {
    let whole = |text: &'static str| raw(text.as_bytes());
    let (list, list_len) = whole("a, \"");
    let (media, media_len) = whole("a/b;c=d");
    let (part, part_len) = whole("bytes 0-1/2");
    let (basic, basic_len) = whole("Basic dTpw");
    let mut at = 0;
    // SAFETY: pointers and lengths are those of static texts.
    unsafe {
        assert_eq!(bojagi_list_next(list, list_len, &mut at, null_mut(), null_mut()), 1);
        assert_eq!(bojagi_list_next(list, list_len, &mut at, null_mut(), null_mut()), SYNTAX);
        at = 3;
        let n = bojagi_media_type_parse(media, media_len, null_mut(), null_mut(), null_mut());
        assert_eq!(n, 3);
        let n =
            bojagi_parameter_next(media, media_len, &mut at, null_mut(), null_mut(), null_mut());
        assert_eq!((n, at), (1, 7));
        let n = bojagi_content_range_parse(part, part_len, null_mut(), null_mut(), null_mut());
        assert_eq!(n, 1);
        let n = bojagi_basic_decode(
            basic,
            basic_len,
            null_mut(),
            0,
            null_mut(),
            null_mut(),
            null_mut(),
        );
        assert_eq!(n, 3);
    }
}

#[test]
fn outputs_stay_as_they_are_when_nothing_is_found() {
    let mark = Span { off: 7, len: 7 };
    let (mut one, mut other, mut at, mut number) = (mark, mark, 0, 7);
    let mut part = Range { first: 7, last: 7 };
    let (bad, len) = raw(b"\"");
    // SAFETY: pointers and lengths are those of static texts.
    unsafe {
        assert_eq!(bojagi_list_next(bad, len, &mut at, &mut one, null_mut()), SYNTAX);
        assert_eq!(bojagi_list_next(bad, 0, &mut at, &mut one, null_mut()), 0);
        let n = bojagi_media_type_parse(bad, len, &mut one, &mut other, null_mut());
        assert_eq!(n, SYNTAX);
        let n = bojagi_parameter_next(bad, len, &mut at, &mut one, &mut other, null_mut());
        assert_eq!((n, at), (SYNTAX, 0));
        assert_eq!(bojagi_content_length_parse(bad, len, &mut number, null_mut()), SYNTAX);
        let n = bojagi_content_range_parse(bad, len, &mut part, &mut number, null_mut());
        assert_eq!(n, SYNTAX);
        assert_eq!(bojagi_etag_parse(bad, len, &mut one, null_mut()), SYNTAX);
        let (short, short_len) = raw(b"Basic dTpw");
        let mut out = [0u8; 2];
        let n = bojagi_basic_decode(
            short,
            short_len,
            out.as_mut_ptr().cast(),
            2,
            &mut one,
            &mut other,
            null_mut(),
        );
        assert_eq!(n, crate::exports::SPACE);
    }
    assert_eq!((one, other, at, number), (mark, mark, 0, 7));
    assert_eq!(part, Range { first: 7, last: 7 });
}

#[test]
fn the_line_with_the_largest_specificity_decides() {
    let ask = |value: &[u8], offer: &[u8]| {
        let mut specificity = 77;
        let ((value, len), (offer, offer_len)) = (raw(value), raw(offer));
        // SAFETY: pointers and lengths are those of borrowed texts.
        let quality = unsafe {
            bojagi_quality_media(value, len, offer, offer_len, &mut specificity, null_mut())
        };
        (specificity, quality)
    };
    assert_eq!(ask(b"a/b", b"c/d"), (0, 0));
    let lines: [&[u8]; 4] =
        [b"*/*;q=0.1", b"text/*;q=0.2", b"text/html;q=0.3", b"text/html;a=b;q=0.4"];
    let answers = lines.map(|line| ask(line, b"text/html;a=b"));
    assert!(answers.is_sorted() && answers[0].0 > 0, "{answers:?}");
    assert_eq!(answers.iter().max().unwrap().1, 400);
}
