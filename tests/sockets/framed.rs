//! Frames over sockets: received whole however they arrive, and nothing is lost whatever ends a call.

use crate::frame::*;
use crate::handle::*;
use crate::process;
use crate::signal::{signal_until_over, signals, started};
use crate::vector::pattern;
use bojagi::capi::buffer::*;
use bojagi::capi::frame::*;
use bojagi::codec::{Body, Head};
use std::ptr::{null, null_mut};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn frames_travel_whole_through_a_buffer_of_any_size() {
    for format in formats() {
        let payloads: Vec<_> =
            payloads(&format).into_iter().filter(|payload| payload.len() < 70_000).collect();
        let longest = payloads.iter().map(|payload| written(&format, payload).len()).max().unwrap();
        for cap in [longest, longest + 1, 3 * longest] {
            let (client, server) = tcp_pair(PLAIN);
            let mut reader = Reader::new(cap);
            thread::scope(|scope| {
                let payloads = &payloads;
                scope.spawn(move || {
                    for payload in payloads.iter().chain(payloads) {
                        let len = i64::try_from(payload.len()).unwrap();
                        let mut done = 0;
                        assert_eq!(send(&client, &format, payload, 10_000, &mut done), len);
                        assert_eq!(done, 0);
                    }
                    drop(client);
                });
                for payload in payloads.iter().chain(payloads) {
                    let got = reader.recv(&server, &format, 10_000).unwrap();
                    assert!(got == *payload, "{} {}", got.len(), payload.len());
                }
                for _ in 0..2 {
                    assert_eq!(reader.recv(&server, &format, 10_000), Err(BOJAGI_E_CLOSED));
                }
                assert!(last_error().text().contains("no more"), "{}", last_error().text());
            });
        }
    }
}

#[test]
fn frames_that_come_byte_by_byte_are_received_whatever_ends_the_calls() {
    let cancel = Cancel::new();
    for format in formats() {
        let (client, server) = tcp_pair(Options { cancel: Some(&cancel), ..PLAIN });
        let mut reader = Reader::new(512);
        for payload in [&b""[..], b"x", &[b'y'; 200]] {
            let whole = written(&format, payload);
            for (at, byte) in whole.iter().enumerate() {
                let code = reader.recv(&server, &format, i64::from(at % 16 == 1));
                let expected = if at % 16 == 1 { BOJAGI_E_TIMEOUT } else { BOJAGI_E_AGAIN };
                assert_eq!(code, Err(expected));
                if at % 7 == 0 {
                    cancel.fire();
                    assert_eq!(server.set_cancel(Some(&cancel)), 0);
                    assert_eq!(reader.recv(&server, &format, -1), Err(BOJAGI_E_CANCELLED));
                    cancel.reset();
                    assert_eq!(server.set_cancel(None), 0);
                }
                assert_eq!(client.send(&[*byte], 1000), 1);
            }
            assert_eq!(reader.recv(&server, &format, 5000).unwrap(), payload);
        }
    }
}

#[test]
fn closing_inside_a_frame_is_truncated_and_its_bytes_are_there() {
    for format in formats() {
        let whole = written(&format, b"hello");
        for cut in 1..whole.len() {
            let (client, server) = tcp_pair(PLAIN);
            let mut reader = Reader::new(64);
            client.send_all(&[&whole[..], &whole[..cut]].concat(), 1000);
            drop(client);
            assert_eq!(reader.recv(&server, &format, 1000).unwrap(), b"hello");
            for _ in 0..2 {
                assert_eq!(reader.recv(&server, &format, 1000), Err(BOJAGI_E_TRUNCATED));
                assert_eq!(last_error().offset, u64::try_from(cut).unwrap());
            }
            assert_eq!(reader.memory[reader.buffer.start..reader.buffer.end], whole[..cut]);
        }
    }
}

#[test]
fn a_reset_is_an_error_and_what_came_before_it_is_not_lost_before() {
    let (theirs, ours) = crate::peer::std_pair();
    let server = Socket::from_fd(std::os::fd::IntoRawFd::into_raw_fd(ours).into(), PLAIN).unwrap();
    let (mut reader, format) = (Reader::new(64), format(BOJAGI_FRAME_U8));
    std::io::Write::write_all(&mut &theirs, b"\x02ab\x02a").unwrap();
    assert_eq!(reader.recv(&server, &format, 1000).unwrap(), b"ab");
    socket2::SockRef::from(&theirs).set_linger(Some(Duration::ZERO)).unwrap();
    drop(theirs);
    assert_eq!(reader.recv(&server, &format, 1000), Err(BOJAGI_E_RESET));
}

