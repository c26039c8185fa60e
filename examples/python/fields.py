"""Takes apart an Accept, a Range for 1000 bytes, and a date of any form.

    python3 fields.py 'text/html, text/*;q=0.5' bytes=0-99,-1 'Sun Nov  6 08:49:37 1994'
"""

from __future__ import annotations

import sys

import bojagi

OFFERS = ("text/html", "text/plain", "image/png")


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit("usage: fields.py ACCEPT RANGE DATE")
    accept, wanted, date = sys.argv[1:]
    for element in bojagi.parse_list(accept):
        print("range", element)
    for offer in OFFERS:
        print("offer", offer, f"{bojagi.quality_media(accept, offer) * 1000:.0f}/1000")
    parts = bojagi.parse_range(wanted, 1000, most=8)
    if parts is None:
        sys.exit("fields: the Range is to be ignored")
    for part in parts:
        print("bytes", part.start, "to", part.stop - 1)
    print("date", bojagi.format_date(bojagi.parse_date(date)))


if __name__ == "__main__":
    try:
        main()
    except bojagi.Error as failure:
        sys.exit(f"fields: {failure}")
