"""The rows of `make perf`: layers' widths, batch and training examples, as in TrainingRow.swift."""

ROWS = {
    "1": ([64, 64, 64, 10], 32, 1497),
    "2": ([784, 128, 10], 64, 55000),
    "3": ([784, 512, 512, 10], 128, 55000),
}
