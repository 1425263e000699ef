internal import Foundation

/// The most memory that the process has used so far, in bytes.
func peakMemoryBytes() -> Int64 {
  var usage = rusage()
  #if os(Linux)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Int64(usage.ru_maxrss) * 1024
  #else
    getrusage(RUSAGE_SELF, &usage)
    return Int64(usage.ru_maxrss)
  #endif
}
