import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: the first asks the runs to stop, the second ends the program at once.
final class Interruption: Sendable {
  static let exitCode: Int32 = 130

  private let requested = Atomic<Bool>(false)
  // Written once in init, before any signal can arrive; the sources live as long as the program.
  nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

  init() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        // Without exit's clean-up, which would free the kernels that the runs are still in.
        if requested.exchange(true, ordering: .relaxed) { _exit(Self.exitCode) }
        writeToStandardError("\nstopping; press Ctrl-C again to leave at once\n")
      }
      source.activate()
      sources.append(source)
    }
  }

  var isRequested: Bool { requested.load(ordering: .relaxed) }
}
