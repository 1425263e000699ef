#!/usr/bin/env python3
"""Says, table by table, whether a new report reproduces a committed one.

    check_reproduction.py COMMITTED_FOLDER NEW_FOLDER

For each CSV table of COMMITTED_FOLDER one of
    reproduced exactly       every number is the same, times and memory apart
    within the intervals     the same rows, and every estimate lies within its committed interval
    not reproduced           with the first row and column that differ
is printed. Machines round differently, and runs at the edge of stability part: on another type of machine
"within the intervals" is what can be expected of tables that state intervals. Ends with 0 whatever it finds,
and with 2 if it cannot read.
"""

import csv
import pathlib
import sys

# What a run took, which is another number every time.
MEASURED = {"wall_seconds", "training_seconds", "peak_memory_bytes", "gradient_difference",
            "objective_messages"}
# The columns that name a row, as far as a table has them.
KEYS = ["problem", "scope", "run", "method", "optimizer", "clipping", "trial", "seed", "first", "second", "outcome",
        "what", "tensor"]


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        return reader.fieldnames or [], list(reader)


def key(row):
    return tuple(row[name] for name in KEYS if name in row)


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def verdict(old_path, new_path):
    if not new_path.exists():
        return "not reproduced: the table is missing"
    old_columns, old_rows = read(old_path)
    new_columns, new_rows = read(new_path)
    if old_columns != new_columns:
        changed = sorted(set(old_columns) ^ set(new_columns))
        return f"not reproduced: other columns ({', '.join(changed) or 'another order'})"
    columns = [name for name in old_columns if name not in MEASURED]
    if [[row[name] for name in columns] for row in old_rows] == [[row[name] for name in columns] for row in new_rows]:
        return "reproduced exactly"
    new = {key(row): row for row in new_rows}
    if sorted(new) != sorted(key(row) for row in old_rows):
        return "not reproduced: other rows"
    same = sum(all(row[name] == new[key(row)][name] for name in columns) for row in old_rows)
    estimates = [name for name in columns if f"{name}_lower" in columns and f"{name}_upper" in columns]
    if not estimates:
        return f"not reproduced: {same} of {len(old_rows)} rows are the same; the table states no intervals"
    for row in old_rows:
        for name in estimates:
            value, lower, upper = (number(text) for text in (new[key(row)][name], row[f"{name}_lower"], row[f"{name}_upper"]))
            if lower is None or upper is None:
                # Without an interval (one run, or none) only the same will do.
                inside = new[key(row)][name] == row[name]
            else:
                inside = value is not None and lower <= value <= upper
            if not inside:
                place = ", ".join(part for part in key(row) if part)
                return f"not reproduced: {name} of {place} is {new[key(row)][name] or 'missing'}, committed {row[name]} [{row[f'{name}_lower']}, {row[f'{name}_upper']}]"
    return f"within the intervals: {same} of {len(old_rows)} rows are the same"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    committed, new = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    tables = sorted(committed.glob("*.csv"))
    if not tables:
        print(f"reproduction: no committed tables in {committed}", file=sys.stderr)
        sys.exit(2)
    for table in tables:
        print(f"  {table.name:<20} {verdict(table, new / table.name)}")


if __name__ == "__main__":
    main()
