"""One training step in PyTorch, eager: perceptron, Adam (fused and foreach), clip_grad_norm_.

The batch is gathered from a table of floats in memory; a step reads its loss, as a recorder must.
"""
import torch
from rows import ROWS
from timing import report

torch.set_num_threads(1)
torch.set_flush_denormal(True)
torch.manual_seed(0)

for name, (widths, batch, examples) in ROWS.items():
    features = torch.rand(examples, widths[0])
    labels = torch.randint(0, widths[-1], (examples,))
    for mode in ("fused", "foreach"):
        layers = []
        for inputs, outputs in zip(widths, widths[1:]):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        parameters = list(model.parameters())
        optimizer = torch.optim.Adam(parameters, lr=1e-3, **{mode: True})
        loss_function = torch.nn.CrossEntropyLoss()
        order = torch.randperm(examples)
        position = 0

        def step():
            global position
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

        report(f"step {name}", f"PyTorch eager, {mode} Adam", step)
