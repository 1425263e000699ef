import Foundation
import Reports
import TestSupport
import Testing

@Suite struct TerminalTests {
  @Test func `what steers a terminal is made visible and nothing else is changed`() {
    #expect("\u{1B}[31mred\u{7}\r\u{9B}0m".printable == #"\u{1b}[31mred\u{7}\u{d}\u{9b}0m"#)
    #expect("a\u{202E}b\u{200F}\u{2066}c\u{7F}".printable == #"a\u{202e}b\u{200f}\u{2066}c\u{7f}"#)
    let plain = "héllo, 世界 👩‍🔬 a\u{301} 10⁻⁴ ≤ x\n\tsecond line"
    #expect(plain.printable == plain)
  }

  @Test func `no name brings its escape sequences to the terminal`() throws {
    let folder = try TemporaryFolder()
    let name = "\u{1B}]0;owned\u{7}\u{1B}[2J"
    try folder.write("optbench: 1\nname: x\n", to: "\(name).yml")
    for arguments in [
      ["run", "\(name).yml"], ["run", "missing \(name).yml"], ["report", name, "--output", "r"],
      ["inspect", name], ["gate", "--baseline", name, "--current", name],
      ["run", "a.yml", "--\(name)"],
      ["gate", "--baseline", "a", "--current", "b", "--format", name], [name],
      ["list", name], ["trace", "--method", name, "--problem", "rosenbrock"],
    ] {
      let result = try Optbench.run(arguments, in: folder.path)
      #expect(result.status != 0, "\(arguments)")
      #expect(!(result.output + result.errors).contains("\u{1B}"), "\(arguments)")
      #expect(result.errors.contains(#"\u{1b}]0;owned"#), "\(arguments)")
    }
  }
}
