//! System calls of a run, counted by strace, which sees a child do the work.
//!
//! The child does the work once as often as twice as often, between marks; the difference is what a
//! run costs, without what comes once.
#![allow(unsafe_code, reason = "a mark is a system call that nobody minds")]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use crate::case::Case;
use crate::turn;
use crate::work::Pair;

/// System calls a run of both ends together.
pub fn calls(folder: &Path, case: &Case, party: &str) -> Result<f64, String> {
    let trace = folder.join(format!("{party}-{}.strace", case.name.replace(' ', "-")));
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(&trace).arg(program).args([COUNT, case.name, party]);
    let output = command.output().map_err(|error| format!("strace: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = fs::read_to_string(&trace).map_err(|error| error.to_string())?;
    let (once, twice) = (between(&text, ONCE), between(&text, TWICE));
    Ok((twice as f64 - once as f64) / case.counted as f64)
}

/// What the child does: both ends, each with its marks. On one processor a call that has to wait does so
/// each time.
pub fn child(pair: Pair, runs: usize) -> Result<(), String> {
    turn::settle();
    let Pair { mut front, back } = pair;
    let follower = back.map(|mut back| {
        std::thread::spawn(move || {
            back(runs)?;
            marked(ONCE, || back(runs))?;
            marked(TWICE, || back(2 * runs))
        })
    });
    front(runs)?;
    marked(ONCE, || front(runs))?;
    marked(TWICE, || front(2 * runs))?;
    match follower.map(|follower| follower.join()) {
        None => Ok(()),
        Some(Ok(result)) => result,
        Some(Err(_)) => Err("the other end panicked".to_owned()),
    }
}

fn marked<T>(marks: [&str; 2], work: impl FnOnce() -> Result<T, String>) -> Result<(), String> {
    mark(marks[0]);
    work()?;
    mark(marks[1]);
    Ok(())
}

/// A call that the trace shows and that fails.
fn mark(text: &str) {
    // SAFETY: the text is borrowed.
    unsafe { libc::write(-1, text.as_ptr().cast(), text.len()) };
}

/// The calls of all threads between their marks.
fn between(trace: &str, [begin, end]: [&str; 2]) -> usize {
    let mut inside = Vec::new();
    let mut count = 0;
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        if call.contains(begin) {
            inside.push(thread);
        } else if call.contains(end) {
            inside.retain(|one| *one != thread);
        // A call that another thread's interrupts in the trace has two lines.
        } else if inside.contains(&thread) && !call.trim_start().starts_with("<...") {
            count += 1;
        }
    }
    count
}

/// The argument that makes this program such a child.
pub const COUNT: &str = "--count";
const ONCE: [&str; 2] = ["<once>", "</once>"];
const TWICE: [&str; 2] = ["<twice>", "</twice>"];
