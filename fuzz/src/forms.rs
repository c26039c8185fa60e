//! The other forms of a decode call: padded, spans alone, in place. Each gives what the plain form gives,
//! but for what its documentation takes away or adds.

use crate::judge::is_about_a_byte;
use crate::machine::{FIELDS, Machine, Outcome};
use crate::setting::Setting;
use crate::wall::{ROOM, Wall};
use bojagi_codec::Field;
use bojagi_codec::capi::head::BOJAGI_PADDING;
use bojagi_codec::fault::{BOJAGI_REASON_BODY_LIMIT, is_limit};
use bojagi_codec::rules::BOJAGI_ALLOW_OBS_FOLD;

/// Memory that every input uses again.
pub struct Forms {
    wall: Wall,
    fields: Vec<Field>,
    others: Vec<Field>,
    changed: Vec<u8>,
    pieces: Vec<u8>,
}

impl Forms {
    /// Memory from the system.
    #[expect(clippy::new_without_default, reason = "it takes memory that is never given back")]
    pub fn new() -> Self {
        let array = || vec![Field::default(); FIELDS];
        let (changed, pieces) = (Vec::with_capacity(ROOM), Vec::with_capacity(ROOM));
        Self { wall: Wall::new(), fields: array(), others: array(), changed, pieces }
    }

    /// Decodes the head in every other form and compares.
    pub fn judge(
        &mut self,
        fresh: Machine,
        setting: &Setting,
        data: &[u8],
        whole: &Outcome,
        fields: &[Field],
    ) {
        if let Machine::Trailers(_) = fresh {
            return;
        }
        self.padded(fresh, setting, data, whole, fields);
        self.spans(fresh, data, whole, fields);
        if setting.rules.flags & BOJAGI_ALLOW_OBS_FOLD == 0 {
            self.in_place(fresh, data, whole, fields);
        } else {
            self.folded(fresh, data);
        }
    }

    /// First cut in two, then with all that has come; noise behind either.
    fn padded(
        &mut self,
        mut machine: Machine,
        setting: &Setting,
        data: &[u8],
        whole: &Outcome,
        fields: &[Field],
    ) {
        let mut answer = 0;
        for len in [setting.cut(data.len()), data.len()] {
            if answer == 0 {
                let place = self.wall.end(len + BOJAGI_PADDING);
                place[..len].copy_from_slice(&data[..len]);
                place[len..].fill(setting.noise);
                answer = machine.call_padded(&mut self.others, place, len);
            }
        }
        assert_eq!(machine.outcome(answer), *whole, "padded");
        assert_eq!(self.others[..fields.len()], *fields, "fields, padded");
    }

    /// The same parts, without ids; rules about the head as a whole are not judged.
    fn spans(&mut self, fresh: Machine, data: &[u8], whole: &Outcome, fields: &[Field]) {
        let mut machine = fresh;
        let answer = machine.call_spans(&mut self.others, self.wall.at_end(data));
        let outcome = machine.outcome(answer);
        let reason = whole.fault.reason;
        let is_limit = is_limit(reason) && reason != BOJAGI_REASON_BODY_LIMIT;
        if whole.answer < 0 && !is_limit && !is_about_a_byte(reason) {
            assert!(answer > 0, "spans judge the head as a whole: {answer}");
        } else if answer > 0 {
            assert_eq!(outcome, Outcome { words: whole.words.bare(), ..*whole }, "spans");
        } else {
            assert_eq!(outcome, *whole, "spans");
        }
        for (spans, field) in self.others.iter().zip(fields) {
            assert_eq!(*spans, Field { id: 0, ..*field }, "the field's span");
        }
        self.spans_in_pieces(fresh, data, &outcome);
    }

    fn spans_in_pieces(&mut self, mut machine: Machine, data: &[u8], whole: &Outcome) {
        let (mut answer, mut len) = (0, 0);
        while answer == 0 && len <= data.len() {
            answer = machine.call_spans(&mut self.fields, &data[..len]);
            len += 1;
        }
        assert_eq!(machine.outcome(answer), *whole, "spans, byte by byte");
        let count = whole.count as usize;
        assert_eq!(self.others[..count], self.fields[..count], "spans, byte by byte");
    }

    /// Where no fold is taken nothing is written.
    fn in_place(&mut self, mut machine: Machine, data: &[u8], whole: &Outcome, fields: &[Field]) {
        let place = self.wall.at_end(data);
        let answer = machine.call_in_place(&mut self.others, place);
        assert_eq!(machine.outcome(answer), *whole, "in place");
        assert_eq!(*place, *data, "the data, in place");
        assert_eq!(self.others[..fields.len()], *fields, "fields, in place");
    }

    /// Folds become SP and nothing else changes; what is then there is a head without folds.
    fn folded(&mut self, fresh: Machine, data: &[u8]) {
        let mut machine = fresh;
        let place = self.wall.at_end(data);
        let answer = machine.call_in_place(&mut self.others, place);
        let outcome = machine.outcome(answer);
        self.changed.clear();
        self.changed.extend_from_slice(place);
        for (&now, &before) in self.changed.iter().zip(data) {
            let is_fold = now == b' ' && b" \t\r\n".contains(&before);
            assert!(now == before || is_fold, "{before} became {now}");
        }
        self.folded_in_pieces(fresh, data, &outcome);
        if answer > 0 {
            let (mut plain, count) = (fresh, outcome.count as usize);
            let again = plain.call(Some(&mut self.fields), self.wall.at_end(&self.changed));
            assert_eq!(plain.outcome(again), outcome, "what has been unfolded");
            assert_eq!(self.others[..count], self.fields[..count], "fields, unfolded");
        }
    }

    fn folded_in_pieces(&mut self, mut machine: Machine, data: &[u8], whole: &Outcome) {
        self.pieces.clear();
        let mut answer = machine.call_in_place(&mut self.fields, &mut self.pieces);
        for &byte in data {
            if answer != 0 {
                break;
            }
            self.pieces.push(byte);
            answer = machine.call_in_place(&mut self.fields, &mut self.pieces);
        }
        assert_eq!(machine.outcome(answer), *whole, "folded, byte by byte");
        assert_eq!(self.pieces[..], self.changed[..self.pieces.len()], "the data, byte by byte");
        let count = whole.count as usize;
        assert_eq!(self.others[..count], self.fields[..count], "fields, folded, byte by byte");
    }
}
