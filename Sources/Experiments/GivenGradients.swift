public import Foundation
internal import Settings
public import Tensors

/// Why a trace cannot be made.
public struct TraceError: Error, Equatable, CustomStringConvertible {
  /// The file's name as the user gave it.
  public let file: String
  /// The JSON path, such as `gradients[2][5]`; empty for the whole file.
  public let path: String
  public let problem: String

  init(file: String, path: String, _ problem: String) {
    self.file = file
    self.path = path
    self.problem = problem
  }

  public var description: String {
    path.isEmpty ? "\(file): \(problem)" : "\(file): \(path): \(problem)"
  }
}

/// Parameters and the gradients of each step, as a JSON file gives them to `optbench trace`.
///
///     {"parameters": [{"name": "w", "shape": [3, 2], "role": "weight", "values": […]}, …],
///      "gradients": [[…], …], "losses": […], "second_gradients": [[…], …]}
///
/// Numbers that JSON lacks are the texts "nan", "inf" and "-inf". `role` is `weight` for two axes
/// and more and `bias` for fewer unless it is given; `losses` and `second_gradients` may be left out.
/// There is one second gradient for each gradient (null where the step has none), or fewer, one for
/// each time that the method asks.
public struct GivenGradients: Sendable {
  public let file: String
  public let layout: ParameterLayout
  /// The parameters before the first step, all tensors in order.
  public let parameters: [Float]
  /// A gradient for each step, all tensors in order.
  public let gradients: [[Float]]
  /// The loss of each step, where the file gives it.
  public let losses: [Double]?
  let secondGradients: [[Float]?]?

  /// Reads the contents of a file.
  public init(_ data: Data, file: String) throws(TraceError) {
    self.file = file
    let contents: Contents
    do {
      contents = try JSONDecoder().decode(Contents.self, from: data)
    } catch {
      throw Self.traceError(error, file: file)
    }
    func failure(_ path: String, _ problem: String) -> TraceError {
      TraceError(file: file, path: path, problem)
    }
    guard !contents.parameters.isEmpty else {
      throw failure("parameters", "the list is empty; give at least one tensor")
    }
    for (index, tensor) in contents.parameters.enumerated() {
      let path = "parameters[\(index)]"
      if contents.parameters[..<index].contains(where: { $0.name == tensor.name }) {
        throw failure("\(path).name", "two tensors are called '\(tensor.name)'")
      }
      for (axis, size) in tensor.shape.enumerated() where size.integer == nil {
        throw failure(
          "\(path).shape[\(axis)]",
          "\(numberLabel(size.value)) is no size; allowed: integers from 1 to \(Int32.max)")
      }
      let product = tensor.sizes.reduce(into: (1, false)) {
        let (value, overflow) = $0.0.multipliedReportingOverflow(by: $1)
        $0 = (value, $0.1 || overflow)
      }
      guard !product.1, product.0 == tensor.values.count else {
        throw failure(
          "\(path).values", "\(tensor.values.count) numbers for the shape \(tensor.sizes)")
      }
    }
    layout = ParameterLayout(
      contents.parameters.map {
        ($0.name, $0.sizes, $0.role ?? ($0.sizes.count > 1 ? .weight : .bias))
      })
    parameters = contents.parameters.flatMap { $0.values.map(\.float) }
    gradients = contents.gradients.map { $0.map(\.float) }
    losses = contents.losses.map { $0.map(\.value) }
    secondGradients = contents.secondGradients.map { $0.map { $0.map { $0.map(\.float) } } }

    for (step, gradient) in gradients.enumerated() where gradient.count != layout.count {
      throw failure(
        "gradients[\(step)]", "\(gradient.count) numbers for \(layout.count) parameters")
    }
    for (index, gradient) in (secondGradients ?? []).enumerated() {
      guard let gradient, gradient.count != layout.count else { continue }
      throw failure(
        "second_gradients[\(index)]", "\(gradient.count) numbers for \(layout.count) parameters")
    }
    if let losses, losses.count != gradients.count {
      throw failure("losses", "\(losses.count) losses for \(gradients.count) gradients")
    }
    if let secondGradients, secondGradients.count > gradients.count {
      throw failure(
        "second_gradients",
        "\(secondGradients.count) second gradients for \(gradients.count) gradients")
    }
  }

