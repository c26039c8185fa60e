"""The state between messages: what a connection allows, refuses and hands out."""

from __future__ import annotations

from typing import Any, Callable, List, Type

import bojagi
import pytest
from bojagi import Connection, Data, End, May, Request, Response

GET = bojagi.encode_request("GET", "/", {"Host": "x"})
CLOSE = bojagi.encode_request("GET", "/", {"Host": "x", "Connection": "close"})
POST = bojagi.encode_request("POST", "/", {"Host": "x", "Content-Length": "5"})
CHUNKED = bojagi.encode_request("POST", "/", {"Host": "x", "Transfer-Encoding": "chunked"})
EXPECT = bojagi.encode_request("POST", "/", {"Host": "x", "Content-Length": "5", "Expect": "100-continue"})
UPGRADE = bojagi.encode_request("GET", "/", {"Host": "x", "Connection": "upgrade", "Upgrade": "y"})
OK = bojagi.encode_response(200, {"Content-Length": "2"})
EMPTY = bojagi.encode_response(204)
SWITCH = bojagi.encode_response(101, {"Connection": "upgrade", "Upgrade": "y"})
IDLE_SERVER, IDLE_CLIENT = May.READ_HEAD | May.REUSE, May.WRITE_HEAD | May.REUSE


def kinds(events: List[Any]) -> List[Type[Any]]:
    return [type(event) for event in events]


def client(*heads: bytes) -> Connection:
    """A client that has sent these requests."""
    connection = Connection("client")
    for head in heads:
        assert connection.send_head(head) == len(head)
    return connection


def server(data: bytes) -> Connection:
    """A server that has received these bytes."""
    connection = Connection("server")
    connection.receive(data)
    return connection


def may(connection: Connection) -> May:
    """As the property, for a type checker that takes that for a constant."""
    return connection.may


def refuses(call: Callable[[], Any], reason: str) -> None:
    with pytest.raises(bojagi.StateError) as refused:
        call()
    assert refused.value.reason == reason and str(refused.value)


def test_an_exchange_seen_from_both_sides() -> None:
    one, other = Connection("client"), Connection("server")
    assert (one.may, other.may) == (IDLE_CLIENT, IDLE_SERVER)
    one.send_head(POST)
    assert (one.may, one.request_method, one.awaiting) == (May.READ_HEAD | May.WRITE_BODY, "POST", 1)
    one.send_body(3)
    assert one.outgoing_left == 2
    one.send_body(2)
    assert one.may == May.READ_HEAD | May.WRITE_HEAD
    events = other.receive(POST + b"hello")
    assert kinds(events) == [Request, Data, End]
    assert isinstance(events[0], Request) and events[0].method == "POST"
    assert events[1] == Data(b"hello")
    assert (other.may, other.request_method) == (May.READ_HEAD | May.WRITE_HEAD, "POST")
    assert other.send_head(OK + b"hi") == len(OK)
    other.send_body(2)
    assert (other.may, other.request_method) == (IDLE_SERVER, None)
    assert kinds(one.receive(OK + b"hi")) == [Response, Data, End]
    assert one.may == IDLE_CLIENT


def test_events_are_the_same_byte_by_byte() -> None:
    data = CHUNKED + b"3\r\nabc\r\n4\r\ndefg\r\n0\r\nT: v\r\n\r\n" + POST + b"hello" + CLOSE
    whole = Connection("server").receive(data)
    connection, pieces = Connection("server"), []
    for index in range(len(data)):
        pieces += connection.receive(data[index : index + 1])

    def told(events: List[Any]) -> List[Any]:
        heads = [event.headers.raw for event in events if isinstance(event, Request)]
        trailers = [event.trailers.raw for event in events if isinstance(event, End)]
        return [heads, trailers, b"".join(event.data for event in events if isinstance(event, Data))]

    assert told(pieces) == told(whole)
    assert told(whole)[1:] == [[[("T", "v")], [], []], b"abcdefghello"]
    assert connection.may == May.WRITE_HEAD and connection.awaiting == 3


