internal import Foundation

/// A length of time for people: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`, from 100 hours on `5 days`.
public func duration(_ seconds: Double) -> String {
  guard seconds.isFinite else { return "unknown" }
  guard seconds >= 9.95 else { return String(format: "%.1f s", max(seconds, 0)) }
  let whole = Int(min(seconds, 1e15).rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
  if whole < 360_000 { return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60) }
  return "\(whole / 86_400) days"
}
