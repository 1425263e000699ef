internal import Analysis

/// A clipping strategy in PyTorch: a function of the list of parameters.
struct TorchClip {
  enum Place {
    /// Changes the gradients before the update.
    case gradient
    /// Says whether the update is to be made at all.
    case refusal
    /// Changes the parameters after it.
    case parameters
  }

  var place = Place.gradient
  /// What it does, with `parameters`, one statement a line.
  let body: [String]
  /// Statements that stand before the function.
  var before: [String] = []

  func text(called name: String) -> String {
    let definition =
      (place == .parameters ? "@torch.no_grad()\n" : "") + "def \(name)(parameters):\n"
      + body.map { "    \($0)" }.joined(separator: "\n")
    return (before + [definition]).joined(separator: "\n\n\n")
  }

  static func code(for entry: ConfiguredEntry) throws(TorchCode.Missing) -> TorchClip {
    guard let make = all[entry.name] else {
      throw TorchCode.Missing(
        "\(entry.name) is not written in PyTorch; written can be \(all.keys.sorted().joined(separator: ", "))"
      )
    }
    let clip = make(entry)
    let at = entry.word("at")
    guard ["null", "", "gradient"].contains(at) || clip.place == .parameters else {
      throw TorchCode.Missing(
        "\(entry.name) acts at: \(at), within the optimizer, which torch.optim does not let")
    }
    guard ["null", "", "all"].contains(entry.word("on")) else {
      throw TorchCode.Missing("\(entry.name) acts on some tensors only (on: \(entry.word("on")))")
    }
    return clip
  }

  private static let gradients = "gradients = [p.grad for p in parameters if p.grad is not None]"
  private static let norm =
    "norm = torch.nn.utils.get_total_norm(gradients)"

  private static let all: [String: @Sendable (ConfiguredEntry) -> TorchClip] = [
    "value": { entry in
      TorchClip(body: [
        "torch.nn.utils.clip_grad_value_(parameters, \(entry.python("max_value")))"
      ])
    },
    "global-norm": { entry in
      let order = entry.word("norm_type")
      let type = order == "inf" || order == ".inf" ? "math.inf" : entry.python("norm_type")
      return TorchClip(body: [
        "torch.nn.utils.clip_grad_norm_(parameters, \(entry.python("max_norm")), norm_type=\(type))"
      ])
    },
    "per-tensor-norm": { entry in
      TorchClip(body: [
        gradients, "for gradient in gradients:",
        "    gradient.mul_(\(entry.python("max_norm")) / gradient.norm().clamp(min=\(entry.python("max_norm"))))",
      ])
    },
    "block-rms": { entry in
      TorchClip(body: [
        gradients, "for gradient in gradients:",
        "    rms = gradient.norm() / math.sqrt(gradient.numel())",
        "    gradient.div_((rms / \(entry.python("threshold"))).clamp(min=1.0))",
      ])
    },
    "coordinate": { entry in
      TorchClip(body: [
        gradients, "for gradient in gradients:",
        "    gradient.mul_((\(entry.python("threshold")) / gradient.abs()).clamp(max=1.0))",
      ])
    },
    "adaptive": { entry in
      TorchClip(
        body: [
          "for p in parameters:", "    if p.grad is None:", "        continue",
          "    bound = \(entry.python("clip_factor")) * unit_norm(p.detach()).clamp(min=\(entry.python("eps")))",
          "    norm = unit_norm(p.grad)",
          "    p.grad.copy_(torch.where(norm < bound, p.grad, p.grad * (bound / norm.clamp(min=1e-6))))",
        ],
        before: [
          "def unit_norm(x):\n    \"\"\"The norm of each row, or of a whole vector.\"\"\"\n"
            + "    if x.ndim <= 1:\n        return x.norm()\n"
            + "    return x.flatten(1).norm(dim=1).reshape(-1, *[1] * (x.ndim - 1))"
        ])
    },
    "autoclip": { entry in
      TorchClip(
        body: [
          gradients, norm, "if math.isfinite(norm):", "    norm_history.append(float(norm))",
          "if norm_history:",
          "    bound = torch.quantile(torch.tensor(list(norm_history)), \(entry.python("clip_percentile")) / 100)",
          "    torch.nn.utils.clip_grad_norm_(parameters, float(bound))",
        ],
        before: [
          "from collections import deque\n\n# Part of the state: keep it with your checkpoints.\n"
            + "norm_history = deque(maxlen=\(entry.python("history_size")))"
        ])
    },
    "normalize": { entry in
      TorchClip(body: [
        gradients, norm, "for gradient in gradients:",
        "    gradient.mul_(\(entry.python("scale_factor")) / (norm + \(entry.python("eps"))))",
      ])
    },
    "centralize": { _ in
      TorchClip(body: [
        gradients, "for gradient in gradients:", "    if gradient.ndim > 1:",
        "        gradient.sub_(gradient.mean(dim=tuple(range(1, gradient.ndim)), keepdim=True))",
      ])
    },
    "zero-nonfinite": { _ in
      TorchClip(body: [
        gradients, "for gradient in gradients:",
        "    torch.nan_to_num_(gradient, nan=0.0, posinf=0.0, neginf=0.0)",
      ])
    },
    "skip-nonfinite": { _ in
      TorchClip(
        place: .refusal,
        body: [
          gradients, "return all(bool(torch.isfinite(gradient).all()) for gradient in gradients)",
        ])
    },
    "skip-large": { entry in
      TorchClip(
        place: .refusal,
        body: [gradients, norm, "return bool(norm < \(entry.python("max_norm")))"])
    },
    "max-norm": { entry in
      TorchClip(
        place: .parameters,
        body: [
          "for p in parameters:", "    if p.ndim > 1:",
          "        p.copy_(torch.renorm(p, 2, 0, \(entry.python("max_norm"))))",
        ])
    },
    "range": { entry in
      let least =
        entry.json("min_value") == "null"
        ? "-\(entry.python("max_value"))" : entry.python("min_value")
      return TorchClip(
        place: .parameters,
        body: ["for p in parameters:", "    p.clamp_(\(least), \(entry.python("max_value")))"])
    },
  ]
}