def test_a_body_is_as_long_as_its_head_says() -> None:
    connection = client(POST)
    refuses(lambda: connection.send_body(6), "BODY_MISMATCH")
    connection.send_body(4)
    refuses(connection.send_end, "BODY_MISMATCH")
    refuses(lambda: connection.send_head(GET), "NOT_YET")
    connection.send_body(1)
    connection.send_end()
    assert connection.send_head(GET) == len(GET)


def test_nothing_follows_close() -> None:
    connection = client(CLOSE)
    refuses(lambda: connection.send_head(GET), "AFTER_LAST")
    connection.receive(EMPTY)
    assert connection.may == May.CLOSE
    other = server(CLOSE + GET)
    assert other.may == May.WRITE_HEAD | May.SAY_CLOSE and other.rest == GET
    other.send_head(EMPTY)
    assert other.may == May.CLOSE
    refuses(lambda: other.send_head(EMPTY), "AFTER_LAST")


def test_a_head_is_checked_before_it_is_sent() -> None:
    connection = Connection("client")
    with pytest.raises(bojagi.ProtocolError) as refused:
        connection.send_head(b"GET / HTTP/1.1\r\nHost: x\r\nA: b\0\r\n\r\n")
    assert refused.value.reason == "FIELD_VALUE" and refused.value.status == 0
    with pytest.raises(bojagi.ArgumentError, match="not complete"):
        connection.send_head(GET[:-1])
    refuses(lambda: Connection("server").send_head(OK), "RESPONSE_UNASKED")
    assert connection.may == IDLE_CLIENT


def test_continue_is_awaited_on_both_sides() -> None:
    one, other = client(EXPECT), server(EXPECT)
    assert one.may & May.CONTINUE and one.may & May.WRITE_BODY
    assert other.may & May.CONTINUE and other.may & May.SAY_CLOSE
    go_on = bojagi.encode_response(100)
    other.send_head(go_on)
    assert other.may == May.READ_BODY | May.WRITE_HEAD
    assert kinds(one.receive(go_on)) == [Response, End]
    assert one.may == May.READ_HEAD | May.WRITE_BODY


def test_a_final_response_instead_of_continue_closes() -> None:
    one, other = client(EXPECT), server(EXPECT)
    other.send_head(EMPTY)
    one.receive(EMPTY)
    assert (one.may, other.may) == (May.CLOSE, May.CLOSE)
    refuses(lambda: one.send_body(5), "AFTER_LAST")


def test_a_body_that_is_unread_is_drained() -> None:
    connection = server(POST)
    connection.send_head(EMPTY)
    assert connection.may == May.READ_BODY | May.DRAIN
    assert kinds(connection.receive(b"hello" + GET)) == [Data, End, Request, End]


def test_nothing_is_read_behind_an_upgrade_before_it_is_answered() -> None:
    connection = server(UPGRADE + b"\x00\x01")
    assert may(connection) == May.WRITE_HEAD and connection.rest == b"\x00\x01"
    connection.send_head(SWITCH)
    assert connection.may == May.TUNNEL
    assert connection.receive(b"\x02") == [] and connection.rest == b"\x00\x01\x02"
    declined = server(UPGRADE + GET)
    declined.send_head(EMPTY)
    assert kinds(declined.receive()) == [Request, End]


def test_requests_beyond_the_pipeline_wait_also_for_the_end() -> None:
    connection = Connection("server")
    events = connection.receive(GET * 34, eof=True)
    assert kinds(events) == [Request, End] * 32 and may(connection) == May.WRITE_HEAD
    for _ in range(2):
        connection.send_head(EMPTY)
        assert kinds(connection.receive()) == [Request, End]
    for _ in range(32):
        assert connection.may & May.WRITE_HEAD
        connection.send_head(EMPTY)
    assert connection.may == May.CLOSE
    full = client(*[GET] * 32)
    with pytest.raises(bojagi.StateError, match="32 requests await") as refused:
        full.send_head(GET)
    assert refused.value.name == "SPACE"


