public import Analysis

/// A method as PyTorch code: one file with its optimizer, its learning-rate schedule, its clipping and a
/// training step that puts them in order.
///
/// Written against PyTorch 2.10; `scripts/check_torch_export.py` runs it beside `optbench trace`.
public struct TorchCode: Sendable {
  /// The Python source.
  public let text: String

  /// Why a method cannot be written so.
  public struct Missing: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
  }

  /// - Parameters:
  ///   - problem: The problem for which it was chosen.
  ///   - steps: The updates of a run there, over which the schedule goes.
  ///   - source: The file it comes from, with its content digest.
  public init(
    _ chosen: ChosenMethod, problem: String, steps: Int, source: String
  ) throws(Missing) {
    guard let entry = chosen.configuration.optimizer else {
      throw Missing("the run does not say what its optimizer is")
    }
    let optimizer = try TorchOptimizer.code(for: entry)
    let clips = try chosen.configuration.clipping.filter { $0.name != "none" }
      .map { entry throws(Missing) in try TorchClip.code(for: entry) }
    let schedule = try TorchSchedule.code(for: chosen.configuration.schedule)
    let title = "\(chosen.method.label), as \(problem) was trained with it".pythonComment
    var parts = [
      """
      """ + "\"\"\"\(title).\n\n"
        + "Learning rate \(NumberText.exact(chosen.learningRate)): \(chosen.origin).\n"
        + "From \(source.pythonComment).\n\"\"\"",
      "import math\n\nimport torch",
      "LEARNING_RATE = \(NumberText.exact(chosen.learningRate))\n"
        + "# The updates of a run, over which the schedule goes: give your own.\nSTEPS = \(steps)",
    ]
    parts += optimizer.definitions
    parts.append(
      "def make_optimizer(model):\n"
        + (optimizer.decaysWeightsOnly
          ? """
              # Matrices and embeddings decay, biases and the gains of norms do not.
              parameters = [
                  {"params": [p for p in model.parameters() if p.ndim > 1]},
                  {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
              ]

          """
          : "    parameters = model.parameters()\n")
        + "    return \(optimizer.call)")
    parts.append(
      "def learning_rate(step, steps=STEPS):\n" + schedule.indented
        + "\n\n\ndef make_scheduler(optimizer, steps=STEPS):\n"
        + "    return torch.optim.lr_scheduler.LambdaLR(\n"
        + "        optimizer, lambda step: learning_rate(step, steps) / LEARNING_RATE)")
    for (index, clip) in clips.enumerated() {
      parts.append(clip.text(called: "transform_\(index + 1)"))
    }
    parts.append(Self.step(clips, needsClosure: optimizer.needsClosure))
    text = parts.joined(separator: "\n\n\n") + "\n"
  }

  /// The step that calls everything in its order.
  private static func step(_ clips: [TorchClip], needsClosure: Bool) -> String {
    var before: [String] = []
    var after: [String] = []
    for (index, clip) in clips.enumerated() {
      let call = "transform_\(index + 1)(list(model.parameters()))"
      switch clip.place {
      case .gradient: before.append(call)
      case .refusal: before.append("if not \(call):\n    scheduler.step()\n    return loss")
      case .parameters: after.append(call)
      }
    }
    let head =
      "def training_step(model, compute_loss, optimizer, scheduler):\n"
      + "    \"\"\"One update; compute_loss() gives the loss of the batch.\"\"\"\n"
    let body: [String]
    if needsClosure {
      body =
        [
          "def closure():", "    optimizer.zero_grad()", "    loss = compute_loss()",
          "    loss.backward()",
        ]
        + before.map { $0.indentedLines } + [
          "    return loss", "", "loss = optimizer.step(closure)",
        ]
    } else {
      body =
        ["optimizer.zero_grad()", "loss = compute_loss()", "loss.backward()"] + before
        + ["optimizer.step()"]
    }
    return head
      + (body + after + ["scheduler.step()", "return loss"]).joined(separator: "\n").indented
  }
}

extension String {
  /// Each line four spaces further in.
  fileprivate var indented: String {
    split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "    \($0)" }.joined(separator: "\n")
  }

  fileprivate var indentedLines: String { indented }

  /// The text where it cannot end a comment or a docstring.
  fileprivate var pythonComment: String {
    String(
      unicodeScalars.map { scalar in
        scalar == "\\" || scalar == "\"" || scalar.value < 0x20 ? "_" : Character(scalar)
      })
  }
}

extension ConfiguredEntry {
  /// The option's value as JSON; `null` where there is none of that name.
  func json(_ name: String) -> String {
    guard let option = options.first(where: { $0.name == name }),
      case .value(let json) = option.value
    else { return "null" }
    return json
  }

  /// The option's value in Python.
  func python(_ name: String) -> String {
    switch json(name) {
    case "true": "True"
    case "false": "False"
    case "null": "None"
    case let list where list.hasPrefix("["):
      "(" + list.dropFirst().dropLast().split(separator: ",").joined(separator: ", ") + ")"
    case let text where text.hasPrefix("\""): text
    case let number: number
    }
  }

  func isTrue(_ name: String) -> Bool { json(name) == "true" }

  /// The words of a text option.
  func word(_ name: String) -> String { json(name).filter { $0 != "\"" } }
}
