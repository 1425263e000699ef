import Problems
import Settings
import Tensors

/// The problem that `yaml` describes.
func spec(_ yaml: String) throws(SettingsError) -> ProblemSpec {
  try ProblemSpec.read(Setting.parse(yaml, file: "test.yml"))
}

/// The problem that `yaml` describes, with its data.
func problem(_ yaml: String, in folder: String = "") throws -> any TestProblem {
  var datasets = LoadedDatasets()
  return try spec(yaml).make(using: &datasets, baseDirectory: folder)
}

/// A run's objective with parameters and a gradient of its own.
final class Probe {
  let problem: any TestProblem
  let objective: any Objective
  let parameters: FloatBuffer
  let gradient: FloatBuffer
  var buffers: NamedArrays

  init(_ problem: any TestProblem, seed: UInt64 = 0) {
    self.problem = problem
    guard let objective = try? problem.makeObjective(seed: seed) else {
      preconditionFailure("'\(problem.name)' cannot be opened")
    }
    self.objective = objective
    parameters = FloatBuffer(problem.initialParameters(seed: seed))
    gradient = FloatBuffer(count: problem.layout.count, repeating: .nan)
    buffers = problem.makeBuffers()
  }

  func loss(_ batch: Batch) -> Double {
    objective.loss(
      at: UnsafePointer(parameters.pointer), batch: batch, buffers: &buffers,
      updateStatistics: true, gradient: gradient.pointer)
  }

  func evaluate(_ split: DataSplit) -> EvaluationResult? {
    objective.evaluate(at: UnsafePointer(parameters.pointer), on: split, buffers: buffers)
  }
}

/// The indices of a run's first batches.
func batches(_ problem: any TestProblem, seed: UInt64, count: Int) -> [[Int32]] {
  var order = problem.makeBatchOrder(seed: seed)
  return (0..<count).map { _ in Array(order.next().indices) }
}

/// A small problem on the bundled digits; `changes` are further lines.
func digits(
  dataset: String = "{name: digits}", model: String = "{name: mlp, hidden: [12]}",
  loss: String = "cross-entropy", batchSize: Int = 32, more: String = ""
) -> String {
  """
  name: digits-test
  dataset: \(dataset)
  model: \(model)
  loss: \(loss)
  batch_size: \(batchSize)
  \(more)
  """
}
