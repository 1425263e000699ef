internal import HDF5
internal import Records

/// The attributes of the root: what the experiment is and where it was made. One list from which
/// writing and reading derive.
enum HeaderAttributes {
  static let format = "optbench-experiment"
  static let contentDigest = "content_digest"
  /// Absent in files of earlier versions.
  static let nameDigest = "name_digest"
  /// Absent where the experiment file made no claim, and in files of earlier versions.
  static let statedClaims = "stated_claims"

  static let provenance:
    [(name: String, property: any WritableKeyPath<Provenance, String> & Sendable)] = [
      ("optbench_version", \.optbenchVersion), ("git_revision", \.gitRevision),
      ("swift_version", \.swiftVersion), ("onednn_version", \.oneDNNVersion),
      ("hdf5_version", \.hdf5Version), ("libc_version", \.libcVersion), ("cpu", \.cpu),
      ("isa", \.isa), ("kernel", \.kernel), ("created", \.created),
    ]

  /// Writes everything but the content digest, which is known last.
  static func write(
    _ header: ExperimentHeader, to root: borrowing HDF5Group
  ) throws(HDF5Error) {
    let made = header.provenance
    try root.setAttribute("Conventions", "CF-1.11")
    try root.setAttribute("format", format)
    try root.setAttribute("format_version", Int32(ExperimentHeader.formatVersion))
    try root.setAttribute("name", header.name)
    try root.setAttribute("title", header.title)
    try root.setAttribute("source", "optbench \(made.optbenchVersion)")
    try root.setAttribute("history", "\(made.created) written by optbench \(made.optbenchVersion)")
    try root.setAttribute("NX_class", "NXroot")
    if let first = header.problems.first { try root.setAttribute("default", first.name) }
    try root.setAttribute("spec", header.spec)
    try root.setAttribute("spec_digest", header.specDigest)
    if !header.statedClaims.isEmpty {
      try root.setAttribute(statedClaims, header.statedClaims.joined(separator: "\n"))
    }
    try root.setAttribute("planned_runs", Int64(header.plannedRuns))
    for (name, property) in provenance { try root.setAttribute(name, made[keyPath: property]) }
    try root.setAttribute("cores", Int32(clamping: made.cores))
    try root.setAttribute("flush_denormals", Int8(made.flushDenormals ? 1 : 0))
  }

  /// Reads the header of a file whose format has been checked.
  static func read(_ root: borrowing HDF5Group) throws(HDF5Error) -> ExperimentHeader {
    var made = Provenance()
    for (name, property) in provenance { made[keyPath: property] = try root.textAttribute(name) }
    made.cores = Int(try root.attribute("cores", as: Int32.self))
    made.flushDenormals = try root.attribute("flush_denormals", as: Int8.self) != 0
    var problems: [ProblemRecord] = []
    for name in try root.groupNames() where try !PlanGroup.isOwn(name, in: root) {
      let group = try root.group(name)
      problems.append(try ProblemAttributes.read(group, name: name))
    }
    var header = ExperimentHeader(
      name: try root.textAttribute("name"), title: try root.textAttribute("title"),
      spec: try root.textAttribute("spec"), specDigest: try root.textAttribute("spec_digest"),
      provenance: made, problems: problems,
      plannedRuns: Int(try root.attribute("planned_runs", as: Int64.self)),
      plan: try PlanGroup.read(from: root))
    if try root.hasAttribute(statedClaims) {
      header.statedClaims = try root.textAttribute(statedClaims).split(separator: "\n").map(
        String.init)
    }
    header.origins = try ProvenanceGroup.read(from: root)
    header.updateTraces = try UpdateTraceGroup.read(from: root)
    return header
  }
}
