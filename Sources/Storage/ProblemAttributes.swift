internal import HDF5
internal import Records

/// What a problem is: the attributes of its group, and what a run journal says of it. One list from which
/// writing and reading derive.
struct ProblemAttributes: Sendable {
  enum Property: Sendable {
    case text(any WritableKeyPath<ProblemRecord, String> & Sendable)
    case integer(any WritableKeyPath<ProblemRecord, Int> & Sendable)
    case number(any WritableKeyPath<ProblemRecord, Double> & Sendable)
  }

  let name: String
  let property: Property
  /// Whether an empty text, a zero or NaN is left out: some problems and files of the first releases have
  /// none, and viewers that pass attributes on as JSON stumble over NaN.
  var isOptional = false

  static let all: [ProblemAttributes] = [
    ProblemAttributes(name: "summary", property: .text(\.summary)),
    ProblemAttributes(name: "problem_digest", property: .text(\.digest)),
    ProblemAttributes(name: "data", property: .text(\.dataPlace), isOptional: true),
    ProblemAttributes(name: "data_digest", property: .text(\.dataDigest), isOptional: true),
    ProblemAttributes(
      name: "parameter_count", property: .integer(\.parameterCount), isOptional: true),
    ProblemAttributes(name: "layout", property: .text(\.layout)),
    ProblemAttributes(
      name: "lower_bound", property: .number(\.lowerBound), isOptional: true),
    ProblemAttributes(name: "loss_unit", property: .number(\.lossUnit)),
    ProblemAttributes(
      name: "reference_loss", property: .number(\.referenceLoss), isOptional: true),
    ProblemAttributes(name: "target_metric", property: .text(\.targetMetric)),
    ProblemAttributes(name: "target_rule", property: .text(\.targetRule)),
    ProblemAttributes(name: "target_value", property: .number(\.targetValue), isOptional: true),
    ProblemAttributes(name: "steps", property: .integer(\.steps)),
    ProblemAttributes(name: "steps_per_epoch", property: .integer(\.stepsPerEpoch)),
    ProblemAttributes(name: "recorded_by", property: .text(\.recordedBy), isOptional: true),
  ]

  /// Whether the problem has the attribute.
  func isSaid(of problem: ProblemRecord) -> Bool {
    guard isOptional else { return true }
    return switch property {
    case .text(let path): !problem[keyPath: path].isEmpty
    case .integer(let path): problem[keyPath: path] != 0
    case .number(let path): !problem[keyPath: path].isNaN
    }
  }

  static func write(
    _ problem: ProblemRecord, to group: borrowing HDF5Group
  ) throws(HDF5Error) {
    try group.setAttribute("NX_class", "NXdata")
    for attribute in all where attribute.isSaid(of: problem) {
      switch attribute.property {
      case .text(let path): try group.setAttribute(attribute.name, problem[keyPath: path])
      case .integer(let path): try group.setAttribute(attribute.name, Int64(problem[keyPath: path]))
      case .number(let path): try group.setAttribute(attribute.name, problem[keyPath: path])
      }
    }
  }

  static func read(
    _ group: borrowing HDF5Group, name: String
  ) throws(HDF5Error) -> ProblemRecord {
    var problem = ProblemRecord(undescribed: name)
    for attribute in all {
      let name = attribute.name
      if attribute.isOptional { guard try group.hasAttribute(name) else { continue } }
      switch attribute.property {
      case .text(let path): problem[keyPath: path] = try group.textAttribute(name)
      case .integer(let path):
        problem[keyPath: path] = Int(try group.attribute(name, as: Int64.self))
      case .number(let path):
        problem[keyPath: path] = try group.attribute(name, as: Double.self)
      }
    }
    return problem
  }
}

extension ProblemRecord {
  /// A problem of which nothing but the name is known yet.
  init(undescribed name: String) {
    self.init(
      name: name, summary: "", digest: "", parameterCount: 0, layout: "", lowerBound: .nan,
      lossUnit: .nan, targetMetric: "", targetValue: .nan, targetRule: "", steps: 0,
      stepsPerEpoch: 0)
  }
}
