import LinearAlgebra
import Tensors
import Testing

/// The decompositions that optimizers of matrices use, held against what they are to satisfy.
@Suite struct MatrixDecompositionTests {
  private func noise(_ count: Int) -> [Float] {
    var stream = RandomStream(seed: 5, name: "decompositions")
    return (0..<count).map { _ in Float(stream.normal()) }
  }

  /// Σₖ aᵢₖ·bⱼₖ, in Double.
  private func productOfRows(_ a: [Float], _ b: [Float], order: Int) -> [Double] {
    (0..<order * order).map { index in
      (0..<order).reduce(0) {
        $0 + Double(a[index / order * order + $1]) * Double(b[index % order * order + $1])
      }
    }
  }

  private func expectOrthonormalRows(_ matrix: [Float], order: Int) {
    for (index, value) in productOfRows(matrix, matrix, order: order).enumerated() {
      #expect(abs(value - (index / order == index % order ? 1 : 0)) < 1e-5)
    }
  }

  @Test(arguments: [1, 2, 5, 16, 33, 100])
  func eigenvectorsRebuildTheMatrix(order: Int) {
    let factor = noise(order * order)
    let matrix = productOfRows(factor, factor, order: order).map(Float.init)
    let vectors = FloatBuffer(matrix)
    let values = FloatBuffer(count: order)
    let workspace = FloatBuffer(count: SymmetricEigenproblem.workspaceCount(order: order))
    #expect(
      SymmetricEigenproblem.solve(
        vectors.pointer, order: order, eigenvalues: values.pointer, workspace: workspace.pointer))
    expectOrthonormalRows(vectors.values, order: order)
    #expect(values.values == values.values.sorted())
    let largest = Double(values.values[order - 1])
    let rows = vectors.values
    for row in 0..<order {
      for column in 0..<order {
        let rebuilt = (0..<order).reduce(0.0) {
          $0 + Double(values.values[$1]) * Double(rows[$1 * order + row])
            * Double(rows[$1 * order + column])
        }
        #expect(abs(rebuilt - Double(matrix[row * order + column])) < 1e-5 * largest)
      }
    }
  }

  @Test(arguments: [1, 2, 5, 16, 33, 100])
  func orthonormalRowsSpanWhatTheRowsSpanned(order: Int) {
    let matrix = noise(order * order)
    let rows = FloatBuffer(matrix)
    let workspace = FloatBuffer(count: OrthonormalRows.workspaceCount(order: order))
    OrthonormalRows.make(from: rows.pointer, order: order, workspace: workspace.pointer)
    expectOrthonormalRows(rows.values, order: order)
    // A row of the matrix has no share in the later rows of the result.
    for (index, value) in productOfRows(matrix, rows.values, order: order).enumerated()
    where index % order > index / order {
      #expect(abs(value) < 1e-4)
    }
  }

  @Test func theZeroMatrixHasAnOrthonormalBasisAsWell() {
    let order = 7
    let vectors = FloatBuffer(count: order * order)
    let values = FloatBuffer(count: order)
    let workspace = FloatBuffer(count: SymmetricEigenproblem.workspaceCount(order: order))
    #expect(
      SymmetricEigenproblem.solve(
        vectors.pointer, order: order, eigenvalues: values.pointer, workspace: workspace.pointer))
    expectOrthonormalRows(vectors.values, order: order)
    #expect(values.values.allSatisfy { $0 == 0 })
  }
}
