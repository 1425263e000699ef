import LinearAlgebra
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Batch statistics estimated anew against PyTorch")
struct BatchStatisticsTests {
  /// What `update_bn` computes; made by scripts/oracles/batch_statistics_torch.py.
  private struct Oracle: Decodable {
    let parameters: [Float]
    let batches: [[Float]]
    let buffers: [[Double]]
    let probe: [Float]
    let outputs: [Double]
  }

  @Test("they are plain means over batches of any size, whatever the buffers held before")
  func meansOverBatches() throws {
    let expected = try oracle("batch_statistics_torch", as: Oracle.self)
    Threads.useOneThread()
    let model = try LayerFixture.model(
      "[{name: dense, outputs: 5}, batch-norm, tanh, {name: dense, outputs: 6}, batch-norm, dense]",
      inputShape: [4])
    let network = Network(
      model, loss: MeanSquaredError(), targets: .values(3), batchSize: 6, isTrained: true)
    let buffers = model.makeBuffers()
    for array in buffers.arrays { array.fill(1000) }
    for (position, batch) in expected.batches.enumerated() {
      for (index, value) in batch.enumerated() { network.input[index] = value }
      network.updateStatistics(
        rows: batch.count / 4, parameters: expected.parameters,
        pass: Pass(
          isTraining: true, seed: 0, step: position, buffers: buffers, updatesStatistics: true,
          averagedBatches: position))
    }
    for (array, wanted) in zip(buffers.arrays, expected.buffers) {
      #expect(relativeDistance(array.values.map(Double.init), from: wanted) < 1e-6)
    }
    for (index, value) in expected.probe.enumerated() { network.input[index] = value }
    _ = network.evaluate(
      rows: 5, parameters: expected.parameters,
      pass: Pass(isTraining: false, seed: 0, step: 0, buffers: buffers, updatesStatistics: false))
    let outputs = (0..<15).map { Double(network.lastOutputs[$0]) }
    #expect(relativeDistance(outputs, from: expected.outputs) < 2e-6)
  }
}
