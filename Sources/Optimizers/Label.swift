internal import Settings

/// A label that a file gives to a method: one line that is not empty and not padded.
func readLabel(_ setting: Setting) throws(SettingsError) -> String {
  let label = try setting.text()
  let isPadded = label.first?.isWhitespace ?? true || label.last?.isWhitespace ?? true
  if isPadded || label.contains(where: { $0.isNewline || $0 == "\t" }) {
    throw setting.error(
      "'\(label)' cannot be a label; allowed: one line that neither begins nor ends with a space")
  }
  return label
}
