import Analysis
import Foundation
import Records
import Reports
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Every form of the findings: of a comparison with a regression, an improvement, noise and a
/// hostile name, and of an exact one.
@Suite struct GateReportTests {
  private static let reports: [(name: String, report: GateReport)] = {
    let baseline = GateTests.result()
    var current = GateTests.result(planned: 40, without: ["sgd 0 3"]) { optimizer, trial, seed in
      let own = 0.25 + 0.01 * Double(seed)
      return trial == 1 ? own * 1.2 : optimizer == "adam" ? own / 1.3 : own
    }
    current.header.provenance.cpu = "<CPU> & \"more\", 100%"
    return [
      (
        "statistical",
        GateReport(
          GateComparison(baseline: baseline, current: current, policy: GatePolicy()))
      ),
      (
        "exact",
        GateReport(
          ExactComparison(baseline: baseline, current: current, policy: GatePolicy()))
      ),
      (
        "passed",
        GateReport(
          GateComparison(baseline: baseline, current: baseline, policy: GatePolicy()))
      ),
    ]
  }()

  @Test(arguments: GateFormat.all.map(\.name))
  func `a form of the findings is what it was`(format: String) throws {
    let format = try #require(GateFormat.named(format))
    for (name, report) in Self.reports {
      // JSON has all digits, of which the last differs between processors.
      try expectGolden(
        format.render(report), "gate/\(name).\(format.name)",
        tolerance: format.name == "json" ? 1e-9 : 0)
    }
  }

  @Test func `JSON has every number of the findings`() throws {
    func object(_ index: Int) throws -> [String: Any] {
      let text = GateFormat.json.render(Self.reports[index].report)
      let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
      return try #require(value as? [String: Any])
    }
    let statistical = try object(0)
    #expect(statistical["passed"] as? Bool == false && statistical["seeds"] as? Int == 10)
    let metrics = try #require(statistical["metrics"] as? [[String: Any]])
    #expect(metrics.count == 7)
    let loss = try #require(metrics.first { $0["name"] as? String == "final_loss" })
    #expect(loss["verdict"] as? String == "regressed" && loss["fails_the_gate"] as? Bool == true)
    #expect((loss["cells"] as? [Any])?.count == 3)
    let exact = try object(1)
    #expect(exact["passed"] as? Bool == false && exact["runs"] as? Int == 39)
    #expect((exact["differences"] as? [Any])?.isEmpty == false)
  }

