"""What a PyTorch optimizer does at each step, recorded without a line in the training loop."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from .journal import Recording

if TYPE_CHECKING:
    from .recorder import Run

STEPS = 64


class Watch:
    """Wraps `optimizer.step`, and the clipping functions of torch.nn.utils while any run is watched."""

    def __init__(self, run: Run, model: Any, optimizer: Any) -> None:
        import torch

        self.torch = torch
        self.run = weakref.ref(run)
        self.optimizer = optimizer
        named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        self.names = ["_".join(name.split()) for name, _ in named]
        self.parameters = [p for _, p in named]
        self.before_clipping: float | None = None
        self.step_number = 0
        self.ring: list[tuple[int, Any]] = []
        self.state_names: list[str] = []
        self.original = optimizer.step
        optimizer.step = self._step
        _watches.add(self)
        _wrap_clipping(torch)

    def stop(self) -> None:
        self.optimizer.step = self.original
        _watches.discard(self)

    def recording(self) -> Recording:
        names = ["gradient_norm", "update_norm", "parameter_norm"]
        quantities = [(name, name.replace("_", " "), "", "f") for name in names]
        quantities.append(("optimizer_state_norm", "norm of the optimizer's state", "", "f"))
        return Recording("flight", quantities, self.names)

    def rows(self) -> tuple[list[int], list[Any]]:
        steps = [step for step, _ in self.ring]
        norms = np.asarray([values for _, values in self.ring], "<f4").reshape(
            len(steps), 4, len(self.names))
        return steps, [norms[:, quantity, :] for quantity in range(4)]

    def _norms(self, tensors: list[Any]) -> Any:
        """The norms, in one pass where PyTorch has one."""
        filled = [t if t is not None else self.torch.zeros(()) for t in tensors]
        return self.torch.stack([n.float() for n in self.torch._foreach_norm(filled)]).tolist()

    def _step(self, *arguments: Any, **options: Any) -> Any:
        torch = self.torch
        with torch.no_grad():
            gradients = self._norms([p.grad for p in self.parameters])
            before = [p.detach().clone() for p in self.parameters]
        result = self.original(*arguments, **options)
        with torch.no_grad():
            torch._foreach_sub_(before, [p.detach() for p in self.parameters])
            updates = self._norms(before)
            parameters = self._norms([p.detach() for p in self.parameters])
            states = self._norms([self._state(p) for p in self.parameters])
        run = self.run()
        if run is None:
            return result
        clipped = float(np.linalg.norm(np.asarray(gradients, "f8")))
        raw = clipped if self.before_clipping is None else self.before_clipping
        values: dict[str, Any] = {
            "gradient_norm": raw, "clipped_gradient_norm": clipped,
            "update_norm": float(np.linalg.norm(np.asarray(updates, "f8"))),
            "parameter_norm": float(np.linalg.norm(np.asarray(parameters, "f8"))),
            "learning_rate": float(self.optimizer.param_groups[0]["lr"]),
        }
        if self.before_clipping is not None:
            values["clip_fired"] = clipped < raw * (1 - 1e-5)
            values["clip_coefficient"] = clipped / raw if values["clip_fired"] else 1.0
        self.before_clipping = None
        run.note(**values)
        self.ring.append((run.next_step, [gradients, updates, parameters, states]))
        del self.ring[:-STEPS]
        return result

    def _state(self, parameter: Any) -> Any:
        """The optimizer's memory of a tensor, as one vector."""
        found = [
            value.detach().reshape(-1) for value in self.optimizer.state.get(parameter, {}).values()
            if hasattr(value, "detach") and value.dim() > 0
        ]
        return self.torch.cat(found) if found else None


_watches: weakref.WeakSet[Watch] = weakref.WeakSet()
_is_wrapped = False


def _note(parameters: Any, norm: Any) -> None:
    found = {id(p) for p in parameters}
    for watch in list(_watches):
        if any(id(p) in found for p in watch.parameters) and watch.before_clipping is None:
            watch.before_clipping = float(norm)


def _wrap_clipping(torch: Any) -> None:
    """Lets the clipping functions say the norm before."""
    global _is_wrapped
    if _is_wrapped:
        return
    _is_wrapped = True
    utils = torch.nn.utils
    clip_norm, clip_value = utils.clip_grad_norm_, utils.clip_grad_value_

    def norm_clipped(parameters: Any, *arguments: Any, **options: Any) -> Any:
        chosen = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
        with torch.no_grad():
            norms = [p.grad.norm() for p in chosen if p.grad is not None]
            total = torch.stack(norms).norm() if norms else torch.zeros(())
        result = clip_norm(chosen, *arguments, **options)
        _note(chosen, total)
        return result

    def value_clipped(parameters: Any, *arguments: Any, **options: Any) -> Any:
        chosen = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
        with torch.no_grad():
            norms = [p.grad.norm() for p in chosen if p.grad is not None]
            total = torch.stack(norms).norm() if norms else torch.zeros(())
        result = clip_value(chosen, *arguments, **options)
        _note(chosen, total)
        return result

    for module in [utils, utils.clip_grad]:
        module.clip_grad_norm_ = norm_clipped
        module.clip_grad_value_ = value_clipped
