internal import COneDNN

/// C ← A·B in single precision for products that come again and again with few shapes: a layer's.
///
/// The first product of a shape prepares what the later ones need, memory included; see
/// `docs/decisions/055-products-prepared-once.md`. Belongs to one thread.
public final class PreparedProduct {
  /// How the factors lie in memory.
  private let isLeftTransposed: Bool
  private let isRightTransposed: Bool
  /// The shapes so far: as a rule one for whole batches and one for the last of an epoch.
  private var plans: [Plan] = []

  /// A product of A, as it lies or transposed, by B.
  public init(
    transposingA isLeftTransposed: Bool = false, transposingB isRightTransposed: Bool = false
  ) {
    self.isLeftTransposed = isLeftTransposed
    self.isRightTransposed = isRightTransposed
  }

  /// C ← A·B, for each of `batch` matrices A, B and C that lie one behind the other.
  ///
  /// - Parameters:
  ///   - a: A of shape `[rows, inner]`; in memory `[inner, rows]` where it is transposed.
  ///   - b: B of shape `[inner, columns]`; in memory `[columns, inner]` where it is transposed.
  ///   - c: C of shape `[rows, columns]`, which shares no memory with A and B.
  ///   - rows: The rows of A and C, positive.
  ///   - columns: The columns of B and C, positive.
  ///   - inner: The columns of A and rows of B, positive.
  ///   - batch: The number of products, positive.
  public func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
    rows: Int, columns: Int, inner: Int, batch: Int = 1
  ) {
    let shape = ProductShape(batch: batch, rows: rows, columns: columns, inner: inner)
    plan(for: shape).run(a, b, into: c)
  }

  private func plan(for shape: ProductShape) -> Plan {
    for plan in plans where plan.shape == shape { return plan }
    let plan = Plan(shape, isLeftTransposed, isRightTransposed)
    plans.append(plan)
    return plan
  }
}

private struct ProductShape: Equatable {
  let batch: Int
  let rows: Int
  let columns: Int
  let inner: Int
}

/// What oneDNN needs for one shape.
private final class Plan {
  let shape: ProductShape
  private let product = UnsafeMutablePointer<onednn_product>.allocate(capacity: 1)

  init(_ shape: ProductShape, _ isLeftTransposed: Bool, _ isRightTransposed: Bool) {
    precondition(
      shape.batch > 0 && shape.rows > 0 && shape.columns > 0 && shape.inner > 0,
      "no matrix product of \(shape)")
    self.shape = shape
    product.initialize(to: onednn_product())
    Self.require(
      onednn_product_create(
        product, Engine.processor, Int64(shape.batch), Int64(shape.rows), Int64(shape.columns),
        Int64(shape.inner), isLeftTransposed ? 1 : 0, isRightTransposed ? 1 : 0), shape)
  }

  deinit {
    onednn_product_destroy(product)
    product.deallocate()
  }

  func run(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
  ) {
    Self.require(onednn_product_run(product, a, b, c), shape)
  }

  private static func require(_ status: dnnl_status_t, _ shape: ProductShape) {
    precondition(
      status == dnnl_success, "oneDNN refused the product of \(shape): status \(status.rawValue)")
  }
}
