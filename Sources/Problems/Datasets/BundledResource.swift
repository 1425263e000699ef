internal import Foundation

/// Files that the package manager lays beside the program.
///
/// Looked up by hand: the generated `Bundle.module` ends the process when the folder is missing,
/// for example because the program was copied elsewhere alone.
enum BundledResource {
  /// The path of the resource called `name`.
  static func path(of name: String) throws(ProblemError) -> String {
    let folders = [
      Bundle.main.bundleURL, Bundle.main.resourceURL, Bundle(for: Here.self).bundleURL,
      Bundle(for: Here.self).bundleURL.deletingLastPathComponent(),
    ].compactMap { $0?.path }
    for folder in folders {
      for kind in ["resources", "bundle"] {
        let path = "\(folder)/optbench_Problems.\(kind)/Resources/\(name)"
        if FileManager.default.fileExists(atPath: path) { return path }
      }
    }
    throw ProblemError(
      file: "\(folders.first ?? ".")/optbench_Problems.resources",
      "the folder of bundled data sets is missing; it must lie beside the program "
        + "(\(name) was asked for)")
  }

  private final class Here {}
}
