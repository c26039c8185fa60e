"""What `include/bojagi.h` declares, for ctypes. Written by generate.py: do not edit.

Every pointer parameter but a C string is a `c_void_p`, which takes bytes, arrays, `byref()` and
plain addresses, and which ctypes converts fastest.
"""

from __future__ import annotations

import ctypes
from typing import Any, Dict, Tuple

E_ARG = -2
E_STATE = -3
E_MEMORY = -4
E_SPACE = -5
E_LIMIT = -6
E_SYNTAX = -7
E_TRUNCATED = -8
E_RESOLVE = -9
E_REFUSED = -10
E_UNREACHABLE = -11
E_RESET = -12
E_CLOSED = -13
E_TIMEOUT = -14
E_CANCELLED = -15
E_INTERRUPTED = -16
E_AGAIN = -17
E_IN_USE = -18
E_DENIED = -19
E_OS = -20
E_UNSUPPORTED = -21
E_PANIC = -22
VERSION_MAJOR = 0
VERSION_MINOR = 1
VERSION_PATCH = 0
VERSION = 256
FEATURE_CODEC = 1
FEATURE_NET = 2
REASON_NONE = 0
REASON_METHOD = 1
REASON_TARGET = 2
REASON_VERSION = 3
REASON_STATUS = 4
REASON_REASON_PHRASE = 5
REASON_LINE_END = 6
REASON_FIELD_NAME = 7
REASON_FIELD_VALUE = 8
REASON_OBS_FOLD = 9
REASON_HOST_MISSING = 10
REASON_HOST_REPEATED = 11
REASON_HOST_INVALID = 12
REASON_CONTENT_LENGTH_INVALID = 13
REASON_CONTENT_LENGTH_REPEATED = 14
REASON_TRANSFER_ENCODING_INVALID = 15
REASON_TRANSFER_ENCODING_UNKNOWN = 16
REASON_TRANSFER_ENCODING_VERSION = 17
REASON_FRAMING_CONFLICT = 18
REASON_CHUNK_SIZE = 19
REASON_CHUNK_EXTENSION = 20
REASON_CHUNK_END = 21
REASON_TRAILER_FORBIDDEN = 22
REASON_START_LINE_LIMIT = 23
REASON_FIELD_BYTES_LIMIT = 24
REASON_FIELD_COUNT_LIMIT = 25
REASON_FIELD_NAME_LIMIT = 26
REASON_CHUNK_EXTENSION_LIMIT = 27
REASON_TRAILER_BYTES_LIMIT = 28
REASON_TRAILER_COUNT_LIMIT = 29
REASON_BODY_LIMIT = 30
REASON_FIELD_FORBIDDEN = 31
REASON_TRUNCATED = 32
REASON_RESPONSE_UNASKED = 33
REASON_SWITCH_UNASKED = 34
REASON_INTERIM_VERSION = 35
REASON_NOT_YET = 36
REASON_AFTER_LAST = 37
REASON_BODY_MISMATCH = 38
REASON_UNANSWERED = 39
REASON_LIST = 40
REASON_PARAMETER = 41
REASON_MEDIA_TYPE = 42
REASON_QUALITY = 43
REASON_RANGE = 44
REASON_ETAG = 45
REASON_PERCENT = 46
REASON_CREDENTIALS = 47
REASON_DATE = 48
ALLOW_BARE_LF = 1
ALLOW_EQUAL_LENGTHS = 2
ALLOW_MISSING_HOST = 4
ALLOW_STATUS_999 = 8
ALLOW_SPACE_BEFORE_COLON = 16
ALLOW_CHUNK_SPACE = 32
ALLOW_START_LINE_SPACE = 64
ALLOW_OBS_FOLD = 128
REFUSE_NON_URI = 256
METHOD_OTHER = 0
METHOD_GET = 1
METHOD_HEAD = 2
METHOD_POST = 3
METHOD_PUT = 4
METHOD_DELETE = 5
METHOD_CONNECT = 6
METHOD_OPTIONS = 7
METHOD_TRACE = 8
METHOD_PATCH = 9
FIELD_HOST = 1
FIELD_CONTENT_LENGTH = 2
FIELD_TRANSFER_ENCODING = 3
FIELD_CONNECTION = 4
FIELD_CONTENT_TYPE = 5
FIELD_CONTENT_ENCODING = 6
FIELD_CONTENT_LANGUAGE = 7
FIELD_CONTENT_LOCATION = 8
FIELD_CONTENT_RANGE = 9
FIELD_CONTENT_DISPOSITION = 10
FIELD_ACCEPT = 11
FIELD_ACCEPT_CHARSET = 12
FIELD_ACCEPT_ENCODING = 13
FIELD_ACCEPT_LANGUAGE = 14
FIELD_ACCEPT_RANGES = 15
FIELD_AGE = 16
FIELD_ALLOW = 17
FIELD_ALT_SVC = 18
FIELD_AUTHORIZATION = 19
FIELD_CACHE_CONTROL = 20
FIELD_CLEAR_SITE_DATA = 21
FIELD_COOKIE = 22
FIELD_DATE = 23
FIELD_ETAG = 24
FIELD_EXPECT = 25
FIELD_EXPIRES = 26
FIELD_FORWARDED = 27
FIELD_FROM = 28
FIELD_IF_MATCH = 29
FIELD_IF_MODIFIED_SINCE = 30
FIELD_IF_NONE_MATCH = 31
FIELD_IF_RANGE = 32
FIELD_IF_UNMODIFIED_SINCE = 33
FIELD_KEEP_ALIVE = 34
FIELD_LAST_MODIFIED = 35
FIELD_LINK = 36
FIELD_LOCATION = 37
FIELD_MAX_FORWARDS = 38
FIELD_ORIGIN = 39
FIELD_PRAGMA = 40
FIELD_PRIORITY = 41
FIELD_PROXY_AUTHENTICATE = 42
FIELD_PROXY_AUTHORIZATION = 43
FIELD_PROXY_CONNECTION = 44
FIELD_RANGE = 45
FIELD_REFERER = 46
FIELD_REFRESH = 47
FIELD_RETRY_AFTER = 48
FIELD_SERVER = 49
FIELD_SET_COOKIE = 50
FIELD_STRICT_TRANSPORT_SECURITY = 51
FIELD_TE = 52
FIELD_TRAILER = 53
FIELD_UPGRADE = 54
FIELD_UPGRADE_INSECURE_REQUESTS = 55
FIELD_USER_AGENT = 56
FIELD_VARY = 57
FIELD_VIA = 58
FIELD_WWW_AUTHENTICATE = 59
FIELD_WARNING = 60
FIELD_X_FORWARDED_FOR = 61
FIELD_X_FORWARDED_HOST = 62
FIELD_X_FORWARDED_PROTO = 63
FIELD_X_REQUESTED_WITH = 64
FIELD_X_REQUEST_ID = 65
FIELD_X_FRAME_OPTIONS = 66
FIELD_X_CONTENT_TYPE_OPTIONS = 67
FIELD_CONTENT_SECURITY_POLICY = 68
FIELD_ACCESS_CONTROL_ALLOW_ORIGIN = 69
FIELD_ACCESS_CONTROL_REQUEST_METHOD = 70
FIELD_ACCESS_CONTROL_REQUEST_HEADERS = 71
FIELD_ACCESS_CONTROL_ALLOW_METHODS = 72
FIELD_ACCESS_CONTROL_ALLOW_HEADERS = 73
FIELD_ACCESS_CONTROL_ALLOW_CREDENTIALS = 74
FIELD_SEC_WEBSOCKET_KEY = 75
FIELD_SEC_WEBSOCKET_VERSION = 76
FIELD_SEC_WEBSOCKET_ACCEPT = 77
FIELD_SEC_FETCH_MODE = 78
FIELD_SEC_FETCH_SITE = 79
FIELD_SEC_FETCH_DEST = 80
FIELD_DNT = 81
FIELD_TRACEPARENT = 82
TARGET_ORIGIN = 1
TARGET_ABSOLUTE = 2
TARGET_AUTHORITY = 3
TARGET_ASTERISK = 4
FRAMING_NONE = 0
FRAMING_LENGTH = 1
FRAMING_CHUNKED = 2
FRAMING_UNTIL_CLOSE = 3
FRAMING_TUNNEL = 4
FRAMING_UNKNOWN = 5
HEAD_KEEP_ALIVE = 1
HEAD_EXPECT_CONTINUE = 2
HEAD_UPGRADE = 4
BODY_DATA = 0
BODY_TRAILERS = 1
BODY_DONE = 2
ROLE_CLIENT = 1
ROLE_SERVER = 2
PIPELINE_MAX = 32
MAY_READ_HEAD = 1
MAY_READ_BODY = 2
MAY_WRITE_HEAD = 4
MAY_WRITE_BODY = 8
MAY_REUSE = 16
MAY_TUNNEL = 32
AWAITS_CONTINUE = 64
MUST_DRAIN = 128
MUST_SAY_CLOSE = 256
MUST_CLOSE = 512
LENGTH_UNKNOWN = 18446744073709551615
ETAG_STRONG = 0
ETAG_WEAK = 1
PERCENT_PLUS = 1
PERCENT_NUL = 2
PERCENT_UNRESERVED = 0
PERCENT_SEGMENT = 1
PERCENT_QUERY = 2
PERCENT_FORM = 3
PADDING = 64
DATE_LEN = 29
STAGE_NONE = 0
STAGE_RESOLVE = 1
STAGE_CONNECT = 2
STAGE_LISTEN = 3
STAGE_ACCEPT = 4
STAGE_SEND = 5
STAGE_RECV = 6
STAGE_DECODE = 7
STAGE_ENCODE = 8
STAGE_SOCKET = 9
DATAGRAM_TRUNCATED = 1
DATAGRAM_LOCAL = 2
DATAGRAM_TOS = 4
DATAGRAM_HOPS = 8
DATAGRAM_GROUPED = 16
FAMILY_NONE = 0
FAMILY_UNIX = 1
FAMILY_IPV4 = 4
FAMILY_IPV6 = 6
INTERRUPTIBLE = 1
FAST_OPEN = 2
IPV4_ONLY = 4
IPV6_ONLY = 8
REUSE_PORT = 256
V6_ONLY = 512
NO_REUSE_ADDRESS = 1024
UNIX_REPLACE = 2048
SHUTDOWN_RECV = 1
SHUTDOWN_SEND = 2
SHUTDOWN_BOTH = 3
READABLE = 1
WRITABLE = 2
ENDED = 4
FAILED = 8
WOKEN = 16
OPTION_TYPE = 1
OPTION_FAMILY = 2
OPTION_PROTOCOL = 3
OPTION_ACCEPTING = 4
OPTION_REUSE_ADDRESS = 5
OPTION_REUSE_PORT = 6
OPTION_BROADCAST = 7
OPTION_KEEPALIVE = 8
OPTION_KEEPALIVE_IDLE = 9
OPTION_KEEPALIVE_INTERVAL = 10
OPTION_KEEPALIVE_COUNT = 11
OPTION_USER_TIMEOUT = 12
OPTION_LINGER = 13
OPTION_SEND_BUFFER = 14
OPTION_RECV_BUFFER = 15
OPTION_NODELAY = 16
OPTION_CORK = 17
OPTION_QUICKACK = 18
OPTION_NOTSENT_LOWAT = 19
OPTION_DSCP = 20
OPTION_TRAFFIC_CLASS = 21
OPTION_CONGESTION = 22
OPTION_MARK = 23
OPTION_PRIORITY = 24
OPTION_V6ONLY = 25
OPTION_FREEBIND = 26
OPTION_TRANSPARENT = 27
OPTION_BUSY_POLL = 28
OPTION_PREFER_BUSY_POLL = 29
OPTION_INCOMING_CPU = 30
OPTION_RECV_LOWAT = 31
OPTION_MAX_SEGMENT = 32
OPTION_DEFER_ACCEPT = 33
OPTION_FAST_OPEN = 34
OPTION_PMTU_DISCOVERY = 35
OPTION_MTU = 36
OPTION_TTL = 37
OPTION_MIN_TTL = 38
OPTION_MULTICAST_TTL = 39
OPTION_MULTICAST_LOOP = 40
OPTION_MULTICAST_ALL = 41
OPTION_MULTICAST_INTERFACE = 42
OPTION_INTERFACE = 43
OPTION_DONT_ROUTE = 44
OPTION_OOB_INLINE = 45
VALUE_BOOL = 1
VALUE_INTEGER = 2
VALUE_DURATION = 3
VALUE_TEXT = 4
ACCESS_READ = 1
ACCESS_SET = 2
ACCESS_HERE = 4
ACCESS_INHERIT = 8
KIND_TCP = 1
KIND_TCP_LISTENER = 2
KIND_UDP = 4
KIND_UNIX_STREAM = 8
KIND_UNIX_DATAGRAM = 16
KIND_UNIX_SEQPACKET = 32
KIND_UNIX_LISTENER = 64
TCP_INFO_BYTES = 1
TCP_INFO_SEGMENTS = 2
TCP_INFO_MIN_RTT = 4
TCP_INFO_RATE = 8
TCP_INFO_LIMITED = 16
TCP_INFO_DELIVERED = 32
TCP_INFO_SENT = 64
TCP_INFO_SEND_WINDOW = 128
TCP_INFO_RECV_WINDOW = 256
TCP_TIMESTAMPS = 1
TCP_SACK = 2
TCP_WINDOW_SCALE = 4
TCP_ECN = 8
TCP_ECN_SEEN = 16
TCP_SYN_DATA = 32
FRAME_U8 = 1
FRAME_U16 = 2
FRAME_U32 = 3
FRAME_U64 = 4
FRAME_VARINT = 5
FRAME_DELIMITED = 6
FRAME_LITTLE_ENDIAN = 1


