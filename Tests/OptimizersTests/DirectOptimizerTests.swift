import Optimizers
import Settings
import Tensors
import Testing

/// A rule whose update is applied while it is written gives the bits of clipping, proposing and
/// applying one after the other.
@Suite struct DirectOptimizerTests {
  /// Shorter than a piece, one whole piece, several with a rest; with and without decay.
  private let layout = OptimizersTests.layout([[5, 7], [5], [32, 32], [50, 49], [1]])

  private static let texts = OptimizerContractTests.texts.filter { text in
    let choice = try? OptimizerChoice.read(try .parse(text, file: "direct.yml"))
    return choice?.optimizer is any DirectOptimizer
  }

  @Test func theRulesThatPeopleUseMostAreAmongThem() {
    #expect(
      Set(["sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw"]).isSubset(of: Self.texts))
  }

  @Test(arguments: texts)
  func givesTheBitsOfOneStepAfterTheOther(text: String) throws {
    let choice = try OptimizerChoice.read(try .parse(text, file: "direct.yml"))
    let optimizer = choice.optimizer
    var stream = RandomStream(seed: 5, name: "direct optimizers")
    let start = (0..<layout.count).map { _ in Float(stream.normal()) }
    let (apart, direct, unmeasured) = (FloatBuffer(start), FloatBuffer(start), FloatBuffer(start))
    var apartState = optimizer.makeState(for: layout)
    var directState = optimizer.makeState(for: layout)
    var unmeasuredState = optimizer.makeState(for: layout)
    let update = FloatBuffer(count: layout.count)
    let untouched = FloatBuffer(count: layout.count, repeating: .nan)
    let scaled = FloatBuffer(count: layout.count)
    let application = UpdateApplication(layout: layout, parameters: direct.pointer)
    let silent = UpdateApplication(
      layout: layout, parameters: unmeasured.pointer, measures: false)

    for step in 0..<8 {
      // A tensor without gradient, and one that hardly has any, leave the float range of squares.
      let gradient = FloatBuffer((0..<layout.count).map { _ in Float(stream.normal()) })
      for index in 35..<40 { gradient.pointer[index] = step % 2 == 0 ? 0 : 1e-30 }
      let factor: Float = step == 0 ? 1 : 0.37
      Vector.scale(gradient.pointer, by: factor, into: scaled.pointer, count: layout.count)

      optimizer.proposeUpdate(
        for: OptimizerStep(
          layout: layout, step: step, learningRate: 0.01, parameters: apart.pointer,
          gradient: scaled.pointer, update: update.pointer), state: &apartState)
      let sums = layout.tensors.map {
        Vector.apply(
          update: update.pointer + $0.offset, to: apart.pointer + $0.offset, count: $0.count)
      }
      application.begin(gradientFactor: factor)
      optimizer.proposeUpdate(
        for: OptimizerStep(
          layout: layout, step: step, learningRate: 0.01, parameters: direct.pointer,
          gradient: gradient.pointer, update: untouched.pointer, application: application),
        state: &directState)
      silent.begin(gradientFactor: factor)
      optimizer.proposeUpdate(
        for: OptimizerStep(
          layout: layout, step: step, learningRate: 0.01, parameters: unmeasured.pointer,
          gradient: gradient.pointer, update: untouched.pointer, application: silent),
        state: &unmeasuredState)

      #expect(application.isDone && silent.isDone)
      #expect(unmeasured.values.map(\.bitPattern) == apart.values.map(\.bitPattern))
      #expect(direct.values.map(\.bitPattern) == apart.values.map(\.bitPattern))
      #expect(directState.numbers == apartState.numbers)
      for (one, other) in zip(directState.arrays, apartState.arrays) {
        #expect(one.values.map(\.bitPattern) == other.values.map(\.bitPattern))
      }
      for (tensor, sum) in sums.enumerated() {
        #expect(application.sums[tensor].updateSquares == sum.updateSquares)
        #expect(application.sums[tensor].parameterSquares == sum.parameterSquares)
      }
    }
    #expect(untouched.values.allSatisfy { $0.isNaN })
  }

  @Test func scalingWaitsUntilSomebodyReadsTheValues() throws {
    let source = FloatBuffer([3, 4, 0])
    let working = FloatBuffer(count: 3)
    let layout = OptimizersTests.layout([[3]])
    var vector = StepVector(
      layout: layout, values: source.pointer, working: working.pointer, defersScaling: true)
    vector.scale(by: 0.5)
    #expect(vector.pendingFactor == 0.5 && vector.unscaledValues == UnsafePointer(source.pointer))
    // A second factor comes after the first, with a rounding of its own.
    vector.scale(by: 0.1)
    #expect(vector.pendingFactor == 0.1 && working.values == [1.5, 2, 0])
    #expect(vector.norm() == Vector.norm([0.15, 0.2, 0], count: 3))
    #expect(vector.pendingFactor == 1 && working.values == [0.15, 0.2, 0])
    vector.scale(by: .nan)
    #expect(vector.mutableValues()[0].isNaN)
    #expect(source.values == [3, 4, 0])
  }
}
