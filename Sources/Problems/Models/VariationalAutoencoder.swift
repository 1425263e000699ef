import Networks
import Settings

/// A variational autoencoder of dense layers (Kingma & Welling, 2014): `dense1` with the activation,
/// `dense2` to means and log variances, `gaussian-sampling1`, `dense3` with the activation, and
/// `dense4`, the logits of the input. For the loss `vae-elbo`.
///
/// The sizes are those of PyTorch's example, 784-400-20-400-784 on images of 28×28. Not DeepOBS's
/// `fmnist_vae`: that one needs transposed convolutions, which optbench does not have.
struct VariationalAutoencoder: ModelArchitecture {
  let hidden: Int
  let latent: Int
  let activation: Activation
  let initialization: any Initialization
  let initializationLabel: String

  func makeModel(exampleShape: [Int], outputs: Int) -> Model {
    let inputs = exampleShape.reduce(1, *)
    func dense(_ number: Int, _ from: Int, _ to: Int, _ activation: Activation) -> DenseLayer {
      DenseLayer(
        name: "dense\(number)", inputShape: [from], outputs: to, activation: activation,
        initialization: initialization)
    }
    return Model([
      dense(1, inputs, hidden, activation), dense(2, hidden, 2 * latent, .identity),
      GaussianSamplingLayer(name: "gaussian-sampling1", features: latent),
      dense(3, latent, hidden, activation), dense(4, hidden, inputs, .identity),
    ])
  }

  func summary(exampleShape: [Int], outputs: Int) -> String {
    let inputs = exampleShape.reduce(1, *)
    return "VAE \(inputs)-\(hidden)-\(latent)-\(hidden)-\(inputs), \(activation.rawValue), "
      + initializationLabel
  }

  static let entry = CatalogEntry<any ModelArchitecture>(
    name: "vae", summary: "variational autoencoder of dense layers, for the loss vae-elbo",
    reference: "Kingma & Welling (2014)",
    hyperparameters: [
      Hyperparameter(
        "hidden", .integer(1...1_000_000), default: .integer(400),
        "width of the hidden layer of encoder and decoder"),
      Hyperparameter("latent", .integer(1...1_000_000), default: .integer(20), "width of the code"),
      Activation.option(default: .relu, "function of the hidden layers"),
    ] + Initializations.options(default: "torch-default")
  ) { options throws(HyperparameterError) in
    VariationalAutoencoder(
      hidden: options.integer("hidden"), latent: options.integer("latent"),
      activation: Activation.chosen(in: options),
      initialization: try Initializations.chosen(in: options),
      initializationLabel: Initializations.label(in: options))
  }
}
