"""The codec as a foreign program sees it: declared by hand from the documented C ABI.

The runners beside this file judge the library from outside, so nothing here is shared with the
package or the Rust sources. `bojagi_head` and `bojagi_body` are given more memory than they need;
only their public words, whose places are part of the ABI, are read.
"""

import ctypes
import os
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CODES = {
    -2: "ARG", -3: "STATE", -4: "MEMORY", -5: "SPACE", -6: "LIMIT", -7: "SYNTAX",
    -8: "TRUNCATED", -22: "PANIC",
}
FRAMINGS = ["NONE", "LENGTH", "CHUNKED", "UNTIL_CLOSE", "TUNNEL", "UNKNOWN"]
TARGET_FORMS = ["NONE", "ORIGIN", "ABSOLUTE", "AUTHORITY", "ASTERISK"]
KEEP_ALIVE, EXPECT_CONTINUE, UPGRADE = 1, 2, 4
DATA, TRAILERS, DONE = 0, 1, 2
SPACE, SYNTAX, LIMIT, TRUNCATED = -5, -7, -6, -8
PADDING = 64

_HEAD = struct.Struct("<QIIIIIIIIHBBBBHHHI")
_BODY = struct.Struct("<QQIBB")
_FIELD = struct.Struct("<IHHII")
_SPAN = struct.Struct("<II")
_FAULT = struct.Struct("<HHI")
_HEAD_FAULT_AT = 48
_BODY_FAULT_AT = 24
# The BOJAGI_ bits of `flags`, as a vector names them.
FLAGS = [
    "ALLOW_BARE_LF", "ALLOW_EQUAL_LENGTHS", "ALLOW_MISSING_HOST", "ALLOW_STATUS_999",
    "ALLOW_SPACE_BEFORE_COLON", "ALLOW_CHUNK_SPACE", "ALLOW_START_LINE_SPACE", "ALLOW_OBS_FOLD",
    "REFUSE_NON_URI",
]
_ROOM = 512  # words of 8 bytes for a head or a body


class Rules(ctypes.Structure):
    """`bojagi_rules`."""

    _fields_ = [
        ("start_line_max", ctypes.c_uint32), ("field_bytes_max", ctypes.c_uint32),
        ("field_count_max", ctypes.c_uint32), ("trailer_bytes_max", ctypes.c_uint32),
        ("trailer_count_max", ctypes.c_uint32), ("chunk_extension_max", ctypes.c_uint32),
        ("body_max", ctypes.c_uint64), ("flags", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 5),
    ]


class Fault(ctypes.Structure):
    """`bojagi_fault`."""

    _fields_ = [
        ("reason", ctypes.c_uint16), ("status", ctypes.c_uint16), ("offset", ctypes.c_uint32),
    ]