#[test]
fn limits_and_space_strike_from_the_prefix_and_space_can_be_given() {
    let format = format(BOJAGI_FRAME_U32);
    let (client, server) = tcp_pair(PLAIN);
    let mut reader = Reader::new(16);
    client.send_all(b"\0\0\0\x03abc\0\0\0\x0dhello", 1000);
    assert_eq!(reader.recv(&server, &format, 1000).unwrap(), b"abc");
    for _ in 0..2 {
        assert_eq!(reader.recv(&server, &format, 1000), Err(BOJAGI_E_SPACE));
        assert_eq!(last_error().offset, 17);
    }
    reader.grow(17);
    assert_eq!(reader.recv(&server, &format, 0), Err(BOJAGI_E_AGAIN));
    client.send_all(b", world!", 1000);
    assert_eq!(reader.recv(&server, &format, 1000).unwrap(), b"hello, world!");
    client.send_all(b"\0\0\0\x05", 1000);
    for _ in 0..2 {
        assert_eq!(reader.recv(&server, &limited(format, 4), 1000), Err(BOJAGI_E_LIMIT));
    }

    let (client, server) = tcp_pair(PLAIN);
    let (mut reader, lines) = (Reader::new(4), delimited(b"\n"));
    client.send_all(b"ab\nabcdefg\n", 1000);
    assert_eq!(reader.recv(&server, &lines, 1000).unwrap(), b"ab");
    for _ in 0..2 {
        assert_eq!(reader.recv(&server, &lines, 1000), Err(BOJAGI_E_SPACE));
    }
    reader.grow(8);
    assert_eq!(reader.recv(&server, &lines, 1000).unwrap(), b"abcdefg");
    let mut none = Reader::new(0);
    assert_eq!(none.recv(&server, &lines, 0), Err(BOJAGI_E_SPACE));
}

#[test]
fn a_frame_that_was_half_sent_goes_on_where_it_stopped() {
    for format in [format(BOJAGI_FRAME_U32), delimited(b"\r\n")] {
        let (client, server) = tcp_pair(PLAIN);
        let payload = vec![b'x'; 8 << 20];
        let len = i64::try_from(payload.len()).unwrap();
        let mut done = 0;
        assert_eq!(send(&client, &format, &payload, 0, &mut done), BOJAGI_E_AGAIN);
        let first = done;
        assert_eq!(send(&client, &format, &payload, 30, &mut done), BOJAGI_E_TIMEOUT);
        assert!(0 < first && first <= done && done < payload.len());
        assert_eq!(send(&client, &format, b"short", 0, &mut done), BOJAGI_E_ARG);
        assert!(last_error().text().contains("set it to 0"), "{}", last_error().text());
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut reader = Reader::new(payload.len() + 16);
                let got =
                    [reader.recv(&server, &format, 20_000), reader.recv(&server, &format, 20_000)];
                (got, reader.recv(&server, &format, 20_000))
            });
            assert_eq!(send(&client, &format, &payload, 20_000, &mut done), len);
            assert_eq!(done, 0);
            assert_eq!(send(&client, &format, b"next", 1000, &mut done), 4);
            drop(client);
            let (got, end) = reader.join().unwrap();
            assert!(
                got == [Ok(payload.clone()), Ok(b"next".to_vec())] && end == Err(BOJAGI_E_CLOSED)
            );
        });
    }
}

#[test]
fn a_payload_that_holds_the_delimiter_or_is_too_long_is_not_sent() {
    let (client, server) = tcp_pair(PLAIN);
    let mut done = 0;
    for (delimiter, payload) in [(&b"\n"[..], &b"a\nb"[..]), (b"\r\n", b"\r\n"), (b"aba", b"xab")] {
        assert_eq!(send(&client, &delimited(delimiter), payload, 0, &mut done), BOJAGI_E_ARG);
    }
    assert_eq!(send(&client, &format(BOJAGI_FRAME_U8), &[0; 256], 0, &mut done), BOJAGI_E_LIMIT);
    let format = limited(format(BOJAGI_FRAME_U32), 3);
    assert_eq!(send(&client, &format, b"abcd", 0, &mut done), BOJAGI_E_LIMIT);
    assert_eq!(send(&client, &delimited(b"\r\n"), b"a\r", 0, &mut done), 2);
    assert_eq!(Reader::new(9).recv(&server, &delimited(b"\r\n"), 1000).unwrap(), b"a\r");
    let datagram = Socket::udp("127.0.0.1", 9, 1000).unwrap();
    assert_eq!(send(&datagram, &format, b"a", 0, &mut done), BOJAGI_E_UNSUPPORTED);
    assert_eq!(Reader::new(9).recv(&datagram, &format, 0), Err(BOJAGI_E_UNSUPPORTED));
}

