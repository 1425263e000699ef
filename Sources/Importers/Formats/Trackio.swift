internal import CSQLite
internal import Files

extension ImportFormat {
  /// Databases of trackio.
  static let trackio = ImportFormat(
    name: "trackio",
    summary: "databases of trackio, PROJECT.db: tables of metrics and configurations",
    logs: { paths, _, notes throws(ImportError) in
      var runs: [LoggedRun] = []
      for path in try LogFiles.find(paths, where: { $0.hasSuffix(".db") }) {
        runs += try TrackioDatabase(path).runs(&notes)
      }
      return runs
    })
}

private struct TrackioDatabase {
  private let path: String

  init(_ path: String) throws(ImportError) {
    self.path = path
    let head = try LogFiles.bytes(of: path).prefix(16)
    guard head.elementsEqual(Array("SQLite format 3\0".utf8)) else {
      throw ImportError(path, "it is no database of SQLite")
    }
  }

  func runs(_ notes: inout [String]) throws(ImportError) -> [LoggedRun] {
    let database = try SQLiteDatabase(path)
    let columns = try database.columns(of: "metrics")
    guard ["run_name", "step", "metrics"].allSatisfy(columns.contains) else {
      throw ImportError(
        path, "it has no table 'metrics' of run_name, step and metrics: not trackio's")
    }
    let identity = columns.contains("run_id") ? "run_id" : "run_name"
    var runs: [(id: String, run: LoggedRun)] = []
    let order = columns.contains("id") ? "id" : "rowid"
    try database.rows(
      "SELECT \(identity), run_name, step, CAST(metrics AS TEXT) FROM metrics ORDER BY \(order)"
    ) { row throws(ImportError) in
      guard let id = row[0], let name = row[1], let step = row[2].flatMap({ Int($0) }),
        let text = row[3], let metrics = try? JSONValue(text)
      else {
        throw ImportError(path, "a row of 'metrics' has no run, step or JSON")
      }
      if !runs.contains(where: { $0.id == id }) {
        runs.append((id, LoggedRun(name: name, place: "\(path): \(name)")))
      }
      guard let index = runs.firstIndex(where: { $0.id == id }) else { return }
      for (key, value) in metrics.pairs {
        if let number = value.number { runs[index].run.log(key, number, at: step) }
      }
    }
    let configurations = try database.columns(of: "configs")
    if configurations.contains("config") {
      let identity =
        configurations.contains("run_id") && identity == "run_id" ? "run_id" : "run_name"
      try database.rows("SELECT \(identity), CAST(config AS TEXT) FROM configs") {
        row throws(ImportError) in
        guard let id = row[0], let text = row[1], let config = try? JSONValue(text),
          let index = runs.firstIndex(where: { $0.id == id })
        else { return }
        runs[index].run.parameters = config.pairs.compactMap { pair in
          pair.value.text.map { (pair.key, $0) }
        }
      }
    }
    return runs.map(\.run)
  }
}

/// A database that is read and never written.
private final class SQLiteDatabase {
  private let path: String
  private var handle: OpaquePointer?

  init(_ path: String) throws(ImportError) {
    self.path = path
    if sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK,
      sqlite3_exec(handle, "SELECT count(*) FROM sqlite_master", nil, nil, nil) == SQLITE_OK
    {
      return
    }
    let reason = message
    sqlite3_close_v2(handle)
    handle = nil
    // Where the folder may not be written, the log beside the database cannot be opened; without one, the
    // file can be read as it is.
    let log = try LogFiles.kind(of: path + "-wal") != .missing
    var name = ""
    for byte in path.utf8 {
      let isPlain = byte > 0x20 && byte < 0x7F && !"%?#".utf8.contains(byte)
      name +=
        isPlain
        ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    guard !log,
      sqlite3_open_v2(
        "file:\(name)?immutable=1", &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nil)
        == SQLITE_OK,
      sqlite3_exec(handle, "SELECT count(*) FROM sqlite_master", nil, nil, nil) == SQLITE_OK
    else {
      let detail = handle == nil ? reason : message
      sqlite3_close_v2(handle)
      handle = nil
      throw ImportError(path, "the database cannot be read: \(detail)")
    }
  }

  deinit { sqlite3_close_v2(handle) }

  private var message: String {
    handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "not enough memory"
  }

  /// The names of a table's columns; none where there is no such table.
  func columns(of table: String) throws(ImportError) -> Set<String> {
    var names: Set<String> = []
    try rows("SELECT name FROM pragma_table_info('\(table)')") { row throws(ImportError) in
      if let name = row[0] { names.insert(name) }
    }
    return names
  }

  /// Calls `take` with the values of each row as texts; nil for NULL.
  func rows(
    _ query: String, _ take: ([String?]) throws(ImportError) -> Void
  ) throws(ImportError) {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, query, -1, &statement, nil) == SQLITE_OK else {
      throw ImportError(path, "the database cannot be read: \(message)")
    }
    defer { sqlite3_finalize(statement) }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW:
        let count = sqlite3_column_count(statement)
        try take(
          (0..<count).map { column in
            sqlite3_column_text(statement, column).map { String(cString: $0) }
          })
      case SQLITE_DONE: return
      default: throw ImportError(path, "the database cannot be read: \(message)")
      }
    }
  }
}
