//! Descriptors that a service manager has passed to this process (sd_listen_fds(3)).

use super::sys::descriptor::close_on_exec;
use crate::error::Error;
use std::env;
use std::ffi::OsString;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt;

/// The number of the first of them.
pub const FIRST: RawFd = 3;

/// What was passed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Passed {
    count: RawFd,
    names: Option<OsString>,
}

impl Passed {
    /// Reads the environment: LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES. Nothing, if it is meant for
    /// another process or for none.
    pub fn read() -> Result<Self, Error> {
        let [process, count, names] =
            ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"].map(env::var_os);
        Self::parse(std::process::id(), process, count, names)
    }

    /// The descriptors, each of which is closed on exec from now on.
    pub fn take(&self) -> Result<impl ExactSizeIterator<Item = RawFd> + use<>, Error> {
        let (count, end) = (self.count, FIRST.saturating_add(self.count));
        for fd in FIRST..end {
            close_on_exec(fd).map_err(|_| {
                Error::wrong(format_args!(
                    "LISTEN_FDS says {count} and descriptor {fd} is not open; ask once, and first of all"
                ))
            })?;
        }
        Ok(FIRST..end)
    }

    /// The name of one of them; "unknown" where the manager has given none.
    pub fn name(&self, index: u32) -> Result<&[u8], Error> {
        let index = usize::try_from(index).ok().filter(|&index| index < self.len());
        let index = index.ok_or_else(|| {
            Error::wrong(format_args!("{} descriptors were passed; pass less", self.count))
        })?;
        match &self.names {
            None => Ok(b"unknown"),
            Some(names) => Ok(split(names).nth(index).unwrap_or_default()),
        }
    }

    fn parse(
        own: u32,
        process: Option<OsString>,
        count: Option<OsString>,
        names: Option<OsString>,
    ) -> Result<Self, Error> {
        let Some(process) = process else { return Ok(Self::default()) };
        let wrong = |what| Err(Error::argument(what));
        match number(&process) {
            Some(process) if process == own => {}
            Some(1..) => return Ok(Self::default()),
            _ => return wrong("LISTEN_PID is not the number of a process; unset it"),
        }
        let Some(count) = count else { return Ok(Self::default()) };
        let count = number(&count).and_then(|count| RawFd::try_from(count).ok());
        let Some(count @ 1..=COUNT_MAX) = count else {
            return wrong("LISTEN_FDS is not a number of descriptors; unset LISTEN_PID");
        };
        let this = Self { count, names };
        match &this.names {
            Some(names) if split(names).count() != this.len() => {
                wrong("LISTEN_FDNAMES has not one name for each of LISTEN_FDS; unset it")
            }
            _ => Ok(this),
        }
    }

    fn len(&self) -> usize {
        usize::try_from(self.count).unwrap_or(0)
    }
}

fn split(names: &OsString) -> impl Iterator<Item = &[u8]> {
    names.as_bytes().split(|&byte| byte == b':')
}

/// Digits and nothing else.
fn number(text: &OsString) -> Option<u32> {
    let text = text.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok()
}

const COUNT_MAX: RawFd = RawFd::MAX - FIRST;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Cause;

    const OWN: u32 = 77;

    fn parse(process: &str, count: &str, names: Option<&str>) -> Result<Passed, Error> {
        Passed::parse(OWN, Some(process.into()), Some(count.into()), names.map(Into::into))
    }

    #[test]
    fn nothing_was_passed_to_another_process_or_without_a_word() {
        let none = Passed::default();
        assert_eq!(Passed::parse(OWN, None, Some("x".into()), None).unwrap(), none);
        assert_eq!(Passed::parse(OWN, Some("77".into()), None, None).unwrap(), none);
        assert_eq!(parse("78", "x", Some("a:b:c")).unwrap(), none);
        assert!(none.name(0).is_err());
    }

    #[test]
    fn refuses_values_that_are_none() {
        for (process, count, names) in [
            ("", "1", None),
            ("0", "1", None),
            ("-77", "1", None),
            ("77 ", "1", None),
            ("77", "", None),
            ("77", "0", None),
            ("77", "-1", None),
            ("77", "+1", None),
            ("77", "2147483645", None),
            ("77", "99999999999", None),
            ("77", "2", Some("one")),
            ("77", "2", Some("a:b:c")),
        ] {
            let error = parse(process, count, names).unwrap_err();
            assert!(matches!(error.cause(), Cause::Argument(_)), "{process:?} {count:?} {names:?}");
        }
    }

    #[test]
    fn names_stand_in_the_order_of_the_descriptors() {
        let passed = parse("77", "3", Some("http::admin")).unwrap();
        let names = [0, 1, 2].map(|index| passed.name(index).unwrap());
        assert_eq!(names, [&b"http"[..], b"", b"admin"]);
        assert!(passed.name(3).is_err());
        assert_eq!(parse("77", "1", None).unwrap().name(0).unwrap(), b"unknown");
    }
}
