/// An experiment of a second: 2 problems × 2 optimizers × 2 clippings × 2 rates × 2 seeds, with runs
/// that explode.
let smallExperiment = """
  optbench: 1
  name: small
  title: A small experiment
  problems:
    - name: digits
      dataset: digits
      model: {name: mlp, hidden: [8]}
      loss: cross-entropy
      batch_size: 32
      target: {metric: validation_accuracy, at_least: 0.5}
    - name: valley
      function: {name: rosenbrock, dimension: 2}
      target: {metric: train_loss, at_most: 1}
  optimizers: [sgd, adam]
  learning_rate: [0.001, 0.1]
  clipping: [none, {name: global-norm, max_norm: 1}]
  seeds: 2
  budget: {steps: 60}
  evaluate: {every: 20}
  """

/// An experiment of 80 runs, long enough to be interrupted.
let longExperiment = """
  optbench: 1
  name: long
  problems:
    - name: digits
      dataset: digits
      model: {name: mlp, hidden: [32]}
      loss: cross-entropy
      batch_size: 32
  optimizers: [sgd, adam]
  learning_rate: [0.001, 0.01]
  clipping: [none, {name: value, max_value: 1}]
  seeds: 10
  budget: {steps: 200}
  evaluate: {every: 100}
  """
