//! Options that a socket gets before it is bound or connected.

use super::id::*;
use super::{TEXT_MAX, Target, about, check_number, check_text, meaning, permits, row};
use crate::error::{Cause, Error};
use socket2::Socket;

/// An option, and the value that it is to have.
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// A BOJAGI_OPTION_.
    pub id: u32,
    /// What it is set to.
    pub setting: Setting,
}

/// What an option is set to.
#[derive(Clone, Copy, Debug)]
pub enum Setting {
    /// A number.
    Number(i64),
    /// A text: its length, and as much of it as an option may have.
    Text(usize, [u8; TEXT_MAX]),
}

impl Setting {
    /// A text.
    pub fn text(text: &[u8]) -> Self {
        let mut front = [0; TEXT_MAX];
        front.iter_mut().zip(text).for_each(|(to, &from)| *to = from);
        Self::Text(text.len(), front)
    }
}

/// Refuses what no socket of `kind` can be given, whatever its family. Asks the system nothing.
#[inline(never)]
pub fn check(values: &[Value], kind: u32) -> Result<(), Error> {
    for value in values {
        let row = row(value.id)?;
        let checked = permits(row, kind, BOJAGI_ACCESS_SET).and_then(|()| match value.setting {
            Setting::Number(number) => check_number(row, number),
            Setting::Text(len, _) => check_text(row, len),
        });
        checked.map_err(|error| about(row, error))?;
    }
    Ok(())
}

/// Gives a socket that was just made the values, in their order. A failure keeps the name of its option
/// whatever is said about it later.
#[inline(never)]
pub fn apply(values: &[Value], socket: &Socket, kind: u32, is_ipv6: bool) -> Result<(), Error> {
    let target = Target { socket, kind, fresh: Some(is_ipv6) };
    for value in values {
        let row = row(value.id)?;
        let applied = match value.setting {
            Setting::Number(number) => target.set_number(row, number),
            Setting::Text(len, text) => target.set_name(row, text.get(..len).unwrap_or(&text)),
        };
        applied.map_err(|error| {
            Cause::Option(row.name(), Box::new(meaning(row, error).into_cause()))
        })?;
    }
    Ok(())
}
