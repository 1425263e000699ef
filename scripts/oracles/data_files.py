#!/usr/bin/env python3
"""Writes the files of Tests/ProblemsTests/Oracles/Files and, in files.json, what they mean to the libraries
whose conventions they follow.

    pip install h5py netCDF4 numpy pandas && python scripts/oracles/data_files.py     (Octave on the PATH)

Made with NumPy 2.4.6, h5py 3.16.0 (HDF5 2.0.0), netCDF4 1.7.5, pandas 3.1.1, Octave 7.3.0. MATLAB's own files are imitated:
a user block of 512 bytes, axes reversed, the attribute MATLAB_class (MathWorks, MAT-File Versions, 7.3).
"""

import json
import os
import subprocess
import tempfile
from io import StringIO
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pandas as pd

folder = Path(__file__).resolve().parent.parent.parent / "Tests/ProblemsTests/Oracles/Files"
folder.mkdir(exist_ok=True)
random = np.random.RandomState(0)
expected = {}


def note(name, values):
    values = np.asarray(values)
    expected[name] = {"shape": list(values.shape), "values": np.ravel(values).astype("f8").tolist()}


# Arrays of every type and order. 2^53 + 1 and its like have no Double of their own.
types = {}
for kind in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    values = np.arange(24).reshape(4, 3, 2) * (1 if kind[0] == "u" else -1) + (0 if kind[0] != "f" else 0.25)
    for order in "<>":
        types[f"{'big' if order == '>' else 'little'}_{kind}"] = values.astype(order + kind)
types["bool"] = random.randint(0, 2, size=(4, 3)).astype(bool)
types["half"] = np.array([0, -0.0, 6e-8, 6.1e-5, 0.333, -1, 65504, 1024.5], dtype="f2")
types["large_i8"] = np.array([2**62 + 2**38 + 1, -(2**53) - 1, 2**53 + 1], dtype="i8")
types["large_u8"] = np.array([2**63 + 2**39 + 1, 2**64 - 1, 1], dtype="u8")
types["fortran"] = np.asfortranarray(random.normal(size=(4, 3, 2)))
types["fortran_big"] = np.asfortranarray(random.normal(size=(4, 3)).astype(">f4"))
for name, values in types.items():
    # Rounded once, from the type itself.
    note(name, values.astype("f4"))
np.savez_compressed(folder / "types.npz", **types, texts=np.array(["a", "b"]), dates=np.array(["2020-01-01"], "M8[D]"))
with h5py.File(folder / "types.h5", "w") as file:
    for name, values in types.items():
        file.create_dataset(name, data=values)

# Labels.
labels = {
    "x": random.normal(size=(24, 2)).astype("f4"),
    "image": random.normal(size=(24, 3, 3)).astype("f4"),
    "zero": np.arange(24) % 3,
    "one": np.arange(24) % 3 + 1,
    "column": (np.arange(24) % 3 + 1).reshape(24, 1),
    "row": (np.arange(24) % 3).reshape(1, 24),
    "hot": np.eye(3)[np.arange(24) % 3],
    "hot_bool": np.eye(3, dtype=bool)[np.arange(24) % 3],
    "soft": np.eye(3)[np.arange(24) % 3] * 0.9 + 0.03,
    "several": np.stack([np.ones(24), np.arange(24) % 2, np.zeros(24)], axis=1),
    "same": np.full(24, 3),
    "mask": np.arange(24) % 2 * 255,
    "gap": np.where(np.arange(24) % 4 == 2, 1, np.arange(24) % 4 + 1),
    "constant": np.full((24, 2), [1.5, 2.5]),
}
np.savez_compressed(folder / "labels.npz", **labels)
with h5py.File(folder / "labels.h5", "w") as file:
    for name, values in labels.items():
        file.create_dataset(name, data=values)

# netCDF: what netCDF4 makes of packed and missing values.
path = folder / "packed.nc"
with netCDF4.Dataset(path, "w") as file:
    file.createDimension("example", 24)
    file.createDimension("feature", 2)
    for name, kind, fill, scale in [("x", "i2", -999, True), ("gap", "i2", -999, True), ("unset", "f4", None, False)]:
        variable = file.createVariable(name, kind, ("example", "feature"), fill_value=fill)
        if scale:
            variable.scale_factor, variable.add_offset = 0.125, 5.0
        variable[:] = np.round(random.normal(size=(24, 2)) * 8) / 8
    file["gap"][3, 1] = np.ma.masked
    file["unset"][:] = np.ma.masked_where(np.arange(48).reshape(24, 2) == 7, random.normal(size=(24, 2)))
    variable = file.createVariable("unsigned", "i1", ("example", "feature"))
    variable.setncattr("_Unsigned", "true")
    variable.set_auto_maskandscale(False)
    variable[:] = np.arange(48).reshape(24, 2).astype("i1") * 5
    variable = file.createVariable("valid", "i4", ("example", "feature"))
    variable.valid_range = np.array([0, 40], "i4")
    variable[:] = np.arange(48).reshape(24, 2)
    variable = file.createVariable("y", "i4", ("example",))
    variable[:] = np.arange(24) % 3
