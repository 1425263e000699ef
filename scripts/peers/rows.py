"""The rows of `make perf`, as in TrainingRow.swift."""

# Perceptrons: layers' widths, batch and training examples.
ROWS = {
    "1": ([64, 64, 64, 10], 32, 1497),
    "2": ([784, 128, 10], 64, 55000),
    "3": ([784, 512, 512, 10], 128, 55000),
}

# Convolutional networks on 28 × 28: model, batch and training examples.
CONVOLUTIONAL = {
    "4": ("2c2d", 128, 55000),
    "5": ("article-cnn", 16, 55000),
}

# A tanh RNN: inputs, units, classes, time steps, batch and training examples.
RECURRENT = ("6", 6, 50, 4, 100, 20, 10000)
