import Digests

/// x ↦ (x − shift)·factor, with a shift and a factor for each feature.
struct FeatureScaling: Sendable {
  let shift: [Float]
  let factor: [Float]

  /// - Parameters:
  ///   - shift, factor: One for each group; feature j belongs to group j mod `shift.count`.
  ///   - width: The features of an example.
  init(shift: [Double], factor: [Double], width: Int) {
    precondition(width % shift.count == 0 && shift.count == factor.count, "\(shift.count) groups")
    self.shift = (0..<width).map { Float(shift[$0 % shift.count]) }
    self.factor = (0..<width).map { Float(factor[$0 % factor.count]) }
  }

  /// Changes the features of the first `examples` examples in place.
  func apply(to features: UnsafeMutablePointer<Float>, examples: Int) {
    let width = shift.count
    shift.withUnsafeBufferPointer { shift in
      factor.withUnsafeBufferPointer { factor in
        for example in 0..<examples {
          let row = features + example * width
          for column in 0..<width { row[column] = (row[column] - shift[column]) * factor[column] }
        }
      }
    }
  }

  /// What the value 0 becomes, for each feature.
  var zero: [Float] { zip(shift, factor).map { -$0 * $1 } }

  func add(to digest: inout Digest) {
    digest.add(shift)
    digest.add(factor)
  }
}
