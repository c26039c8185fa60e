#!/usr/bin/env python3
"""Judges the C ABI by the vectors of `tests/vectors/`, whole and split at every position.

The same files are read by `codec/tests/vectors.rs` and `tests/c/vectors.c`. One object a line:

- `id` (it names the section of the RFC, or the limit), `rule` in words, `kind`: request, response,
  encode-request, encode-response, encode-trailers, encode-chunk
- `input`: a latin-1 image of the bytes, or a list of `[text, times]`; `eof`: the transport closes
  after it; `request_method` (GET); `rules`: limits other than the default, and
  `flags`, a list of names such as ALLOW_BARE_LF; `in_place`: heads are decoded by the `_in_place`
  functions, which may change the bytes
- `expect`: accept, reject, incomplete. With accept `messages` (the keys stated must come out so;
  `body` is a latin-1 image) and `remainder`, or the `output` of an encoder. With reject `reason`,
  `offset`, `status`, `code`; a list means any of these
- kind connection: `role`, and `steps`, each `[what, with what, what it answers, what may happen then]`;
  `connection_steps.py` plays them
"""

import base64
import ctypes
import json
import sys
from pathlib import Path

from codec_abi import (CODES, EXPECT_CONTINUE, PADDING, SPACE, Codec, Fault, Head, field_array)
from connection_steps import play
from wire import byte_by_byte, compacted, cuts, decode, same_however_split, whole

WHOLE_HEAD_RULES = (
    "HOST_", "CONTENT_LENGTH_", "TRANSFER_ENCODING_", "FRAMING_", "TRAILER_FORBIDDEN", "BODY_LIMIT",
)


