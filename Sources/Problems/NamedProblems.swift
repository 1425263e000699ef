public import Settings

/// The test problems that an experiment file can use by name alone, or with some keys changed.
public enum NamedProblems {
  /// The problems; none has options beyond the keys of a problem's entry.
  public static let catalog = Catalog<ProblemSpec>(
    kind: "problem",
    synonyms: Synonyms([
      "fashion-mnist": ["fashion-mnist-mlp"], "mlp": ["digits-mlp"], "digits": ["digits-mlp"],
      "rosenbrock": ["rosenbrock-2d"], "quadratic": ["quadratic-deep"],
    ]),
    definitions.map { name, summary, reference, _ in
      CatalogEntry(name: name, summary: summary, reference: reference, hyperparameters: []) { _ in
        do {
          return try ProblemSpec.read(Setting.parse(name, file: "named problems"))
        } catch {
          preconditionFailure("\(error)")
        }
      }
    })

  /// The definition of the problem called `name` in the words of an experiment file.
  public static func definition(of name: String) -> String? {
    definitions.first { $0.name == name }?.text
  }

  static let names = definitions.map(\.name)

  private static let definitions:
    [(name: String, summary: String, reference: String, text: String)] =
      [
        (
          "fashion-mnist-mlp", "Fashion-MNIST, one hidden layer of 128", "Xiao et al. (2017)",
          """
          title: Fashion-MNIST, one hidden layer
          dataset: {name: fashion-mnist, validation: 5000}
          model: {name: mlp, hidden: [128], activation: relu, initialization: he-normal, gain: 1.0}
          loss: cross-entropy
          batch_size: 64
          data_order: reshuffle
          target:
            metric: validation_accuracy
            at_least: 0.86
            rule: one to two points below the best of momentum and Adam after 2000 steps
          """
        ),
        (
          "digits-mlp", "UCI digits, two hidden layers of 64", "Alpaydin & Kaynak (1998)",
          """
          title: UCI digits, two hidden layers
          dataset: {name: digits, validation: 300}
          model: {name: mlp, hidden: [64, 64], activation: relu, initialization: he-normal, gain: 1.0}
          loss: cross-entropy
          batch_size: 32
          data_order: reshuffle
          target:
            metric: validation_accuracy
            at_least: 0.95
            rule: one to two points below the best of momentum and Adam after 500 steps
          """
        ),
        (
          "rosenbrock-2d", "Rosenbrock's valley in 2 dimensions", "Rosenbrock (1960)",
          """
          title: Rosenbrock's valley, 2-D
          function: {name: rosenbrock, dimension: 2}
          target:
            metric: train_loss
            at_most: 1.0e-3
            rule: a thousandth of the valley floor's height at the origin
          """
        ),
        (
          "rosenbrock-20d", "Rosenbrock's valley in 20 dimensions", "Rosenbrock (1960)",
          """
          title: Rosenbrock's valley, 20-D
          function: {name: rosenbrock, dimension: 20}
          target:
            metric: train_loss
            at_most: 1.0
            rule: a quarter of the second local minimum, 3.99, so that only the global one counts
          """
        ),
        (
          "quadratic-deep", "DeepOBS's quadratic_deep, 100 dimensions, batches of 128",
          "Schneider, Balles & Hennig (2019)",
          """
          title: DeepOBS's quadratic_deep
          function: quadratic-deep
          batch_size: 128
          data_order: reshuffle
          target:
            metric: test_loss
            at_most: 87.7032
            rule: DeepOBS's convergence performance
          """
        ),
      ]
}
