internal import Settings

extension Synonyms {
  /// The keys of a problem in the words of PyTorch's and Keras's scripts.
  static let problemKeys = Synonyms(
    [
      "data": ["dataset"], "train_data": ["dataset"], "datasets": ["dataset"],
      "network": ["model"], "net": ["model"], "architecture": ["model"], "arch": ["model"],
      "criterion": ["loss"], "loss_fn": ["loss"], "objective": ["loss", "function"],
      "batch": ["batch_size"], "bs": ["batch_size"], "train_batch_size": ["batch_size"],
      "per_device_train_batch_size": ["batch_size"], "minibatch_size": ["batch_size"],
      "shuffle": ["data_order"], "goal": ["target"], "func": ["function"], "id": ["name"],
    ],
    advice: [
      "layers": "the layers are the model's: model: {name: layers, layers: [...]}",
      "epochs": "the length of a run stands beside the problems: budget: {epochs: 10}",
      "steps": "the length of a run stands beside the problems: budget: {steps: 1000}",
      "optimizer": "optimizers stand beside the problems: optimizers: [adam]",
    ])

  /// Data sets by other names.
  static let datasets = Synonyms([
    "fashionmnist": ["fashion-mnist"], "fmnist": ["fashion-mnist"], "cifar": ["cifar-10"],
    "optdigits": ["digits"], "load_digits": ["digits"], "table": ["csv"], "tsv": ["csv"],
    "numpy": ["npz"], "npy": ["npz"], "h5": ["hdf5"], "moons": ["spirals"],
    "make_blobs": ["blobs"], "addition": ["adding"], "copy": ["copy-memory"],
    "tiny_shakespeare": ["text"], "char": ["text"], "synthetic": ["synthetic-images"],
  ])

  /// Options of data sets.
  static let datasetOptions = Synonyms([
    "root": ["path"], "file": ["path"], "filename": ["path"], "data_dir": ["path"],
    "val": ["validation"], "val_size": ["validation"], "valid": ["validation"],
    "validation_split": ["validation"], "test_size": ["test"], "test_split": ["test"],
    "target": ["label", "labels"], "target_column": ["label"], "y": ["labels", "label"],
    "x": ["features"], "delimiter": ["separator"], "sep": ["separator"],
    "seq_len": ["length"], "sequence_length": ["length"], "n_samples": ["training"],
    "num_classes": ["classes"], "centers": ["classes"], "n_features": ["dimension", "inputs"],
    "random_crop": ["crop"], "horizontal_flip": ["flip"], "random_flip": ["flip"],
    "normalize": ["normalization"], "T": ["length", "delay"], "type": ["name"],
  ])

  /// Models by other names.
  static let models = Synonyms(
    [
      "mlp-classifier": ["mlp"], "dense": ["mlp"], "fully-connected": ["mlp"], "ffn": ["mlp"],
      "sequential": ["layers"], "custom": ["layers"], "cnn": ["2c2d"], "allcnnc": ["all-cnn-c"],
      "all-cnn": ["all-cnn-c"], "variational-autoencoder": ["vae"], "autoencoder": ["vae"],
      "rnn": ["elman"], "simple-rnn": ["elman"], "char-rnn": ["char-lstm"],
      "transformer": ["char-transformer"], "gpt": ["char-transformer"],
      "nano-gpt": ["char-transformer"],
    ])

  /// Test functions by other names.
  static let functions = Synonyms([
    "rosen": ["rosenbrock"], "banana": ["rosenbrock"], "quadratic-bowl": ["quadratic"],
    "sphere": ["quadratic"], "styblinski": ["styblinski-tang"],
    "logistic": ["logistic-regression"], "chebyshev-rosenbrock": ["chebyshev"],
  ])

  /// Options of functions.
  static let functionOptions = Synonyms([
    "dim": ["dimension"], "d": ["dimension"], "n": ["dimension"], "ndim": ["dimension"],
    "condition_number": ["condition"], "kappa": ["condition"], "spectrum": ["eigenvalues"],
    "noise_std": ["gradient_noise"], "sigma": ["gradient_noise"], "type": ["name"],
  ])
}
