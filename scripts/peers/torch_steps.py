"""One training step in PyTorch, eager: Adam (fused and foreach), clip_grad_norm_.

The batch is gathered from a table of floats in memory; a step reads its loss, as a recorder must.
"""
import torch
from rows import CONVOLUTIONAL, RECURRENT, ROWS
from timing import report

torch.set_num_threads(1)
torch.set_flush_denormal(True)
torch.manual_seed(0)


class Recurrent(torch.nn.Module):
    """A tanh RNN and a linear layer on its last hidden state."""

    def __init__(self, inputs, units, classes):
        super().__init__()
        self.recurrent = torch.nn.RNN(inputs, units, batch_first=True)
        self.linear = torch.nn.Linear(units, classes)

    def forward(self, x):
        return self.linear(self.recurrent(x)[1][-1])


def perceptron(widths):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def two_convolutions_two_dense():
    """DeepOBS's 2c2d."""
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 32, 5, padding="same"), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(32, 64, 5, padding="same"), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), torch.nn.Linear(3136, 1024), torch.nn.ReLU(),
        torch.nn.Linear(1024, 10))


def article_network():
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 64, 3, padding="same"), torch.nn.ReLU(),
        torch.nn.Conv2d(64, 64, 3, padding="same"), torch.nn.ReLU(),
        torch.nn.Flatten(), torch.nn.Linear(50176, 512), torch.nn.ReLU(),
        torch.nn.Linear(512, 10))


def measure(name, make_model, example_shape, classes, batch, examples, rounds):
    features = torch.rand(examples, *example_shape)
    labels = torch.randint(0, classes, (examples,))
    for mode in ("fused", "foreach"):
        model = make_model()
        parameters = list(model.parameters())
        optimizer = torch.optim.Adam(parameters, lr=1e-3, **{mode: True})
        loss_function = torch.nn.CrossEntropyLoss()
        order = torch.randperm(examples)
        position = 0

        def step():
            nonlocal position
            if position + batch > examples:
                position = 0
            rows = order[position : position + batch]
            position += batch
            optimizer.zero_grad()
            loss = loss_function(model(features[rows]), labels[rows])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            return loss.item()

        report(f"step {name}", f"PyTorch eager, {mode} Adam", step, rounds=rounds)


for name, (widths, batch, examples) in ROWS.items():
    measure(name, lambda: perceptron(widths), (widths[0],), widths[-1], batch, examples, 41)
MODELS = {"2c2d": two_convolutions_two_dense, "article-cnn": article_network}
for name, (model, batch, examples) in CONVOLUTIONAL.items():
    measure(name, MODELS[model], (1, 28, 28), 10, batch, examples, 9)
name, inputs, units, classes, steps, batch, examples = RECURRENT
measure(
    name, lambda: Recurrent(inputs, units, classes), (steps, inputs), classes, batch, examples, 41)
