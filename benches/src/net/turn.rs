//! Turns: the parties do the same work one after the other, again and again.
//!
//! The front of a pair is on this thread, its back on a second one; each is bound to a processor, so that
//! the scheduler does not choose anew in each turn. What disturbs the machine disturbs everyone
//! alike, for the turns are short and each round begins with another party.
#![allow(unsafe_code, reason = "threads are bound to processors")]

use std::mem::{size_of, zeroed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::work::{Back, Front, Pair};

/// How often, and where.
#[derive(Clone, Copy)]
pub struct Plan {
    pub turns: usize,
    /// How often the work is done in a turn.
    pub runs: usize,
    pub place: Place,
}

/// Where the two ends run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    TwoCores,
    OneCore,
}

/// The seconds that a run took, for each pair and each of its turns.
pub fn play(pairs: Vec<Pair>, plan: Plan) -> Result<Vec<Vec<f64>>, String> {
    let (fronts, backs): (Vec<Front>, Vec<Option<Back>>) =
        pairs.into_iter().map(|pair| (pair.front, pair.back)).unzip();
    let has_back: Vec<bool> = backs.iter().map(Option::is_some).collect();
    let (order, orders) = channel();
    let (told, answers) = channel();
    let processors = allowed();
    let second = match plan.place {
        Place::TwoCores => processors.get(1).or(processors.first()).copied(),
        Place::OneCore => processors.first().copied(),
    };
    let first = processors.first().copied();
    thread::scope(|scope| {
        scope.spawn(move || follow(backs, second, &orders, &told));
        bind(first);
        let lead = Lead { fronts, has_back, order, answers };
        let times = lead.rounds(plan);
        bind_to_all(&processors);
        times
    })
}

/// Binds this thread, and those that it makes from now on, to one processor.
pub fn settle() {
    bind(allowed().first().copied());
}

/// What a follower says: that it begins, and how it ended.
enum Told {
    Ready,
    Done(Result<(), String>),
}

fn follow(
    mut backs: Vec<Option<Back>>,
    processor: Option<usize>,
    orders: &Receiver<(usize, usize)>,
    told: &Sender<Told>,
) {
    bind(processor);
    for (index, runs) in orders {
        // Nobody listens any more when the front has failed.
        told.send(Told::Ready).ok();
        let result = backs[index].as_mut().map_or(Ok(()), |back| back(runs));
        told.send(Told::Done(result)).ok();
    }
}

/// The fronts, and the ends of the follower's channels. Dropped, it ends the follower.
struct Lead {
    fronts: Vec<Front>,
    has_back: Vec<bool>,
    order: Sender<(usize, usize)>,
    answers: Receiver<Told>,
}

impl Lead {
    fn rounds(mut self, plan: Plan) -> Result<Vec<Vec<f64>>, String> {
        let mut times = vec![Vec::with_capacity(plan.turns); self.fronts.len()];
        // The first round sets up what is set up once, and does not count.
        for turn in 0..=plan.turns {
            for place in 0..self.fronts.len() {
                let index = (place + turn) % self.fronts.len();
                let time = self.turn(index, plan.runs)?;
                if turn > 0 {
                    times[index].push(time);
                }
            }
        }
        Ok(times)
    }

    fn turn(&mut self, index: usize, runs: usize) -> Result<f64, String> {
        let front = &mut self.fronts[index];
        if !self.has_back[index] {
            return Ok(front(runs)?.as_secs_f64() / runs as f64);
        }
        self.order.send((index, runs)).map_err(|error| error.to_string())?;
        if !matches!(self.answers.recv(), Ok(Told::Ready)) {
            return Err("the other end is gone".to_owned());
        }
        let took = front(runs)?;
        match self.answers.recv() {
            Ok(Told::Done(Ok(()))) => Ok(took.as_secs_f64() / runs as f64),
            Ok(Told::Done(Err(error))) => Err(error),
            _ => Err("the other end is gone".to_owned()),
        }
    }
}

/// The processors that this thread may use.
fn allowed() -> Vec<usize> {
    // SAFETY: a set of bits, all of them zero.
    let mut set: libc::cpu_set_t = unsafe { zeroed() };
    // SAFETY: the set is as large as we say; 0 is this thread.
    if unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set) } != 0 {
        return Vec::new();
    }
    let most = usize::try_from(libc::CPU_SETSIZE).unwrap_or(0);
    // SAFETY: within the set.
    (0..most).filter(|&processor| unsafe { libc::CPU_ISSET(processor, &set) }).collect()
}

fn bind(processor: Option<usize>) {
    bind_to_all(processor.as_slice());
}

/// Binds this thread to these processors; to none is to leave it alone.
fn bind_to_all(processors: &[usize]) {
    if processors.is_empty() {
        return;
    }
    // SAFETY: a set of bits, all of them zero.
    let mut set: libc::cpu_set_t = unsafe { zeroed() };
    for &processor in processors {
        // SAFETY: within the set, since it came from one.
        unsafe { libc::CPU_SET(processor, &mut set) };
    }
    // SAFETY: the set is as large as we say; 0 is this thread. Where it is refused, the scheduler
    // goes on to choose.
    unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set) };
}