with netCDF4.Dataset(path) as file:
    note("packed.x", file["x"][:].filled(np.nan))
    note("packed.unsigned", file["unsigned"][:].filled(0))
    assert np.ma.count_masked(file["gap"][:]) == 1 and file["gap"][:].mask[3, 1]
    assert np.ma.count_masked(file["unset"][:]) == 1 and file["unset"][:].mask[3, 1]
    assert np.ma.count_masked(file["valid"][:]) == 7 and file["valid"][:].mask[20, 1]

# MATLAB 7.3.
matlab = random.normal(size=(24, 3, 2))
with h5py.File(folder / "matlab.mat", "w", userblock_size=512) as file:
    for name, values, kind in [
        ("x", matlab, "double"),
        ("y", np.arange(24).reshape(24, 1) % 3 + 1.0, "double"),
        ("flag", (np.arange(24).reshape(1, 24) % 2).astype("u1"), "logical"),
        ("text", np.array([[100, 101]], "u2"), "char"),
        ("empty", np.array([[0], [0]], "u8"), "double"),
    ]:
        dataset = file.create_dataset(name, data=values.T)
        dataset.attrs["MATLAB_class"] = np.bytes_(kind)
    file["empty"].attrs["MATLAB_empty"] = 1
    file.create_group("sparse").attrs["MATLAB_sparse"] = 24
with open(folder / "matlab.mat", "r+b") as file:
    file.write(b"MATLAB 7.3 MAT-file, imitated".ljust(116))
note("matlab.x", matlab.astype("f4"))

# Octave's own.
script = f"x = reshape(0:71, 24, 3); y = mod((0:23)', 3); save -hdf5 {folder}/octave.h5 x y"
subprocess.run(["octave-cli", "-q", "--eval", script], check=True)
note("octave.x", np.arange(72).reshape(3, 24).T)

# What cannot be read, or must not.
with h5py.File(folder / "odd.h5", "w", libver=("earliest", "v110")) as file:
    file["x"], file["y"] = labels["x"], labels["zero"]
    file.create_dataset("lzf", data=np.zeros((24, 64), "f4"), compression="lzf")
    file.create_dataset("texts", data=["a"] * 24)
    file.create_dataset("compound", data=np.zeros(24, [("a", "f4")]))
    file.create_dataset("complex", data=np.zeros(24, "c16"))
    file.create_dataset("unwritten", shape=(24, 2), dtype="f4")
    layout = h5py.VirtualLayout(shape=(24, 2), dtype="f4")
    layout[:] = h5py.VirtualSource("gone.h5", "x", shape=(24, 2))
    file.create_virtual_dataset("virtual", layout)
    file.create_group("group/inner")["z"] = labels["x"]
    file["dangling"] = h5py.SoftLink("/nowhere")
# A filter of HDF5's registry that nobody here has: lzf's number 32000 becomes zstd's 32015, without a name.
with h5py.File(folder / "zstd.h5", "w") as file:
    file["y"] = labels["zero"]
    file.create_dataset("x", data=np.zeros((24, 64), "f4"), compression="lzf")
data = bytearray((folder / "zstd.h5").read_bytes())
at = data.index(b"lzf\0")
assert data[at - 8 : at - 6] == (32000).to_bytes(2, "little")
data[at - 8 : at - 6] = (32015).to_bytes(2, "little")
data[at : at + 3] = bytes(3)
(folder / "zstd.h5").write_bytes(data)

# Columns of labels as pandas reads them: the number of the class in sorted order, for each row.
columns = {
    "integers": ["1", "1.0", "2", "1e0", "2.0", "+1"],
    "zeros": ["0", "-0", "0.0", "-0.0", "1", "0e3"],
    "padded": ["01", "1", "2", "002", "1", "2"],
    "beyond": ["9007199254740993", "9007199254740992", "9007199254740993", "9007199254740992", "1", "1"],
    "booleans": ["True", "TRUE", "false", "False", "true", "True"],
    "texts": ["1", "1.0", "x", "1", "1.0", "x"],
    "order": ["10", "9", "10", "9", "-3", "10"],
    "words": ["b", "a", "B", "b", "a", "B"],
}
expected["columns"] = {}
for name, texts in columns.items():
    frame = pd.read_csv(StringIO("f,kind\n" + "".join(f"{i},{text}\n" for i, text in enumerate(texts))))
    codes, kinds = pd.factorize(frame["kind"], sort=True)
    expected["columns"][name] = {"texts": texts, "codes": codes.tolist(), "classes": len(kinds)}

columns = expected.pop("columns")
(folder / "arrays.json").write_text(json.dumps(expected) + "\n")
(folder / "columns.json").write_text(json.dumps(columns) + "\n")

# Two contents of one name, and the first with its axes in another order: the same bytes.
x, y = random.normal(size=(20, 2, 3)).astype("f4"), np.arange(20) % 2
other = x.copy()
other[19, 1, 2] += 1
for name, values in [("first", x), ("second", other), ("turned", x.reshape(20, 3, 2))]:
    np.savez(folder / f"{name}.npz", x=values, y=y)
    with h5py.File(folder / f"{name}.h5", "w") as file:
        file["x"], file["y"] = values, y
(folder / "turned.h5").unlink()
