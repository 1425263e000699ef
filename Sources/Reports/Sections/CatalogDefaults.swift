/// The options of catalog entries where nobody sets them, as JSON by name.
public struct CatalogDefaults: Sendable {
  /// By entry, then option.
  public var optimizers: [String: [String: String]] = [:]
  public var clipping: [String: [String: String]] = [:]
  public var schedules: [String: [String: String]] = [:]
  /// Where options are searched for, in words, likewise for all of them.
  public var searchSpaces: [String: [String: String]] = [:]

  public init() {}
}
