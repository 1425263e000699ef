public import Settings

/// All optimizers that an experiment file can name, in the order of the reports.
///
/// Option names and defaults are PyTorch's; each entry's first option is `learning_rate`, which the
/// run's learning-rate grid replaces.
public let optimizerCatalog = Catalog<any Optimizer>(
  kind: "optimizer", synonyms: .optimizers, optionSynonyms: .optimizerOptions,
  [
    .sgd, .momentum, .nesterov, .asgd, .signsgd, .signum, .lion,
    .rprop, .adagrad, .adadelta, .rmsprop,
    .adam, .adamw, .adamax, .nadam, .radam, .adabelief, .yogi, .adan, .adopt, .spam,
    .frozenAdam,
    .lars, .lamb, .stableadamw, .adafactor, .dadaptAdam, .prodigy,
    .muon, .shampoo, .soap, .cudap,
    .scheduleFreeSGD, .scheduleFreeAdamW, .sophiaG, .sam, .asam, .lookahead, .lbfgs,
  ])
