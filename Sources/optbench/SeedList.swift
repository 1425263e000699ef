/// Seeds as given on the command line: `10` (0…9), `5-9`, `0,1,4`, or a mixture of the last two.
struct SeedList {
  let values: [Int]

  init(_ text: String) throws {
    func failure(_ problem: String) -> CommandFailure {
      CommandFailure(
        "--seeds \(text): \(problem); give a count such as 10, a range 5-9 or a list 0,1,4")
    }
    if let count = Int(text) {
      guard (1...100_000).contains(count) else { throw failure("a count is from 1 to 100000") }
      values = Array(0..<count)
      return
    }
    var values: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      switch (bounds.first ?? nil, bounds.last ?? nil, bounds.count) {
      case (let first?, let last?, 1...2) where first <= last && last <= Int(Int32.max):
        guard last - first < 100_000 else { throw failure("'\(part)' are too many seeds") }
        values += Array(first...last)
      default: throw failure("'\(part)' is not a seed or a range")
      }
    }
    guard Set(values).count == values.count else { throw failure("a seed appears twice") }
    self.values = values
  }
}
