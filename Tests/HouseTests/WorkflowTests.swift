import Foundation
import TestSupport
import Testing

/// The words of the Makefile, the documents and continuous integration agree.
struct WorkflowTests {
  @Test func helpListsEveryTarget() throws {
    let result = try runCommand(["make", "help"], in: House.root)
    #expect(result.status == 0)
    for target in ["setup", "build", "test", "lint", "format", "bench", "docs", "ci", "clean"] {
      #expect(result.output.contains("make \(target) "), "make help does not list \(target)")
    }
    #expect(try runCommand(["make"], in: House.root).output == result.output)
  }

  @Test func continuousIntegrationRunsTheTestsThatPeopleRun() throws {
    #expect(try House.text(of: ".ci/run").contains("make ci"))
    let makefile = try House.text(of: "Makefile")
    let recipe = try #require(makefile.split(separator: "\nci:").last)
    for step in [
      "$(MAKE) lint", "$(MAKE) build", "scripts/smoke.sh", "$(MAKE) test", "$(MAKE) onednn",
    ] {
      #expect(recipe.contains(step), "make ci does not run \(step)")
    }
  }

  @Test func theContributorsGuideKnowsEveryModule() throws {
    let guide = try House.text(of: "CONTRIBUTING.md")
    for module in House.modules {
      #expect(guide.contains("`\(module.name)`"), "CONTRIBUTING.md does not name \(module.name)")
    }
  }

  @Test func everyDecisionHasANumberOfItsOwn() throws {
    let files = House.files(under: "docs/decisions", endingIn: ["md"]).filter {
      !$0.hasSuffix("/README.md")
    }
    let numbers = files.compactMap { Int(URL(fileURLWithPath: $0).lastPathComponent.prefix(3)) }
    #expect(numbers.count == files.count && Set(numbers).count == files.count, "\(files)")
  }
}
