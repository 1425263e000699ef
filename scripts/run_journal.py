#!/usr/bin/env python3
"""Reads and writes run journals (docs/run-journal.md) with nothing but the standard library.

    scripts/run_journal.py read F       print each finished run of the journal F as a line of JSON, and each
                                        unfinished one with its last checkpoint
    scripts/run_journal.py write F      write such lines from standard input as the new journal F

A journal of any name that ends with .journal, put into the folder NAME.runs beside a result, is taken
over by `optbench run` like the runs that it has finished itself.
"""
import copy
import json
import struct
import sys
import zlib

SIGNATURE = b"\x89OBJ\r\n\x1a\n"


def text(value):
    content = value.encode()
    return struct.pack("<I", len(content)) + content


def fields(values):
    """Named values: str is s, int is q, float is d."""
    result = struct.pack("<I", len(values))
    for name, value in values.items():
        letter = {str: "s", int: "q", float: "d"}[type(value)]
        content = text(value) if letter == "s" else struct.pack("<" + letter, value)
        result += text(name) + letter.encode() + content
    return result


def block(kind, sequence, payload):
    head = kind + struct.pack("<IQI", sequence, len(payload), zlib.crc32(payload))
    return head + struct.pack("<I", zlib.crc32(head)) + payload


def blocks(run):
    layout = struct.pack("<I", len(run["recordings"]))
    rows = []
    for index, recording in enumerate(run["recordings"]):
        layout += text(recording["name"])
        for names in [[[name] for name in recording["tensors"]], recording["quantities"]]:
            layout += struct.pack("<I", len(names))
            for name, *rest in names:
                layout += text(name)
                layout += b"".join(map(text, rest[:2])) + "".join(rest[2:]).encode()
        steps = recording["steps"]
        payload = struct.pack(f"<II{len(steps)}i", index, len(steps), *steps)
        for quantity, values in zip(recording["quantities"], recording["values"]):
            payload += struct.pack(f"<{len(values)}{quantity[3]}", *values)
        rows += [(b"ROWS", payload)] if steps else []
    parts = [(b"RUN ", fields(run["head"]) + layout), *rows]
    if "checkpoint" in run:
        parts.append((b"CKPT", checkpoint(run["checkpoint"])))
    if "end" in run:
        parts.append((b"END ", fields(run["end"])))
    return b"".join(block(kind, place, payload) for place, (kind, payload) in enumerate(parts))


def checkpoint(state):
    arrays = [text(name) + struct.pack("<BQ", ord(letter), len(numbers))
              + struct.pack(f"<{len(numbers)}{letter}", *numbers)
              for name, letter, numbers in state["arrays"]]
    return fields(state["fields"]) + struct.pack("<I", len(arrays)) + b"".join(arrays)


def write(runs):
    start = SIGNATURE + struct.pack("<I", 1)
    return start + struct.pack("<I", zlib.crc32(start)) + b"".join(map(blocks, runs))


class Payload:
    def __init__(self, content):
        self.content, self.place = content, 0

    def numbers(self, count, letter):
        values = struct.unpack_from(f"<{count}{letter}", self.content, self.place)
        self.place += struct.calcsize(f"<{count}{letter}")
        return list(values)

    def count(self):
        return self.numbers(1, "I")[0]

    def text(self):
        return self.numbers(self.count(), "s")[0].decode()

    def fields(self):
        return {self.text(): self.value(chr(self.numbers(1, "B")[0])) for _ in range(self.count())}

    def value(self, letter):
        return self.text() if letter == "s" else self.numbers(1, letter)[0]

    def array(self):
        name, letter = self.text(), chr(self.numbers(1, "B")[0])
        return name, letter, self.numbers(self.numbers(1, "Q")[0], letter)

    def recording(self):
        name, tensors = self.text(), [self.text() for _ in range(self.count())]
        quantities = [[self.text(), self.text(), self.text(), chr(self.numbers(1, "B")[0])]
                      for _ in range(self.count())]
        return {"name": name, "tensors": tensors, "quantities": quantities, "steps": [],
                "values": [[] for _ in quantities]}


def read(content):
    """The finished runs of a journal without damage, and the unfinished ones as they were when their last
    checkpoint was made."""
    assert content[:16] == write([]), "no run journal of version 1"
    place, run, unfinished = 16, None, None
    while len(content) - place >= 24:
        kind, sequence, length, checksum, own = struct.unpack_from("<4sIQII", content, place)
        assert zlib.crc32(content[place:place + 20]) == own, f"damage at byte {place}"
        payload = content[place + 24:place + 24 + length]
        if len(payload) < length:
            break  # Torn: its writer died.
        assert zlib.crc32(payload) == checksum, f"damage at byte {place}"
        place, block = place + 24 + length, Payload(payload)
        if kind == b"RUN ":
            if unfinished:
                yield unfinished
            unfinished = None
            run = {"head": block.fields()}
            run["recordings"] = [block.recording() for _ in range(block.count())]
        elif kind == b"ROWS":
            recording = run["recordings"][block.count()]
            rows = block.count()
            recording["steps"] += block.numbers(rows, "i")
            for (_, _, _, letter), values in zip(recording["quantities"], recording["values"]):
                values += block.numbers(rows * (len(recording["tensors"]) or 1), letter)
        elif kind == b"CKPT":
            state = {"fields": block.fields(), "arrays": [block.array() for _ in range(block.count())]}
            unfinished = copy.deepcopy(run) | {"checkpoint": state}
        elif kind == b"END ":
            unfinished = None
            yield run | {"end": block.fields()}
    if unfinished:
        yield unfinished


if __name__ == "__main__":
    command, name = sys.argv[1:]
    if command == "read":
        with open(name, "rb") as journal:
            for run in read(journal.read()):
                print(json.dumps(run))
    else:
        with open(name, "xb") as journal:
            journal.write(write(map(json.loads, sys.stdin)))