  private static func traceError(_ error: any Error, file: String) -> TraceError {
    guard let error = error as? DecodingError else {
      return TraceError(file: file, path: "", "\(error)")
    }
    switch error {
    case .keyNotFound(let key, let context):
      return TraceError(
        file: file, path: pathText(context.codingPath), "the key '\(key.stringValue)' is missing")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return TraceError(
        file: file, path: pathText(context.codingPath),
        context.debugDescription.prefix(1).lowercased() + context.debugDescription.dropFirst())
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return TraceError(file: file, path: pathText(context.codingPath), context.debugDescription)
    case .dataCorrupted(let context):
      let detail =
        (context.underlyingError as? NSError)?
        .userInfo[NSDebugDescriptionErrorKey] as? String
      return TraceError(
        file: file, path: "",
        "not valid JSON\(detail.map { ": \($0)" } ?? ""); write numbers that JSON lacks as "
          + "\"nan\", \"inf\" or \"-inf\"")
    @unknown default: return TraceError(file: file, path: "", "\(error)")
    }
  }

  /// `gradients[2][5]`.
  private static func pathText(_ keys: [any CodingKey]) -> String {
    keys.reduce(into: "") { text, key in
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }
}

/// The file as it is written.
private struct Contents: Decodable {
  let parameters: [Tensor]
  let gradients: [[Number]]
  let losses: [Number]?
  let secondGradients: [[Number]?]?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case parameters, gradients, losses
    case secondGradients = "second_gradients"
  }

  init(from decoder: any Decoder) throws {
    try refuseUnknownKeys(in: decoder, allowed: CodingKeys.allCases.map(\.rawValue))
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    parameters = try fields.decode([Tensor].self, forKey: .parameters)
    gradients = try fields.decode([[Number]].self, forKey: .gradients)
    losses = try fields.decodeIfPresent([Number].self, forKey: .losses)
    secondGradients = try fields.decodeIfPresent([[Number]?].self, forKey: .secondGradients)
  }
}

private struct Tensor: Decodable {
  let name: String
  let shape: [Number]
  let role: ParameterRole?
  let values: [Number]

  /// The shape, where it consists of sizes.
  var sizes: [Int] { shape.compactMap(\.integer) }

  enum CodingKeys: String, CodingKey, CaseIterable { case name, shape, role, values }

  init(from decoder: any Decoder) throws {
    try refuseUnknownKeys(in: decoder, allowed: CodingKeys.allCases.map(\.rawValue))
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    name = try fields.decode(String.self, forKey: .name)
    shape = try fields.decode([Number].self, forKey: .shape)
    values = try fields.decode([Number].self, forKey: .values)
    role = try fields.decodeIfPresent(String.self, forKey: .role).map { text in
      guard let role = ParameterRole(rawValue: text) else {
        let allowed = ParameterRole.allCases.map(\.rawValue).joined(separator: ", ")
        throw DecodingError.dataCorruptedError(
          forKey: .role, in: fields, debugDescription: "unknown role '\(text)'; allowed: \(allowed)"
        )
      }
      return role
    }
  }
}

/// A number, or one of those that JSON lacks as a text.
private struct Number: Decodable {
  let value: Double

  var float: Float { Float(value) }

  /// The number as a size.
  var integer: Int? {
    Int(exactly: value).flatMap { (1...Int(Int32.max)).contains($0) ? $0 : nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      value = number
      return
    }
    switch try? container.decode(String.self) {
    case "nan": value = .nan
    case "inf": value = .infinity
    case "-inf": value = -.infinity
    case let text:
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "expected a number, \"nan\", \"inf\" or \"-inf\", found "
          + (text.map { "the text \"\($0)\"" } ?? "something else"))
    }
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

private func refuseUnknownKeys(in decoder: any Decoder, allowed: [String]) throws {
  let keys = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted()
  guard let unknown = keys.first(where: { !allowed.contains($0) }) else { return }
  throw DecodingError.dataCorrupted(
    DecodingError.Context(
      codingPath: decoder.codingPath + [AnyKey(stringValue: unknown)],
      debugDescription: "unknown key; allowed: \(allowed.joined(separator: ", "))"))
}
