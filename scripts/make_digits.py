#!/usr/bin/env python3
"""Writes Sources/Problems/Resources/digits-*.gz from scikit-learn's copy of the UCI digits.

    python3 -m venv /tmp/digits && /tmp/digits/bin/pip install scikit-learn
    /tmp/digits/bin/python scripts/make_digits.py

The same bytes come out each time: IDX (LeCun's format), gzip without a time stamp.
"""
import gzip
import pathlib
import struct

from sklearn.datasets import load_digits

folder = pathlib.Path(__file__).resolve().parent.parent / "Sources/Problems/Resources"
digits = load_digits()
images = digits.images.astype("uint8")
labels = digits.target.astype("uint8")
assert (images == digits.images).all() and images.shape == (1797, 8, 8) and images.max() == 16

files = {
    "digits-images-idx3-ubyte.gz": struct.pack(">IIII", 0x803, *images.shape) + images.tobytes(),
    "digits-labels-idx1-ubyte.gz": struct.pack(">II", 0x801, len(labels)) + labels.tobytes(),
}
for name, data in files.items():
    (folder / name).write_bytes(gzip.compress(data, 9, mtime=0))
print("pixel sum", int(images.sum()), "first labels", labels[:10].tolist())
print("labels", [int((labels == k).sum()) for k in range(10)])
