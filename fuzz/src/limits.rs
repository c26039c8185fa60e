//! The limits of the rules strike where they say, and what is accepted is within them.

use crate::machine::{Machine, Outcome};
use bojagi_codec::Rules;
use bojagi_codec::fault::*;
use bojagi_codec::rules::BOJAGI_ALLOW_BARE_LF;

/// Compares lengths and counts with the limits.
pub fn check(fresh: &Machine, whole: &Outcome, rules: &Rules, data: &[u8]) {
    let count_max = match fresh {
        Machine::Trailers(_) => rules.trailer_count_max,
        _ => rules.field_count_max,
    };
    assert!(whole.count <= count_max, "{} fields, of {count_max}", whole.count);
    let (start, fields) = starts(fresh, rules, data);
    let bytes_max = match fresh {
        Machine::Trailers(_) => rules.trailer_bytes_max,
        _ => rules.field_bytes_max,
    };
    let [line_end, section_end] = [(start, rules.start_line_max), (fields, bytes_max)]
        .map(|(start, max)| start + max as usize + 2);
    let offset = whole.fault.offset as usize;
    match whole.fault.reason {
        BOJAGI_REASON_NONE if whole.answer > 0 => {
            assert!(fields <= line_end, "a start line of {}", fields - start);
            let length = usize::try_from(whole.answer).expect("a length");
            assert!(length <= section_end, "fields of {}", length - fields);
        }
        BOJAGI_REASON_START_LINE_LIMIT => assert_eq!(offset, line_end, "the limit's offset"),
        BOJAGI_REASON_FIELD_BYTES_LIMIT | BOJAGI_REASON_TRAILER_BYTES_LIMIT => {
            assert_eq!(offset, section_end, "the limit's offset");
        }
        BOJAGI_REASON_FIELD_COUNT_LIMIT | BOJAGI_REASON_TRAILER_COUNT_LIMIT => {
            assert_eq!(whole.count, count_max, "the limit of fields");
        }
        _ => {}
    }
}

/// Where the start line begins, and where the fields do.
fn starts(fresh: &Machine, rules: &Rules, data: &[u8]) -> (usize, usize) {
    if let Machine::Trailers(_) = fresh {
        return (0, 0);
    }
    let bare = rules.flags & BOJAGI_ALLOW_BARE_LF != 0;
    let start = match data {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] if bare => 1,
        _ => 0,
    };
    let line = data[start..].iter().position(|&byte| byte == b'\n');
    (start, line.map_or(data.len(), |lf| start + lf + 1))
}