#[test]
fn recv_until_takes_any_delimiter_and_another_each_time() {
    let (client, server) = tcp_pair(PLAIN);
    let mut reader = Reader::new(64);
    client.send_all(b"one two\n--a delimiter of any length--three\0rest", 1000);
    assert_eq!(reader.recv_until(&server, b" ", 1000).unwrap(), b"one");
    assert_eq!(reader.recv_until(&server, b"\n", 1000).unwrap(), b"two");
    assert_eq!(reader.recv_until(&server, b"--a delimiter of any length--", 1000).unwrap(), b"");
    assert_eq!(reader.recv_until(&server, b"\0", 1000).unwrap(), b"three");
    assert_eq!(reader.recv_until(&server, b"\0", 0), Err(BOJAGI_E_AGAIN));
    drop(client);
    assert_eq!(reader.recv_until(&server, b"\0", 1000), Err(BOJAGI_E_TRUNCATED));
    assert_eq!(&reader.memory[reader.buffer.start..reader.buffer.end], b"rest");
}

#[test]
fn frames_follow_http_in_the_same_buffer_and_http_a_frame() {
    let (client, server) = tcp_pair(PLAIN);
    let (mut reader, format) = (Reader::new(256), format(BOJAGI_FRAME_U16));
    let request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
    client.send_all(&[&request[..], b"\0\x03abc\0\0", request, b"\0"].concat(), 1000);
    let mut head = unsafe { std::mem::zeroed::<Head>() };
    unsafe { bojagi::codec::capi::head::bojagi_head_init(&mut head, null()) };
    let recv_request = |reader: &mut Reader, head: &mut Head| unsafe {
        bojagi_socket_recv_request(server.0, &mut reader.buffer, head, null_mut(), 0, 1000)
    };
    let recv_body = |reader: &mut Reader, head: &Head| {
        let mut body = Body::new(head);
        unsafe {
            bojagi_socket_recv_body(server.0, &mut reader.buffer, &mut body, null_mut(), 0, 1000)
        }
    };
    assert!(recv_request(&mut reader, &mut head) > 0);
    assert_eq!(reader.recv(&server, &format, 0), Err(BOJAGI_E_STATE), "the body comes first");
    assert_eq!(recv_body(&mut reader, &head), 2);
    assert_eq!(reader.recv(&server, &format, 0).unwrap(), b"abc");
    assert_eq!(reader.recv(&server, &format, 0).unwrap(), b"");
    assert!(recv_request(&mut reader, &mut head) > 0);
    assert_eq!(recv_body(&mut reader, &head), 2);
    assert_eq!(reader.recv(&server, &format, 0), Err(BOJAGI_E_AGAIN));
    assert_eq!(recv_request(&mut reader, &mut head), BOJAGI_E_STATE, "a frame has begun");
    client.send_all(b"\x01z", 1000);
    assert_eq!(reader.recv(&server, &format, 1000).unwrap(), b"z");

    client.send_all(b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n\0\x01t\0", 1000);
    assert!(recv_request(&mut reader, &mut head) > 0);
    assert_eq!(reader.recv(&server, &format, 1000).unwrap(), b"t");
}

#[test]
fn an_upgrade_leads_from_http_to_frames() {
    let (client, server) = tcp_pair(PLAIN);
    let (mut reader, format) = (Reader::new(256), format(BOJAGI_FRAME_VARINT));
    client.send_all(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n\x02hi\x01",
        1000,
    );
    let mut head = unsafe { std::mem::zeroed::<Head>() };
    unsafe { bojagi::codec::capi::head::bojagi_head_init(&mut head, null()) };
    let mut recv_response = |reader: &mut Reader| unsafe {
        bojagi_socket_recv_response(
            server.0,
            &mut reader.buffer,
            &mut head,
            null_mut(),
            0,
            u32::from(bojagi::codec::method::BOJAGI_METHOD_GET),
            1000,
        )
    };
    assert!(recv_response(&mut reader) > 0);
    assert_eq!(reader.recv(&server, &format, 1000).unwrap(), b"hi");
    assert_eq!(reader.recv(&server, &format, 0), Err(BOJAGI_E_AGAIN));
    assert_eq!(recv_response(&mut reader), BOJAGI_E_STATE);
    client.send_all(b"!", 1000);
    assert_eq!(reader.recv(&server, &format, 1000).unwrap(), b"!");
    assert_eq!(recv_response(&mut reader), BOJAGI_E_STATE, "no HTTP follows an upgrade");
}

#[test]
fn a_buffer_that_was_written_over_does_no_harm() {
    let (client, server) = tcp_pair(PLAIN);
    let format = delimited(b"\r\n");
    let values = [0, 1, 5, 8, 9, usize::MAX - 1, usize::MAX];
    client.send_all(&[b'x'; 4096], 1000);
    for start in values {
        for next in values {
            for end in values {
                for state in 0..8u32 {
                    let mut reader = Reader::new(8);
                    let words = (&raw mut reader.buffer.end).wrapping_add(1).cast::<u32>();
                    (reader.buffer.start, reader.buffer.next) = (start, next);
                    (reader.buffer.body, reader.buffer.end) = (next, end);
                    unsafe { words.write(state) };
                    let _ = reader.recv(&server, &format, 0);
                    assert!(last_error().code != i32::try_from(BOJAGI_E_PANIC).unwrap());
                }
            }
        }
    }
}

#[test]
fn a_delimiter_is_looked_for_once_in_every_byte() {
    // A megabyte in single bytes, 25 times a second's worth of time if each were searched from the start.
    let format = delimited(b"\r\n");
    let data = pattern(1 << 20).iter().map(|byte| byte | 0x80).collect::<Vec<_>>();
    let mut frame = NEW;
    let begun = Instant::now();
    for end in 0..data.len() {
        assert_eq!(decode(&format, &data[..end], &mut frame), 0);
        assert!(frame.searched + 1 >= end);
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let mut reader = Reader::new(1 << 16);
    let (client, server) = tcp_pair(PLAIN);
    for step in 0..100 {
        assert_eq!(client.send(&data[..500], 1000), 500);
        while reader.buffer.end < 500 * (step + 1) {
            assert_eq!(reader.recv(&server, &format, 1), Err(BOJAGI_E_TIMEOUT));
        }
        assert_eq!(reader.buffer.next + 1, reader.buffer.end);
    }
}

#[test]
fn signals_interrupt_both_directions_and_nothing_is_lost() {
    let test = "framed::signals_interrupt_both_directions_and_nothing_is_lost";
    if !process::is_child(test) {
        process::succeeds(process::child(test));
        return;
    }
    let shape = format(BOJAGI_FRAME_U32);
    for number in signals() {
        let (client, server) = tcp_pair(INTERRUPTIBLE);
        let mut reader = Reader::new(64);
        client.send_all(b"\0\0\0\x05he", 1000);
        let thread = started(move || (reader.recv(&server, &shape, -1), reader, server));
        signal_until_over(&thread, number);
        let (code, mut reader, server) = thread.join().unwrap();
        assert_eq!(code, Err(BOJAGI_E_INTERRUPTED));
        client.send_all(b"llo", 1000);
        assert_eq!(reader.recv(&server, &shape, 1000).unwrap(), b"hello");

        let payload = pattern(16 << 20);
        let (copy, mut done) = (payload.clone(), 0);
        let thread = started(move || {
            let code = send(&server, &shape, &copy, -1, &mut done);
            (code, done, server)
        });
        signal_until_over(&thread, number);
        let (code, mut done, server) = thread.join().unwrap();
        assert!(code == BOJAGI_E_INTERRUPTED && done > 0, "{code} {done}");
        thread::scope(|scope| {
            scope.spawn(|| {
                while send(&server, &shape, &payload, -1, &mut done) == BOJAGI_E_INTERRUPTED {}
            });
            let mut reader = Reader::new(payload.len() + 4);
            let got = loop {
                match reader.recv(&client, &shape, -1) {
                    Err(BOJAGI_E_INTERRUPTED) => {}
                    got => break got,
                }
            };
            assert!(got.unwrap() == payload);
        });
    }
}

#[test]
fn a_cancel_and_a_budget_end_the_wait_for_a_frame() {
    let cancel = Cancel::new();
    let (client, server) = tcp_pair(Options { cancel: Some(&cancel), ..PLAIN });
    let format = format(BOJAGI_FRAME_U16);
    let mut reader = Reader::new(64);
    client.send_all(b"\0\x05he", 1000);
    let begun = Instant::now();
    assert_eq!(reader.recv(&server, &format, 50), Err(BOJAGI_E_TIMEOUT));
    assert!((50..10_000).contains(&begun.elapsed().as_millis()));
    assert_eq!(server.set_cancel(Some(&cancel)), 0);
    let ended =
        process::during(|| reader.recv(&server, &format, -1).err().unwrap_or(0), || cancel.fire());
    assert_eq!(ended, BOJAGI_E_CANCELLED);
    cancel.reset();
    client.send_all(b"llo", 1000);
    assert_eq!(reader.recv(&server, &format, 1000).unwrap(), b"hello");
    client.send_all(b"\0\x01x\0\x01y", 1000);
    assert_eq!(reader.recv(&server, &format, 1000).unwrap(), b"x");
    cancel.fire();
    assert_eq!(
        reader.recv(&server, &format, 1000),
        Err(BOJAGI_E_CANCELLED),
        "though a frame is there"
    );
}
