"""A PyTorch model as an objective."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Iterator

from .objective import Array, Description, Evaluation, Tensor, serve
from .parameters import EVALUATED_BATCHES, Batches, Splits, clean, mean, role, weight

if TYPE_CHECKING:
    import torch

Model = Any


class TorchObjective:
    """Parameters of 32-bit models on the CPU are views of the memory shared with optbench, and so are
    their gradients: no copy. Others are copied at each request."""

    def __init__(
        self, make_model: Callable[[], Model], loss: Callable[[Model, Any], torch.Tensor],
        batches: Batches, *, splits: Splits | None = None,
        accuracy: Callable[[Model, Any], float] | None = None, device: str = "cpu",
        **description: Any,
    ) -> None:
        import torch

        self.torch = torch
        self.make_model = make_model
        self.loss = loss
        self.accuracy = accuracy
        self.batches = batches
        self.device = device
        self.splits = splits if splits is not None else getattr(batches, "splits", None)
        description.setdefault("steps_per_epoch", getattr(batches, "steps_per_epoch", 0))
        self.converted: dict[str, list[Any]] = {}
        self.seed = 0
        self.shared: tuple[int, int] | None = None
        self._begin(0)
        tensors = [
            Tensor(clean(name), tuple(value.shape) or (1,), self._role(name, value))
            for name, value in self.model.named_parameters() if value.requires_grad
        ]
        self.description = Description(
            tensors, splits=tuple(self.splits) if self.splits else ("train",),
            accuracy=accuracy is not None, buffers=bool(self.buffers), **description)

    def describe(self) -> Description:
        return self.description

    def _role(self, name: str, value: Any) -> str:
        """What a parameter is for, by the module that holds it."""
        kind = type(self.model.get_submodule(name.rpartition(".")[0])).__name__
        found = {"Norm": "norm", "Embedding": "embedding"}
        return next((r for part, r in found.items() if part in kind), role(name, value.shape))

    def _begin(self, seed: int) -> None:
        self.torch.manual_seed(seed)
        self.seed = seed
        self.model = self.make_model().to(self.device)
        self.model.train()
        self.parameters = [p for p in self.model.parameters() if p.requires_grad]
        self.buffers = [b for b in self.model.buffers() if b.numel() > 0]
        self.shared = None

    def initialise(self, seed: int, parameters: Array) -> None:
        self._begin(seed)
        start = 0
        for parameter in self.parameters:
            values = parameter.detach().float().cpu().reshape(-1).numpy()
            parameters[start:start + values.size] = values
            start += values.size

    def _share(self, parameters: Array, gradient: Array | None) -> None:
        """Gives the model the parameters, and the gradient a place."""
        torch = self.torch
        key = (parameters.ctypes.data, 0 if gradient is None else gradient.ctypes.data)
        if self.shared != key:
            self.flat = torch.from_numpy(parameters)
            self.gradients = []
            start = 0
            flat_gradient = None if gradient is None else torch.from_numpy(gradient)
            self.places = []
            for parameter in self.parameters:
                end = start + parameter.numel()
                place = self.flat[start:end].view(parameter.shape)
                if parameter.dtype == torch.float32 and parameter.device.type == "cpu":
                    parameter.data = place
                else:
                    self.places.append((parameter, place))
                if flat_gradient is not None:
                    self.gradients.append(flat_gradient[start:end].view(parameter.shape))
                start = end
            self.shared = key
        for parameter, place in self.places:
            parameter.data.copy_(place)

    def gradient(self, step: int, parameters: Array, gradient: Array, update: bool) -> float:
        self._share(parameters, gradient)
        torch = self.torch
        kept = [] if update else [buffer.clone() for buffer in self.buffers]
        gradient.fill(0)
        for parameter, place in zip(self.parameters, self.gradients):
            is_shared = parameter.dtype == torch.float32 and parameter.device.type == "cpu"
            parameter.grad = place if is_shared else None
        # Dropout and the like draw the same numbers whenever a step is asked for.
        torch.manual_seed((self.seed * 1_000_003 + step + 1) % (1 << 63))
        loss = self.loss(self.model, self._convert(self.batches(self.seed, step)))
        loss.backward()
        for parameter, place in zip(self.parameters, self.gradients):
            if parameter.grad is not place and parameter.grad is not None:
                place.copy_(parameter.grad)
        for buffer, value in zip(self.buffers, kept):
            buffer.copy_(value)
        return float(loss.detach())

    def _convert(self, batch: Any) -> Any:
        """A batch with its arrays as tensors on the device."""
        if isinstance(batch, (tuple, list)):
            return tuple(self._convert(part) for part in batch)
        if type(batch).__module__ == "numpy":
            batch = self.torch.from_numpy(batch)
        return batch.to(self.device) if hasattr(batch, "to") else batch

    def _split(self, split: str) -> list[Any]:
        if self.splits is None:
            found = [self.batches(self.seed, step) for step in range(EVALUATED_BATCHES)]
            return [self._convert(batch) for batch in found]
        if split not in self.converted:
            self.converted[split] = [self._convert(batch) for batch in self.splits[split]]
        return self.converted[split]

    def evaluate(self, split: str, parameters: Array, estimate: bool) -> Evaluation:
        self.shared = self.shared if self.shared and self.shared[0] == parameters.ctypes.data else None
        if self.shared is None:
            self._share(parameters, None)
        for parameter, place in self.places:
            parameter.data.copy_(place)
        batches = self._split(split)
        with self.torch.no_grad(), self._statistics(estimate):
            self.model.eval()
            try:
                sizes = [weight(batch) for batch in batches]
                loss = mean((float(self.loss(self.model, b)), n) for b, n in zip(batches, sizes))
                if self.accuracy is None:
                    return loss
                right = (float(self.accuracy(self.model, b)) for b in batches)
                return loss, mean(zip(right, sizes))
            finally:
                self.model.train()

    @contextmanager
    def _statistics(self, estimate: bool) -> Iterator[None]:
        """Within it, batch statistics are means over the batches of the first steps, each with the same
        weight, as torch.optim.swa_utils.update_bn takes them."""
        kept = [buffer.clone() for buffer in self.buffers]
        try:
            if estimate and self.buffers:
                norms = [m for m in self.model.modules() if hasattr(m, "reset_running_stats")]
                momenta = [norm.momentum for norm in norms]
                for norm in norms:
                    norm.reset_running_stats()
                    norm.momentum = None
                count = min(max(self.description.steps_per_epoch, 1), 20)
                for step in range(count):
                    self.loss(self.model, self._convert(self.batches(self.seed, step)))
                for norm, momentum in zip(norms, momenta):
                    norm.momentum = momentum
            yield
        finally:
            for buffer, value in zip(self.buffers, kept):
                buffer.copy_(value)


def serve_torch(
    make_model: Callable[[], Model], loss: Callable[[Model, Any], torch.Tensor], batches: Batches,
    **options: Any,
) -> None:
    """Lets optbench train a PyTorch model.

    make_model(): the model; PyTorch's random numbers are seeded before.
    loss(model, batch): a scalar tensor.
    batches(seed, step): the batch of a step, such as `ArrayBatches`; NumPy arrays become tensors.
    splits: for each of train, validation and test the batches to evaluate on; by default those of
    `batches`, or its first ones.
    accuracy(model, batch): the share of the batch that is right.
    device: where the model lives; on another than the CPU parameters and gradient are copied.
    Others: the fields of `Description`.
    """
    serve(TorchObjective(make_model, loss, batches, **options))
