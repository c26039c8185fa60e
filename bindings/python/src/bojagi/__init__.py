"""Sockets and HTTP/1.1: the bojagi library for Python.

Level 1, sockets: `connect`, `listen`, `udp_bind` and their like give a `Socket` or a `Listener`; `Frames` sends and
receives the messages of a protocol of your own over one, a `Poller` waits for many.
Level 2, the codec: `encode_request`, `decode_response` and their like turn messages into bytes and
back, over whatever carries them.

    import bojagi

    with bojagi.connect("127.0.0.1", 8080, timeout=5) as sock:
        sock.send_all(bojagi.encode_request("GET", "/", {"Host": "127.0.0.1:8080"}), timeout=5)
        decoder = bojagi.ResponseDecoder("GET")
        for event in decoder.feed(sock.recv(timeout=5)):
            print(event)
"""

from ._address import Address, AddressLike, resolve
from ._bindings import SHUTDOWN_BOTH, SHUTDOWN_RECV, SHUTDOWN_SEND, VERSION
from ._buffers import Buffer, WritableBuffer
from ._cancel import Cancel
from ._connect import (
    connect,
    listen,
    udp_bind,
    udp_connect,
    unix_connect,
    unix_datagram_bind,
    unix_datagram_connect,
    unix_listen,
)
from ._connection import Connection, Event, May
from ._connector import Connector
from ._datagram import Datagram, Sendable
from ._decode import decode_request, decode_response
from ._decoder import RequestDecoder, ResponseDecoder
from ._encode import HeadersLike, encode_chunk, encode_request, encode_response, encode_trailers
from ._errors import (
    AddressInUse,
    ArgumentError,
    Attempt,
    Cancelled,
    Closed,
    Denied,
    EndOfStream,
    Error,
    Incomplete,
    Interrupted,
    LimitError,
    OutOfMemory,
    Panic,
    ProtocolError,
    Refused,
    Reset,
    ResolveError,
    StateError,
    SystemFailure,
    Timeout,
    Truncated,
    Unreachable,
    Unsupported,
    WouldBlock,
)
from ._frames import FrameFormat, Frames, Reader
from ._headers import Headers
from ._hosts import Hosts, IpAddress, Resolver
from ._insight import Queues, TcpInfo
from ._library import path as library_path
from ._library import version_text
from ._listener import Listener
from ._messages import Data, End, Message, Request, RequestEvent, Response, ResponseEvent
from ._options import OPTIONS, Option, OptionValue, OptionValues, Options
from ._poller import Poller
from ._options import OPTIONS, Option, OptionValue, Options
from ._poller import HasFileno, Poller
from ._readiness import READABLE, WRITABLE, Ready
from ._rights import Credentials
from ._service import listen_fds
from ._socket import Socket
from ._time import Deadline
from ._unix import unix_pair, unix_seqpacket_connect, unix_seqpacket_listen
from ._values import (
    MediaType,
    basic_decode,
    basic_encode,
    etag_match,
    format_content_range,
    format_date,
    format_etag,
    if_match,
    if_none_match,
    if_range,
    parse_content_length,
    parse_content_range,
    parse_date,
    parse_etag,
    parse_list,
    parse_media_type,
    parse_parameters,
    parse_quality,
    parse_range,
    percent_decode,
    percent_encode,
    quality_coding,
    quality_language,
    quality_media,
    quote,
    unquote,
)

__version__ = version_text(VERSION)

__all__ = [
    "Address",
    "AddressInUse",
    "AddressLike",
    "ArgumentError",
    "Attempt",
    "Buffer",
    "Cancel",
    "Cancelled",
    "Closed",
    "Connection",
    "Connector",
    "Credentials",
    "Data",
    "Datagram",
    "Deadline",
    "Denied",
    "End",
    "EndOfStream",
    "Error",
    "Event",
    "FrameFormat",
    "Frames",
    "HasFileno",
    "Headers",
    "HeadersLike",
    "Hosts",
    "Incomplete",
    "Interrupted",
    "IpAddress",
    "LimitError",
    "Listener",
    "May",
    "MediaType",
    "Message",
    "OPTIONS",
    "Option",
    "OptionValue",
    "OptionValues",
    "Options",
    "OutOfMemory",
    "Panic",
    "Poller",
    "ProtocolError",
    "Queues",
    "READABLE",
    "Reader",
    "Ready",
    "Refused",
    "Request",
    "RequestDecoder",
    "RequestEvent",
    "Reset",
    "ResolveError",
    "Resolver",
    "Response",
    "ResponseDecoder",
    "ResponseEvent",
    "SHUTDOWN_BOTH",
    "SHUTDOWN_RECV",
    "SHUTDOWN_SEND",
    "Sendable",
    "Socket",
    "StateError",
    "SystemFailure",
    "TcpInfo",
    "Timeout",
    "Truncated",
    "Unreachable",
    "Unsupported",
    "WRITABLE",
    "WouldBlock",
    "WritableBuffer",
    "basic_decode",
    "basic_encode",
    "connect",
    "decode_request",
    "decode_response",
    "encode_chunk",
    "encode_request",
    "encode_response",
    "encode_trailers",
    "etag_match",
    "format_content_range",
    "format_date",
    "format_etag",
    "if_match",
    "if_none_match",
    "if_range",
    "library_path",
    "listen",
    "listen_fds",
    "parse_content_length",
    "parse_content_range",
    "parse_date",
    "parse_etag",
    "parse_list",
    "parse_media_type",
    "parse_parameters",
    "parse_quality",
    "parse_range",
    "percent_decode",
    "percent_encode",
    "quality_coding",
    "quality_language",
    "quality_media",
    "quote",
    "resolve",
    "udp_bind",
    "udp_connect",
    "unix_connect",
    "unix_datagram_bind",
    "unix_datagram_connect",
    "unix_listen",
    "unix_pair",
    "unix_seqpacket_connect",
    "unix_seqpacket_listen",
    "unquote",
]
