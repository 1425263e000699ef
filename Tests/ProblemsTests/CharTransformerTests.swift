import Problems
import Settings
import Testing

@Suite("The character transformer")
struct CharTransformerTests {
  private func text(_ model: String, length: Int = 12) -> String {
    """
    name: characters
    dataset: {name: text, length: \(length), stride: 400}
    model: \(model)
    loss: cross-entropy
    batch_size: 5
    """
  }

  @Test("is the list of its layers, bit for bit, and predicts at each character")
  func list() throws {
    let model = Probe(
      try problem(text("{name: char-transformer, features: 12, layers: 2, heads: 3}")))
    let list = Probe(
      try problem(
        text(
          """
          {name: layers, layers: [{name: embedding, features: 12, deviation: 0.02},
            positional-embedding, {name: transformer-block, heads: 3},
            {name: transformer-block, heads: 3}, layer-norm,
            {name: dense, initialization: glorot-uniform}]}
          """)))
    #expect(model.problem.layout == list.problem.layout)
    #expect(model.parameters.values == list.parameters.values)
    var order = model.problem.makeBatchOrder(seed: 0)
    let batch = order.next()
    let loss = model.loss(batch)
    #expect(loss == list.loss(batch) && loss.isFinite)
    #expect(model.gradient.values == list.gradient.values)
    let validation = try #require(model.evaluate(.validation))
    #expect(validation == list.evaluate(.validation) && validation.accuracy != nil)
  }

  @Test(
    "gives a gradient along which the loss falls, at a length of 1 as well", arguments: [1, 12])
  func descends(length: Int) throws {
    let probe = Probe(
      try problem(
        text("{name: char-transformer, features: 8, layers: 1, heads: 2}", length: length)))
    var order = probe.problem.makeBatchOrder(seed: 0)
    let batch = order.next()
    let before = probe.loss(batch)
    let squares = probe.gradient.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    let step = 1e-3
    for index in 0..<probe.gradient.count {
      probe.parameters.pointer[index] -= Float(step) * probe.gradient.pointer[index]
    }
    let fall = before - probe.loss(batch)
    #expect(abs(fall / (step * squares) - 1) < 0.2)
  }

  @Test("drops the same elements in a step's second gradient, and others in the next")
  func dropout() throws {
    let probe = Probe(
      try problem(
        text("{name: char-transformer, features: 8, layers: 1, heads: 2, dropout: 0.5}")))
    var order = probe.problem.makeBatchOrder(seed: 0)
    let batch = order.next()
    let first = probe.loss(batch)
    #expect(probe.loss(batch) == first)
    let later = Batch(step: batch.step + 1, indices: batch.indices)
    #expect(probe.loss(later) != first)
  }

  @Test("refuses heads that do not divide the width, and data that are no characters")
  func refusals() {
    func message(_ yaml: String) -> String {
      do {
        _ = try problem(yaml)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(
      message(text("{name: char-transformer, features: 10, heads: 4}")).contains(
        "model.heads: 10 features cannot be divided among 4 heads"))
    #expect(message(digits(model: "char-transformer")).contains("gets 8×8×1"))
  }
}
