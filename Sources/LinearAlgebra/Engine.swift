internal import COneDNN

/// oneDNN's handle of the processor, one for the process.
enum Engine {
  /// Never freed; oneDNN lets any thread use it.
  nonisolated(unsafe) static let processor: dnnl_engine_t = {
    var engine: dnnl_engine_t?
    let status = dnnl_engine_create(&engine, dnnl_cpu, 0)
    guard status == dnnl_success, let engine else {
      preconditionFailure("oneDNN offers no processor: status \(status.rawValue)")
    }
    return engine
  }()
}
