extension Provenance {
  /// One respect in which two runs were not made alike.
  public struct Difference: Sendable, Equatable, CustomStringConvertible {
    public let name: String
    public let values: [String]

    /// `cpu (A, B)`.
    public var description: String { "\(name) (\(values.joined(separator: ", ")))" }
  }

  /// In what the program or the machine differs of those things on which the bits of a run may depend.
  public func differences(from other: Provenance) -> [Difference] {
    let properties: [(String, KeyPath<Provenance, String>)] = [
      ("version", \.optbenchVersion), ("revision", \.gitRevision), ("swift", \.swiftVersion),
      ("oneDNN", \.oneDNNVersion), ("libc", \.libcVersion), ("cpu", \.cpu), ("isa", \.isa),
    ]
    var found = properties.filter { self[keyPath: $0.1] != other[keyPath: $0.1] }.map {
      Difference(name: $0.0, values: [self[keyPath: $0.1], other[keyPath: $0.1]])
    }
    if flushDenormals != other.flushDenormals {
      found.append(
        Difference(
          name: "flush denormals", values: ["\(flushDenormals)", "\(other.flushDenormals)"]))
    }
    return found
  }
}
