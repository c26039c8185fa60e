r"""Decodes one HTTP message, request or response, from stdin and prints it as JSON.

    printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' | python3 decode.py
"""

from __future__ import annotations

import json
import sys
from typing import Any, Dict, Union

import bojagi


def describe(message: Union[bojagi.Request, bojagi.Response]) -> Dict[str, Any]:
    if isinstance(message, bojagi.Request):
        start: Dict[str, Any] = {"kind": "request", "method": message.method, "target": message.target}
    else:
        start = {"kind": "response", "status": message.status, "reason": message.reason}
    return {
        **start,
        "version": message.version,
        "fields": message.headers.raw,
        "body": message.body.decode("latin-1"),
        "trailers": message.trailers.raw,
        "keep_alive": message.keep_alive,
    }


def main() -> None:
    data = sys.stdin.buffer.read()
    message: Union[bojagi.Request, bojagi.Response]
    if data.startswith(b"HTTP/"):
        message = bojagi.decode_response(data, eof=True)
    else:
        message = bojagi.decode_request(data)
    print(json.dumps(describe(message), separators=(",", ":")))


if __name__ == "__main__":
    try:
        main()
    except bojagi.Error as failure:
        sys.exit(f"decode: {failure}")
