"""Answers packed for the way: a board is 260 kB and packs to a seventh in little over a millisecond.

A proxy that packs leaves alone what is packed already. Only text that is made for one person is packed; static files
are sent as they are, once, and kept by the browser.
"""

import secrets
import struct
import zlib

from flask import Flask, Response, request

PACKED = frozenset({"text/html", "text/csv", "application/json", "application/problem+json"})
# Less than a packet or so is not worth it.
LEAST = 1400
# Level 5 saves another sixth and takes half as long again.
LEVEL = 1
MOST_PADDING = 100
HAS_NAME = 8


def register(app: Flask) -> None:
    """Pack what `app` answers where the browser takes gzip."""
    app.after_request(_packed)


def packed(content: bytes) -> bytes:
    """`content` as gzip, under a name of random length.

    A page holds a forgery token beside what an address asks for: whoever could send both and see the sizes would
    otherwise guess the token letter by letter (BREACH). Browsers ignore the name.
    """
    name = secrets.token_hex(secrets.randbelow(MOST_PADDING) // 2 + 1).encode()
    head = struct.pack("<BBBBLBB", 0x1F, 0x8B, 8, HAS_NAME, 0, 4, 255) + name + b"\0"
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packer.compress(content) + packer.flush()
    return head + body + struct.pack("<LL", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def _packed(response: Response) -> Response:
    if response.mimetype not in PACKED or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    length = response.content_length or 0
    is_wanted = request.accept_encodings["gzip"] > 0 and "Content-Encoding" not in response.headers
    # A tag is of the bytes as they were.
    if is_wanted and length >= LEAST and "ETag" not in response.headers:
        response.set_data(packed(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response
