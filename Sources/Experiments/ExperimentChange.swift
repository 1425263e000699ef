public import Settings

/// In what two experiment files differ as far as it changes runs.
///
/// - Returns: Nothing where one of them cannot be read.
public func differences(
  ofExperiment new: String, from old: String, file: String
) -> [SettingDifference] {
  guard let before = try? Setting.parse(old, file: file),
    let after = try? Setting.parse(new, file: file)
  else { return [] }
  return after.differences(from: before).filter { difference in
    !ExperimentSpec.descriptiveKeys.contains { difference.path.hasPrefix($0) }
  }
}
