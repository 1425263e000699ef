internal import Processes
internal import Settings
internal import Tensors

/// A running program that computes loss and gradient on request. Requests are lines of JSON; numbers
/// travel in a file that both have mapped. docs/bridges.md describes every byte.
///
/// One thread at a time uses it.
final class ExternalProgram: @unchecked Sendable {
  let description: ExternalDescription
  /// Whether nobody should ask it anything more.
  var hasFailed = false
  private var channel: ExternalChannel
  private let file: SharedFile

  /// Where numbers lie in the file.
  private enum Place {
    static let loss = 0
    static let accuracy = 8
    static let parameters = 64
    /// The next multiple of 64 after the parameters.
    static func gradient(_ count: Int) -> Int { (parameters + 4 * count + 63) / 64 * 64 }
  }

  /// What stands where the program is to write: NaNs that no arithmetic makes.
  private static let unwritten: UInt64 = 0x7FF8_6F70_7462_6E63
  private static let unwrittenFloat = Float(bitPattern: 0x7FC6_6F70)

  /// Starts the program and greets it.
  init(
    _ definition: ExternalDefinition, folder: String, label: String
  ) throws(ObjectiveFailure) {
    var channel = try ExternalChannel(definition, folder: folder, label: label)
    channel.begin("hello")
    channel.add(",\"protocol\":")
    channel.add(ExternalDescription.protocolVersion)
    description = try channel.ask { (answer) throws(SettingsError) in
      try ExternalDescription(answer)
    }
    let count = description.layout.count
    let gradient = Place.gradient(count)
    guard let file = SharedFile(byteCount: gradient + 4 * count) else {
      throw channel.failure(
        "there is no room for \(gradient + 4 * count) bytes in /dev/shm or the folder for temporary "
          + "files")
    }
    self.file = file
    channel.begin("map")
    channel.add(text: ",\"file\":\(jsonText(file.path)),\"count\":\(count)")
    channel.add(text: ",\"parameters\":\(Place.parameters),\"gradient\":\(gradient)")
    try channel.confirm()
    file.removeName()
    self.channel = channel
  }

  /// Sets what stands before the lines that it writes to its standard error.
  func setLabel(_ label: String) { channel.setLabel(label) }

  /// The parameters at which the next request asks.
  var parameters: UnsafeMutablePointer<Float> { floats(Place.parameters) }
  /// The gradient of the last answer.
  var gradient: UnsafeMutablePointer<Float> { floats(Place.gradient(count)) }

  private var count: Int { description.layout.count }

  private func floats(_ offset: Int) -> UnsafeMutablePointer<Float> {
    (file.bytes + offset).assumingMemoryBound(to: Float.self)
  }

  private func number(_ offset: Int) -> UInt64 {
    file.bytes.load(fromByteOffset: offset, as: UInt64.self)
  }

  private func set(_ offset: Int, _ value: UInt64) {
    file.bytes.storeBytes(of: value, toByteOffset: offset, as: UInt64.self)
  }

  private func requireWritten(
    _ value: Float, _ what: String
  ) throws(ObjectiveFailure) {
    guard value.bitPattern == Self.unwrittenFloat.bitPattern else { return }
    throw channel.failure("it answered without writing the \(what)")
  }

  private func readLoss() throws(ObjectiveFailure) -> Double {
    let bits = number(Place.loss)
    guard bits != Self.unwritten else {
      throw channel.failure("it answered without writing the loss")
    }
    return Double(bitPattern: bits)
  }

  /// Asks for the parameters of a seed, which are then in `parameters`.
  func initialise(seed: UInt64) throws(ObjectiveFailure) {
    parameters[count - 1] = Self.unwrittenFloat
    channel.begin("initialise")
    channel.add(",\"seed\":")
    channel.add(Int(clamping: seed))
    try channel.confirm()
    try requireWritten(parameters[count - 1], "parameters")
  }

  /// The loss on the training split where runs of seed 0 begin; NaN where the program fails, which it then
  /// will in a run as well.
  func lossAtTheStart() -> Double {
    do throws(ObjectiveFailure) {
      try initialise(seed: 0)
      return try evaluate(on: .train, estimates: false).loss
    } catch {
      hasFailed = true
      return .nan
    }
  }

  /// The loss at `parameters` on the batch of a step; its gradient is then in `gradient`.
  ///
  /// - Parameter updates: Whether state of its own may change.
  func loss(step: Int, updates: Bool) throws(ObjectiveFailure) -> Double {
    gradient[count - 1] = Self.unwrittenFloat
    set(Place.loss, Self.unwritten)
    channel.begin("gradient")
    channel.add(",\"step\":")
    channel.add(step)
    channel.add(updates ? ",\"update\":true" : ",\"update\":false")
    try channel.confirm()
    try requireWritten(gradient[count - 1], "gradient")
    return try readLoss()
  }

  /// The mean loss and accuracy over a split at `parameters`.
  ///
  /// - Parameter estimates: Whether state of its own is to be estimated for the parameters first.
  func evaluate(
    on split: DataSplit, estimates: Bool
  ) throws(ObjectiveFailure) -> EvaluationResult {
    set(Place.loss, Self.unwritten)
    set(Place.accuracy, Double.nan.bitPattern)
    channel.begin("evaluate")
    channel.add(text: ",\"split\":\"\(split.rawValue)\"")
    channel.add(estimates ? ",\"estimate\":true" : ",\"estimate\":false")
    try channel.confirm()
    let accuracy = Double(bitPattern: number(Place.accuracy))
    guard accuracy.isNaN || (0...1).contains(accuracy) else {
      throw channel.failure("it gave the accuracy \(accuracy); allowed: 0 to 1")
    }
    return EvaluationResult(
      loss: try readLoss(),
      accuracy: description.hasAccuracy && !accuracy.isNaN ? accuracy : nil)
  }

  /// A program that has failed may never look at its standard input again.
  deinit { channel.end(within: hasFailed ? 0.05 : 2) }
}
