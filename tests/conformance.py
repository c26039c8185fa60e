#!/usr/bin/env python3
"""Judges the codec by a file of cases from public HTTP/1 test suites.

    make conformance CASES=cases.jsonl [OUT=verdicts.jsonl]

One JSON object a line in, one out:
`{"id", "verdict", "messages", "error": {"code", "reason", "offset", "status"}, "split_ok"}`.
Every request and response is fed whole, byte by byte, and cut in two at every position (512
positions of inputs over 4 KiB); bodies also through the in-place form. Exits 1 if a core case
fails, 2 if there is nothing to read.
"""

import argparse
import base64
import ctypes
import json
import sys
import time
from collections import Counter
from pathlib import Path

from codec_abi import Body, Codec, Head, TRAILERS, field_array
from wire import Outcome, byte_by_byte, compacted, cuts, decode, same_however_split, whole

TIERS = ["core", "strong", "policy", "unvoted", "no-crash"]


def main() -> int:
    options = arguments()
    if not options.cases or not Path(options.cases).is_file():
        print(f"conformance: no cases: CASES={options.cases or ''} is not a file\n"
              "usage: make conformance CASES=cases.jsonl [OUT=verdicts.jsonl]", file=sys.stderr)
        return 2
    cases = [json.loads(line) for line in Path(options.cases).read_text().splitlines() if line]
    codec, report, began = Codec(), Report(options.verbose), time.monotonic()
    verdicts = []
    for case in cases:
        outcome, split = judge(codec, case)
        report.add(case, outcome, split)
        if outcome is not None:
            verdicts.append(verdict_line(case, outcome, split))
    if options.out:
        Path(options.out).write_text("".join(json.dumps(line) + "\n" for line in verdicts))
    report.print(time.monotonic() - began)
    return 1 if report.failed_core or not cases else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="judge the codec by a file of cases")
    parser.add_argument("cases", nargs="?")
    parser.add_argument("--out", help="where the verdict lines go")
    parser.add_argument("--verbose", action="store_true", help="name every case that fails")
    return parser.parse_args()


def verdict_line(case: dict, outcome: Outcome, split: str) -> dict:
    line = {"id": case["id"], "verdict": outcome.verdict, "messages": outcome.messages}
    if outcome.error:
        line["error"] = outcome.error
    if outcome.remainder:
        line["remainder_b64"] = base64.b64encode(outcome.remainder).decode()
    return {**line, "split_ok": not split}


def judge(codec: Codec, case: dict):
    """The outcome of a case and what its splits did otherwise; None for an unsupported kind."""
    handler = KINDS.get(case["kind"])
    return handler(codec, case) if handler else (None, "")


def judge_message(codec: Codec, case: dict):
    data, how = case_bytes(case), {"eof": case["eof"]}
    if case["kind"] == "response":
        method = (case.get("context") or {}).get("request_method", "GET").encode("latin-1")
        how["request_method"] = codec.method_id(method, len(method))
    outcome = decode(codec, data, whole(data), **how)
    ways = [byte_by_byte(data), compacted(data), *cuts(data)]
    return outcome, same_however_split(codec, data, outcome, ways, **how)


def judge_wrapped(codec: Codec, case: dict, before: bytes, after: bytes = b"", method=None):
    """A part of a message, judged inside a message whose other parts are beyond doubt."""
    data, how = before + case_bytes(case) + after, {"eof": case["eof"]}
    if method is not None:
        how["request_method"] = method
    outcome = decode(codec, data, whole(data), **how)
    few = [byte_by_byte(data), *cuts(data)] if len(data) < 4096 else []
    split = same_however_split(codec, data, outcome, few, **how)
    if outcome.error:
        outcome.error["offset"] -= len(before)
    return outcome, split


