import Settings

/// How the features of a data set are brought to a common scale.
///
/// What is measured is measured on the training examples alone, in `Double`, and used for all three
/// parts. A feature (or channel) that never changes is only shifted.
enum Normalization: Sendable, Equatable {
  /// As the data set's reader gives them.
  case none
  /// (x − min)/(max − min).
  case unit
  /// (x − mean)/deviation, with the deviation of the population, as NumPy's `std`.
  case standardize
  /// (x − mean)/deviation with given numbers: one for all features, or one for each group.
  case given(mean: [Double], deviation: [Double])

  /// The options of an entry, with `choices` among `none`, `unit` and `standardize`.
  static func hyperparameters(_ choices: [String], default name: String) -> [Hyperparameter] {
    [
      Hyperparameter(
        "normalization", .choice(choices), default: .text(name),
        "how features are scaled, measured on the training examples"),
      Hyperparameter(
        "mean", .numbers(.any, count: nil), default: .none, optional: true,
        "subtracted from the features in place of a measured mean: one number, or one for each "
          + "feature or channel"),
      Hyperparameter(
        "std", .numbers(.positive, count: nil), default: .none, optional: true,
        "divides the features after 'mean' is subtracted"),
    ]
  }

  /// The normalization that `options` ask for.
  ///
  /// - Parameter groups: The channels, or the features, that have a mean each; nil where it is not
  ///   known yet.
  init(_ options: Hyperparameters, groups: Int?) throws(HyperparameterError) {
    guard case .numbers(let mean) = options["mean"], case .numbers(let deviation) = options["std"]
    else {
      if options["mean"] != .none || options["std"] != .none {
        throw HyperparameterError(
          options["mean"] == .none ? "std" : "mean", "give both 'mean' and 'std', or neither")
      }
      switch options.text("normalization") {
      case "none": self = .none
      case "unit": self = .unit
      default: self = .standardize
      }
      return
    }
    for (name, values) in [("mean", mean), ("std", deviation)] {
      guard !values.isEmpty, groups == nil || values.count == 1 || values.count == groups else {
        throw HyperparameterError(
          name, "\(values.count) numbers given; allowed: one, or one for each of \(groups ?? 1)")
      }
    }
    guard mean.count == deviation.count else {
      throw HyperparameterError(
        "std", "\(deviation.count) numbers given, but 'mean' has \(mean.count)")
    }
    self = .given(mean: mean, deviation: deviation)
  }

  /// The scaling of `training` and of what is measured on it; nil if there is none.
  ///
  /// - Parameter groups: Feature j belongs to group j mod `groups`: the channels of images, or all
  ///   features.
  func scaling(of training: ExampleSet, groups: Int) -> FeatureScaling? {
    let width = training.table.width
    switch self {
    case .none: return nil
    case .given(let mean, let deviation):
      return FeatureScaling(shift: mean, factor: deviation.map { 1 / $0 }, width: width)
    case .unit:
      var least = [Float](repeating: .infinity, count: groups)
      var most = [Float](repeating: -.infinity, count: groups)
      training.forEachFeature(groups: groups) { group, value in
        least[group] = min(least[group], value)
        most[group] = max(most[group], value)
      }
      return FeatureScaling(
        shift: least.map { Double($0) },
        factor: zip(least, most).map { $0 < $1 ? 1 / (Double($1) - Double($0)) : 1 }, width: width)
    case .standardize:
      let count = Double(training.count * (width / groups))
      var sums = [Double](repeating: 0, count: groups)
      training.forEachFeature(groups: groups) { group, value in sums[group] += Double(value) }
      let means = sums.map { $0 / count }
      var squares = [Double](repeating: 0, count: groups)
      training.forEachFeature(groups: groups) { group, value in
        let difference = Double(value) - means[group]
        squares[group] += difference * difference
      }
      return FeatureScaling(
        shift: means, factor: squares.map { $0 > 0 ? 1 / ($0 / count).squareRoot() : 1 },
        width: width)
    }
  }
}

extension ExampleSet {
  /// Calls `body` with the group and the value of each unscaled feature of each example, in order.
  fileprivate func forEachFeature(groups: Int, _ body: (Int, Float) -> Void) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: table.width) { row in
      guard let start = row.baseAddress else { return }
      row.initialize(repeating: 0)
      for index in rows {
        table.copyFeatures(of: Int(index), to: start)
        var group = 0
        for column in 0..<table.width {
          body(group, start[column])
          group = group + 1 == groups ? 0 : group + 1
        }
      }
    }
  }
}
