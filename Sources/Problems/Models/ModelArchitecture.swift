public import Networks
public import Settings

/// A kind of model, ready to be made for any data.
public protocol ModelArchitecture: Sendable {
  /// The model for examples of `exampleShape`: `[features]`, `[time, features]` or
  /// `[height, width, channels]`.
  ///
  /// - Parameter outputs: The outputs of each prediction: the classes, or the values to be met.
  /// - Throws: Why such examples do not fit the model.
  func makeModel(exampleShape: [Int], outputs: Int) throws(ShapeMismatch) -> Model

  /// The architecture for such data in a phrase: `MLP 784-128-10, relu, he-normal`.
  func summary(exampleShape: [Int], outputs: Int) -> String
}

/// The models that an experiment file can name.
public enum Models {
  public static let catalog = Catalog<any ModelArchitecture>(
    kind: "model", synonyms: .models, optionSynonyms: .layerOptions,
    [
      MultilayerPerceptron.entry,
      TwoConvolutionsTwoDense.entry,
      ThreeConvolutionsThreeDense.entry,
      AllConvolutional.entry,
      ArticleNetwork.entry,
      VariationalAutoencoder.entry,
      CharacterLSTM.entry,
      CharTransformer.entry,
      LayerList.entry,
    ] + RecurrentModel.entries)
}
