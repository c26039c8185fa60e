//! One input, decoded in every way: whole, cut in two, byte by byte, without fields, as flat text.

use crate::forms::Forms;
use crate::machine::{FIELDS, Machine, Outcome};
use crate::setting::Setting;
use crate::wall::{ROOM, Wall};
use crate::{completion, grammar, limits, meaning, text};
use bojagi_codec::Field;
use bojagi_codec::fault::*;
use std::cell::RefCell;

/// Memory that every input uses again.
struct Room {
    wall: Wall,
    out: Wall,
    fields: Vec<Field>,
    others: Vec<Field>,
    pieces: Vec<u8>,
    forms: Forms,
}

thread_local! {
    static ROOMS: RefCell<Room> = RefCell::new(Room {
        wall: Wall::new(),
        out: Wall::new(),
        fields: vec![Field::default(); FIELDS],
        others: vec![Field::default(); FIELDS],
        pieces: vec![0; ROOM + NOISE],
        forms: Forms::new(),
    });
}

/// Bytes behind the end that a decoder could look at by mistake.
const NOISE: usize = 64;

/// Decodes the data in every way and compares.
pub fn judge(fresh: Machine, setting: &Setting, data: &[u8]) {
    if data.len() > ROOM / 2 {
        return;
    }
    ROOMS.with_borrow_mut(|room| room.judge(fresh, setting, data));
}

impl Room {
    fn judge(&mut self, fresh: Machine, setting: &Setting, data: &[u8]) {
        let (whole, end) = self.whole(fresh, data);
        let fields = &self.fields[..whole.count as usize];
        grammar::check_fields(fields, data);
        let seen = self.bytes(fresh, setting, data, &whole);
        check_seen(&whole, seen, data.len());
        self.cut(fresh, setting, data, &whole);
        self.blind(fresh, data, &whole);
        self.forms.judge(fresh, setting, data, &whole, &self.fields[..whole.count as usize]);
        let fields = &self.fields[..whole.count as usize];
        limits::check(&fresh, &whole, &setting.rules, data);
        text::judge(fresh, &whole, fields, data, &mut self.out);
        if whole.answer > 0 {
            grammar::check_tiles(&end, setting.rules.flags, fields, data);
            meaning::check(&end, &setting.rules, fields, data);
        } else if whole.answer < 0 && is_about_a_byte(whole.fault.reason) {
            completion::check(fresh, &whole, data);
        }
    }

    /// All at once, the last byte before the wall, and a second time.
    fn whole(&mut self, fresh: Machine, data: &[u8]) -> (Outcome, Machine) {
        let mut machine = fresh;
        let data = self.wall.at_end(data);
        let answer = machine.call(Some(&mut self.fields), data);
        let outcome = machine.outcome(answer);
        check_answer(&outcome, data.len());
        if answer != 0 {
            let again = machine.call(Some(&mut self.fields), data);
            if let Machine::Trailers(_) = machine
                && answer > 0
            {
                assert!(again < 0, "trailers again: {again}");
            } else {
                assert_eq!(again, answer, "the second call");
            }
        }
        (outcome, machine)
    }

    /// In two pieces, which move in between.
    fn cut(&mut self, fresh: Machine, setting: &Setting, data: &[u8], whole: &Outcome) {
        let (mut machine, mut cap) = (fresh, setting.cap as usize);
        let first = self.wall.at_end(&data[..setting.cut(data.len())]);
        let mut answer = machine.call_growing(&mut self.others, &mut cap, first);
        if answer == 0 {
            let all = self.wall.at_start(data);
            answer = machine.call_growing(&mut self.others, &mut cap, all);
        }
        self.check_same(whole, machine.outcome(answer), "cut");
    }

    /// One byte more each time, noise behind it: the number of bytes that were needed.
    fn bytes(&mut self, fresh: Machine, setting: &Setting, data: &[u8], whole: &Outcome) -> usize {
        let (mut machine, mut cap) = (fresh, setting.cap as usize);
        self.pieces[..data.len() + NOISE].fill(setting.noise);
        let (mut answer, mut len) = (0, 0);
        while answer == 0 && len <= data.len() {
            if let Some(at) = len.checked_sub(1) {
                self.pieces[at] = data[at];
            }
            answer = machine.call_growing(&mut self.others, &mut cap, &self.pieces[..len]);
            len += 1;
        }
        self.check_same(whole, machine.outcome(answer), "byte by byte");
        len - 1
    }

    /// Without an array of fields.
    fn blind(&mut self, fresh: Machine, data: &[u8], whole: &Outcome) {
        let mut machine = fresh;
        let answer = machine.call(None, self.wall.at_end(data));
        assert_eq!(machine.outcome(answer), *whole, "without fields");
    }

    fn check_same(&self, whole: &Outcome, other: Outcome, how: &str) {
        assert_eq!(other, *whole, "{how}");
        let count = whole.count as usize;
        assert_eq!(self.others[..count], self.fields[..count], "fields, {how}");
    }
}

/// An answer fits what can be seen beside it.
fn check_answer(outcome: &Outcome, len: usize) {
    let (answer, fault) = (outcome.answer, outcome.fault);
    match answer {
        0.. => {
            assert!(answer <= i64::try_from(len).unwrap(), "more than there is");
            assert_eq!(fault, Fault::default(), "a fault though nothing is wrong");
        }
        _ => {
            let wanted = if is_limit(fault.reason) { -6 } else { -7 };
            assert_eq!(answer, wanted, "{fault:?}");
            assert!(fault.reason != 0 && fault.status >= 400, "{fault:?}");
            assert!(fault.offset as usize <= len, "{fault:?} beyond the data");
        }
    }
}

/// The verdict falls with the byte that it is about, and not before.
fn check_seen(whole: &Outcome, seen: usize, len: usize) {
    let offset = whole.fault.offset as usize;
    match whole.answer {
        0 => assert_eq!(seen, len),
        1.. => assert_eq!(Ok(seen), usize::try_from(whole.answer), "complete too early or late"),
        _ if is_limit(whole.fault.reason) => {
            assert!(seen >= offset, "a limit before it is reached")
        }
        _ if is_about_a_byte(whole.fault.reason) => {
            assert!(seen > offset, "refused after {seen} bytes for the one at {offset}");
        }
        _ => {}
    }
}

/// Whether the fault's offset is that of a byte which no message has there, and no limit.
pub fn is_about_a_byte(reason: u16) -> bool {
    matches!(
        reason,
        BOJAGI_REASON_METHOD
            | BOJAGI_REASON_TARGET
            | BOJAGI_REASON_VERSION
            | BOJAGI_REASON_STATUS
            | BOJAGI_REASON_REASON_PHRASE
            | BOJAGI_REASON_LINE_END
            | BOJAGI_REASON_FIELD_NAME
            | BOJAGI_REASON_FIELD_VALUE
            | BOJAGI_REASON_OBS_FOLD
            | BOJAGI_REASON_CHUNK_SIZE
            | BOJAGI_REASON_CHUNK_EXTENSION
            | BOJAGI_REASON_CHUNK_END
    )
}