def judge_chunked_body(codec: Codec, case: dict):
    config = case.get("config") or {}
    if config.get("consume_trailer") is False:
        return judge_up_to_trailers(codec, case)
    if "repeat" in config:
        repeated = case_bytes(case) * config["repeat"] + base64.b64decode(config["then_b64"])
        case = {**case, "input_b64": base64.b64encode(repeated).decode()}
    return judge_wrapped(codec, case, CHUNKED_HEAD)


def judge_up_to_trailers(codec: Codec, case: dict):
    """The last chunk is the end; the trailer section is the caller's."""
    data, body = case_bytes(case), open_chunked_body(codec)
    used = body.decode(data)
    if used < 0:
        return Outcome("reject", [], codec.fault(used, body.fault, 0)), ""
    if body.state != TRAILERS:
        return Outcome(), ""
    message = {"body_b64": base64.b64encode(body.data).decode(), "complete": True}
    return Outcome("accept", [message], {}, data[used:]), ""


def judge_length_body(codec: Codec, case: dict):
    length = case["config"]["length"]
    head = f"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    return judge_wrapped(codec, case, head.encode())


def judge_until_close_body(codec: Codec, case: dict):
    return judge_wrapped(codec, case, b"HTTP/1.1 200 OK\r\n\r\n", method=1)


def judge_header_block(codec: Codec, case: dict):
    return judge_wrapped(codec, case, b"GET / HTTP/1.0\r\n")


def judge_target(codec: Codec, case: dict):
    method = b"CONNECT" if (case.get("context") or {}).get("connect") else b"GET"
    if case_bytes(case) == b"*":
        method = b"OPTIONS"
    return judge_wrapped(codec, case, method + b" ", b" HTTP/1.1\r\nHost: h\r\n\r\n")


def judge_chunk_size_line(codec: Codec, case: dict):
    """Accepted once the line has been read: a chunk is open, or the trailer section is."""
    body, outcome = open_chunked_body(codec), Outcome()
    used = body.decode(case_bytes(case))
    if used < 0:
        outcome.verdict, outcome.error = "reject", codec.fault(used, body.fault, 0)
    elif body.state == TRAILERS or body.remaining:
        outcome.verdict = "accept"
    return outcome, ""


def open_chunked_body(codec: Codec) -> Body:
    head = Head(codec)
    if head.decode(CHUNKED_HEAD) <= 0:
        raise AssertionError("the head around a chunk was refused")
    return Body(codec, head)


def judge_encode(codec: Codec, case: dict):
    """Accepted when the first message encodes to exactly the input."""
    message, wanted = case["messages"][0], case_bytes(case)
    fields = field_array(message["headers"])
    tail = (fields, len(message["headers"]), None)
    out = ctypes.create_string_buffer(len(wanted) + 4096)
    if case["kind"] == "encode-request":
        start = (message["method"].encode(), message["target"].encode())
        call, start = codec.request_encode, [x for part in start for x in (part, len(part))]
    else:
        reason = message["reason"].encode("latin-1")
        call, start = codec.response_encode, [message["status"], reason, len(reason)]
    written = call(out, len(out), *start, *tail)
    same = written >= 0 and out.raw[:written] == wanted
    return Outcome("accept" if same else "reject", [message] if same else []), ""


