"""Everything that the C library can do is in reach of Python: a function that nothing calls has a reason here."""

from __future__ import annotations

import re
from pathlib import Path

import bojagi
from bojagi import _bindings

PACKAGE = Path(bojagi.__file__).parent

DECODED_WHOLE = "the flat text of request_text and response_text is what Python decodes from fastest"
CALLED_BY_NAME = {"queues", "option", "set_option", "option_text", "set_option_text"}
"""What sockets and listeners have both: the name is put together."""

NOT_CALLED = {
    "bojagi_address_format": "str(Address) writes the same from its parts",
    "bojagi_body_decode": "decoders take the chunks of a body off in place, with body_compact",
    "bojagi_body_end": "decoders take the chunks of a body off in place, with body_compact",
    "bojagi_chunk_encode": "encode_chunk joins what chunk_head_encode writes: no buffer to size",
    "bojagi_content_length_format": "a number formats itself",
    "bojagi_features": "the package is made for the whole library",
    "bojagi_field_find": "Headers is a dict of its own",
    "bojagi_field_find_name": "Headers is a dict of its own",
    "bojagi_field_id": "Headers is a dict of its own",
    "bojagi_field_name": "Headers is a dict of its own",
    "bojagi_head_reset": "a decoder makes a new head",
    "bojagi_option_find": "OPTIONS has the whole table by name",
    "bojagi_parameter_find": "parse_parameters gives them all",
    "bojagi_request_decode": DECODED_WHOLE,
    "bojagi_request_decode_in_place": DECODED_WHOLE,
    "bojagi_request_decode_padded": DECODED_WHOLE,
    "bojagi_request_spans": DECODED_WHOLE,
    "bojagi_response_decode": DECODED_WHOLE,
    "bojagi_response_decode_in_place": DECODED_WHOLE,
    "bojagi_response_decode_padded": DECODED_WHOLE,
    "bojagi_response_spans": DECODED_WHOLE,
    "bojagi_rules_init": "decoders hold to the strict rules",
    "bojagi_socket_recv_body": "decoders are fed with what recv gives",
    "bojagi_socket_recv_request": "decoders are fed with what recv gives",
    "bojagi_socket_recv_response": "decoders are fed with what recv gives",
    "bojagi_socket_recv_until": "Reader.recv_until calls recv_frame with a delimiter: the same buffer and errors",
    "bojagi_version_text": "version_text writes the same",
}


def test_every_function_of_the_library_is_called_or_has_a_reason() -> None:
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py") if path.name != "_bindings.py"]
    called = {name for source in sources for name in re.findall(r"\bbojagi_\w+", source)}
    both = {name for source in sources for name in re.findall(r'f"bojagi_\{self\._subject\}_(\w+)"', source)}
    assert both == CALLED_BY_NAME
    called |= {f"bojagi_{kind}_{name}" for kind in ("socket", "listener") for name in both}
    assert set(_bindings.FUNCTIONS) - called == set(NOT_CALLED)
