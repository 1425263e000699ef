import LinearAlgebra
import Tensors
import TestSupport
import Testing

@Suite("Linear algebra")
struct LinearAlgebraTests {
  /// The product in Double, element by element.
  private func product(
    _ a: [Float], _ aTransposed: Bool, _ b: [Float], _ bTransposed: Bool, _ c: [Float],
    rows: Int, columns: Int, inner: Int, alpha: Double, beta: Double
  ) -> [Double] {
    (0..<rows * columns).map { element in
      let (i, j) = (element / columns, element % columns)
      var sum = 0.0
      for k in 0..<inner {
        let x = a[aTransposed ? k * rows + i : i * inner + k]
        let y = b[bTransposed ? j * inner + k : k * columns + j]
        sum += Double(x) * Double(y)
      }
      return alpha * sum + (beta == 0 ? 0 : beta * Double(c[element]))
    }
  }

  @Test(
    "a product equals the sum of products at ragged sizes",
    arguments: [
      (1, 1, 1), (1, 10, 64), (7, 5, 3), (16, 16, 16), (17, 33, 31), (64, 10, 128), (3, 200, 1),
      (50, 49, 129),
    ])
  func multiplies(rows: Int, columns: Int, inner: Int) {
    Threads.useOneThread()
    let aValues = normal(rows * inner, 1)
    let bValues = normal(inner * columns, 2)
    let cValues = normal(rows * columns, 3)
    for aTransposed in [false, true] {
      for bTransposed in [false, true] {
        for (alpha, beta) in [(1.0, 0.0), (0.5, 1.0), (-2.0, 0.25)] {
          let expected = product(
            aValues, aTransposed, bValues, bTransposed, cValues, rows: rows, columns: columns,
            inner: inner, alpha: alpha, beta: beta)
          let a = FloatBuffer(aValues)
          let b = FloatBuffer(bValues)
          let c = FloatBuffer(cValues)
          if beta == 0 { c.fill(.nan) }
          multiply(
            aTransposed ? .transposed(a.pointer) : .plain(a.pointer),
            bTransposed ? .transposed(b.pointer) : .plain(b.pointer), into: c.pointer, rows: rows,
            columns: columns, inner: inner, alpha: Float(alpha), beta: Float(beta))
          #expect(relativeDistance(c.values.map(Double.init), from: expected) < 1e-6)
        }
      }
    }
  }

  @Test("a prepared product equals the sum of products, for one shape after another")
  func multipliesPrepared() {
    Threads.useOneThread()
    for transposed in [(false, false), (true, false), (false, true), (true, true)] {
      let prepared = PreparedProduct(transposingA: transposed.0, transposingB: transposed.1)
      for (rows, columns, inner) in [
        (32, 64, 64), (25, 64, 64), (1, 10, 1), (7, 5, 3), (32, 64, 64),
      ] {
        let aValues = normal(rows * inner, 1)
        let bValues = normal(inner * columns, 2)
        let expected = product(
          aValues, transposed.0, bValues, transposed.1, [], rows: rows, columns: columns,
          inner: inner, alpha: 1, beta: 0)
        let a = FloatBuffer(aValues)
        let b = FloatBuffer(bValues)
        let c = FloatBuffer(count: rows * columns, repeating: .nan)
        prepared.multiply(
          a.pointer, b.pointer, into: c.pointer, rows: rows, columns: columns, inner: inner)
        #expect(relativeDistance(c.values.map(Double.init), from: expected) < 1e-6)
      }
    }
  }

