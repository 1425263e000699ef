extension Mutant {
  /// Why the statistical mode does not see a mutant that was taken for material, found out after it
  /// was missed.
  static let explanations: [String: String] = [:]
}
