//! Two Unix sockets that are connected to each other and have no name (socketpair(2)).

use super::addr::Address;
use super::connect::Options;
use super::direction::Kernel;
use super::option;
use super::option::value::{apply, check};
use super::socket::{Kind, Origin, Socket};
use crate::error::{Error, Stage};
use socket2::Domain;

/// Makes both ends of a pair.
pub fn unix(kind: Kind, options: &Options) -> Result<[Socket; 2], Error> {
    let of_kind = option::kind(true, kind);
    check(&options.values, of_kind)?;
    let pair = socket2::Socket::pair(Domain::UNIX, kind.system(), None);
    let (one, other) = pair.map_err(|error| Error::from(error).at(Stage::Socket))?;
    for end in [&one, &other] {
        apply(&options.values, end, of_kind, false)?;
    }
    Ok([one, other].map(|system| {
        let (peer, kernel) = (Some(Address::UNNAMED), [Kernel::Millis(0); 2]);
        Socket::new(system, Origin { kind, is_unix: true, options, peer, kernel, path: None })
    }))
}
