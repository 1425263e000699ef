import Optimizers
import Settings
import Tensors

/// One optimizer's step on parameters that are not a model's: the update alone, and the update
/// applied to the parameters with the statistics that every step records.
final class OptimizerKernel {
  /// The rules that treat each element for itself, so that one tensor says what they cost.
  static let names = [
    "sgd", "momentum", "nesterov", "asgd", "signsgd", "signum", "lion", "rprop", "adagrad",
    "adadelta", "rmsprop", "adam", "adamw", "adamax", "nadam", "radam", "adabelief", "yogi", "adan",
    "adopt",
  ]

  private let layout: ParameterLayout
  private let optimizer: any Optimizer
  private var state: NamedArrays
  private let parameters: FloatBuffer
  private let gradient: FloatBuffer
  private let update: FloatBuffer
  private let application: UpdateApplication?
  private var step = 0

  init(_ name: String, tensors: Int, count: Int) throws {
    optimizer = try OptimizerChoice.read(Setting.parse(name, file: "kernels")).optimizer
    layout = ParameterLayout(
      (0..<tensors).map { ("tensor\($0)", [count / tensors], ParameterRole.weight) })
    state = optimizer.makeState(for: layout)
    var stream = RandomStream(seed: 0, name: "kernels")
    parameters = FloatBuffer((0..<layout.count).map { _ in Float(stream.uniform() - 0.5) })
    gradient = FloatBuffer((0..<layout.count).map { _ in Float(stream.uniform() - 0.5) })
    update = FloatBuffer(count: layout.count)
    application =
      optimizer is any DirectOptimizer
      ? UpdateApplication(layout: layout, parameters: parameters.pointer) : nil
  }

  /// The update alone.
  func propose() { propose(applyingBy: nil) }

  private func propose(applyingBy application: UpdateApplication?) {
    optimizer.proposeUpdate(
      for: OptimizerStep(
        layout: layout, step: step, learningRate: 1e-5, parameters: parameters.pointer,
        gradient: gradient.pointer, update: update.pointer, application: application),
      state: &state)
    step += 1
  }

  /// The update, applied and measured as the trainer does it.
  func proposeAndApply() {
    application?.begin(gradientFactor: 1)
    propose(applyingBy: application)
    if application?.isDone == true { return }
    for tensor in layout.tensors {
      _ = Vector.apply(
        update: update.pointer + tensor.offset, to: parameters.pointer + tensor.offset,
        count: tensor.count)
    }
  }
}
