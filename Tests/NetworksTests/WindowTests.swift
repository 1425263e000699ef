import Networks
import Settings
import Testing

@Suite("Windows of images")
struct WindowTests {
  private func mismatch(_ layers: [String], _ shape: [Int]) -> String {
    let error = #expect(throws: ShapeMismatch.self) {
      try ImageNetworkFixture.model(layers, inputShape: shape)
    }
    return error?.description ?? ""
  }

  @Test("that do not fit are refused with the numbers and the layer's place")
  func mismatches() {
    let large = mismatch(
      ["{name: max-pool}", "{name: convolution, channels: 2, window: 5, padding: 0}"], [8, 6, 1])
    #expect(large.contains("layer 2 (convolution)"))
    #expect(large.contains("5 pixels does not fit 4 pixels"))
    let padded = mismatch(["{name: max-pool, window: 2, padding: 2}"], [8, 6, 1])
    #expect(padded.contains("padded by 2") && padded.contains("below 2"))
    let groups = mismatch(["{name: convolution, channels: 4, groups: 3}"], [8, 6, 3])
    #expect(groups.contains("3 groups do not divide 3 channels in and 4 out"))
    for kind in ["convolution", "max-pool", "average-pool", "global-pool"] {
      let flat = mismatch(["{name: \(kind)}"], [64])
      #expect(flat.contains("[height, width, channels]") && flat.contains("64"))
    }
  }

  @Test("give the sizes that PyTorch and TensorFlow give")
  func sizes() throws {
    let cases: [(layer: String, shape: [Int])] = [
      ("{name: convolution, channels: 7, window: 5}", [28, 24, 7]),
      ("{name: convolution, channels: 7, window: 5, padding: same}", [32, 28, 7]),
      ("{name: convolution, channels: 7, window: 3, stride: 2, padding: 1}", [16, 14, 7]),
      ("{name: max-pool, window: 3, stride: 2, padding: same}", [16, 14, 3]),
      ("{name: max-pool, window: 3}", [10, 9, 3]),
      ("{name: average-pool, window: 5, stride: 3, padding: same}", [11, 10, 3]),
      ("{name: global-pool}", [3]), ("{name: flatten}", [32 * 28 * 3]),
      ("{name: batch-norm}", [32, 28, 3]), ("{name: convolution, window: 1}", [32, 28, 9]),
    ]
    for (layer, shape) in cases {
      let model = try ImageNetworkFixture.model([layer], inputShape: [32, 28, 3], outputs: 9)
      #expect(model.outputShape == shape, "\(layer)")
    }
  }

  @Test("a padding that is neither a number nor a word that is known is refused")
  func padding() {
    for text in ["sam", "-1", "1.5", "true"] {
      let error = #expect(throws: SettingsError.self) {
        try ImageNetworkFixture.model(
          ["{name: max-pool, padding: \(text)}"], inputShape: [8, 8, 1])
      }
      #expect(error?.description.contains(text == "sam" ? "'same'" : "integer") == true, "\(text)")
    }
  }

  @Test("fans are PyTorch's: inputs of a group, outputs, times the window")
  func fans() throws {
    let model = try ImageNetworkFixture.model(
      ["{name: convolution, channels: 12, window: 5, groups: 3}"], inputShape: [9, 9, 6])
    for tensor in model.layers[0].tensors {
      #expect(tensor.fanIn == 2 * 25 && tensor.fanOut == 12 * 25)
    }
    #expect(model.layout.tensors[0].shape == [12, 2, 5, 5])
  }
}
