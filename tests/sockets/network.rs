//! Tests that run in a network namespace of their own, with nothing in it but what they set up.

use crate::need::skip;
use crate::process::{child, is_child, succeeds};
use std::process::Command;

/// Whether this is the child of `test` in a namespace that `set_up`, a command of sh(1), has made ready. If
/// not, runs that child and expects it to succeed.
pub fn is_own(test: &str, set_up: &str) -> bool {
    if is_child(test) {
        return true;
    }
    match unshared(set_up).arg("true").output() {
        Ok(probe) if probe.status.success() => {
            let inner = child(test);
            let mut command = unshared(set_up);
            command.arg(inner.get_program()).args(inner.get_args()).env("BOJAGI_TEST_CHILD", test);
            succeeds(command);
        }
        Ok(probe) => skip(&format!("{test}: {}", String::from_utf8_lossy(&probe.stderr).trim())),
        Err(error) => skip(&format!("{test}: unshare (util-linux): {error}")),
    }
    false
}

/// Runs what its next arguments are. Root needs no namespace of users, which some systems forbid.
fn unshared(set_up: &str) -> Command {
    let namespaces = if unsafe { libc::geteuid() } == 0 { "-n" } else { "-rn" };
    let mut command = Command::new("unshare");
    command.args([namespaces, "sh", "-c", &format!("{set_up} && exec \"$0\" \"$@\"")]);
    command
}
