import Problems
import Settings
import TestSupport
import Testing

@Suite("A list of layers in the experiment file")
struct LayerListTests {
  private func text(_ layers: String) -> String {
    """
    name: listed
    dataset: digits
    model:
      name: layers
      layers:
    \(layers.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
    loss: cross-entropy
    batch_size: 32
    """
  }

  private func message(_ layers: String) -> String {
    do {
      _ = try spec(text(layers))
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test("shapes are inferred, and tensors named by kind and number")
  func inferred() throws {
    let problem = try problem(
      text(
        """
        - flatten
        - {name: dense, outputs: 12, initialization: he-normal}
        - relu
        - name: residual
          layers: [layer-norm, {name: dense, outputs: 12}, gelu]
        - dense
        """))
    #expect(
      problem.layout.tensors.map(\.name) == [
        "dense1.weight", "dense1.bias", "residual1.layer-norm1.weight",
        "residual1.layer-norm1.bias", "residual1.dense1.weight", "residual1.dense1.bias",
        "dense2.weight", "dense2.bias",
      ])
    #expect(problem.layout.tensors[6].shape == [10, 12])
    #expect(
      problem.layout.tensors.map(\.role) == [
        .weight, .bias, .norm, .norm, .weight, .bias, .weight, .bias,
      ])
    #expect(
      problem.summary.contains(
        "dense outputs=12 initialization=he-normal, relu, "
          + "residual(layer-norm, dense outputs=12, gelu), dense"))
    let probe = Probe(problem)
    let batch = problem.makeBatchOrder(seed: 0)
    var order = batch
    #expect(probe.loss(order.next()).isFinite)
    #expect(probe.gradient.values.allSatisfy { $0.isFinite })
  }

  @Test("a perceptron as a list is the model mlp, bit for bit")
  func perceptron() throws {
    let list = Probe(
      try problem(
        text(
          """
          - flatten
          - {name: dense, outputs: 12, activation: relu, initialization: he-normal}
          - {name: dense, initialization: he-normal}
          """)))
    let named = Probe(try problem(digits()))
    #expect(list.parameters.values == named.parameters.values)
    var order = list.problem.makeBatchOrder(seed: 0)
    let batch = order.next()
    #expect(list.loss(batch) == named.loss(batch))
    #expect(list.gradient.values == named.gradient.values)
  }

  @Test("what does not fit is explained in a line with the layer's place and both shapes")
  func mismatches() {
    #expect(
      message("- flatten\n- {name: dense, outputs: 30}\n- {name: attention, heads: 2}\n- dense")
        == "test.yml:8:7: model.layers[2]: examples of \(shape) from digits: layer 3 (attention): "
        + "takes a sequence [time, width], but gets 30")
    #expect(
      message(
        "- flatten\n- {name: dense, outputs: 30}\n- name: residual\n  layers:\n"
          + "    - relu\n    - {name: dense, outputs: 31}\n- dense")
        == "test.yml:8:7: model.layers[2]: examples of \(shape) from digits: layer 3 (residual): "
        + "adds its input, 30, to what its layers give, which must have that shape; the last, "
        + "dense1, gives 31")
    #expect(
      message("- flatten\n- name: residual\n  layers:\n    - relu\n    - attention\n- dense")
        == "test.yml:10:11: model.layers[1].layers[1]: examples of \(shape) from digits: "
        + "layer 2 (residual): layer 2 (attention): takes a sequence [time, width], but gets 64")
    #expect(message("- flatten\n- {name: dense, outputs: 3}").contains("test.yml:4:3: model"))
    #expect(message("- flatten\n- {name: dense, outputs: 3}").contains("3 outputs"))
  }

  private let shape = "8×8×1"

  @Test("unknown layers and options are refused at their line with the nearest name")
  func refusals() {
    #expect(message("- flatten\n- relus\n- dense").hasPrefix("test.yml:7:7: model.layers[1]: "))
    #expect(message("- flatten\n- relus\n- dense").contains("did you mean 'relu'?"))
    #expect(
      message("- flatten\n- {name: dense, output: 3}").contains(
        "test.yml:7:21: model.layers[1].output: unknown key 'output'; did you mean 'outputs'?"))
    #expect(
      message("- flatten\n- name: residual\n  layers: [{name: layer-norm, eps: -1}]").contains(
        "model.layers[1].layers[0].eps: -1 is out of range"))
    #expect(message("- name: residual\n- dense").contains("model.layers[0]"))
    #expect(message("- name: residual\n- dense").contains("the list of layers is missing"))
    #expect(message("- residual: {layers: [relu]}").contains("the key 'name' is missing"))
    #expect((try? spec(digits(model: "layers"))) == nil)
    #expect((try? spec(digits(model: "{name: layers, layers: []}"))) == nil)
  }
}
