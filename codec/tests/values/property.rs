//! What is written reads back, what is read has no place outside of the value, and no input does harm.
//!
//! The tests are built with overflow checks, so a sum that would wrap is a panic here.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::exports::{SYNTAX, call};

const EVERY: [&str; 23] = [
    "list",
    "media_type",
    "parameter",
    "quoted_decode",
    "quoted_encode",
    "quality",
    "quality_coding",
    "quality_language",
    "quality_media",
    "content_length",
    "content_length_format",
    "range",
    "content_range",
    "content_range_format",
    "etag",
    "etag_format",
    "etag_match",
    "if_match",
    "if_none_match",
    "if_range",
    "percent_decode",
    "percent_encode",
    "basic_decode",
];

/// Arguments that each function of `EVERY` takes.
fn with(name: &str) -> Vec<&'static [u8]> {
    match name {
        "parameter" => vec![b"0", b"q"],
        "quality_coding" => vec![b"gzip"],
        "quality_language" => vec![b"de-CH"],
        "quality_media" => vec![b"a/b;c=\"d\""],
        "content_length_format" => vec![b"5"],
        "range" => vec![b"1000", b"3"],
        "content_range_format" => vec![b"0-1", b"5"],
        "etag_format" => vec![b"weak"],
        "etag_match" => vec![b"\"a\"", b"weak"],
        "if_match" | "if_none_match" => vec![b"1", b"\"a\""],
        "if_range" => vec![b"\"a\"", b""],
        "percent_decode" | "percent_encode" => vec![b"0"],
        _ => vec![],
    }
}

