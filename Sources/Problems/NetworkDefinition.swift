import Networks
import Settings
import Tensors

/// Data set, model, loss and batches of a problem, checked against one another.
struct NetworkDefinition: Sendable {
  let source: any DatasetSource
  /// Where the experiment file names the data, for errors.
  let sourcePlace: String
  let model: Model
  let loss: any Loss
  let batchSize: Int
  let dataOrder: DataOrder
  let summary: String
  /// The model and the loss with all options, for the digest.
  let definition: String

  /// A model's parameters are counted in 32 bits by the libraries below.
  private static let mostParameters = Int(Int32.max)

  init(_ entry: ProblemEntry) throws(SettingsError) {
    // Each part is read although another has a mistake; then they are held against one another.
    var mistakes = Mistakes()
    let data = mistakes.attempt(try Self.readSource(entry))
    let models = mistakes.attempt(try Self.read(Models.catalog, "model", of: entry))
    let losses = mistakes.attempt(try Self.read(Losses.catalog, "loss", of: entry))
    let size = mistakes.attempt(
      try entry.required("batch_size").integer(in: 1...Int(Int32.max)))
    let order = mistakes.attempt(try DataOrder.read(entry["data_order"]))
    try mistakes.check()
    guard let (datasetChoice, source) = data, let (modelChoice, architecture) = models,
      let (lossChoice, loss) = losses, let batchSize = size, let dataOrder = order
    else { preconditionFailure("a part that could not be read was not noted") }
    self.source = source
    self.loss = loss
    self.batchSize = batchSize
    self.dataOrder = dataOrder
    sourcePlace = entry.place(of: "dataset").place
    guard loss.reconstructsInput || loss.accepts(source.targets) else {
      throw entry.place(of: "loss").error(
        "\(loss.name) is not defined for the targets of \(datasetChoice.entry.name), "
          + source.targets.label)
    }

    let outputs = source.targets.outputs
    do {
      model = try architecture.makeModel(exampleShape: source.exampleShape, outputs: outputs)
    } catch {
      let listed = error.positions.map { "layers[\($0)]" }.joined(separator: ".")
      throw entry.place(of: "model").nearest(to: listed).error(
        "examples of \(shapeLabel(source.exampleShape)) from \(datasetChoice.entry.name): \(error)")
    }
    if let mismatch = Self.mismatch(model, loss, source) {
      throw entry.place(of: "model").error(mismatch)
    }
    guard model.layout.count <= Self.mostParameters else {
      throw entry.place(of: "model").error(
        "the model has \(model.layout.count) parameters; allowed: at most \(Self.mostParameters)")
    }

    guard batchSize <= source.trainingCount else {
      throw entry.place(of: "batch_size").error(
        "batches of \(batchSize) examples, but \(datasetChoice.entry.name) has "
          + "\(source.trainingCount) training examples; use a smaller batch_size or validation split"
      )
    }
    definition = "\(modelChoice.json) \(lossChoice.json)"
    let modelSummary = architecture.summary(
      exampleShape: source.exampleShape, outputs: outputs)
    summary =
      "\(source.summary); \(modelSummary); \(loss.name); batches of \(batchSize)"
      + (dataOrder == .fixed ? " in fixed order" : "")
  }

  private static func readSource(
    _ entry: ProblemEntry
  ) throws(SettingsError) -> (CatalogChoice<any DatasetSource>, any DatasetSource) {
    let (choice, described) = try read(Datasets.catalog, "dataset", of: entry)
    do {
      let folder = folder(of: try entry.required("dataset").file)
      return (choice, try described.examined(baseDirectory: folder))
    } catch {
      throw entry.place(of: "dataset").error("\(error)")
    }
  }

  private static func read<Product>(
    _ catalog: Catalog<Product>, _ key: String, of entry: ProblemEntry
  ) throws(SettingsError) -> (CatalogChoice<Product>, Product) {
    let setting = try entry.required(key)
    let choice = try catalog.choice(at: setting)
    return (choice, try catalog.make(choice, at: setting))
  }

  /// Whether classes are predicted, so that accuracies are measured.
  var hasAccuracy: Bool {
    if case .classes = source.targets { !loss.reconstructsInput } else { false }
  }

  /// What the model gives that the data and the loss do not ask for; nil if all agree.
  private static func mismatch(
    _ model: Model, _ loss: any Loss, _ source: any DatasetSource
  ) -> String? {
    let gives = "the model gives \(shapeLabel(model.outputShape)) for an example"
    if loss.reconstructsInput {
      return model.outputCount == model.inputCount
        ? nil
        : "\(gives), but \(loss.name) compares it with the input, "
          + shapeLabel(source.exampleShape)
    }
    guard model.predictionsPerExample == source.targetsPerExample else {
      return "\(gives): \(model.predictionsPerExample) predictions; the data have "
        + "\(source.targetsPerExample)"
        + (source.targetsPerExample > 1
          ? " targets for an example (labels of [examples, n] that are not one-hot are classes of n "
            + "time steps)" : "")
    }
    return model.outputsPerPrediction == source.targets.outputs
      ? nil
      : "\(gives): \(model.outputsPerPrediction) outputs a prediction; the data have "
        + source.targets.label
  }

  /// The folder of an experiment file, where relative paths in it start.
  private static func folder(of file: String) -> String {
    file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
  }

  var stepsPerEpoch: Int {
    ShuffledOrder.stepsPerEpoch(
      count: source.trainingCount, batchSize: batchSize, kind: dataOrder)
  }
}
