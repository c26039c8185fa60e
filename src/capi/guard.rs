//! The frame of every export that can fail: results become integers, failures are recorded for
//! `bojagi_error_last`, and a panic stops here.

use super::error::record;
use crate::error::Error;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the body of an export.
pub(super) fn guard(body: impl FnOnce() -> Result<i64, Error>) -> i64 {
    // A handle whose call panics is poisoned by its locks, so nothing broken is seen afterwards.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => record(error),
        Err(panic) => caught(panic),
    }
}

/// Runs the body of an export that cannot fail.
pub(super) fn quietly(body: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(body)) {
        caught(panic);
    }
}

/// Keeps a panic for this thread and returns its code. Nothing unwinds out of it, which no export has to
/// be ready for.
#[cold]
#[inline(never)]
#[allow(improper_ctypes_definitions, reason = "C never calls it: extern only ends unwinding")]
extern "C" fn caught(panic: Box<dyn Any + Send>) -> i64 {
    record(Error::panic(message(panic.as_ref())))
}

/// A count as the integer of the ABI. No object is longer than `isize::MAX`.
pub(super) fn count(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capi::error::{ErrorRecord, bojagi_error_init, bojagi_error_last};
    use bojagi_codec::capi::code::BOJAGI_E_PANIC;

    #[test]
    fn a_panic_becomes_a_code_with_its_message() {
        assert_eq!(guard(|| panic!("left is not right")), BOJAGI_E_PANIC);
        let mut record = ErrorRecord::default();
        // SAFETY: `record` is a struct of ours, and stays where it is.
        unsafe { bojagi_error_init(&raw mut record) };
        // SAFETY: as above.
        assert_eq!(unsafe { bojagi_error_last(&raw mut record) }, 0);
        assert_eq!(i64::from(record.code), BOJAGI_E_PANIC);
        assert!(record.text().contains("left is not right"), "{}", record.text());
    }
}
