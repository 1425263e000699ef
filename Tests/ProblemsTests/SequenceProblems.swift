/// Small problems on the recurrent models and those with noise, for tests of any problem.
let sequenceDefinitions = [
  sequence(
    "{name: adding, length: 10, training: 60, validation: 20, test: 20}",
    "{name: elman, units: 9}", "mean-squared-error"),
  sequence(
    "{name: temporal-order, length: 10, training: 60, validation: 20, test: 20}",
    "{name: gru, units: 17, layers: 2}", "cross-entropy"),
  sequence(
    "{name: temporal-order, length: 12, training: 60, validation: 20, test: 20}",
    "{name: lstm, units: 6, forget_bias: 1}", "cross-entropy"),
  sequence("{name: digits}", "{name: vae, hidden: 20, latent: 3, activation: tanh}", "vae-elbo"),
  sequence("{name: digits}", "{name: elman, units: 5, activation: tanh}", "cross-entropy"),
  sequence(
    "{name: text, length: 7, stride: 1000}", "{name: char-lstm, features: 6, units: 8}",
    "cross-entropy"),
]

private func sequence(_ dataset: String, _ model: String, _ loss: String) -> String {
  """
  name: sequence-test
  dataset: \(dataset)
  model: \(model)
  loss: \(loss)
  batch_size: 16
  """
}
