//! `bojagi_quality_…`

use super::code::BOJAGI_E_ARG;
use super::ptr;
use super::value::{refuse, value as input};
use crate::fault::Fault;
use crate::values::Error;
use crate::values::quality::{self, Answer};
use core::ffi::c_void;

/// Reads a quality value (RFC 9110 §12.4.2), what stands behind `q=`: `0.5` is 500.
///
/// Returns 0 to 1000. Errors: BOJAGI_E_SYNTAX for all that is not 0 to 1 with at most three digits behind
/// the dot; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_quality_parse(
    value: *const c_void,
    len: usize,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of this length.
    let Some(value) = (unsafe { input(value, len) }) else { return BOJAGI_E_ARG };
    match quality::parse(value) {
        Ok(quality) => i64::from(quality),
        // SAFETY: the header asks for NULL or a fault that can be written.
        Err(error) => unsafe { refuse(error, fault) },
    }
}

/// How welcome a content coding is, such as "gzip", by the value of Accept-Encoding (RFC 9110 §12.5.3).
/// Accept-Charset and any other list of `( token / "*" ) [ weight ]` are read in the same way.
///
/// Returns 0, not acceptable, to 1000. The most specific element decides, wherever it stands: the name
/// itself before `*`; of equals the first. "identity", which is no coding at all, is 1 until it, or `*`, is
/// given another weight. `*specificity` is 0 when no element decided, else the larger the more specific: of
/// a field on several lines, the line with the largest decides. Without any field everything is acceptable,
/// and a server may treat a broken one as none.
///
/// Errors: BOJAGI_E_SYNTAX; BOJAGI_E_ARG, also when `coding` is no token.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_quality_coding(
    value: *const c_void,
    len: usize,
    coding: *const c_void,
    coding_len: usize,
    specificity: *mut u32,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths, and for NULL or what can be written.
    unsafe { ask(quality::coding, (value, len), (coding, coding_len), specificity, fault) }
}

/// How welcome a language is, such as "de-CH", by the value of Accept-Language (RFC 9110 §12.5.4).
///
/// As `bojagi_quality_coding`. An element holds the tags that begin with its subtags (basic filtering, RFC
/// 4647 §3.3.1): `de` holds "de-CH", `de-CH` does not hold "de". The longest one decides.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_quality_language(
    value: *const c_void,
    len: usize,
    tag: *const c_void,
    tag_len: usize,
    specificity: *mut u32,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths, and for NULL or what can be written.
    unsafe { ask(quality::language, (value, len), (tag, tag_len), specificity, fault) }
}

/// How welcome a media type is, such as "text/html; charset=utf-8", by the value of Accept (RFC 9110
/// §12.5.1).
///
/// As `bojagi_quality_coding`. A range with parameters holds the types that have all of these, in any order;
/// `q` is the weight wherever it stands. A range of both names decides before one whose subtype is `*`, and
/// that before one of two `*`; with the same names, more parameters decide before fewer. Case means nothing,
/// also in the values of parameters. BOJAGI_E_ARG when `type_name` is no media type.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_quality_media(
    value: *const c_void,
    len: usize,
    type_name: *const c_void,
    type_len: usize,
    specificity: *mut u32,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths, and for NULL or what can be written.
    unsafe { ask(quality::media, (value, len), (type_name, type_len), specificity, fault) }
}

/// Pointer and length, as they came from C.
type Bytes = (*const c_void, usize);

#[inline(never)]
unsafe fn ask(
    judge: fn(&[u8], &[u8]) -> Result<Answer, Error>,
    value: Bytes,
    offer: Bytes,
    specificity: *mut u32,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: passed on from C with its contract.
    let arguments = unsafe { (input(value.0, value.1), input(offer.0, offer.1)) };
    let (Some(value), Some(offer)) = arguments else { return BOJAGI_E_ARG };
    match judge(value, offer) {
        Ok(answer) => {
            // SAFETY: passed on from C with its contract.
            unsafe { ptr::write(specificity, answer.specificity) };
            i64::from(answer.quality)
        }
        // SAFETY: as above.
        Err(error) => unsafe { refuse(error, fault) },
    }
}
