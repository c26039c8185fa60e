//! The kernels that scan heads, against each other: the same head at every place in memory, in every way
//! that this machine has.
//!
//! What a kernel sees depends on where the bytes stand: how they are aligned, how many are left of a
//! window, whether anything may be read behind them. Byte by byte no window ever sees a whole line, so
//! that is what all others are held against.

use crate::machine::{FIELDS, Machine, Outcome};
use crate::setting::Setting;
use crate::wall::{ROOM, Wall};
use bojagi_codec::Field;
use bojagi_codec::simd::Level;
use std::cell::RefCell;

/// Memory that every input uses again.
struct Room {
    wall: Wall,
    fields: Vec<Field>,
    others: Vec<Field>,
}

thread_local! {
    static ROOMS: RefCell<Room> = RefCell::new(Room {
        wall: Wall::new(),
        fields: vec![Field::default(); FIELDS],
        others: vec![Field::default(); FIELDS],
    });
}

/// The widest window of a kernel, and so the number of places that differ.
const WINDOW: usize = 64;

/// Decodes the head at both walls and at some alignments, and compares.
pub fn judge(setting: &Setting, data: &[u8]) {
    if data.len() > ROOM / 2 {
        return;
    }
    let fresh = match setting.method {
        0 => Machine::request(&setting.rules),
        method => Machine::response(&setting.rules, method),
    };
    ROOMS.with_borrow_mut(|room| room.judge(fresh, setting, data));
}

impl Room {
    fn judge(&mut self, fresh: Machine, setting: &Setting, data: &[u8]) {
        let expected = self.byte_by_byte(fresh, data);
        self.at(fresh, data, ROOM - data.len(), setting.noise, &expected);
        self.at(fresh, data, 0, setting.noise, &expected);
        for turn in 0..3 {
            let place = (setting.number() >> (5 * turn)) % WINDOW;
            self.at(fresh, data, place, setting.noise, &expected);
        }
    }

    fn byte_by_byte(&mut self, fresh: Machine, data: &[u8]) -> Outcome {
        let mut machine = fresh;
        let (mut answer, mut len) = (0, 0);
        while answer == 0 && len <= data.len() {
            answer = machine.call(Some(&mut self.fields), &data[..len]);
            len += 1;
        }
        machine.outcome(answer)
    }

    /// The data at this place between the walls, with noise on both sides.
    fn at(&mut self, fresh: Machine, data: &[u8], place: usize, noise: u8, expected: &Outcome) {
        let all = self.wall.all();
        let end = place + data.len();
        all[place.saturating_sub(WINDOW)..place].fill(noise);
        all[place..end].copy_from_slice(data);
        let behind = ROOM.min(end + WINDOW);
        all[end..behind].fill(noise);
        for level in Level::all() {
            for readable in [end, behind] {
                let bytes = &all[place..readable];
                let full = decoded(fresh, level, &mut self.others, (bytes, data.len()), true);
                assert_eq!(full.0, *expected, "{level:?} at {place}, readable to {readable}");
                let count = expected.count as usize;
                assert_eq!(self.others[..count], self.fields[..count], "{level:?} at {place}");
            }
        }
        self.spans(fresh, (place, end), expected);
    }

    /// Without ids and framing the kernels agree among themselves, and find the fields that the others do.
    fn spans(&mut self, fresh: Machine, (place, end): (usize, usize), expected: &Outcome) {
        let data = &self.wall.all()[place..end];
        let mut seen = None;
        for level in Level::all() {
            let (outcome, _) = decoded(fresh, level, &mut self.others, (data, data.len()), false);
            assert_eq!(*seen.get_or_insert(outcome), outcome, "spans of {level:?} at {place}");
            assert!(outcome.answer >= 0 || expected.answer < 0, "spans of {level:?} at {place}");
            if expected.answer > 0 {
                let count = expected.count as usize;
                let plain = self.fields[..count].iter().map(|field| Field { id: 0, ..*field });
                assert!(plain.eq(self.others[..count].iter().copied()), "spans at {place}");
            }
        }
    }
}

/// What a kernel makes of the bytes, of which `end` have come.
fn decoded(
    fresh: Machine,
    level: Level,
    fields: &mut [Field],
    bytes: (&[u8], usize),
    full: bool,
) -> (Outcome, Machine) {
    let mut machine = fresh;
    // SAFETY: a field is at its place whether it is called uninitialized or not, and the decoder only
    // writes whole ones.
    let room = unsafe { std::slice::from_raw_parts_mut(fields.as_mut_ptr().cast(), fields.len()) };
    let answer = machine.call_at(level, room, bytes, full);
    (machine.outcome(answer), machine)
}
