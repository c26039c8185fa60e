//! What the targets have in common that hold another parser against ours: strict rules, and an input
//! whose first byte says what the rest is.

use crate::message::{End, Message};
use crate::setting::strict;
use crate::wall::{ROOM, Wall};
use bojagi_codec::Field;
use std::cell::RefCell;

thread_local! {
    static OURS: RefCell<(Wall, Message)> = RefCell::new((Wall::new(), Message::default()));
}

/// Decodes the input and, when we take its head, shows it to `other`: the data, the method of the request
/// that it answers, what we read and how far it goes.
pub fn with_accepted(input: &[u8], other: impl FnOnce(&[u8], Option<u32>, &Message, End)) {
    let Some((&kind, data)) = input.split_first() else { return };
    if data.len() > ROOM {
        return;
    }
    let method = (kind % 11).checked_sub(1).map(u32::from);
    OURS.with_borrow_mut(|(wall, message)| {
        let data = wall.at_end(data);
        let end = message.decode(&strict(), method, data);
        if !matches!(end, End::NoHead(_) | End::PartOfHead) {
            other(data, method, message, end);
        }
    });
}

/// The bytes without the white space at their end, which is not part of a value.
pub fn trim_end(bytes: &[u8]) -> &[u8] {
    let white = bytes.iter().rev().take_while(|byte| b" \t".contains(byte)).count();
    &bytes[..bytes.len() - white]
}

/// Name and value are these slices of the data, trailing white space aside.
pub fn check_line(
    ours: &Field,
    base: usize,
    data: &[u8],
    name: (usize, usize),
    value: (usize, usize),
) {
    let place = (base + ours.name_off as usize, usize::from(ours.name_len));
    assert_eq!(place, name, "the name");
    let theirs = trim_end(&data[value.0..value.0 + value.1]);
    let value_len = ours.value_len as usize;
    assert_eq!(value_len, theirs.len(), "the value's length");
    if value_len > 0 {
        assert_eq!(base + ours.value_off as usize, value.0, "the value's place");
    }
}