CHUNKED_HEAD = (b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n")
KINDS = {
    "request": judge_message, "response": judge_message,
    "chunked-body": judge_chunked_body, "length-body": judge_length_body,
    "until-close-body": judge_until_close_body, "header-block": judge_header_block,
    "request-target": judge_target, "chunk-size-line": judge_chunk_size_line,
    "encode-request": judge_encode, "encode-response": judge_encode,
}


def case_bytes(case: dict) -> bytes:
    return base64.b64decode(case["input_b64"])


def meets(case: dict, outcome: Outcome) -> bool:
    """The verdict asked for, and in what is accepted every key that the suite states."""
    expected = case["expect"]
    if expected == "unspecified":
        return True
    if case.get("head_only"):
        head_done = any(message["head_complete"] for message in outcome.messages)
        if outcome.verdict == "reject" or expected == "reject":
            return outcome.verdict == expected
        return expected == "incomplete" or head_done or outcome.verdict == "accept"
    return outcome.verdict == expected


def outputs_differ(case: dict, outcome: Outcome) -> str:
    """Empty when every key stated by the suite came out so; else the first that did not."""
    if outcome.verdict == "reject" or case["kind"] not in ("request", "response"):
        return ""
    loud = "upper-cased" in case.get("note", "")
    for index, wanted in enumerate(case.get("messages") or []):
        if not wanted.get("complete") and not wanted.get("head_complete"):
            continue
        if index >= len(outcome.messages):
            return f"message {index} is missing"
        proxy_connection = any(
            name and name.lower() == "proxy-connection" for name, _ in wanted.get("headers", []))
        for key in STATED:
            if key == "keep_alive" and proxy_connection:
                continue  # not a field of HTTP (RFC 9112 appendix C.2.2)
            if key in wanted and not same(key, wanted[key], outcome.messages[index].get(key), loud):
                return f"message {index} {key}: {outcome.messages[index].get(key)!r}, " \
                       f"suite {wanted[key]!r}"
    return ""


STATED = ["method", "target", "version", "status", "reason", "headers", "body_b64", "trailers",
          "upgrade", "keep_alive", "complete"]


def same(key: str, wanted, got, loud: bool) -> bool:
    """Equal, where the suites leave out what RFC 9110 section 5.5 says: white space at the end of
    a value is not part of it. A name that a suite states as null is not judged."""
    if key not in ("headers", "trailers") or got is None:
        return wanted == got
    if loud:
        got = [[name.upper(), value] for name, value in got]
    return len(wanted) == len(got) and all(
        name in (None, got_name) and value.rstrip(" \t") == got_value
        for (name, value), (got_name, got_value) in zip(wanted, got))


class Report:
    """Counts per tier."""

    def __init__(self, verbose: bool) -> None:
        self.counts, self.unsupported, self.verbose = Counter(), Counter(), verbose
        self.failed_core = 0

    def add(self, case: dict, outcome, split: str) -> None:
        tier = case["tier"]
        self.counts[tier, "cases"] += 1
        if outcome is None:
            self.unsupported[case["kind"]] += 1
            self.counts[tier, "unsupported"] += 1
            return
        met = meets(case, outcome)
        host = outcome.error.get("reason") == "HOST_MISSING" and bool(case.get("server_level"))
        differs = outputs_differ(case, outcome) if met else ""
        self.counts[tier, "met"] += met
        self.counts[tier, "no Host"] += host and not met
        self.counts[tier, "output"] += met and not differs
        self.counts[tier, "split"] += not split
        failed = split or (not host and (not met or differs))
        self.failed_core += bool(tier == "core" and (not met or differs or split))
        if failed and (self.verbose or tier == "core" or split):
            self.complain(case, outcome, differs, split)

    def complain(self, case: dict, outcome: Outcome, differs: str, split: str) -> None:
        why = split or differs or f"{outcome.verdict} {outcome.error or ''}, suite {case['expect']}"
        print(f"{case['tier']}: {case['id']} ({case['title']}): {why}\n"
              f"    {case_bytes(case)[:160]!r}")

    def print(self, seconds: float) -> None:
        columns = ["cases", "met", "output", "split", "no Host", "unsupported"]
        print("tier".ljust(10) + "".join(column.rjust(13) for column in columns))
        for tier in TIERS:
            row = "".join(str(self.counts[tier, column]).rjust(13) for column in columns)
            print(tier.ljust(10) + row)
        for kind, count in self.unsupported.items():
            print(f"unsupported: {count} of kind {kind}")
        print(f"core: {'FAILED ' + str(self.failed_core) if self.failed_core else 'all met'}"
              f" ({seconds:.1f} s)")


if __name__ == "__main__":
    sys.exit(main())
