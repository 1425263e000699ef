import LinearAlgebra
import Tensors

/// A part of a layer's work that is all multiply-adds.
enum LayerOperation {
  /// C[rows, columns] = A[rows, inner]·B[inner, columns].
  case product(
    rows: Int, columns: Int, inner: Int, isLeftTransposed: Bool, isRightTransposed: Bool)

  /// One pass of a convolution over `rows` images.
  case convolution(ConvolutionShape, ConvolutionPass, rows: Int)

  enum ConvolutionPass { case output, weightGradient, inputGradient }

  /// Output, weight gradient and, except in a first layer, input gradient of a convolution that keeps
  /// the size of square images.
  static func convolution(
    rows: Int, size: Int, channels: Int, outputChannels: Int, window: Int, passesGradientOn: Bool
  ) -> [LayerOperation] {
    let padding = window / 2
    let shape = ConvolutionShape(
      height: size, width: size, channels: channels, outputChannels: outputChannels, groups: 1,
      window: window, stride: 1, paddingTop: padding, paddingLeft: padding, paddingBottom: padding,
      paddingRight: padding)
    let passes: [ConvolutionPass] =
      [.output, .weightGradient] + (passesGradientOn ? [.inputGradient] : [])
    return passes.map { .convolution(shape, $0, rows: rows) }
  }

  /// Output, weight gradient and, except in a first layer, input gradient of a dense layer.
  static func dense(
    rows: Int, inputs: Int, outputs: Int, passesGradientOn: Bool
  ) -> [LayerOperation] {
    let output = product(
      rows: rows, columns: outputs, inner: inputs, isLeftTransposed: false,
      isRightTransposed: true)
    let weightGradient = product(
      rows: outputs, columns: inputs, inner: rows, isLeftTransposed: true,
      isRightTransposed: false)
    let inputGradient = product(
      rows: rows, columns: inputs, inner: outputs, isLeftTransposed: false,
      isRightTransposed: false)
    return [output, weightGradient] + (passesGradientOn ? [inputGradient] : [])
  }

  /// Hidden states, one time step after the other, and all gradients of a first recurrent layer.
  static func recurrent(rows: Int, steps: Int, inputs: Int, units: Int) -> [LayerOperation] {
    let step = product(
      rows: rows, columns: units, inner: units, isLeftTransposed: false, isRightTransposed: true)
    let stepBack = product(
      rows: rows, columns: units, inner: units, isLeftTransposed: false, isRightTransposed: false)
    let recurrentGradient = product(
      rows: units, columns: units, inner: rows * steps, isLeftTransposed: true,
      isRightTransposed: false)
    return dense(rows: rows * steps, inputs: inputs, outputs: units, passesGradientOn: false)
      + Array(repeating: step, count: steps - 1) + Array(repeating: stepBack, count: steps - 1)
      + [recurrentGradient]
  }

  var multiplyAdds: Int {
    switch self {
    case .product(let rows, let columns, let inner, _, _): rows * columns * inner
    case .convolution(let shape, _, let rows): rows * shape.multiplyAdds
    }
  }

  /// The operation with memory of its own, ready to be done again and again.
  var prepared: () -> Void {
    switch self {
    case .product(let rows, let columns, let inner, let isLeftTransposed, let isRightTransposed):
      let product = PreparedProduct(
        transposingA: isLeftTransposed, transposingB: isRightTransposed)
      let a = FloatBuffer(count: rows * inner, repeating: 0.5)
      let b = FloatBuffer(count: inner * columns, repeating: 0.25)
      let c = FloatBuffer(count: rows * columns)
      return {
        product.multiply(
          a.pointer, b.pointer, into: c.pointer, rows: rows, columns: columns, inner: inner)
      }
    case .convolution(let shape, let pass, let rows):
      let convolution = PreparedConvolution(shape)
      let input = FloatBuffer(count: rows * shape.inputCount, repeating: 0.5)
      let weights = FloatBuffer(count: shape.weightCount, repeating: 0.25)
      let output = FloatBuffer(count: rows * shape.outputCount, repeating: 0.5)
      return {
        switch pass {
        case .output:
          convolution.output(
            input.pointer, weights: weights.pointer, into: output.pointer, rows: rows)
        case .weightGradient:
          convolution.weightGradient(
            input: input.pointer, outputGradient: output.pointer, into: weights.pointer, rows: rows)
        case .inputGradient:
          convolution.inputGradient(
            outputGradient: output.pointer, weights: weights.pointer, into: input.pointer,
            rows: rows)
        }
      }
    }
  }
}
