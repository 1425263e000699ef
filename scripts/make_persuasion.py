#!/usr/bin/env python3
"""Writes Sources/Problems/Resources/persuasion.txt from the R package janeaustenr 1.0.0.

    apt-get download r-cran-janeaustenr && dpkg -x r-cran-janeaustenr_*.deb janeaustenr
    scripts/make_persuasion.py janeaustenr/usr/lib/R/site-library/janeaustenr/data/Rdata.rdb

The file is a row of records: 4 bytes length, then a zlib stream of one R object in XDR format.
"""

import struct
import sys
import zlib
from pathlib import Path

STRING_VECTOR = 16


def lines(data):
    """The elements of a character vector."""
    start = 18 + struct.unpack(">I", data[14:18])[0]
    kind, count = struct.unpack(">II", data[start : start + 8])
    assert data[:2] == b"X\n" and kind & 255 == STRING_VECTOR
    start += 8
    for _ in range(count):
        size = struct.unpack(">I", data[start + 4 : start + 8])[0]
        yield data[start + 8 : start + 8 + size]
        start += 8 + size


def main():
    records = Path(sys.argv[1]).read_bytes()
    while records:
        stream = zlib.decompressobj()
        novel = list(lines(stream.decompress(records[4:])))
        records = stream.unused_data
        if novel[0] == b"Persuasion":
            resources = Path(__file__).parent.parent / "Sources/Problems/Resources"
            (resources / "persuasion.txt").write_bytes(b"\n".join(novel) + b"\n")
            return
    sys.exit("Persuasion is not in this file")


main()
