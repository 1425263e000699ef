public import Settings

/// "A beats B by δ on m with n seeds at level α": what somebody says of an experiment, best before it is
/// run.
public struct Claim: Sendable, Equatable {
  /// δ, the advantage that has to be exceeded.
  public enum Margin: Sendable, Equatable {
    /// In the metric's own unit.
    case absolute(Double)
    /// A share of the other method's value.
    case relative(Double)
  }

  /// The label of the method said to be better.
  public let better: String
  /// The label of the other one.
  public let than: String
  /// The problem's name; nil in an experiment with one problem.
  public let problem: String?
  public let metric: ClaimMetric
  public let margin: Margin
  /// n; nil for as many as there are.
  public let seeds: Int?
  /// α, the probability of a claim that holds by chance, all claims together.
  public let level: Double
  /// The start of the content digest of the result that it speaks of; empty without.
  public let digest: String
  /// The claim in a form that tells two claims apart, whatever the file's formatting; without digest.
  public let statement: String

  public static func == (a: Claim, b: Claim) -> Bool {
    a.statement == b.statement && a.digest == b.digest
  }

  /// The keys of a claim in an experiment file; one made afterwards may have a `digest` besides.
  package static let keys = ["better", "than", "on", "metric", "by", "seeds", "level"]

  /// The fewest letters of a digest that bind a claim to a result.
  private static let digestLetters = 12

  /// The claims at the key `claim` of a file: one, or a list.
  public static func readAll(_ setting: Setting) throws(SettingsError) -> [Claim] {
    guard setting.isSequence else { return [try read(setting)] }
    var mistakes = Mistakes()
    var claims: [Claim] = []
    for element in try setting.elements() {
      if let claim = mistakes.attempt(try read(element)) { claims.append(claim) }
    }
    try mistakes.check()
    guard !claims.isEmpty else {
      throw setting.error("the list is empty; state at least one claim")
    }
    return claims
  }

  private init(_ better: String, _ fields: SettingMapping) throws(SettingsError) {
    self.better = better
    than = try fields.required("than").text()
    problem = try fields["on"]?.text()
    let names = ClaimMetric.all.map(\.name)
    let name = try fields.required("metric").choice(of: names, kind: "metric", synonyms: .metrics)
    guard let metric = ClaimMetric.all.first(where: { $0.name == name }) else {
      preconditionFailure("no metric '\(name)'")
    }
    self.metric = metric
    margin = try fields["by"].map(Self.readMargin) ?? .absolute(0)
    if case .relative = margin, metric.isShare {
      throw try fields.required("by").error(
        "\(metric.name) is a share itself; give the difference of shares as a number, such as 0.2")
    }
    seeds = try fields["seeds"]?.integer(in: 2...1_000_000)
    level =
      try fields["level"]?.number(in: NumberRange(lower: 1e-6, upper: 0.2)) ?? 0.05
    digest = try fields["digest"].map(Self.readDigest) ?? ""
    if than == better {
      throw try fields.required("than").error("a method cannot be better than itself")
    }
    statement = Self.keys.map { key in
      "\(key): \(fields[key]?.canonicalJSON ?? "null")"
    }.joined(separator: ", ")
  }

  private static func read(_ setting: Setting) throws(SettingsError) -> Claim {
    let fields = try setting.mapping(allowed: keys + ["digest"])
    return try Claim(fields.required("better").text(), fields)
  }

  /// The claims of a file: under the key `claim`, as in an experiment file, or the file as a whole.
  public static func all(in text: String, file: String) throws(SettingsError) -> [Claim] {
    let root = try Setting.parse(text, file: file)
    if root.isMapping, let place = root.value(of: "claim") { return try readAll(place) }
    guard root.value(of: "optbench") == nil else {
      throw root.error("this experiment file makes no claim; state one under the key 'claim'")
    }
    return try readAll(root)
  }

  /// The claims that an experiment file carries; none in a text that is no experiment file.
  public static func all(in spec: String) -> [Claim] {
    let place = (try? Setting.parse(spec, file: "spec"))?.value(of: "claim")
    return place.flatMap { try? readAll($0) } ?? []
  }

  private static func readMargin(_ setting: Setting) throws(SettingsError) -> Margin {
    if let text = try? setting.text(), text.hasSuffix("%") {
      guard let percent = Double(text.dropLast()), percent >= 0, percent.isFinite else {
        throw setting.error("'\(text)' is no share; allowed: a number ≥ 0, or a share such as 5%")
      }
      return .relative(percent / 100)
    }
    return .absolute(try setting.number(in: .nonnegative))
  }

  private static func readDigest(_ setting: Setting) throws(SettingsError) -> String {
    let text = try setting.text().lowercased()
    guard text.count >= digestLetters, text.allSatisfy(\.isHexDigit) else {
      throw setting.error(
        "'\(text)' is no digest; allowed: at least the first \(digestLetters) of its 64 hexadecimal digits, "
          + "as optbench digest prints it")
    }
    return text
  }
}
