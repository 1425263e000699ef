"""Run journals: the file that a recorded run is written to, docs/run-journal.md byte by byte."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, Sequence, Union

import numpy as np

Value = Union[str, int, float]

SIGNATURE = b"\x89OBJ\r\n\x1a\n"
START = SIGNATURE + struct.pack("<I", 1)
START += struct.pack("<I", zlib.crc32(START))
TYPES = {"f": "<f4", "d": "<f8", "b": "<i1", "q": "<i8"}

# What stands where a quantity was not logged at a step: a NaN that no arithmetic makes.
MISSING = np.frombuffer(struct.pack("<I", 0x7FC06E6F), "<f4")[0]
MISSING_BITS = 0x7FC06E6F


@dataclass
class Recording:
    """Rows of numbers by step. A quantity is (name, long name, unit, letter of its numbers)."""

    name: str
    quantities: list[tuple[str, str, str, str]]
    tensors: list[str] = field(default_factory=list)

    def layout(self) -> bytes:
        content = _text(self.name) + struct.pack("<I", len(self.tensors))
        content += b"".join(map(_text, self.tensors)) + struct.pack("<I", len(self.quantities))
        for name, long_name, unit, letter in self.quantities:
            content += _text(name) + _text(long_name) + _text(unit) + letter.encode()
        return content


def _text(value: str) -> bytes:
    content = value.replace("\0", " ").encode()
    return struct.pack("<I", len(content)) + content


def fields(values: Mapping[str, Value]) -> bytes:
    """Named values: texts, integers, numbers."""
    content = struct.pack("<I", len(values))
    for name, value in values.items():
        content += _text(name)
        if isinstance(value, str):
            content += b"s" + _text(value)
        elif isinstance(value, int):
            content += b"q" + struct.pack("<q", value)
        else:
            content += b"d" + struct.pack("<d", value)
    return content


class Writer:
    """Appends the blocks of one run to a new file."""

    def __init__(self, path: str, head: Mapping[str, Value], recordings: Sequence[Recording]) -> None:
        self.path = path
        self.recordings = list(recordings)
        self.blocks = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self.descriptor = os.open(path, flags, 0o666)
        layout = struct.pack("<I", len(self.recordings))
        layout += b"".join(recording.layout() for recording in self.recordings)
        self._append(START + self._block(b"RUN ", fields(head) + layout))

    def _block(self, kind: bytes, payload: bytes) -> bytes:
        head = kind + struct.pack("<IQI", self.blocks, len(payload), zlib.crc32(payload))
        self.blocks += 1
        return head + struct.pack("<I", zlib.crc32(head)) + payload

    def _append(self, content: bytes) -> None:
        while content:
            content = content[os.write(self.descriptor, content):]

    def rows(self, name: str, steps: Sequence[int], values: Sequence[Any]) -> None:
        """Rows of a recording: for each quantity an array of rows × tensors."""
        if not len(steps):
            return
        index = next(i for i, recording in enumerate(self.recordings) if recording.name == name)
        payload = struct.pack("<II", index, len(steps)) + np.asarray(steps, "<i4").tobytes()
        for (_, _, _, letter), numbers in zip(self.recordings[index].quantities, values):
            payload += np.ascontiguousarray(numbers, TYPES[letter]).tobytes()
        self._append(self._block(b"ROWS", payload))

    def end(self, values: Mapping[str, Value]) -> None:
        self._append(self._block(b"END ", fields(values)))
        self.close()

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor = -1


class _Payload:
    def __init__(self, content: bytes) -> None:
        self.content, self.place = content, 0

    def take(self, layout: str) -> Any:
        value = struct.unpack_from("<" + layout, self.content, self.place)
        self.place += struct.calcsize("<" + layout)
        return value[0]

    def text(self) -> str:
        count = self.take("I")
        return bytes(self.take(f"{count}s")).decode()

    def fields(self) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for _ in range(self.take("I")):
            name, letter = self.text(), chr(self.take("B"))
            values[name] = self.text() if letter == "s" else self.take(letter)
        return values

    def recording(self) -> Recording:
        name = self.text()
        tensors = [self.text() for _ in range(self.take("I"))]
        quantities = [
            (self.text(), self.text(), self.text(), chr(self.take("B")))
            for _ in range(self.take("I"))
        ]
        return Recording(name, quantities, tensors)

    def array(self, count: int, letter: str) -> Any:
        kind = np.dtype(TYPES[letter])
        values = np.frombuffer(self.content, kind, count, self.place)
        self.place += count * kind.itemsize
        return values


@dataclass
class JournaledRun:
    """A run as far as it was written."""

    head: dict[str, Value]
    recordings: list[Recording]
    steps: dict[str, list[int]] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    end: dict[str, Value] | None = None


def _blocks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(START)
    while len(content) - place >= 24:
        kind, _, length, checksum, own = struct.unpack_from("<4sIQII", content, place)
        payload = content[place + 24:place + 24 + length]
        if zlib.crc32(content[place:place + 20]) != own or len(payload) < length:
            return
        if zlib.crc32(payload) != checksum:
            return
        place += 24 + length
        yield kind, payload


def read(path: str) -> JournaledRun:
    """The run of a journal, up to where it is whole."""
    with open(path, "rb") as file:
        content = file.read()
    if content[:len(START)] != START:
        raise ValueError(f"{path} is no run journal of version 1")
    run: JournaledRun | None = None
    for kind, payload in _blocks(content):
        block = _Payload(payload)
        if kind == b"RUN ":
            run = JournaledRun(block.fields(), [])
            run.recordings = [block.recording() for _ in range(block.take("I"))]
            for recording in run.recordings:
                run.steps[recording.name] = []
                run.values[recording.name] = {
                    name: np.empty(0, TYPES[letter])
                    for name, _, _, letter in recording.quantities
                }
        elif run is not None and kind == b"ROWS":
            recording = run.recordings[block.take("I")]
            count = block.take("I")
            run.steps[recording.name] += np.frombuffer(payload, "<i4", count, 8).tolist()
            block.place += 4 * count
            for name, _, _, letter in recording.quantities:
                found = block.array(count * (len(recording.tensors) or 1), letter)
                known = run.values[recording.name]
                known[name] = np.concatenate([known[name], found])
        elif run is not None and kind == b"END ":
            run.end = block.fields()
    if run is None:
        raise ValueError(f"{path} was cut before a run began")
    return run
