public import Analysis

/// A policy as a commented file, to be changed by hand.
public enum GatePolicyText {
  /// The built-in policy.
  public static var standard: String { text(effects: [:], remarks: [:]) }

  /// A policy whose minimum effects are what the calibration measured, with what it measured.
  public static func text(of calibration: GateCalibration) -> String {
    var effects: [String: Double] = [:]
    var remarks: [String: String] = [:]
    for noise in calibration.noise {
      let metric = noise.rule.metric
      effects[metric.name] = max(noise.effect, metric.minimumEffect)
      let seeds =
        noise.seedsNeeded.map { "\(NumberText.grouped($0)) seeds tell equivalence" }
        ?? "no number of seeds tells equivalence"
      remarks[metric.name] =
        "noise \(metric.change(noise.effect)); at \(metric.size(noise.rule.minimumEffect)) \(seeds)"
    }
    let failures =
      "\(calibration.alarms) of \(NumberText.count(calibration.comparisons, "comparison"))"
    return """
      # Measured on \(calibration.comparisons) comparisons of equal code, \(calibration.size) seeds against \
      \(calibration.size) others;
      # \(failures) failed. The noise is the 95th percentile of the effect; results of
      # equal seeds vary less, so that these minimum effects are on the safe side.

      """ + text(effects: effects, remarks: remarks)
  }

  private static func text(effects: [String: Double], remarks: [String: String]) -> String {
    let policy = GatePolicy()
    let metrics = GateMetric.all.map { metric in
      let effect = effects[metric.name] ?? metric.minimumEffect
      let value =
        metric.isOnByDefault
        ? "{minimum_effect: \(NumberText.significant(effect, digits: 2))}" : "off"
      let meaning =
        switch metric.unit {
        case .share: "a share; \(metric.size(effect))"
        case .decades: "decades"
        case .logarithm: "log10; \(metric.size(effect))"
        }
      let remark = remarks[metric.name].map { "\n  # \($0)" } ?? ""
      return "  # \(metric.summary) (\(meaning))\(remark)\n  \(metric.name): \(value)"
    }
    return """
      # What `optbench gate --policy` takes for a regression.
      gate: 1                  # the format of this file

      # The probability of any false alarm in one comparison of equal code, all metrics together.
      significance: \(NumberText.exact(policy.significance))

      # seed: compare the runs of the same seed; order: the i-th seed of one result with the i-th of the other.
      pairing: \(policy.pairing.rawValue)

      # What the gate does where the seeds are too few to tell a metric equivalent: pass or fail.
      undecided: \(policy.undecided.rawValue)

      # What it does with a significant improvement: fail, in code that should not move the numbers.
      improvement: \(policy.improvement.rawValue)

      # What it does where a method updates otherwise than in the baseline on a fixed sequence of gradients.
      update_rule: \(policy.updateRule.rawValue)

      # `minimum_effect` is the smallest change of the cells concerned that counts, however significant;
      # `off` leaves a metric out.
      metrics:
      \(metrics.joined(separator: "\n"))

      # For --mode exact: how many units in the last place recorded numbers may differ.
      exact: {units_in_last_place: \(policy.unitsInLastPlace)}

      """
  }
}
