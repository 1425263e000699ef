#!/usr/bin/env python3
"""Writes arrays.npz, arrays-stored.npz, arrays-*.npy, arrays.h5 and arrays.json beside the tests of data sets.

    apt-get install python3-h5py && /usr/bin/python3 scripts/oracles/arrays.py

Made with NumPy 1.24.2 and h5py 3.7.0 (HDF5 1.10.8).
"""

import json
from pathlib import Path

import h5py
import numpy as np

folder = Path(__file__).resolve().parent.parent.parent / "Tests/ProblemsTests/Oracles"
random = np.random.RandomState(0)

arrays = {"x": random.normal(size=(20, 2, 3)).astype("<f4"), "y": np.arange(20, dtype="<i8") % 4}
arrays["double"] = random.normal(size=(20, 2))
for kind in ["i1", "i2", "i4", "i8", "u1"]:
    arrays[kind] = random.randint(0 if kind == "u1" else -100, 100, size=(20, 2)).astype(kind)
arrays["steps"] = random.randint(0, 3, size=(20, 2)).astype("<i4")
arrays["tall"] = np.asfortranarray(arrays["double"])
arrays["wide"] = arrays["double"].astype(">f8")
arrays["complex"] = arrays["double"] * 1j
arrays["missing"] = np.where(np.arange(40).reshape(20, 2) == 7, np.nan, arrays["double"])
arrays["short"] = arrays["double"][:19]
arrays["scalar"] = np.float64(3)

np.savez(folder / "arrays-stored.npz", **arrays)
np.savez_compressed(folder / "arrays.npz", **arrays)
for major in [1, 2, 3]:
    with open(folder / f"arrays-{major}.npy", "wb") as file:
        np.lib.format.write_array(file, arrays["x"], version=(major, 0))

with h5py.File(folder / "arrays.h5", "w") as file:
    group = file.create_group("train")
    group.create_dataset("x", data=arrays["x"], chunks=(5, 2, 3), compression="gzip")
    group.create_dataset("y", data=arrays["y"].astype("i1"))
    group.create_dataset("values", data=arrays["double"].astype(">f8"))
    group.create_dataset("missing", data=arrays["missing"])
    file.create_dataset("unwritten", shape=(1 << 36,), dtype="f4", chunks=(1 << 20,))
    file.create_dataset("texts", data=["a", "b"])

expected = {
    name: {"shape": list(arrays[name].shape), "values": np.ravel(arrays[name]).astype("f8").tolist()}
    for name in ["x", "y", "double", "i1", "i2", "i4", "i8", "u1", "steps"]
}
(folder / "arrays.json").write_text(json.dumps(expected) + "\n")
