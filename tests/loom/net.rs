//! What is under test of `src/net/`, on the model in place of `src/net/sys/`.

pub use bojagi::net::addr;

#[path = "system.rs"]
pub mod sys;

#[path = "../../src/net/wait.rs"]
#[allow(missing_docs)]
pub mod wait;

#[path = "../../src/net/lookup.rs"]
#[allow(missing_docs)]
pub mod lookup;
