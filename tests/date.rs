//! Dates through the C ABI: the vectors of `vectors/values/date.jsonl`, wrong arguments, the current date.

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::time::{SystemTime, UNIX_EPOCH};

use bojagi::capi::date::{bojagi_date_format, bojagi_date_now, bojagi_date_parse};
use bojagi::codec::Fault;
use bojagi::codec::capi::code::{BOJAGI_E_ARG, BOJAGI_E_SPACE, BOJAGI_E_SYNTAX};
use bojagi::codec::fault::BOJAGI_REASON_DATE;
use bojagi::date::{BOJAGI_DATE_LEN, Date};
use serde_json::Value;

#[test]
fn every_vector_is_met() {
    let mut judged = 0;
    for line in include_str!("vectors/values/date.jsonl").lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        match vector["call"].as_str() {
            Some("date") => judge_parse(&vector),
            _ => judge_format(&vector),
        }
        judged += 1;
    }
    assert!(judged >= 50, "only {judged} vectors");
}

fn judge_parse(vector: &Value) {
    let mut fault = Fault::default();
    let got = parse(&bytes(&vector["input"]), &mut fault);
    match vector["expect"][0].as_str() {
        Some(second) => assert_eq!(got.to_string(), second, "{}", vector["id"]),
        None => {
            let wanted = Fault { reason: BOJAGI_REASON_DATE, status: 0, offset: 0 };
            assert_eq!((got, fault), (BOJAGI_E_SYNTAX, wanted), "{}", vector["id"]);
        }
    }
}

fn judge_format(vector: &Value) {
    let second = vector["with"][0].as_str().unwrap().parse().unwrap();
    let mut out = [0xaa_u8; BOJAGI_DATE_LEN + 1];
    let got = format(&mut out[..BOJAGI_DATE_LEN], second);
    match vector["expect"][0].as_str() {
        Some(text) => {
            assert_eq!(got, 29, "{}", vector["id"]);
            assert_eq!(out[..BOJAGI_DATE_LEN], *text.as_bytes(), "{}", vector["id"]);
        }
        None => assert_eq!((got, out[0]), (BOJAGI_E_ARG, 0xaa), "{}", vector["id"]),
    }
    assert_eq!(out[BOJAGI_DATE_LEN], 0xaa, "wrote past its end");
}

#[test]
fn every_changed_byte_is_refused_or_another_second() {
    let good = b"Sun, 06 Nov 1994 08:49:37 GMT";
    for at in 0..good.len() {
        for byte in 0..=u8::MAX {
            let mut text = *good;
            text[at] = byte;
            let got = parse(&text, &mut Fault::default());
            assert!(got == BOJAGI_E_SYNTAX || got >= 0, "{text:?}");
            assert_eq!(got == 784_111_777, byte == good[at], "{text:?}");
        }
    }
}

#[test]
fn a_buffer_that_is_too_small_and_wrong_arguments_are_refused() {
    let mut out = [0xaa_u8; 29];
    assert_eq!(format(&mut out[..28], 0), BOJAGI_E_SPACE);
    assert_eq!(format(&mut out[..0], 0), BOJAGI_E_SPACE);
    assert_eq!(out, [0xaa; 29]);
    // SAFETY: nothing is read or written where an argument is refused or only measured.
    unsafe {
        assert_eq!(bojagi_date_format(null_mut(), 0, 0), 29);
        assert_eq!(bojagi_date_format(null_mut(), 29, 0), BOJAGI_E_ARG);
        assert_eq!(bojagi_date_parse(null(), 1, null_mut()), BOJAGI_E_ARG);
        assert_eq!(bojagi_date_parse(null(), 0, null_mut()), BOJAGI_E_SYNTAX);
        assert_eq!(bojagi_date_now(null_mut()), BOJAGI_E_ARG);
    }
}

#[test]
fn the_current_date_is_between_two_looks_at_the_clock() {
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed();
    let mut date = Date::default();
    let before = clock();
    // SAFETY: `date` is a struct of ours.
    assert_eq!(unsafe { bojagi_date_now(&raw mut date) }, 29);
    // The library's clock may be a tick behind.
    assert!((before - 1..=clock()).contains(&date.second));
    let text = date.text.map(|byte| byte.to_ne_bytes()[0]);
    assert_eq!(parse(&text[..29], &mut Fault::default()), date.second);
    assert_eq!(text[29], 0);
}

fn parse(text: &[u8], fault: &mut Fault) -> i64 {
    let text = text.to_vec().into_boxed_slice();
    // SAFETY: the text and the fault outlive the call.
    unsafe { bojagi_date_parse(text.as_ptr().cast::<c_void>(), text.len(), fault) }
}

fn format(out: &mut [u8], second: i64) -> i64 {
    // SAFETY: the buffer outlives the call.
    unsafe { bojagi_date_format(out.as_mut_ptr().cast(), out.len(), second) }
}

/// A latin-1 image, or a list of `[image, times]`, as bytes.
fn bytes(value: &Value) -> Vec<u8> {
    let image = |value: &Value| -> Vec<u8> {
        value.as_str().unwrap().chars().map(|letter| u8::try_from(letter).unwrap()).collect()
    };
    let Some(pieces) = value.as_array() else { return image(value) };
    let times = |piece: &Value| usize::try_from(piece[1].as_u64().unwrap()).unwrap();
    pieces.iter().flat_map(|piece| image(&piece[0]).repeat(times(piece))).collect()
}
