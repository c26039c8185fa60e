//! The kernels that scan heads, against each other: the same head at every place in memory.
//!
//! What a kernel sees depends on where the bytes stand: how they are aligned, how many are left of a
//! window, whether anything may be read behind them. Byte by byte no window ever sees a whole line, so
//! that is what all others are held against.

use crate::machine::{FIELDS, Machine, Outcome};
use crate::setting::Setting;
use crate::wall::{ROOM, Wall};
use bojagi_codec::Field;
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
        let mut machine = fresh;
        let answer = machine.call(Some(&mut self.others), &all[place..end]);
        assert_eq!(machine.outcome(answer), *expected, "at {place}");
        let count = expected.count as usize;
        assert_eq!(self.others[..count], self.fields[..count], "fields, at {place}");
    }
}
