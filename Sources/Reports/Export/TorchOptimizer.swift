internal import Analysis

/// An optimizer in PyTorch.
struct TorchOptimizer {
  /// Makes it from `parameters`.
  let call: String
  var decaysWeightsOnly = false
  var needsClosure = false
  /// Classes that PyTorch lacks.
  var definitions: [String] = []

  static func code(for entry: ConfiguredEntry) throws(TorchCode.Missing) -> TorchOptimizer {
    guard let make = all[entry.name] else {
      throw TorchCode.Missing(
        "torch.optim has no \(entry.name); written can be \(all.keys.sorted().joined(separator: ", "))"
      )
    }
    if entry.isTrue("eps_in_sqrt") {
      throw TorchCode.Missing("torch.optim.RMSprop has no eps_in_sqrt; it adds ε to the root")
    }
    var optimizer = make(entry)
    optimizer.decaysWeightsOnly = entry.word("weight_decay_on") == "weights"
    return optimizer
  }

  /// A class of `torch.optim` and the options that it has under the same names.
  private static func ofTorch(
    _ name: String, _ options: [String], fixed: String = ""
  ) -> @Sendable (ConfiguredEntry) -> TorchOptimizer {
    { entry in
      let arguments = options.map { ", \($0)=\(entry.python($0))" }.joined()
      return TorchOptimizer(
        call: "torch.optim.\(name)(parameters, lr=LEARNING_RATE\(arguments)\(fixed))")
    }
  }

  private static let sgd = ofTorch(
    "SGD", ["momentum", "dampening", "weight_decay", "nesterov", "maximize"])

  private static let all: [String: @Sendable (ConfiguredEntry) -> TorchOptimizer] = [
    "sgd": sgd, "momentum": sgd, "nesterov": sgd,
    "asgd": ofTorch("ASGD", ["lambd", "alpha", "t0", "weight_decay", "maximize"]),
    "rprop": ofTorch("Rprop", ["etas", "step_sizes", "maximize"]),
    "adagrad": ofTorch(
      "Adagrad", ["lr_decay", "weight_decay", "initial_accumulator_value", "eps", "maximize"]),
    "adadelta": ofTorch("Adadelta", ["rho", "eps", "weight_decay", "maximize"]),
    "rmsprop": ofTorch(
      "RMSprop", ["alpha", "eps", "weight_decay", "momentum", "centered", "maximize"]),
    "adam": ofTorch("Adam", ["betas", "eps", "weight_decay", "amsgrad", "maximize"]),
    "adamw": ofTorch("AdamW", ["betas", "eps", "weight_decay", "amsgrad", "maximize"]),
    "adamax": ofTorch("Adamax", ["betas", "eps", "weight_decay", "maximize"]),
    "nadam": ofTorch(
      "NAdam",
      ["betas", "eps", "weight_decay", "momentum_decay", "decoupled_weight_decay", "maximize"]),
    "radam": ofTorch(
      "RAdam", ["betas", "eps", "weight_decay", "decoupled_weight_decay", "maximize"]),
    "adafactor": ofTorch("Adafactor", ["beta2_decay", "eps", "d", "weight_decay", "maximize"]),
    "lbfgs": { entry in
      var optimizer = ofTorch(
        "LBFGS",
        [
          "max_iter", "max_eval", "tolerance_grad", "tolerance_change", "history_size",
          "line_search_fn",
        ])(entry)
      optimizer.needsClosure = true
      return optimizer
    },
    "signsgd": signum, "signum": signum,
    "lion": { entry in
      TorchOptimizer(
        call: "Lion(parameters, betas=\(entry.python("betas")), "
          + "weight_decay=\(entry.python("weight_decay")), maximize=\(entry.python("maximize")))",
        definitions: [lionClass])
    },
  ]

  private static let signum: @Sendable (ConfiguredEntry) -> TorchOptimizer = { entry in
    TorchOptimizer(
      call: "Signum(parameters, momentum=\(entry.python("momentum")), "
        + "weight_decay=\(entry.python("weight_decay")), maximize=\(entry.python("maximize")))",
      definitions: [signumClass])
  }

  private static let lionClass = """
    class Lion(torch.optim.Optimizer):
        \"""The signs of a mean gradient that leans to the newest (Chen et al., 2023).\"""

        def __init__(self, params, lr=LEARNING_RATE, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
            super().__init__(
                params, {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                first, second = group["betas"]
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    gradient = -p.grad if group["maximize"] else p.grad
                    mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                    direction = (first * mean + (1 - first) * gradient).sign()
                    p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(direction, alpha=group["lr"])
                    mean.mul_(second).add_(gradient, alpha=1 - second)
    """

  private static let signumClass = """
    class Signum(torch.optim.Optimizer):
        \"""The signs of the mean gradient (Bernstein et al., 2018).\"""

        def __init__(self, params, lr=LEARNING_RATE, momentum=0.0, weight_decay=0.0, maximize=False):
            super().__init__(
                params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "maximize": maximize})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    gradient = -p.grad if group["maximize"] else p.grad
                    mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                    mean.mul_(group["momentum"]).add_(gradient, alpha=1 - group["momentum"])
                    p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(mean.sign(), alpha=group["lr"])
    """
}
