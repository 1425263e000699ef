/// A value of a Python keyword argument.
enum OracleOption: Decodable {
  case boolean(Bool)
  case number(Double)
  case numbers([Double])
  case text(String)
  case null

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode([Double].self) {
      self = .numbers(value)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  /// The value as an experiment file writes it.
  var yaml: String {
    switch self {
    case .boolean(let value): "\(value)"
    case .number(let value): value == .infinity ? ".inf" : "\(value)"
    case .numbers(let values): "[\(values.map { "\($0)" }.joined(separator: ", "))]"
    case .null: "null"
    case .text(let value): value == "inf" ? ".inf" : value
    }
  }
}

/// An entry of an experiment file with the options of a Python call.
func entryText(_ name: String, _ options: [String: OracleOption]) -> String {
  let fields = options.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.yaml)" }
  return "{" + (["name: \(name)"] + fields).joined(separator: ", ") + "}"
}
