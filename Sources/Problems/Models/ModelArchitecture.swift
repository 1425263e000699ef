public import Networks
public import Settings

/// A kind of model, ready to be made for any data.
public protocol ModelArchitecture: Sendable {
  /// The model for examples of `exampleShape` and the given number of classes.
  func makeModel(exampleShape: [Int], classes: Int) -> Model

  /// The architecture for such data in a phrase: `MLP 784-128-10, relu, he-normal`.
  func summary(exampleShape: [Int], classes: Int) -> String
}

/// The models that an experiment file can name.
public enum Models {
  public static let catalog = Catalog<any ModelArchitecture>(
    kind: "model", [MultilayerPerceptron.entry])
}