  @Test("a batch of products equals the products one by one")
  func multipliesBatches() {
    Threads.useOneThread()
    for transposed in [(false, false), (true, false), (false, true)] {
      let prepared = PreparedProduct(transposingA: transposed.0, transposingB: transposed.1)
      for (batch, rows, columns, inner) in [
        (6, 16, 16, 4), (1, 3, 5, 7), (5, 1, 4, 1), (3, 7, 5, 9),
      ] {
        let a = FloatBuffer(normal(batch * rows * inner, 1))
        let b = FloatBuffer(normal(batch * inner * columns, 2))
        let c = FloatBuffer(count: batch * rows * columns, repeating: .nan)
        prepared.multiply(
          a.pointer, b.pointer, into: c.pointer, rows: rows, columns: columns, inner: inner,
          batch: batch)
        for index in 0..<batch {
          let expected = product(
            Array(a.values[(index * rows * inner)..<((index + 1) * rows * inner)]), transposed.0,
            Array(b.values[(index * inner * columns)..<((index + 1) * inner * columns)]),
            transposed.1, [], rows: rows, columns: columns, inner: inner, alpha: 1, beta: 0)
          let range = (index * rows * columns)..<((index + 1) * rows * columns)
          #expect(relativeDistance(c.values[range].map(Double.init), from: expected) < 1e-6)
        }
      }
    }
  }

  @Test("a NaN reaches its row and column of a product and no other element")
  func nanFlows() {
    Threads.useOneThread()
    let a = FloatBuffer(count: 6, repeating: 1)
    let b = FloatBuffer(count: 6, repeating: 1)
    let c = FloatBuffer(count: 4)
    a.pointer[0] = .nan
    multiply(.plain(a.pointer), .plain(b.pointer), into: c.pointer, rows: 2, columns: 2, inner: 3)
    #expect(c.values[0].isNaN && c.values[1].isNaN)
    #expect(c.values[2] == 3 && c.values[3] == 3)
    c.fill(0)
    PreparedProduct().multiply(a.pointer, b.pointer, into: c.pointer, rows: 2, columns: 2, inner: 3)
    #expect(c.values[0].isNaN && c.values[1].isNaN)
    #expect(c.values[2] == 3 && c.values[3] == 3)
  }

  @Test("a product of no rows traps with its shape")
  func refusesNothing() async {
    await #expect(processExitsWith: .failure) {
      let c = FloatBuffer(count: 4)
      let a = FloatBuffer(count: 4)
      multiply(.plain(a.pointer), .plain(a.pointer), into: c.pointer, rows: 0, columns: 1, inner: 1)
    }
  }

  @Test(
    "the orthogonal factor has orthonormal columns and a triangular rest with positive diagonal",
    arguments: [(1, 1), (5, 5), (9, 4), (70, 33)])
  func factorises(rows: Int, columns: Int) {
    let matrix = normal(rows * columns, 4).map(Double.init)
    let q = orthogonalFactor(of: matrix, rows: rows, columns: columns)
    for i in 0..<columns {
      for j in 0..<columns {
        let overlap = (0..<rows).reduce(0.0) { $0 + q[$1 * columns + i] * q[$1 * columns + j] }
        #expect(abs(overlap - (i == j ? 1 : 0)) < 1e-12)
        // R = Qᵀ A.
        let r = (0..<rows).reduce(0.0) { $0 + q[$1 * columns + i] * matrix[$1 * columns + j] }
        if i > j { #expect(abs(r) < 1e-12 * Double(rows)) }
        if i == j { #expect(r > 0) }
      }
    }
  }

  @Test("the libraries say what they are, and an unknown instruction set is refused by name")
  func provenance() {
    #expect(Libraries.oneDNNVersion.split(separator: ".").count == 3)
    #expect(!Libraries.instructionSet.isEmpty && !Libraries.instructionSet.contains("cpu_isa"))
    #expect(Libraries.openBLASConfiguration.contains("OpenBLAS"))
    let error = #expect(throws: LinearAlgebraError.self) {
      try Libraries.limitInstructionSet(to: "avx1024")
    }
    #expect(error?.description.contains("avx1024") == true)
    #expect(error?.description.contains("avx2") == true)
  }

  @Test("one thread is one thread")
  func oneThread() {
    Threads.useOneThread()
    #expect(Threads.count == 1)
  }

  private func normal(_ count: Int, _ seed: UInt64) -> [Float] { normals(count, seed: seed) }
}
