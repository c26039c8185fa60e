//! Where a redirected connection was going: in a network namespace of its own with a rule of nftables.

use crate::handle::*;
use crate::need::skip;
use crate::process;
use crate::tcp::has_ipv6;
use bojagi::capi::insight::bojagi_socket_original;
use std::env;
use std::process::Command;

#[test]
fn a_redirected_connection_knows_where_it_was_going() {
    let test = "redirect::a_redirected_connection_knows_where_it_was_going";
    if !process::is_child(test) {
        let works = |mut command: Command| command.output().is_ok_and(|out| out.status.success());
        let is_root = unsafe { libc::geteuid() == 0 };
        let namespace = if is_root { "-n" } else { "-rn" };
        let mut probe = Command::new("unshare");
        probe.args([namespace, "nft", "list", "ruleset"]);
        if !works(probe) {
            skip("redirected connections: needs unshare, ip and nft (apt-get install nftables)");
            return;
        }
        let mut command = Command::new("unshare");
        command.arg(namespace).arg(env::current_exe().unwrap());
        command.args(process::arguments(test)).env("BOJAGI_TEST_CHILD", test);
        process::succeeds(command);
        return;
    }
    process::succeeds(shell("ip link set lo up"));
    for (host, other) in [("127.0.0.1", "127.0.0.1:9"), ("::1", "[::1]:9"), ("", "127.0.0.1:9")] {
        if host == "::1" && !has_ipv6() {
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
