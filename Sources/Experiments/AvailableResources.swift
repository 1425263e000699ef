internal import Foundation
internal import Processes

/// The cores on which this process may run at a time.
public enum AvailableCores {
  /// Those that its affinity leaves, and no more than the shares of time that the control groups above it
  /// grant, as containers and batch systems set them; at least one.
  public static var count: Int {
    var count = ProcessInfo.processInfo.activeProcessorCount
    if let quota = ControlGroups.current.cores() { count = min(count, Int(quota.rounded(.up))) }
    return max(1, count)
  }
}

/// The memory that this process may have.
public enum AvailableMemory {
  /// In bytes: the machine's, or what the control groups above it grant where that is less.
  public static var bytes: Double {
    var bytes = Double(ProcessInfo.processInfo.physicalMemory)
    if let limit = ControlGroups.current.memory() { bytes = min(bytes, limit) }
    return bytes
  }
}