  @Test func `what differs is named with both values`() throws {
    let baseline = GateTests.result(spec: "optbench: 1\nbudget: {steps: 300}\n")
    var other = GateTests.result(
      spec: "optbench: 1\nbudget: {steps: 200}\noptimizers: [{name: adam, eps: 1e-7}]\n")
    let spec = GateFormat.text.render(
      GateReport(GateComparison(baseline: baseline, current: other, policy: GatePolicy())))
    #expect(spec.contains("'budget.steps': 300 in the baseline, 200 now"))
    #expect(
      spec.contains(#"'optimizers': absent in the baseline, [{"eps":1e-07,"name":"adam"}] now"#))
    other = baseline
    other.runs[0].config = #"{"optimizer": {"name": "sgd", "momentum": 0.9}}"#
    other.runs[1].outcome = .stalled
    let exact = GateFormat.text.render(
      GateReport(ExactComparison(baseline: baseline, current: other, policy: GatePolicy())))
    #expect(exact.contains("in the config: optimizer absent → {"))
    #expect(exact.contains("in the outcome: completed → stalled"))
  }

  @Test func `every form is given its own text`() {
    let texts = GateFormat.all.map { $0.render(Self.reports[0].report) }
    #expect(Set(texts).count == GateFormat.all.count)
  }

  /// The rules of Ant's JUnit schema and of Jenkins' xUnit plugin that a report could break.
  @Test(arguments: [0, 1, 2])
  func `JUnit XML has the structure of the common schemas`(index: Int) throws {
    let report = Self.reports[index].report
    let text = GateFormat.junit.render(report)
    let reader = XMLStructure()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    let root = try #require(reader.root)
    #expect(root.name == "testsuites" && root.attributes.isEmpty && root.children.count == 1)
    let suite = try #require(root.children.first)
    for name in [
      "name", "package", "id", "timestamp", "hostname", "tests", "failures", "errors", "skipped",
      "time",
    ] { #expect(suite.attributes[name]?.isEmpty == false, "\(name)") }
    #expect(suite.attributes.count == 10)
    let timestamp = try #require(suite.attributes["timestamp"])
    #expect(timestamp.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/) != nil)

    // The schema asks for this order, and for both system-out and system-err.
    let names = suite.children.map(\.name)
    let cases = suite.children.filter { $0.name == "testcase" }
    #expect(
      names == ["properties"] + cases.map(\.name) + ["system-out", "system-err"])
    #expect(suite.attributes["tests"] == "\(cases.count)" && cases.count == report.checks.count)
    for property in suite.children[0].children {
      #expect(property.name == "property" && Set(property.attributes.keys) == ["name", "value"])
    }
    var failures = 0
    for testCase in cases {
      #expect(Set(testCase.attributes.keys) == ["name", "classname", "time"])
      #expect(testCase.children.count <= 1)
      guard let result = testCase.children.first else { continue }
      if result.name == "failure" {
        failures += 1
        #expect(Set(result.attributes.keys) == ["message", "type"])
      } else {
        #expect(result.name == "skipped" && result.attributes.isEmpty)
      }
    }
    #expect(suite.attributes["failures"] == "\(failures)")
    #expect(failures == report.failures.count)
  }

  @Test func `annotations escape what would end a command`() {
    let text = GateFormat.github.render(Self.reports[0].report)
    for line in text.split(separator: "\n") {
      #expect(line.hasPrefix("::error title=") || line.hasPrefix("::notice title="))
    }
    #expect(text.contains("%0A"))
    #expect(GateFormat.github.render(Self.reports[2].report).isEmpty)
  }

  @Test func `the commented policy reads back as the built-in one`() throws {
    let policy = try GatePolicy(GatePolicyText.standard, file: "standard.yml")
    let standard = GatePolicy()
    #expect(policy.rules.map(\.metric.name) == standard.rules.map(\.metric.name))
    #expect(policy.rules.map(\.minimumEffect) == standard.rules.map(\.minimumEffect))
    #expect(policy.significance == standard.significance)
    #expect(policy.pairing == standard.pairing && policy.undecided == standard.undecided)
    #expect(policy.improvement == standard.improvement)
  }

  @Test func `a calibration measures the noise between seeds and gives a policy`() throws {
    let record = GateTests.result(seeds: 0..<24) { optimizer, trial, seed in
      let noise = Double((seed * 37 + trial * 11) % 24) / 24 - 0.5
      return 0.4 * (1 + 0.2 * noise)
    }
    let calibration = try #require(
      GateCalibration(of: record, policy: GatePolicy(), comparisons: 60))
    #expect(calibration.size == 12 && calibration.comparisons == 60)
    #expect(calibration.alarms <= 12)
    let loss = try #require(calibration.noise.first { $0.rule.metric.name == "final_loss" })
    #expect(loss.effect > 0.005 && loss.effect < 0.1)
    let text = GatePolicyText.text(of: calibration)
    let policy = try GatePolicy(text, file: "calibrated.yml")
    let rule = try #require(policy.rules.first { $0.metric.name == "final_loss" })
    #expect(abs(rule.minimumEffect / max(loss.effect, 0.01) - 1) < 0.06)
    let few = GateCalibration(of: GateTests.result(seeds: 0..<3), policy: GatePolicy())
    #expect(few == nil)
  }
}

/// The elements of an XML document.
private final class XMLStructure: NSObject, XMLParserDelegate {
  final class Element {
    let name: String
    let attributes: [String: String]
    var children: [Element] = []

    init(name: String, attributes: [String: String]) {
      self.name = name
      self.attributes = attributes
    }
  }

  private(set) var root: Element?
  private var open: [Element] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    let element = Element(name: name, attributes: attributes)
    open.last?.children.append(element)
    if root == nil { root = element }
    open.append(element)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) { open.removeLast() }
}