/// Bytes that the grammars are made of, with some of the others.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => select(vec![
            &b","[..], b";", b"=", b"\"", b"\\", b" ", b"\t", b"a", b"b/c", b"q=0.5", b";q=1", b"*", b"*/*", b"gzip",
            b"W/", b"\"a\"", b"bytes=", b"bytes ", b"0-", b"-1", b"99999999999999999999999", b"/", b"%41", b"%",
            b"+", b"Basic ", b"dTpw", b"==", b"de", b"-CH", b".", b"0", b"1",
        ]).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 1..3),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn no_control() -> impl Strategy<Value = Vec<u8>> {
    let byte = any::<u8>().prop_filter("no control", |byte| *byte >= b' ' && *byte != 0x7f);
    vec(byte, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn no_value_does_harm_and_offsets_are_in_range(value in value(), name in select(EVERY.to_vec())) {
        if let Err((code, fault)) = call(name, &value, &with(name)) {
            prop_assert!(code == SYNTAX || name == "range" || name == "content_range" || name == "basic_decode");
            prop_assert!(fault.offset as usize <= value.len());
            prop_assert_eq!(code == SYNTAX, fault.reason != 0);
        }
    }

    #[test]
    fn what_stands_before_a_bad_byte_could_go_on(
        value in value(), name in select(vec!["list", "media_type", "quoted_decode", "etag", "quality", "content_range"]),
    ) {
        if let Err((SYNTAX, fault)) = call(name, &value, &with(name)) {
            let at = fault.offset as usize;
            if let Err((SYNTAX, earlier)) = call(name, &value[..at], &with(name)) {
                // Content-Range judges numbers as a whole.
                prop_assert!(earlier.offset as usize == at || name == "content_range");
            }
        }
    }

    #[test]
    fn a_quoted_text_reads_back(text in no_control()) {
        let quoted = call("quoted_encode", &text, &[]).unwrap().remove(0);
        prop_assert_eq!(call("quoted_decode", &quoted, &[]).unwrap(), vec![text]);
        let value = [b"a/b;c=".as_slice(), &quoted, b", x"].concat();
        let elements = call("list", &value, &[]).unwrap();
        prop_assert_eq!(elements, vec![value[..value.len() - 3].to_vec(), b"x".to_vec()]);
    }

    #[test]
    fn a_list_has_the_elements_it_was_made_of(
        elements in vec("[a-z;=]{1,5}( [a-z]{1,3})?|\"[a-z, ]{0,9}\"", 0..9), gaps in vec(select(vec![",", " ,", ",\t", ", ,, "]), 9),
    ) {
        let mut value = String::new();
        for (element, gap) in elements.iter().zip(&gaps) {
            value.push_str(element);
            value.push_str(gap);
        }
        let wanted: Vec<Vec<u8>> = elements.iter().map(|element| element.clone().into_bytes()).collect();
        prop_assert_eq!(call("list", value.as_bytes(), &[]).unwrap(), wanted);
    }

    #[test]
    fn percent_coding_reads_back(data in vec(any::<u8>(), 0..90), set in 0..4u8) {
        let set = [b'0' + set];
        let coded = call("percent_encode", &data, &[&set]).unwrap().remove(0);
        prop_assert!(coded.iter().all(|byte| byte.is_ascii_graphic()));
        let flags: &[u8] = if set == *b"3" { b"3" } else { b"2" };
        prop_assert_eq!(call("percent_decode", &coded, &[flags]).unwrap(), vec![data]);
    }

    #[test]
    fn credentials_read_back(user in no_control(), password in no_control()) {
        match call("basic_encode", &user, &[&password]) {
            Ok(value) => {
                prop_assert!(!user.contains(&b':'));
                prop_assert_eq!(call("basic_decode", &value[0], &[]).unwrap(), vec![user, password]);
            }
            Err((_, fault)) => prop_assert_eq!(user[fault.offset as usize], b':'),
        }
    }

    #[test]
    fn one_changed_letter_is_never_the_same_credentials(
        user in "[a-z]{0,5}", password in "[a-z]{0,5}", place in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let wanted = vec![user.clone().into_bytes(), password.clone().into_bytes()];
        let mut value = call("basic_encode", user.as_bytes(), &[password.as_bytes()]).unwrap().remove(0);
        let at = 6 + place.index(value.len() - 6);
        if value[at] != byte {
            value[at] = byte;
            prop_assert_ne!(call("basic_decode", &value, &[]).ok(), Some(wanted));
        }
    }

    #[test]
    fn an_entity_tag_reads_back_and_is_found(
        tags in vec(vec(prop_oneof![Just(0x21u8), 0x23..=0x7eu8, 0x80..=0xffu8], 0..9), 1..5), weak in any::<bool>(), pick in any::<prop::sample::Index>(),
    ) {
        let strength: &[u8] = if weak { b"weak" } else { b"strong" };
        let all: Vec<Vec<u8>> = tags.iter().map(|tag| call("etag_format", tag, &[strength]).unwrap().remove(0)).collect();
        let at = pick.index(tags.len());
        prop_assert_eq!(call("etag", &all[at], &[]).unwrap(), vec![strength.to_vec(), tags[at].clone()]);
        let list = all.join(&b", "[..]);
        prop_assert_eq!(call("if_none_match", &list, &[b"1", &all[at]]).unwrap(), vec![b"0".to_vec()]);
        let strong = if weak { b"0" } else { b"1" };
        prop_assert_eq!(call("if_match", &list, &[b"1", &all[at]]).unwrap(), vec![strong.to_vec()]);
    }

    #[test]
    fn a_range_is_what_the_numbers_say(first in 0..40u64, last in 0..40u64, length in 0..40u64) {
        let wanted = if first < length { vec![format!("{first}-{}", last.min(length - 1)).into_bytes()] } else { vec![] };
        let value = format!("bytes={first}-{last}");
        match call("range", value.as_bytes(), &[length.to_string().as_bytes(), b"1"]) {
            Ok(got) => prop_assert_eq!((got, first <= last), (wanted, true)),
            Err((code, _)) => prop_assert_eq!((code, first > last), (SYNTAX, true)),
        }
        let wanted = if last > 0 && length > 0 { vec![format!("{}-{}", length - last.min(length), length - 1).into_bytes()] } else { vec![] };
        let value = format!("bytes=-{last}");
        prop_assert_eq!(call("range", value.as_bytes(), &[length.to_string().as_bytes(), b"1"]).unwrap(), wanted);
    }

    #[test]
    fn a_content_range_reads_back(first in any::<u64>(), last in any::<u64>(), length in any::<u64>(), is_open in any::<bool>()) {
        let part = format!("{first}-{last}");
        let length = if is_open { "*".to_owned() } else { length.to_string() };
        if let Ok(value) = call("content_range_format", b"", &[part.as_bytes(), length.as_bytes()]) {
            prop_assert_eq!(call("content_range", &value[0], &[]).unwrap(), vec![part.into_bytes(), length.into_bytes()]);
        }
    }

    #[test]
    fn every_thousandth_is_read(thousandth in 0..=1000u32) {
        let value = format!("{}.{:03}", thousandth / 1000, thousandth % 1000);
        let wanted = vec![thousandth.to_string().into_bytes()];
        prop_assert_eq!(call("quality", value.as_bytes(), &[]).unwrap(), wanted.clone());
        prop_assert_eq!(call("quality_coding", format!("br, x ;q={value}").as_bytes(), &[b"x"]).unwrap(), wanted.clone());
        prop_assert_eq!(call("quality_media", format!("*/*;q=0,a/b; q={value}").as_bytes(), &[b"a/b"]).unwrap(), wanted);
    }

    #[test]
    fn the_order_of_a_list_means_nothing(order in Just(vec![0, 1, 2, 3, 4]).prop_shuffle()) {
        let ranges = ["*/*;q=0.1", "text/*;q=0.2", "text/html;q=0.3", "text/html;level=1;q=0.4", "image/png;q=0"];
        let value: Vec<&str> = order.iter().map(|at| ranges[*at]).collect();
        let value = value.join(", ");
        for (offer, wanted) in [
            ("text/html;level=1", "400"), ("text/html", "300"), ("text/x", "200"), ("image/png", "0"), ("a/b", "100"),
        ] {
            let got = call("quality_media", value.as_bytes(), &[offer.as_bytes()]).unwrap();
            prop_assert_eq!(got, vec![wanted.as_bytes().to_vec()], "{} in {}", offer, value);
        }
    }
}
