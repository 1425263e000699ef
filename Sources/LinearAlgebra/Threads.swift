internal import CLAPACK
internal import COneDNN

/// How many threads the libraries below use.
public enum Threads {
  /// Makes oneDNN run on the calling thread alone (OpenMP's count is a setting of each thread), and
  /// OpenBLAS likewise (its count is one for the process). Each thread that trains calls this first.
  public static func useOneThread() {
    omp_set_num_threads(1)
    limitOpenBLASToOneThread
  }

  /// The threads that oneDNN would use when called from this thread.
  public static var count: Int { Int(omp_get_max_threads()) }

  /// Done once; a factorisation's bits must not depend on the number of cores.
  static let limitOpenBLASToOneThread: Void = openblas_set_num_threads(1)
}
