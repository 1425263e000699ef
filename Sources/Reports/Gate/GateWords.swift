internal import Analysis
internal import Foundation

extension GateMetric {
  /// A value in the words of people: a share as a percentage, a logarithm as the quantity itself.
  func level(_ value: Double) -> String {
    switch unit {
    case .share: NumberText.percent(value)
    case .decades: NumberText.fixed(value, digits: 2)
    case .logarithm: NumberText.significant(pow(10, value))
    }
  }

  /// A difference with its sign: in points, in decades, or as a factor.
  func change(_ difference: Double) -> String {
    if difference == 0 { return "0" }
    let sign = difference > 0 ? "+" : "−"
    switch unit {
    case .share: return "\(sign)\(NumberText.significant(abs(100 * difference), digits: 2)) points"
    case .decades:
      return "\(sign)\(NumberText.significant(abs(difference), digits: 2)) decades"
    case .logarithm:
      let factor = pow(10, abs(difference))
      if factor >= 2 {
        return (difference > 0 ? "×" : "÷") + NumberText.significant(factor)
      }
      let share = 100 * (pow(10, difference) - 1)
      return "\(sign)\(NumberText.significant(abs(share), digits: 2))%"
    }
  }

  /// The smallest effect that counts, without a sign.
  func size(_ effect: Double) -> String {
    var text = change(effect)
    if text.hasPrefix("+") { text.removeFirst() }
    return text
  }
}

extension GateCell {
  /// `digits: adam + global-norm(1) at 0.01`, or `… at 4× its tuned rate`.
  var label: String {
    let rate =
      learningRate.map { " at \(NumberText.rate($0))\(isMultiple ? "× its tuned rate" : "")" } ?? ""
    return "\(problem): \(method.label)\(rate)"
  }
}

extension UpdateRuleComparison.Change {
  /// `adam + global-norm(1) updates otherwise, first at step 3: weight[0,1] by −0.012 → −0.011`.
  var text: String {
    let point = setting.isEmpty ? "" : " at \(setting)"
    return "\(method.label)\(point) updates otherwise, first at step \(step): \(coordinate) by "
      + "\(baseline) → \(current)"
  }
}

extension GateVerdict {
  var word: String {
    switch self {
    case .identical: "identical"
    case .equivalent: "equivalent"
    case .improved: "improved"
    case .regressed: "regressed"
    case .changed: "changed"
    case .undecided: "not enough runs"
    case .notApplicable: "not applicable"
    }
  }
}

extension GateObstacle {
  /// The check of problems that other programs compute.
  static let determinism = "deterministic objectives"

  /// The check that it fails.
  var check: String {
    switch self {
    case .otherSpec, .otherProblem: "same experiment"
    case .incomplete, .missingRuns, .nothingInCommon: "no missing runs"
    case .missingSeeds, .fewerSeeds, .tooFewSeeds: "enough seeds"
    case .repeatedDraws: "independent seeds"
    case .collapsed: "no collapsed cell"
    case .notDeterministic: Self.determinism
    }
  }

  /// What is wrong and what to do.
  var message: String {
    switch self {
    case .otherSpec(let differences):
      let shown = differences.prefix(6).map(\.text).joined(separator: "; ")
      let more = differences.count > 6 ? "; and \(differences.count - 6) more" : ""
      let parts = differences.isEmpty ? "their files, one of which cannot be read" : shown + more
      return "the results are of different experiments (they differ in \(parts)); make a new "
        + "baseline with the experiment file of today"
    case .otherProblem(let name, let baseline, let current):
      let what =
        baseline == current
        ? "data, model or loss differ" : "'\(baseline)' in the baseline, '\(current)' now"
      return "the problem '\(name)' is another one (\(what)); if that is meant, make a new baseline"
    case .incomplete(let side, let stored, let planned):
      return "the \(side.rawValue) holds \(stored) of \(NumberText.count(planned, "planned run")); "
        + "let its experiment finish"
    case .missingRuns(let side, let names, let count):
      let more = count > names.count ? " and \(count - names.count) more" : ""
      return "\(NumberText.count(count, "run")) missing in the \(side.rawValue): "
        + names.joined(separator: "; ") + more
    case .missingSeeds(let seeds):
      return "the current result lacks the baseline's seeds "
        + seeds.prefix(20).map(String.init).joined(separator: ", ")
        + "; run them too, or set 'pairing: order'"
    case .fewerSeeds(let baseline, let current):
      return "the current result has \(NumberText.count(current, "seed")), the baseline \(baseline)"
    case .tooFewSeeds(let seeds, let needed):
      return "with \(NumberText.count(seeds, "seed")) no difference could ever be significant; "
        + "\(needed) seeds would be needed"
    case .repeatedDraws(let problem, let draw, let distinct, let baseline):
      return
        "problem '\(problem)': the seeds draw \(distinct) different \(draw.rawValue) where the "
        + "baseline's drew \(baseline); a seed is ignored somewhere"
    case .collapsed(let cell):
      return "\(cell.label): every run fails now, and none did in the baseline"
    case .notDeterministic(let problem, let difference):
      return
        "the exact mode cannot be used: the program that computes '\(problem)' gave another gradient when "
        + "it was asked for the same one again (\(NumberText.significant(difference)) of its norm away); use "
        + "--mode statistical"
    case .nothingInCommon:
      return "the results share no cell with all seeds, so that nothing can be compared"
    }
  }
}

extension ValueDifference {
  /// `'budget.steps': 300 in the baseline, 200 now`.
  var text: String {
    func shown(_ value: String?) -> String {
      guard let value else { return "absent" }
      return value.count <= 80 ? value : value.prefix(79) + "…"
    }
    return "'\(path)': \(shown(baseline)) in the baseline, \(shown(current)) now"
  }
}