class FieldLine(ctypes.Structure):
    """`bojagi_field_line`."""

    _fields_ = [
        ("name", ctypes.c_char_p), ("name_len", ctypes.c_size_t),
        ("value", ctypes.c_char_p), ("value_len", ctypes.c_size_t),
        ("id", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
    ]


def library_path() -> Path:
    """The library under test: BOJAGI_LIBRARY, else the release build."""
    named = os.environ.get("BOJAGI_LIBRARY")
    path = Path(named) if named else ROOT / "target" / "release" / "libbojagi.so"
    if not path.is_file():
        sys.exit(f"no library at {path}: run `cargo build --release` or set BOJAGI_LIBRARY")
    return path


class Codec:
    """The exported functions of the codec, with their types."""

    def __init__(self) -> None:
        library = ctypes.CDLL(str(library_path()))
        for name, result, arguments in _SIGNATURES:
            function = getattr(library, "bojagi_" + name)
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def rules(self, flags=(), **changes: int) -> Rules:
        rules = Rules()
        self.rules_init(ctypes.byref(rules))
        rules.flags = sum(1 << FLAGS.index(flag) for flag in flags)
        for name, value in changes.items():
            setattr(rules, name, value)
        return rules

    def reason(self, number: int) -> str:
        return self.reason_name(number).decode()

    def fault(self, code: int, raw: tuple, base: int) -> dict:
        """An error as the verdict lines show it; `base` is where the decoded bytes began."""
        reason, status, offset = raw
        return {
            "code": CODES.get(code, str(code)), "reason": self.reason(reason),
            "offset": base + offset, "status": status,
        }


class Head:
    """A `bojagi_head` and its growing array of fields."""

    def __init__(self, codec: Codec, rules=None, cap: int = 256) -> None:
        self.codec, self.cap = codec, cap
        self.words = (ctypes.c_uint64 * _ROOM)()
        self.fields = ctypes.create_string_buffer(16 * cap)
        codec.head_init(self.words, ctypes.byref(rules) if rules is not None else None)
        self.read()

    def decode(self, data: bytes, request_method=None) -> int:
        """One call, repeated with a larger array for as long as the answer is SPACE."""
        while True:
            result = self.call("decode", data, len(data), request_method)
            if result != SPACE:
                return result
            self.fields, self.cap = grown(self.fields), 2 * self.cap

    def decode_in_place(self, data: bytes, request_method=None) -> tuple:
        """As `decode`, by the functions that may change the data; the data as it is then, too."""
        buffer = ctypes.create_string_buffer(data, len(data))
        while True:
            result = self.call("decode_in_place", buffer, len(data), request_method)
            if result != SPACE:
                return result, buffer.raw
            self.fields, self.cap = grown(self.fields), 2 * self.cap

    def call(self, verb: str, data, length: int, request_method=None) -> int:
        """One call of the function with this verb, for a request or for a response."""
        kind, more = ("request", []) if request_method is None else ("response", [request_method])
        function = getattr(self.codec, f"{kind}_{verb}")
        result = function(self.words, self.fields, self.cap, data, length, *more)
        self.read()
        return result

    def places(self, ids: bool) -> list:
        """Where the fields are, with their ids or without."""
        fields = (_FIELD.unpack_from(self.fields, 16 * index) for index in range(self.field_count))
        return [(name_off, name_len, ids and known, value_off, value_len)
                for name_off, name_len, known, value_off, value_len in fields]

    def read(self) -> None:
        (self.content_length, self.length, self.field_count, method_off, method_len, target_off,
         target_len, reason_off, reason_len, self.status, version, self.method_id, framing,
         form, self.flags, *self.fault) = _HEAD.unpack_from(self.words)
        self.spans = ((method_off, method_len), (target_off, target_len), (reason_off, reason_len))
        self.version = f"{version // 10}.{version % 10}"
        self.framing, self.target_form = FRAMINGS[framing], TARGET_FORMS[form]

    def message(self, data: bytes, is_request: bool) -> dict:
        """The complete head in the form of the verdict lines."""
        texts = [text(data, span) for span in self.spans]
        start = ({"method": texts[0], "target": texts[1]} if is_request
                 else {"status": self.status, "reason": texts[2]})
        return {
            **start, "version": self.version,
            "headers": field_lines(self.fields, self.field_count, data),
            "keep_alive": bool(self.flags & KEEP_ALIVE), "upgrade": bool(self.flags & UPGRADE),
            "framing": self.framing, "head_complete": True,
        }


class Body:
    """A `bojagi_body`, the bytes that it has handed out, and its trailers."""

    def __init__(self, codec: Codec, head: Head, spans: int = 16, compact: bool = False) -> None:
        self.codec, self.cap, self.compact = codec, spans, compact
        self.words = (ctypes.c_uint64 * _ROOM)()
        self.spans = ctypes.create_string_buffer(8 * spans)
        self.fields = ctypes.create_string_buffer(16)
        self.data, self.trailers = bytearray(), []
        codec.body_init(self.words, head.words)
        self.read()

    def decode(self, data: bytes) -> int:
        if self.compact:
            return self._decode_in_place(data)
        used = self.codec.body_decode(self.words, data, len(data), self.spans, self.cap)
        self.read()
        if used >= 0:
            for index in range(self.span_count):
                offset, length = _SPAN.unpack_from(self.spans, 8 * index)
                if offset + length > used:
                    raise AssertionError(f"span {offset}+{length} past the {used} bytes used")
                self.data += data[offset:offset + length]
        return used

    def _decode_in_place(self, data: bytes) -> int:
        buffer, kept = ctypes.create_string_buffer(data, len(data) + 1), ctypes.c_size_t()
        used = self.codec.body_compact(self.words, buffer, len(data), ctypes.byref(kept))
        self.read()
        if used >= 0:
            self.data += buffer.raw[:kept.value]
        return used

    def decode_trailers(self, data: bytes) -> int:
        while True:
            array = (self.fields, len(self.fields) // 16)
            result = self.codec.trailers_decode(self.words, *array, data, len(data))
            self.read()
            if result != SPACE:
                break
            self.fields = grown(self.fields)
        if result > 0:
            self.trailers = field_lines(self.fields, self.span_count, data)
        return result

    def end(self) -> int:
        return self.codec.body_end(self.words)

    def read(self) -> None:
        (self.remaining, self.total, self.span_count, framing, self.state) = \
            _BODY.unpack_from(self.words)
        self.framing = FRAMINGS[framing]
        self.fault = _FAULT.unpack_from(self.words, _BODY_FAULT_AT)


def grown(array):
    """Twice the room, with the same beginning: what SPACE asks for."""
    larger = ctypes.create_string_buffer(2 * len(array))
    ctypes.memmove(larger, array, len(array))
    return larger


def text(data: bytes, span: tuple) -> str:
    offset, length = span
    return data[offset:offset + length].decode("latin-1")


def field_lines(fields, count: int, data: bytes) -> list:
    """The fields as pairs; a span that leaves the data or holds CR, LF or NUL is a defect."""
    lines = []
    for index in range(count):
        name_off, name_len, _, value_off, value_len = _FIELD.unpack_from(fields, 16 * index)
        if max(name_off + name_len, value_off + value_len) > len(data):
            raise AssertionError(f"field {index} leaves the data")
        pair = [text(data, (name_off, name_len)), text(data, (value_off, value_len))]
        if any(byte in part for part in pair for byte in "\r\n\0"):
            raise AssertionError(f"CR, LF or NUL in field {index}")
        lines.append(pair)
    return lines


def field_array(fields: list):
    """Pairs of text, or (id, value), as `bojagi_field_line` records for the encoders."""
    array = (FieldLine * max(1, len(fields)))()
    for line, (name, value) in zip(array, fields):
        if isinstance(name, int):
            line.id = name
        else:
            line.name = name.encode("latin-1")
            line.name_len = len(name)
        line.value, line.value_len = value.encode("latin-1"), len(value)
    return array


_POINTER, _BYTES, _SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
_I64, _U32 = ctypes.c_int64, ctypes.c_uint32
_SIGNATURES = [
    ("rules_init", None, [_POINTER]),
    ("head_init", None, [_POINTER, _POINTER]),
    ("head_reset", None, [_POINTER]),
    ("request_decode", _I64, [_POINTER, _POINTER, _U32, _BYTES, _SIZE]),
    ("response_decode", _I64, [_POINTER, _POINTER, _U32, _BYTES, _SIZE, _U32]),
    ("request_spans", _I64, [_POINTER, _POINTER, _U32, _BYTES, _SIZE]),
    ("response_spans", _I64, [_POINTER, _POINTER, _U32, _BYTES, _SIZE, _U32]),
    ("request_decode_padded", _I64, [_POINTER, _POINTER, _U32, _BYTES, _SIZE]),
    ("response_decode_padded", _I64, [_POINTER, _POINTER, _U32, _BYTES, _SIZE, _U32]),
    ("request_decode_in_place", _I64, [_POINTER, _POINTER, _U32, _POINTER, _SIZE]),
    ("response_decode_in_place", _I64, [_POINTER, _POINTER, _U32, _POINTER, _SIZE, _U32]),
    ("body_init", None, [_POINTER, _POINTER]),
    ("body_decode", _I64, [_POINTER, _BYTES, _SIZE, _POINTER, _U32]),
    ("trailers_decode", _I64, [_POINTER, _POINTER, _U32, _BYTES, _SIZE]),
    ("body_end", _I64, [_POINTER]),
    ("body_compact", _I64, [_POINTER, _POINTER, _SIZE, _POINTER]),
    ("connection_init", _I64, [_POINTER, _U32]),
    ("connection_may", _U32, [_POINTER]),
    ("connection_request_method", _I64, [_POINTER]),
    ("connection_received_head", _I64, [_POINTER, _POINTER]),
    ("connection_received_body", _I64, [_POINTER, _POINTER]),
    ("connection_received_close", _I64, [_POINTER, _SIZE]),
    ("connection_send_head", _I64, [_POINTER, _BYTES, _SIZE]),
    ("connection_send_body", _I64, [_POINTER, ctypes.c_uint64]),
    ("connection_send_end", _I64, [_POINTER]),
    ("request_encode", _I64,
     [_POINTER, _SIZE, _BYTES, _SIZE, _BYTES, _SIZE, _POINTER, _SIZE, _POINTER]),
    ("response_encode", _I64,
     [_POINTER, _SIZE, _U32, _BYTES, _SIZE, _POINTER, _SIZE, _POINTER]),
    ("chunk_encode", _I64, [_POINTER, _SIZE, _BYTES, _SIZE]),
    ("trailers_encode", _I64, [_POINTER, _SIZE, _POINTER, _SIZE, _POINTER]),
    ("request_text", _I64, [_POINTER, _BYTES, _SIZE, _POINTER, _SIZE]),
    ("response_text", _I64, [_POINTER, _BYTES, _SIZE, _U32, _POINTER, _SIZE]),
    ("field_id", _U32, [_BYTES, _SIZE]),
    ("method_id", _U32, [_BYTES, _SIZE]),
    ("reason_name", _BYTES, [_U32]),
]
