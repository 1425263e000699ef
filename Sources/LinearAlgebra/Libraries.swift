internal import CLAPACK
internal import COneDNN

/// What the numeric libraries are and which instructions they use, for a result's provenance.
public enum Libraries {
  /// oneDNN's version, such as `2.6.3`.
  public static var oneDNNVersion: String {
    guard let version = dnnl_version()?.pointee else { return "unknown" }
    return "\(version.major).\(version.minor).\(version.patch)"
  }

  /// OpenBLAS's description of itself: version, options, kernels.
  public static var openBLASConfiguration: String {
    openblas_get_config().map { String(cString: $0) } ?? "unknown"
  }

  /// The widest instruction set that oneDNN uses here, such as `avx2`.
  public static var instructionSet: String {
    let name = dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa()).map { String(cString: $0) } ?? ""
    return name.hasPrefix("cpu_isa_") ? String(name.dropFirst("cpu_isa_".count)) : name
  }

  /// The instruction sets to which oneDNN can be limited, narrowest first.
  public static var instructionSets: [String] { limits.map(\.name) }

  /// Makes oneDNN use no instructions beyond those called `name`, so that machines that differ only
  /// in wider ones give the same bits. To be called before the first product.
  public static func limitInstructionSet(to name: String) throws(LinearAlgebraError) {
    guard let limit = limits.first(where: { $0.name == name }) else {
      throw LinearAlgebraError(
        "unknown instruction set '\(name)'; allowed: \(instructionSets.joined(separator: ", "))")
    }
    let status = dnnl_set_max_cpu_isa(limit.value)
    guard status == dnnl_success else {
      throw LinearAlgebraError(
        "oneDNN \(oneDNNVersion) cannot be limited to '\(name)'"
          + (status == dnnl_unimplemented
            ? " on this processor or in this build"
            : " after its first use; limit it before anything is computed"))
    }
  }

  private static var limits: [(name: String, value: dnnl_cpu_isa_t)] {
    [
      ("sse41", dnnl_cpu_isa_sse41), ("avx", dnnl_cpu_isa_avx), ("avx2", dnnl_cpu_isa_avx2),
      ("avx512_core", dnnl_cpu_isa_avx512_core),
      ("avx512_core_vnni", dnnl_cpu_isa_avx512_core_vnni),
      ("avx512_core_bf16", dnnl_cpu_isa_avx512_core_bf16),
    ]
  }
}

/// What went wrong with a numeric library, in a sentence for people.
public struct LinearAlgebraError: Error, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
