import Optimizers
import Settings
import Tensors

/// One optimizer's step on parameters that are not a model's.
final class OptimizerKernel {
  /// The rules that read a gradient and work in a few passes over flat vectors.
  static let names = [
    "sgd", "momentum", "nesterov", "asgd", "signsgd", "signum", "lion", "rprop", "adagrad",
    "adadelta", "rmsprop", "adam", "adamw", "adamax", "nadam", "radam", "adabelief", "yogi", "adan",
    "adopt", "spam", "lars", "lamb", "stableadamw", "adafactor", "dadapt-adam", "prodigy",
    "schedule-free-sgd", "schedule-free-adamw",
  ]

  private let layout: ParameterLayout
  private let optimizer: any Optimizer
  private var state: NamedArrays
  private let parameters: FloatBuffer
  private let gradient: FloatBuffer
  private let update: FloatBuffer
  private let unmeasured: UpdateApplication
  private let measured: UpdateApplication
  private var step = 0

  init(_ name: String, layout: ParameterLayout) throws {
    optimizer = try OptimizerChoice.read(Setting.parse(name, file: "kernels")).optimizer
    self.layout = layout
    state = optimizer.makeState(for: layout)
    var stream = RandomStream(seed: 0, name: "kernels")
    parameters = FloatBuffer((0..<layout.count).map { _ in Float(stream.uniform() - 0.5) })
    gradient = FloatBuffer((0..<layout.count).map { _ in Float(stream.uniform() - 0.5) })
    update = FloatBuffer(count: layout.count)
    unmeasured = UpdateApplication(
      layout: layout, parameters: parameters.pointer, measures: false)
    measured = UpdateApplication(layout: layout, parameters: parameters.pointer)
  }

  /// The update alone, into a vector of its own.
  func propose() { propose(applyingBy: nil) }

  /// The update applied to the parameters, as other libraries do it.
  func apply() {
    if applies(by: unmeasured) { return }
    add(update.pointer, to: parameters.pointer, count: layout.count)
  }

  /// The update applied and measured, as the trainer does it.
  func applyAndMeasure() {
    if applies(by: measured) { return }
    for tensor in layout.tensors {
      _ = Vector.apply(
        update: update.pointer + tensor.offset, to: parameters.pointer + tensor.offset,
        count: tensor.count)
    }
  }

  /// Proposes an update and returns whether the rule has applied it at the same time.
  private func applies(by application: UpdateApplication) -> Bool {
    guard optimizer is any DirectOptimizer else {
      propose()
      return false
    }
    application.begin(gradientFactor: 1)
    propose(applyingBy: application)
    return true
  }

  private func propose(applyingBy application: UpdateApplication?) {
    optimizer.proposeUpdate(
      for: OptimizerStep(
        layout: layout, step: step, learningRate: 1e-5, parameters: parameters.pointer,
        // The trainer knows the norm, so that no rule measures it.
        gradient: gradient.pointer, gradientNorm: 1, update: update.pointer,
        application: application),
      state: &state)
    step += 1
  }
}

/// θ ← θ + u.
private func add(
  _ update: UnsafePointer<Float>, to parameters: UnsafeMutablePointer<Float>, count: Int
) {
  var index = 0
  while index + 16 <= count {
    Vector.store(Vector.load(parameters, index) + Vector.load(update, index), parameters, index)
    index += 16
  }
  while index < count {
    parameters[index] += update[index]
    index += 1
  }
}