class bojagi_rules(ctypes.Structure):
    _fields_ = [
        ("start_line_max", ctypes.c_uint32),
        ("field_bytes_max", ctypes.c_uint32),
        ("field_count_max", ctypes.c_uint32),
        ("trailer_bytes_max", ctypes.c_uint32),
        ("trailer_count_max", ctypes.c_uint32),
        ("chunk_extension_max", ctypes.c_uint32),
        ("body_max", ctypes.c_uint64),
        ("flags", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 5),
    ]


class bojagi_span(ctypes.Structure):
    _fields_ = [
        ("off", ctypes.c_uint32),
        ("len", ctypes.c_uint32),
    ]


class bojagi_fault(ctypes.Structure):
    _fields_ = [
        ("reason", ctypes.c_uint16),
        ("status", ctypes.c_uint16),
        ("offset", ctypes.c_uint32),
    ]


class bojagi_start_line(ctypes.Structure):
    _fields_ = [
        ("at", ctypes.c_uint32),
        ("mark", ctypes.c_uint32),
        ("end_max", ctypes.c_uint32),
        ("phase", ctypes.c_uint8),
        ("kind", ctypes.c_uint8),
        ("mode", ctypes.c_uint8),
        ("is_version_0", ctypes.c_uint8),
    ]


class bojagi_section(ctypes.Structure):
    _fields_ = [
        ("at", ctypes.c_uint32),
        ("end_max", ctypes.c_uint32),
        ("name_off", ctypes.c_uint32),
        ("value_off", ctypes.c_uint32),
        ("name_len", ctypes.c_uint16),
        ("phase", ctypes.c_uint8),
        ("is_head", ctypes.c_uint8),
        ("count", ctypes.c_uint32),
        ("count_max", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("start", ctypes.c_uint32),
    ]


class bojagi_notes(ctypes.Structure):
    _fields_ = [
        ("content_length", ctypes.c_uint64),
        ("host_off", ctypes.c_uint32),
        ("length_off", ctypes.c_uint32),
        ("coding_off", ctypes.c_uint32),
        ("host_fault", ctypes.c_uint8),
        ("length_fault", ctypes.c_uint8),
        ("coding_fault", ctypes.c_uint8),
        ("padding", ctypes.c_uint8),
        ("seen", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class bojagi_head(ctypes.Structure):
    _fields_ = [
        ("content_length", ctypes.c_uint64),
        ("length", ctypes.c_uint32),
        ("field_count", ctypes.c_uint32),
        ("method", bojagi_span),
        ("target", bojagi_span),
        ("reason_phrase", bojagi_span),
        ("status", ctypes.c_uint16),
        ("version", ctypes.c_uint8),
        ("method_id", ctypes.c_uint8),
        ("framing", ctypes.c_uint8),
        ("target_form", ctypes.c_uint8),
        ("flags", ctypes.c_uint16),
        ("fault", bojagi_fault),
        ("line", bojagi_start_line),
        ("section", bojagi_section),
        ("notes", bojagi_notes),
        ("rules", bojagi_rules),
        ("reserved", ctypes.c_uint32 * 4),
    ]


class bojagi_field(ctypes.Structure):
    _fields_ = [
        ("name_off", ctypes.c_uint32),
        ("name_len", ctypes.c_uint16),
        ("id", ctypes.c_uint16),
        ("value_off", ctypes.c_uint32),
        ("value_len", ctypes.c_uint32),
    ]


class bojagi_chunks(ctypes.Structure):
    _fields_ = [
        ("extension_bytes", ctypes.c_uint32),
        ("phase", ctypes.c_uint8),
        ("has_digit", ctypes.c_uint8),
        ("padding", ctypes.c_uint16),
    ]


class bojagi_body(ctypes.Structure):
    _fields_ = [
        ("remaining", ctypes.c_uint64),
        ("total", ctypes.c_uint64),
        ("span_count", ctypes.c_uint32),
        ("framing", ctypes.c_uint8),
        ("state", ctypes.c_uint8),
        ("failed", ctypes.c_uint8),
        ("is_response", ctypes.c_uint8),
        ("fault", bojagi_fault),
        ("offset", ctypes.c_uint64),
        ("chunks", bojagi_chunks),
        ("trailers", bojagi_section),
        ("rules", bojagi_rules),
        ("reserved", ctypes.c_uint32 * 4),
    ]


class bojagi_connection(ctypes.Structure):
    _fields_ = [
        ("outgoing_left", ctypes.c_uint64),
        ("incoming_length", ctypes.c_uint64),
        ("fault", bojagi_fault),
        ("awaiting", ctypes.c_uint8),
        ("peer_version", ctypes.c_uint8),
        ("role", ctypes.c_uint8),
        ("request", ctypes.c_uint8),
        ("response", ctypes.c_uint8),
        ("incoming_framing", ctypes.c_uint8),
        ("outgoing_framing", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("methods", ctypes.c_uint8 * 32),
        ("oldest", ctypes.c_uint8),
        ("padding", ctypes.c_uint8 * 3),
        ("reserved", ctypes.c_uint32 * 5),
    ]


class bojagi_field_line(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_void_p),
        ("name_len", ctypes.c_size_t),
        ("value", ctypes.c_void_p),
        ("value_len", ctypes.c_size_t),
        ("id", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class bojagi_range(ctypes.Structure):
    _fields_ = [
        ("first", ctypes.c_uint64),
        ("last", ctypes.c_uint64),
    ]


class bojagi_date(ctypes.Structure):
    _fields_ = [
        ("second", ctypes.c_int64),
        ("text", ctypes.c_char * 30),
        ("is_written", ctypes.c_uint8),
        ("reserved", ctypes.c_uint8),
    ]


class bojagi_error(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("code", ctypes.c_int32),
        ("stage", ctypes.c_uint32),
        ("os_error", ctypes.c_int32),
        ("offset", ctypes.c_uint64),
        ("attempts", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("message", ctypes.c_char * 256),
    ]


class bojagi_address(ctypes.Structure):
    _fields_ = [
        ("len", ctypes.c_uint32),
        ("storage", ctypes.c_uint8 * 128),
    ]


class bojagi_option_value(ctypes.Structure):
    _fields_ = [
        ("option", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("value", ctypes.c_int64),
        ("text", ctypes.c_void_p),
    ]


class bojagi_connect_options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("cancel", ctypes.c_void_p),
        ("attempt_delay_ms", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("local", ctypes.c_void_p),
        ("interface_name", ctypes.c_void_p),
        ("hosts", ctypes.c_void_p),
        ("resolver", ctypes.c_void_p),
        ("resolver_user", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("value_count", ctypes.c_size_t),
    ]


class bojagi_listen_options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("cancel", ctypes.c_void_p),
        ("backlog", ctypes.c_uint32),
        ("fast_open", ctypes.c_uint32),
        ("defer_accept_s", ctypes.c_uint32),
        ("unix_mode", ctypes.c_uint32),
        ("interface_name", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("value_count", ctypes.c_size_t),
    ]


class bojagi_event(ctypes.Structure):
    _fields_ = [
        ("token", ctypes.c_uint64),
        ("events", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class bojagi_datagram(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("len", ctypes.c_size_t),
        ("cap", ctypes.c_size_t),
        ("full_len", ctypes.c_size_t),
        ("flags", ctypes.c_uint32),
        ("interface_index", ctypes.c_uint32),
        ("tos", ctypes.c_uint32),
        ("hops", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 2),
        ("peer", bojagi_address),
        ("local", bojagi_address),
    ]


class bojagi_option_info(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("id", ctypes.c_uint32),
        ("name", ctypes.c_void_p),
        ("unit", ctypes.c_void_p),
        ("value_type", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("kinds", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("min", ctypes.c_int64),
        ("max", ctypes.c_int64),
    ]


class bojagi_tcp_info(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("valid", ctypes.c_uint32),
        ("state", ctypes.c_uint32),
        ("options", ctypes.c_uint32),
        ("congestion_state", ctypes.c_uint32),
        ("send_window_scale", ctypes.c_uint32),
        ("recv_window_scale", ctypes.c_uint32),
        ("rtt_us", ctypes.c_uint32),
        ("rtt_variation_us", ctypes.c_uint32),
        ("min_rtt_us", ctypes.c_uint32),
        ("recv_rtt_us", ctypes.c_uint32),
        ("retransmit_timeout_us", ctypes.c_uint32),
        ("delayed_ack_us", ctypes.c_uint32),
        ("send_mss", ctypes.c_uint32),
        ("recv_mss", ctypes.c_uint32),
        ("announced_mss", ctypes.c_uint32),
        ("path_mtu", ctypes.c_uint32),
        ("cwnd", ctypes.c_uint32),
        ("ssthresh", ctypes.c_uint32),
        ("recv_ssthresh", ctypes.c_uint32),
        ("recv_space", ctypes.c_uint32),
        ("reordering", ctypes.c_uint32),
        ("unacked", ctypes.c_uint32),
        ("sacked", ctypes.c_uint32),
        ("lost", ctypes.c_uint32),
        ("retransmits", ctypes.c_uint32),
        ("retransmits_total", ctypes.c_uint32),
        ("timeouts", ctypes.c_uint32),
        ("probes", ctypes.c_uint32),
        ("backoff", ctypes.c_uint32),
        ("last_send_ms", ctypes.c_uint32),
        ("last_recv_ms", ctypes.c_uint32),
        ("last_ack_ms", ctypes.c_uint32),
        ("segments_out", ctypes.c_uint32),
        ("segments_in", ctypes.c_uint32),
        ("data_segments_out", ctypes.c_uint32),
        ("data_segments_in", ctypes.c_uint32),
        ("unsent_bytes", ctypes.c_uint32),
        ("delivered", ctypes.c_uint32),
        ("delivered_ecn", ctypes.c_uint32),
        ("duplicates", ctypes.c_uint32),
        ("reorderings", ctypes.c_uint32),
        ("out_of_order_in", ctypes.c_uint32),
        ("send_window", ctypes.c_uint32),
        ("recv_window", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("pacing_rate", ctypes.c_uint64),
        ("pacing_rate_max", ctypes.c_uint64),
        ("delivery_rate", ctypes.c_uint64),
        ("bytes_acked", ctypes.c_uint64),
        ("bytes_received", ctypes.c_uint64),
        ("bytes_sent", ctypes.c_uint64),
        ("bytes_retransmitted", ctypes.c_uint64),
        ("busy_us", ctypes.c_uint64),
        ("peer_limited_us", ctypes.c_uint64),
        ("buffer_limited_us", ctypes.c_uint64),
    ]


class bojagi_queues(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("pending", ctypes.c_uint32),
        ("backlog", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("unread", ctypes.c_uint64),
        ("unacked", ctypes.c_uint64),
        ("unsent", ctypes.c_uint64),
    ]


class bojagi_credentials(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("uid", ctypes.c_uint32),
        ("gid", ctypes.c_uint32),
        ("pid", ctypes.c_int32),
    ]


class bojagi_iovec(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("len", ctypes.c_size_t),
    ]


class bojagi_buffer(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("cap", ctypes.c_size_t),
        ("start", ctypes.c_size_t),
        ("body", ctypes.c_size_t),
        ("trailers", ctypes.c_size_t),
        ("next", ctypes.c_size_t),
        ("end", ctypes.c_size_t),
        ("state", ctypes.c_uint32),
        ("last", ctypes.c_uint32),
    ]


class bojagi_frame_format(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("kind", ctypes.c_uint32),
        ("limit", ctypes.c_uint64),
        ("flags", ctypes.c_uint32),
        ("delimiter_len", ctypes.c_uint32),
        ("delimiter", ctypes.c_uint8 * 16),
    ]


class bojagi_frame(ctypes.Structure):
    _fields_ = [
        ("off", ctypes.c_size_t),
        ("len", ctypes.c_size_t),
        ("searched", ctypes.c_size_t),
    ]


FUNCTIONS: Dict[str, Tuple[Any, Tuple[Any, ...]]] = {
    "bojagi_version": (ctypes.c_uint32, ()),
    "bojagi_version_text": (ctypes.c_char_p, ()),
    "bojagi_features": (ctypes.c_uint64, ()),
    "bojagi_rules_init": (None, (ctypes.c_void_p,)),
    "bojagi_head_init": (None, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_head_reset": (None, (ctypes.c_void_p,)),
    "bojagi_request_decode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_response_decode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
        ),
    ),
    "bojagi_request_spans": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_response_spans": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
        ),
    ),
    "bojagi_request_decode_padded": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_response_decode_padded": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
        ),
    ),
    "bojagi_request_decode_in_place": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_response_decode_in_place": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
        ),
    ),
    "bojagi_body_init": (None, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_body_decode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_uint32,
        ),
    ),
    "bojagi_trailers_decode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_body_end": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_body_compact": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_connection_init": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_uint32)),
    "bojagi_connection_may": (ctypes.c_uint32, (ctypes.c_void_p,)),
    "bojagi_connection_request_method": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_connection_received_head": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_connection_received_body": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_connection_received_close": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_size_t)),
    "bojagi_connection_send_head": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_connection_send_body": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_uint64)),
    "bojagi_connection_send_end": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_request_encode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_response_encode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_chunk_encode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_chunk_head_encode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint64,
        ),
    ),
    "bojagi_trailers_encode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_request_text": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_response_text": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_field_find": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_uint32,
            ctypes.c_uint32,
        ),
    ),
    "bojagi_field_find_name": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
        ),
    ),
    "bojagi_field_id": (ctypes.c_uint32, (ctypes.c_void_p, ctypes.c_size_t)),
    "bojagi_field_name": (ctypes.c_char_p, (ctypes.c_uint32,)),
    "bojagi_method_id": (ctypes.c_uint32, (ctypes.c_void_p, ctypes.c_size_t)),
    "bojagi_method_name": (ctypes.c_char_p, (ctypes.c_uint32,)),
    "bojagi_status_phrase": (ctypes.c_char_p, (ctypes.c_uint32,)),
    "bojagi_reason_name": (ctypes.c_char_p, (ctypes.c_uint32,)),
    "bojagi_reason_text": (ctypes.c_char_p, (ctypes.c_uint32,)),
    "bojagi_list_next": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_media_type_parse": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_parameter_next": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_parameter_find": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_quoted_decode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_quoted_encode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_quality_parse": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)),
    "bojagi_quality_coding": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_quality_language": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_quality_media": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_content_length_parse": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_content_length_format": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint64,
        ),
    ),
    "bojagi_range_parse": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint64,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_content_range_parse": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_content_range_format": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_uint64,
        ),
    ),
    "bojagi_etag_parse": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_etag_format": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_etag_match": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
        ),
    ),
    "bojagi_if_match": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_if_none_match": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_if_range": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_percent_decode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_percent_encode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
        ),
    ),
    "bojagi_basic_decode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_basic_encode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_date_parse": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)),
    "bojagi_date_format": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64)),
    "bojagi_date_now": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_error_init": (None, (ctypes.c_void_p,)),
    "bojagi_error_last": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_error_attempt": (ctypes.c_int64, (ctypes.c_uint32, ctypes.c_void_p)),
    "bojagi_error_name": (ctypes.c_char_p, (ctypes.c_int64,)),
    "bojagi_error_text": (ctypes.c_char_p, (ctypes.c_int64,)),
    "bojagi_deadline_after": (ctypes.c_int64, (ctypes.c_int64,)),
    "bojagi_deadline_left": (ctypes.c_int64, (ctypes.c_int64,)),
    "bojagi_cancel_new": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_cancel_fire": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_cancel_reset": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_cancel_fired": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_cancel_free": (None, (ctypes.c_void_p,)),
    "bojagi_address_parse": (ctypes.c_int64, (ctypes.c_char_p, ctypes.c_uint32, ctypes.c_void_p)),
    "bojagi_address_unix": (ctypes.c_int64, (ctypes.c_char_p, ctypes.c_void_p)),
    "bojagi_address_format": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)),
    "bojagi_address_host": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)),
    "bojagi_address_port": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_address_family": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_resolve": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_hosts_new": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_hosts_add": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)),
    "bojagi_hosts_free": (None, (ctypes.c_void_p,)),
    "bojagi_connect_options_init": (None, (ctypes.c_void_p,)),
    "bojagi_tcp_connect": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_udp_connect": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_unix_connect": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_unix_datagram_connect": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_connector_new": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_connector_fd": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_connector_next": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)),
    "bojagi_connector_attempts": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_connector_attempt": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_connector_free": (None, (ctypes.c_void_p,)),
    "bojagi_listen_options_init": (None, (ctypes.c_void_p,)),
    "bojagi_tcp_listen": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_unix_listen": (ctypes.c_int64, (ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_udp_bind": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_unix_datagram_bind": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_listener_accept": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)),
    "bojagi_listener_accept_batch": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_listener_local": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_listener_fd": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_listener_from_fd": (ctypes.c_int64, (ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_listener_set_cancel": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_listener_free": (None, (ctypes.c_void_p,)),
    "bojagi_listen_fds": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_size_t)),
    "bojagi_listen_fd_name": (ctypes.c_int64, (ctypes.c_uint32, ctypes.c_void_p, ctypes.c_size_t)),
    "bojagi_socket_send": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_send_all": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_socket_recv": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_peek": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_recv_exact": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_socket_send_to": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_recv_from": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_socket_shutdown": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_uint32)),
    "bojagi_socket_local": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_socket_peer": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_socket_fd": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_socket_from_fd": (ctypes.c_int64, (ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_socket_set_cancel": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_socket_set_spin": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_uint32)),
    "bojagi_socket_free": (None, (ctypes.c_void_p,)),
    "bojagi_socket_wanted": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_listener_wanted": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_poller_new": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_poller_add": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_uint32,
            ctypes.c_uint64,
        ),
    ),
    "bojagi_poller_change": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_uint32,
            ctypes.c_uint64,
        ),
    ),
    "bojagi_poller_remove": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_int64)),
    "bojagi_poller_wait": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
        ),
    ),
    "bojagi_poller_wake": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_poller_set_flags": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_uint32)),
    "bojagi_poller_set_cancel": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_poller_fd": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_poller_free": (None, (ctypes.c_void_p,)),
    "bojagi_socket_send_batch": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_socket_recv_batch": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_send_datagram": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_recv_datagram": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_set_datagram": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_uint32)),
    "bojagi_socket_pending": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_socket_multicast_join": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_socket_multicast_leave": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_option_info_init": (None, (ctypes.c_void_p,)),
    "bojagi_option_count": (ctypes.c_uint32, ()),
    "bojagi_option_describe": (ctypes.c_int64, (ctypes.c_uint32, ctypes.c_void_p)),
    "bojagi_option_find": (ctypes.c_int64, (ctypes.c_char_p,)),
    "bojagi_socket_set_option": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_option": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)),
    "bojagi_socket_set_option_text": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_char_p,
        ),
    ),
    "bojagi_socket_option_text": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_listener_set_option": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_int64,
        ),
    ),
    "bojagi_listener_option": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)),
    "bojagi_listener_set_option_text": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_char_p,
        ),
    ),
    "bojagi_listener_option_text": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_tcp_info_init": (None, (ctypes.c_void_p,)),
    "bojagi_socket_tcp_info": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_tcp_state_name": (ctypes.c_char_p, (ctypes.c_uint32,)),
    "bojagi_queues_init": (None, (ctypes.c_void_p,)),
    "bojagi_socket_queues": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_listener_queues": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_socket_original": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_socket_error": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_unix_seqpacket_connect": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_unix_seqpacket_listen": (
        ctypes.c_int64,
        (
            ctypes.c_char_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_unix_pair": (
        ctypes.c_int64,
        (
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_socket_send_fds": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_recv_fds": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_credentials_init": (None, (ctypes.c_void_p,)),
    "bojagi_socket_peer_credentials": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "bojagi_socket_peer_pidfd": (ctypes.c_int64, (ctypes.c_void_p,)),
    "bojagi_socket_send_vectored": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_send_all_vectored": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_socket_recv_vectored": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_sendfile": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_int64,
            ctypes.c_uint64,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_buffer_init": (None, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)),
    "bojagi_socket_recv_request": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_recv_response": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_uint32,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_recv_body": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_int64,
        ),
    ),
    "bojagi_frame_format_init": (None, (ctypes.c_void_p, ctypes.c_uint32)),
    "bojagi_frame_encode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ),
    ),
    "bojagi_frame_decode": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_socket_send_frame": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
            ctypes.c_void_p,
        ),
    ),
    "bojagi_socket_recv_frame": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_int64,
        ),
    ),
    "bojagi_socket_recv_until": (
        ctypes.c_int64,
        (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int64,
        ),
    ),
}


def declare(library: ctypes.CDLL) -> None:
    """Sets result and argument types of every function of the library."""
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
