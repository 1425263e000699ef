/// The control groups (`cgroups(7)`) of a process: of version 2 one for everything, of version 1 one for each
/// controller.
public struct ControlGroups: Sendable {
  /// The folders below `/sys/fs/cgroup`, from the own group to the root, by controller; version 2 is ``.
  private let folders: [String: [String]]

  /// Those of this process; none where the system has no such thing.
  public static var current: ControlGroups { ControlGroups(systemText("/proc/self/cgroup") ?? "") }

  /// - Parameter text: What `/proc/self/cgroup` says.
  public init(_ text: String) {
    var folders: [String: [String]] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      for controller in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
        let root = controller.isEmpty ? "/sys/fs/cgroup" : "/sys/fs/cgroup/\(controller)"
        var names = parts[2].split(separator: "/").map(String.init)
        var chain: [String] = []
        while true {
          chain.append(([root] + names).joined(separator: "/"))
          if names.isEmpty { break }
          names.removeLast()
        }
        folders[String(controller)] = chain
      }
    }
    self.folders = folders
  }

  /// The cores that the tightest quota grants; nil without any.
  ///
  /// - Parameter read: Gives the text of a file; nil where there is none.
  public func cores(read: (String) -> String? = systemText) -> Double? {
    var quotas: [Double] = []
    for folder in folders[""] ?? [] {
      let parts = read("\(folder)/cpu.max")?.split { $0.isWhitespace }.map { Double($0) } ?? []
      if parts.count == 2, let quota = parts[0], let period = parts[1], period > 0 {
        quotas.append(quota / period)
      }
    }
    for folder in folders["cpu"] ?? [] {
      if let quota = Self.number(read("\(folder)/cpu.cfs_quota_us")), quota > 0,
        let period = Self.number(read("\(folder)/cpu.cfs_period_us")), period > 0
      {
        quotas.append(quota / period)
      }
    }
    return quotas.min()
  }

  /// The bytes that the tightest limit grants; nil without any.
  public func memory(read: (String) -> String? = systemText) -> Double? {
    let names =
      (folders[""] ?? []).map { "\($0)/memory.max" }
      + (folders["memory"] ?? []).map { "\($0)/memory.limit_in_bytes" }
    // Version 1 writes a number beyond any memory where there is no limit.
    return names.compactMap { Self.number(read($0)) }.filter { $0 < 1e18 }.min()
  }

  private static func number(_ text: String?) -> Double? {
    text.flatMap { Double($0.filter { !$0.isWhitespace }) }
  }
}