def test_each_response_is_read_by_its_request() -> None:
    head = bojagi.encode_request("HEAD", "/", {"Host": "x"})
    odd = bojagi.encode_request("BREW", "/", {"Host": "x"})
    connection = client(head, odd)
    assert connection.request_method == "HEAD"
    assert kinds(connection.receive(OK + OK + b"hi")) == [Response, End, Response, Data, End]
    assert client(odd).request_method == ""


@pytest.mark.parametrize(
    "sent, came, reason",
    [
        ([], OK, "RESPONSE_UNASKED"),
        ([GET], SWITCH, "SWITCH_UNASKED"),
        ([GET], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx", "CHUNK_SIZE"),
        ([GET], b"HTTP/3.0 200 OK\r\n\r\n", "VERSION"),
    ],
)
def test_a_server_at_fault_ends_the_connection(sent: List[bytes], came: bytes, reason: str) -> None:
    connection = client(*sent)
    with pytest.raises(bojagi.ProtocolError) as fault:
        connection.receive(came)
    assert (fault.value.reason, fault.value.status) == (reason, 502)
    assert connection.may == May.CLOSE and connection.receive(GET) == []


def test_a_client_at_fault_is_answered_after_those_before_it() -> None:
    connection = Connection("server")
    with pytest.raises(bojagi.ProtocolError) as fault:
        connection.receive(GET + b"GET / HTTP/1.1\r\n\r\n")
    assert (fault.value.reason, fault.value.status) == ("HOST_MISSING", 400)
    assert kinds(fault.value.events) == [Request, End]
    connection.send_head(EMPTY)
    assert connection.may == May.WRITE_HEAD | May.SAY_CLOSE
    connection.send_head(bojagi.encode_response(400, {"Content-Length": "0"}))
    assert connection.may == May.CLOSE


@pytest.mark.parametrize(
    "connection, came, reason",
    [
        (lambda: client(GET), b"", "UNANSWERED"),
        (lambda: client(GET), b"HTTP/1.1", "TRUNCATED"),
        (lambda: client(GET), OK + b"h", "TRUNCATED"),
        (lambda: Connection("server"), GET[:9], "TRUNCATED"),
        (lambda: Connection("server"), POST + b"h", "TRUNCATED"),
        (lambda: Connection("server"), CHUNKED + b"0\r\nA: b", "TRUNCATED"),
    ],
)
def test_an_end_in_the_middle_is_an_error(connection: Callable[[], Connection], came: bytes, reason: str) -> None:
    with pytest.raises(bojagi.ProtocolError) as fault:
        connection().receive(came, eof=True)
    assert (fault.value.reason, fault.value.name) == (reason, "TRUNCATED")


def test_an_end_between_messages_is_none() -> None:
    connection = Connection("server")
    assert connection.receive(b"", eof=True) == [] and connection.may == May.CLOSE
    lasting = client(GET)
    assert kinds(lasting.receive(b"HTTP/1.1 200 OK\r\n\r\nall of it", eof=True)) == [Response, Data, End]
    assert lasting.may == May.CLOSE
    half = server(GET)
    half.receive(eof=True)
    assert half.may == May.WRITE_HEAD | May.SAY_CLOSE


@pytest.mark.parametrize("call", [
    lambda: Connection("proxy"),
    lambda: client(POST).send_body(-1),
    lambda: client(POST).send_body(2**64),
])
def test_wrong_arguments(call: Callable[[], Any]) -> None:
    with pytest.raises(bojagi.ArgumentError):
        call()


def test_what_is_no_count_and_no_bytes() -> None:
    untyped: Any = client(POST)
    with pytest.raises(TypeError, match="a count is an int, not str"):
        untyped.send_body("5")
    with pytest.raises(TypeError):
        untyped.receive("text")
    with pytest.raises(TypeError):
        untyped.send_head("text")
