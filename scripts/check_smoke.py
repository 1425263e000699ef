#!/usr/bin/env python3
"""Checks a report's CSV tables against expectations.

    check_smoke.py REPORT_FOLDER EXPECTED.csv

Each line of EXPECTED.csv is `table,where,column,lower,upper`: in REPORT_FOLDER/<table>.csv the one row
that meets `where` (column=text pairs joined by ';') has a number between the bounds in `column`. With an
empty `upper`, the text is exactly `lower`. Numbers of training differ in the last digits between
processors, so bounds are wide enough for those and narrow enough for a mistake.
"""

import csv
import pathlib
import sys


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def problem(folder, expectation):
    """What is wrong with the report by one expectation, or None."""
    table, where, column = (expectation[key] for key in ("table", "where", "column"))
    lower, upper = expectation["lower"], expectation["upper"]
    path = folder / f"{table}.csv"
    if not path.exists():
        return f"{path} is missing"
    conditions = [pair.split("=", 1) for pair in where.split(";") if pair]
    rows = read(path)
    found = [row for row in rows if all(row.get(key) == text for key, text in conditions)]
    if len(found) != 1:
        return f"{table}: {len(found)} of {len(rows)} rows meet '{where}', expected one"
    if column not in found[0]:
        return f"{table}: no column '{column}' among {', '.join(found[0])}"
    actual = found[0][column]
    if not upper:
        return None if actual == lower else f"{table}: {where}: {column} is '{actual}', expected '{lower}'"
    try:
        inside = float(lower) <= float(actual) <= float(upper)
    except ValueError:
        inside = False
    return None if inside else f"{table}: {where}: {column} is '{actual}', expected {lower} to {upper}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, expected = pathlib.Path(sys.argv[1]), read(sys.argv[2])
    if not expected:
        sys.exit(f"{sys.argv[2]} expects nothing")
    problems = [text for text in (problem(folder, line) for line in expected) if text]
    for text in problems:
        print(f"smoke: {text}", file=sys.stderr)
    print(f"smoke: {len(expected) - len(problems)} of {len(expected)} expectations met")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
