internal import Settings
internal import Tensors

/// What a program says of the problem whose loss it computes, when it is greeted.
struct ExternalDescription: Sendable, Equatable {
  var layout: ParameterLayout
  /// The parts of the data on which it evaluates.
  var splits: [DataSplit]
  var hasAccuracy: Bool
  /// Updates that pass over its training data once; 0 where it has none.
  var stepsPerEpoch: Int
  var lowerBound: Double
  var lossUnit: Double
  /// NaN where it says none.
  var referenceLoss: Double
  /// Whether it keeps state beside the parameters that is no function of seed and step.
  var hasBuffers: Bool
  var summary: String
  var dataDigest: String

  /// The version of the protocol, in docs/bridges.md.
  static let protocolVersion = 1
  /// Parameters are counted in 32 bits by the libraries below.
  private static let mostParameters = Int(Int32.max)

  private static let keys = [
    "id", "protocol", "tensors", "splits", "metrics", "steps_per_epoch", "lower_bound", "loss_unit",
    "reference_loss", "buffers", "summary", "data_digest",
  ]

  /// The description in an answer to `hello`.
  init(_ answer: Setting) throws(SettingsError) {
    let fields = try answer.mapping(allowed: Self.keys)
    let version = try fields.required("protocol").integer()
    guard version == Self.protocolVersion else {
      throw answer.error(
        "it speaks version \(version) of the protocol; this program speaks \(Self.protocolVersion)")
    }
    layout = try Self.layout(fields.required("tensors"))
    splits = try Self.list(fields["splits"], of: DataSplit.allCases.map(\.rawValue), "split")
      .compactMap(DataSplit.init)
    if splits.isEmpty { splits = [.train] }
    guard splits.contains(.train) else {
      throw answer.error("its splits lack 'train', on which explosions are judged")
    }
    hasAccuracy = try Self.list(fields["metrics"], of: ["loss", "accuracy"], "metric")
      .contains("accuracy")
    stepsPerEpoch = try fields["steps_per_epoch"]?.integer(in: 0...Int(Int32.max)) ?? 0
    guard stepsPerEpoch > 0 || splits == [.train] else {
      throw answer.error(
        "it has held-out data and so needs 'steps_per_epoch', the updates that pass over the "
          + "training data once")
    }
    lowerBound = try Self.number(fields["lower_bound"], absent: 0) ?? -.infinity
    lossUnit = try fields["loss_unit"]?.number(in: .positive) ?? 1
    referenceLoss = try Self.number(fields["reference_loss"], absent: nil) ?? .nan
    hasBuffers = try fields["buffers"]?.boolean() ?? false
    summary = try fields["summary"]?.text() ?? ""
    dataDigest = try fields["data_digest"]?.text() ?? ""
  }

  /// The number, or nil for `null`.
  private static func number(
    _ setting: Setting?, absent: Double?
  ) throws(SettingsError) -> Double? {
    guard let setting else { return absent }
    return setting.isNull ? nil : try setting.number()
  }

  private static func list(
    _ setting: Setting?, of names: [String], _ kind: String
  ) throws(SettingsError) -> [String] {
    var found: [String] = []
    for element in try setting?.elements() ?? [] {
      found.append(try element.choice(of: names, kind: kind))
    }
    return found
  }

  private static func layout(_ setting: Setting) throws(SettingsError) -> ParameterLayout {
    var tensors: [(name: String, shape: [Int], role: ParameterRole)] = []
    var count = 0
    for element in try setting.elements() {
      let fields = try element.mapping(allowed: ["name", "shape", "role", "dtype"])
      let name = try fields.required("name").text()
      guard !name.isEmpty, !name.contains(where: \.isWhitespace) else {
        throw element.error("'\(name)' cannot name a tensor; give a name without spaces")
      }
      guard !tensors.contains(where: { $0.name == name }) else {
        throw element.error("two tensors are called '\(name)'")
      }
      if let type = try fields["dtype"]?.text(), type != "float32" {
        throw element.error(
          "the tensor '\(name)' is of \(type); parameters are float32 numbers, and the program "
            + "converts them to its own")
      }
      var shape: [Int] = []
      var size = 1
      for axis in try fields.required("shape").elements() {
        shape.append(try axis.integer(in: 1...mostParameters))
        size = min(size.multipliedReportingOverflow(by: shape.last ?? 1).partialValue, .max)
        guard size <= mostParameters else { throw tooMany(element) }
      }
      count += size
      guard count <= mostParameters else { throw tooMany(element) }
      let roles = ParameterRole.allCases.map(\.rawValue)
      let role = try fields["role"]?.choice(of: roles, kind: "role")
      tensors.append(
        (name, shape, role.flatMap(ParameterRole.init) ?? (shape.count > 1 ? .weight : .bias)))
    }
    guard !tensors.isEmpty else {
      throw setting.error("it has no parameters, so that there is nothing to train")
    }
    return ParameterLayout(tensors)
  }

  private static func tooMany(_ setting: Setting) -> SettingsError {
    setting.error("more than \(mostParameters) parameters; that is the most of a problem")
  }

  /// Equal descriptions; a reference loss that neither gives is the same.
  static func == (a: Self, b: Self) -> Bool {
    a.layout == b.layout && a.splits == b.splits && a.hasAccuracy == b.hasAccuracy
      && a.stepsPerEpoch == b.stepsPerEpoch && a.lowerBound == b.lowerBound
      && a.lossUnit == b.lossUnit
      && a.referenceLoss.bitPattern == b.referenceLoss.bitPattern
      && a.hasBuffers == b.hasBuffers && a.dataDigest == b.dataDigest
  }

  /// What determines runs, as one text.
  var identity: String {
    let tensors = layout.tensors.map { "\($0.name) \($0.shape) \($0.role.rawValue)" }
    return
      (tensors + [
        "splits \(splits.map(\.rawValue))", "accuracy \(hasAccuracy)", "epoch \(stepsPerEpoch)",
        "bound \(lowerBound)", "unit \(lossUnit)", "reference \(referenceLoss)",
        "data \(dataDigest)",
      ]).joined(separator: "\n")
  }
}
