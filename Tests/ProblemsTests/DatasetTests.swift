import Problems
import Testing

@Suite("Data sets")
struct DatasetTests {
  @Test("Fashion-MNIST is split in 55,000, 5,000 and 10,000 examples")
  func fashionMNIST() throws {
    let problem = try problem("fashion-mnist-mlp")
    #expect(problem.summary.contains("55000 training, 5000 validation, 10000 test"))
    #expect(problem.stepsPerEpoch == 860)
    #expect(problem.layout.count == 784 * 128 + 128 + 128 * 10 + 10)
    let probe = Probe(problem)
    for split in DataSplit.allCases {
      let result = try #require(probe.evaluate(split))
      #expect(result.loss > 1.5 && result.loss < 4)
      let accuracy = try #require(result.accuracy)
      #expect(accuracy > 0.02 && accuracy < 0.3)
    }
  }

  @Test("the bundled digits are found beside the test program")
  func digitsAreFound() throws {
    #expect(Datasets.availability(of: "digits") == .available("bundled"))
    let problem = try problem("digits-mlp")
    #expect(
      problem.layout.tensors.map(\.name) == [
        "dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias", "dense3.weight",
        "dense3.bias",
      ])
    #expect(problem.stepsPerEpoch == 38)
  }
}