def main() -> int:
    codec, count, failures = Codec(), 0, []
    for path in sorted((Path(__file__).parent / "vectors").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            vector = json.loads(line)
            count += 1
            for complaint in judge(codec, vector):
                failures.append(f"{path.stem}: {vector['id']} ({vector['rule']}): {complaint}")
    for failure in failures:
        print(failure)
    print(f"vectors: {count} judged, {len(failures)} complaints")
    return 1 if failures or not count else 0


def judge(codec: Codec, vector: dict) -> list:
    if vector["kind"] == "connection":
        return list(play(codec, vector))
    if vector["kind"].startswith("encode-"):
        return list(judge_encode(codec, vector))
    return list(judge_decode(codec, vector))


def judge_decode(codec: Codec, vector: dict):
    data = input_bytes(vector["input"])
    how = {"eof": vector.get("eof", False), "in_place": vector.get("in_place", False)}
    if "rules" in vector:
        how["rules"] = codec.rules(**vector["rules"])
    if vector["kind"] == "response":
        method = vector.get("request_method", "GET").encode()
        how["request_method"] = codec.method_id(method, len(method))
    outcome = decode(codec, data, whole(data), **how)
    if outcome.verdict != vector["expect"]:
        yield f"{outcome.verdict} {outcome.error or ''}"
        return
    yield from differences(vector, outcome)
    ways = [byte_by_byte(data), compacted(data), *cuts(data)]
    if len(data) > 4096:
        ways = [compacted(data), *cuts(data, most=16)]
    split = same_however_split(codec, data, outcome, ways, **how)
    if split:
        yield split
    yield from prefix_is_open(codec, data, outcome, how)
    yield from other_forms_agree(codec, vector, data, how)


def differences(vector: dict, outcome):
    if outcome.verdict == "reject":
        reasons = vector["reason"] if isinstance(vector["reason"], list) else [vector["reason"]]
        code = "LIMIT" if reasons[0].endswith("_LIMIT") else "SYNTAX"
        for key, allowed in [("reason", reasons), ("code", vector.get("code", code)),
                             ("offset", vector.get("offset")), ("status", vector.get("status"))]:
            if key == "code" and "code" not in vector and len(reasons) > 1:
                continue
            if allowed is not None and not among(outcome.error[key], allowed):
                yield f"{key} {outcome.error[key]!r}, not {allowed!r}"
    for index, wanted in enumerate(vector.get("messages", [])):
        if index >= len(outcome.messages):
            yield f"message {index} is missing"
            continue
        for key, value in wanted.items():
            got = message_key(outcome.messages[index], key)
            if key in UNSEEN or got == value:
                continue
            yield f"message {index}: {key} {got!r}, not {value!r}"
    if outcome.verdict == "accept":
        if len(outcome.messages) != len(vector["messages"]):
            yield f"{len(outcome.messages)} messages"
        if outcome.remainder != vector.get("remainder", "").encode("latin-1"):
            yield f"remainder {outcome.remainder!r}"


UNSEEN = ("method_id", "target_form", "expect_continue")  # read by `other_forms_agree`


def message_key(message: dict, key: str):
    if key == "body":
        return base64.b64decode(message["body_b64"]).decode("latin-1")
    return message.get(key)


def prefix_is_open(codec: Codec, data: bytes, outcome, how: dict):
    """The bytes before the offset are the beginning of some valid message.

    A limit is reached once so many bytes are there, so its offset is one past the last good one.
    """
    reason = outcome.error.get("reason", "")
    if not reason or reason == "TRUNCATED" or reason.startswith(WHOLE_HEAD_RULES):
        return
    before = data[:outcome.error["offset"] - (outcome.error["code"] == "LIMIT")]
    how = {**how, "eof": False}
    earlier = decode(codec, before, whole(before), **how)
    if earlier.verdict == "reject":
        yield f"already the prefix of {len(before)} bytes is refused: {earlier.error}"


def other_forms_agree(codec: Codec, vector: dict, data: bytes, how: dict):
    """The numbers of the first head, the other functions for it, and a second call."""
    method, rules = how.get("request_method"), how.get("rules")
    head = Head(codec, rules)
    length = head.decode(data, method)
    if length <= 0:
        return
    first = (vector.get("messages") or [{}])[0]
    if "target_form" in first and head.target_form != first["target_form"]:
        yield f"target form {head.target_form}"
    if first.get("method_id") == "OTHER" and head.method_id != 0:
        yield f"method id {head.method_id}"
    if "expect_continue" in first and bool(head.flags & EXPECT_CONTINUE) != first["expect_continue"]:
        yield "expect_continue is the other way round"
    if head.decode(data, method) != length:
        yield "a second call answers another length"
    blind = Head(codec, rules)
    decoder = codec.request_decode if method is None else codec.response_decode
    more = [] if method is None else [method]
    if decoder(blind.words, None, 0, data, len(data), *more) != length:
        yield "framing only: another length"
    blind.read()
    if (blind.framing, blind.flags, blind.content_length) != \
            (head.framing, head.flags, head.content_length):
        yield "framing only: another framing"
    yield from text_agrees(codec, head, data, method, rules)
    yield from spans_agree(codec, head, data, method, rules)
    yield from padded_agrees(codec, head, data, method, rules)


def text_agrees(codec: Codec, head: Head, data: bytes, method, rules):
    flat, out = Head(codec, rules), ctypes.create_string_buffer(len(data) + 1)
    if method is None:
        got = codec.request_text(flat.words, data, len(data), out, len(data))
    else:
        got = codec.response_text(flat.words, data, len(data), method, out, len(data))
    message = head.message(data, method is None)
    start = ([message["method"], message["target"], message["version"]] if method is None
             else [message["version"], str(message["status"]), message["reason"]])
    wanted = "\n".join(start + [part for pair in message["headers"] for part in pair])
    if got < 0 or out.raw[:got].decode("latin-1") != wanted:
        yield f"flat text {CODES.get(got, got)} {out.raw[:max(got, 0)]!r}"


def spans_agree(codec: Codec, head: Head, data: bytes, method, rules):
    blind = Head(codec, rules, cap=max(1, head.field_count))
    if blind.call("spans", data, len(data), method) != head.length:
        yield "spans alone: another length"
    told = (blind.spans, blind.framing, blind.flags, blind.content_length)
    if told != (head.spans, "UNKNOWN", 0, 0) or blind.places(False) != head.places(False):
        yield "spans alone: others"


def padded_agrees(codec: Codec, head: Head, data: bytes, method, rules):
    padded = Head(codec, rules, cap=max(1, head.field_count))
    behind = (b"\r\n\r\nContent-Length: 7\r\nHost: evil\r\n\r\n" * 2)[:PADDING]
    before = data[:head.length - 1]
    if padded.call("decode_padded", before + behind, len(before), method) != 0:
        yield "padded: complete before its end"
    if padded.call("decode_padded", data + behind, len(data), method) != head.length:
        yield "padded: another length"
    told = (padded.spans, padded.framing, padded.flags, padded.content_length)
    if told != (head.spans, head.framing, head.flags, head.content_length) \
            or padded.places(True) != head.places(True):
        yield "padded: another head"


def judge_encode(codec: Codec, vector: dict):
    fault = Fault()
    call = encoder(codec, vector, vector.get("fields", []), fault)
    size = call(None, 0)
    if size < 0:
        if vector["expect"] == "accept":
            yield f"refused: {CODES.get(size, size)} {codec.reason(fault.reason)} {fault.offset}"
        else:
            yield from fault_differences(codec, vector, size, fault)
        return
    if vector["expect"] == "reject":
        yield "accepted"
        return
    wanted = vector["output"].encode("latin-1")
    out = ctypes.create_string_buffer(b"\xaa" * (len(wanted) + 8), len(wanted) + 8)
    if size != len(wanted) or call(out, size) != size or out.raw[:size] != wanted:
        yield f"wrote {out.raw[:max(size, 0)]!r}"
    if out.raw[len(wanted):] != b"\xaa" * 8:
        yield "wrote past its end"
    if call(out, size - 1) != SPACE:
        yield "no SPACE one byte short"
    known = [[codec.field_id(n.encode("latin-1"), len(n)) or n, v] for n, v in
             vector.get("fields", [])]
    renamed = encoder(codec, vector, known, fault)(out, size)
    if renamed != size or out.raw[:size].lower() != wanted.lower():
        yield f"names given by id: {out.raw[:size]!r}"


def encoder(codec: Codec, vector: dict, fields: list, fault: Fault):
    """The call of this vector, waiting for its output buffer."""
    lines, where = field_array(fields), ctypes.byref(fault)
    count = len(fields)
    kind = vector["kind"]
    if kind == "encode-chunk":
        data = input_bytes(vector["input"])
        return lambda out, cap: codec.chunk_encode(out, cap, data, len(data))
    if kind == "encode-trailers":
        return lambda out, cap: codec.trailers_encode(out, cap, lines, count, where)
    if kind == "encode-response":
        phrase = vector["reason_phrase"].encode("latin-1")
        return lambda out, cap: codec.response_encode(
            out, cap, vector["status"], phrase, len(phrase), lines, count, where)
    method, target = (vector[key].encode("latin-1") for key in ("method", "target"))
    return lambda out, cap: codec.request_encode(
        out, cap, method, len(method), target, len(target), lines, count, where)


def fault_differences(codec: Codec, vector: dict, code: int, fault: Fault):
    if CODES.get(code) != "SYNTAX":
        yield f"code {CODES.get(code, code)}, not SYNTAX"
    if not among(codec.reason(fault.reason), vector["reason"]):
        yield f"reason {codec.reason(fault.reason)}, not {vector['reason']}"
    if "offset" in vector and fault.offset != vector["offset"]:
        yield f"offset {fault.offset}, not {vector['offset']}"


def among(value, allowed) -> bool:
    return value in allowed if isinstance(allowed, list) else value == allowed


def input_bytes(text) -> bytes:
    if isinstance(text, list):
        text = "".join(part * times for part, times in text)
    return text.encode("latin-1")


if __name__ == "__main__":
    sys.exit(main())
