//! Contenders that take turns on the same inputs, and what each of them took.

use std::hint::black_box;
use std::time::Instant;

use crate::random::Random;

/// What a contender made of an input; all must agree before the clock starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The bytes that were used, or written.
    pub length: usize,
    /// The fields of a head, the bytes of a body; 0 where nobody counts.
    pub count: usize,
}

/// What a contender is compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What the row is about.
    Ours,
    /// Somebody who does the same.
    Peer,
    /// What nobody can do better than, for it does less.
    Limit,
}

type Run<I> = Box<dyn FnMut(&I) -> Outcome>;

/// Somebody who can be given inputs of the type `I`.
pub struct Contender<I> {
    /// The name in the table.
    pub name: String,
    /// Where in the table.
    pub role: Role,
    run: Run<I>,
}

impl<I> Contender<I> {
    /// Somebody who does this with an input.
    pub fn new(name: &str, role: Role, run: impl FnMut(&I) -> Outcome + 'static) -> Self {
        Self { name: name.to_owned(), role, run: Box::new(run) }
    }

    /// What it makes of an input. The floors make nothing of it.
    pub fn check(&mut self, input: &I, expected: Outcome) -> Result<(), String> {
        let outcome = (self.run)(input);
        match self.role == Role::Limit || outcome == expected {
            true => Ok(()),
            false => Err(format!("{} answers {outcome:?}, not {expected:?}", self.name)),
        }
    }
}

/// How long a measurement goes on.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Turns of each contender; the figure is the median of them.
    pub turns: usize,
    /// Inputs of a turn; a multiple of the number of inputs.
    pub runs: usize,
}

/// The nanoseconds that a run took, for each contender and each of its turns.
///
/// In each turn the inputs are visited in an order of their own, the same for everyone. The turns
/// interleave, and each round begins with another contender: what disturbs the machine disturbs
/// everyone alike.
pub fn measure<I>(
    contenders: &mut [Contender<I>],
    inputs: &[I],
    plan: Plan,
    random: &mut Random,
) -> Vec<Vec<f64>> {
    let laps = (plan.runs / inputs.len()).max(1);
    let mut times = vec![Vec::with_capacity(plan.turns); contenders.len()];
    for turn in 0..plan.turns {
        let order: Vec<&I> = (0..laps)
            .flat_map(|_| random.order(inputs.len()))
            .map(|index| &inputs[index])
            .collect();
        for place in 0..contenders.len() {
            let index = (place + turn) % contenders.len();
            let run = &mut contenders[index].run;
            let began = Instant::now();
            for input in &order {
                black_box(run(black_box(input)));
            }
            times[index].push(began.elapsed().as_secs_f64() * 1e9 / order.len() as f64);
        }
    }
    times
}

/// The middle of them.
pub fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The median of the differences, turn by turn.
pub fn median_of_differences(times: &[f64], others: &[f64]) -> f64 {
    let differences: Vec<f64> =
        times.iter().zip(others).map(|(time, other)| time - other).collect();
    median(&differences)
}
