//! Where a redirected connection was going: in a network namespace of its own with a rule of nftables.

use crate::handle::*;
use crate::need::lacks_ipv6;
use crate::network;
use crate::process;
use bojagi::capi::insight::bojagi_socket_original;
use std::process::Command;

#[test]
fn a_redirected_connection_knows_where_it_was_going() {
    let test = "redirect::a_redirected_connection_knows_where_it_was_going";
    if !network::is_own(test, "ip link set lo up && nft list ruleset > /dev/null") {
        return;
    }
    for (host, other) in [("127.0.0.1", "127.0.0.1:9"), ("::1", "[::1]:9"), ("", "127.0.0.1:9")] {
        if host == "::1" && lacks_ipv6(test) {
            continue;
        }
        let listener = Listener::tcp(host, PLAIN).unwrap();
        process::succeeds(shell(&format!(
            "nft 'flush ruleset
             add table inet t
             add chain inet t c {{ type nat hook output priority -100; }}
             add rule inet t c tcp dport 9 redirect to :{}'",
            listener.port()
        )));
        let to = if host.is_empty() { "127.0.0.1" } else { host };
        let _client = Socket::tcp(to, 9, PLAIN, 5000).unwrap();
        let server = listener.accept(5000).unwrap();
        let mut out = no_address();
        let result = unsafe { bojagi_socket_original(server.0, &mut out) };
        assert_eq!(result, 0, "{}", last_error().text());
        assert_eq!(text(&out), other);
    }
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-ec", script]);
    command
}
