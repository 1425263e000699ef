public import Settings

extension Synonyms {
  /// Optimizers in the words of PyTorch, Keras and Optax.
  static let optimizers = Synonyms(
    [
      "gd": ["sgd"], "gradient-descent": ["sgd"], "sgdm": ["momentum"], "heavy-ball": ["momentum"],
      "sgd-momentum": ["momentum"], "nag": ["nesterov"], "sgd-nesterov": ["nesterov"],
      "averaged-sgd": ["asgd"], "sign-sgd": ["signsgd"], "rms-prop": ["rmsprop"],
      "amsgrad": ["adam"], "adam-w": ["adamw"], "adamw-torch": ["adamw"],
      "adamw-hf": ["adamw"], "fused-adam": ["adam"], "adam-max": ["adamax"],
      "nadamw": ["nadam"], "rectified-adam": ["radam"], "l-bfgs": ["lbfgs"], "l-bfgs-b": ["lbfgs"],
      "bfgs": ["lbfgs"], "sophia": ["sophia-g"], "d-adaptation": ["dadapt-adam"],
      "dadaptation": ["dadapt-adam"], "dadapt-adamw": ["dadapt-adam"],
      "prodigyopt": ["prodigy"], "schedule-free": ["schedule-free-adamw"],
      "adamw-schedule-free": ["schedule-free-adamw"], "sgd-schedule-free": ["schedule-free-sgd"],
      "ada-factor": ["adafactor"], "stable-adam": ["stableadamw"], "ranger": ["lookahead"],
      "muon-adamw": ["muon"], "adaptive-sam": ["asam"],
    ])

  /// Options of optimizers, and what stands beside the optimizers in an experiment file.
  static let optimizerOptions = Synonyms(
    [
      "lr": ["learning_rate"], "base_lr": ["learning_rate"], "eta": ["learning_rate"],
      "step_size": ["learning_rate"], "alpha": ["learning_rate"],
      "max_lr": ["learning_rate"], "initial_learning_rate": ["learning_rate"],
      "wd": ["weight_decay"], "l2": ["weight_decay"], "l2_penalty": ["weight_decay"],
      "lambda": ["weight_decay", "lambd"], "decay": ["weight_decay"],
      "epsilon": ["eps"], "eps_root": ["eps"], "adam_eps": ["eps"],
      "beta": ["betas", "momentum"], "beta1": ["betas", "momentum"], "beta2": ["betas"],
      "beta_1": ["betas", "momentum"], "beta_2": ["betas"], "b1": ["betas"], "b2": ["betas"],
      "mu": ["momentum"], "mom": ["momentum"], "use_nesterov": ["nesterov"],
      "rho": ["alpha", "rho"], "decay_rate": ["alpha"], "gamma": ["alpha"], "discount": ["alpha"],
      "initial_accumulator_value": ["initial_accumulator"],
      "decoupled": ["decoupled_weight_decay"], "optimizer": ["base"], "base_optimizer": ["base"],
      "inner": ["base"], "sync_period": ["k"], "slow_step_size": ["alpha"],
      "memory_size": ["history_size"], "max_iterations": ["max_iter"], "name_": ["name"],
      "type": ["name"], "class": ["name"], "lr_scheduler": ["schedule"], "scheduler": ["schedule"],
    ],
    advice: [
      "params": "the problem's parameters are all trained; leave it out",
      "clipnorm": "clipping stands beside the optimizers: clipping: "
        + "[{name: per-tensor-norm, max_norm: 1.0}]",
      "global_clipnorm": Synonyms.globalNormAdvice, "max_grad_norm": Synonyms.globalNormAdvice,
      "gradient_clip_val": Synonyms.globalNormAdvice, "max_norm": Synonyms.globalNormAdvice,
      "grad_clip": Synonyms.globalNormAdvice,
      "clip": Synonyms.globalNormAdvice, "clipping": Synonyms.globalNormAdvice,
      "clipvalue": "clipping stands beside the optimizers: clipping: "
        + "[{name: value, max_value: 1.0}]",
      "warmup_steps": "the warm-up belongs to the schedule: schedule: "
        + "{name: constant, warmup_steps: 100}",
      "warmup":
        "the warm-up belongs to the schedule: schedule: {name: constant, warmup_steps: 100}",
      "foreach": "it only concerns speed in PyTorch; leave it out",
      "fused": "it only concerns speed in PyTorch; leave it out",
      "capturable": "it only concerns speed in PyTorch; leave it out",
      "differentiable": "it only concerns PyTorch's graphs; leave it out",
      "ema_momentum": "wrap it: {name: lookahead, base: …} keeps an average of the weights",
      "use_ema": "wrap it: {name: lookahead, base: …} keeps an average of the weights",
    ])

  private static let globalNormAdvice =
    "clipping stands beside the optimizers: clipping: [{name: global-norm, max_norm: 1.0}]"

  /// Clips in the words of PyTorch, Keras, Optax and the papers.
  static let clipping = Synonyms(
    [
      "clip_grad_norm_": ["global-norm"], "clip_grad_norm": ["global-norm"],
      "clip_by_global_norm": ["global-norm"], "global_clipnorm": ["global-norm"],
      "max_grad_norm": ["global-norm"], "gradient_clip_val": ["global-norm"],
      "grad_norm": ["global-norm"], "norm": ["global-norm"], "gradient-norm": ["global-norm"],
      "global": ["global-norm"], "l2": ["global-norm"], "clipnorm": ["per-tensor-norm"],
      "clip_by_norm": ["per-tensor-norm"], "per-layer-norm": ["per-tensor-norm"],
      "layer-norm": ["per-tensor-norm"], "per-parameter-norm": ["per-tensor-norm"],
      "clip_grad_value_": ["value"], "clip_grad_value": ["value"], "clip_by_value": ["value"],
      "clipvalue": ["value"], "clamp": ["value"], "elementwise": ["value"], "clip": ["value"],
      "agc": ["adaptive"], "adaptive_grad_clip": ["adaptive"],
      "adaptive_gradient_clipping": ["adaptive"], "unitwise": ["adaptive"],
      "clip_by_block_rms": ["block-rms"], "cclip": ["coordinate"], "acclip": ["accclip"],
      "auto-clip": ["autoclip"], "z-clip": ["zclip"], "update_clipping": ["update-rms"],
      "max_norm_constraint": ["max-norm"], "renorm": ["max-norm"], "weight-clipping": ["range"],
      "clip_weights": ["range"], "gradient-centralization": ["centralize"], "gc": ["centralize"],
      "gradient-noise": ["noise"], "add_noise": ["noise"],
      "normalized-gradient": ["normalize"], "normalize_gradient": ["normalize"],
      "ngd": ["normalize"], "apply_if_finite": ["skip-nonfinite"], "skip-nan": ["skip-nonfinite"],
      "zero_nans": ["zero-nonfinite"], "nan_to_num": ["zero-nonfinite"],
      "skip_large_updates": ["skip-large"], "off": ["none"], "no": ["none"], "identity": ["none"],
    ])

  /// Options of clips.
  static let clippingOptions = Synonyms([
    "clip_value": ["max_value"], "clipvalue": ["max_value"], "max": ["max_value", "max_norm"],
    "value": ["max_value"], "min": ["min_value"], "clip": ["max_norm", "max_value"],
    "max_delta": ["max_value"], "clipnorm": ["max_norm"], "global_clipnorm": ["max_norm"],
    "max_grad_norm": ["max_norm"], "clip_norm": ["max_norm"], "norm": ["max_norm"],
    "threshold": ["max_norm", "max_value", "clip_factor"], "p": ["norm_type"],
    "clipping": ["clip_factor"], "percentile": ["clip_percentile"], "epsilon": ["eps"],
    "window": ["history_size"], "z_threshold": ["z_thresh"], "scale": ["scale_factor"],
    "max_squared_norm": ["max_norm"], "type": ["name"],
  ])

  /// Learning-rate schedules in the words of PyTorch, Keras, Optax and Hugging Face.
  static let schedules = Synonyms([
    "ConstantLR": ["constant"], "none": ["constant"], "fixed": ["constant"],
    "constant_with_warmup": ["constant"], "warmup": ["constant"], "StepLR": ["step"],
    "MultiStepLR": ["multi-step"], "piecewise_constant": ["multi-step"],
    "PiecewiseConstantDecay": ["multi-step"], "ExponentialLR": ["exponential"],
    "ExponentialDecay": ["exponential"], "exponential_decay": ["exponential"],
    "InverseTimeDecay": ["inverse-time"], "PolynomialLR": ["polynomial"], "poly": ["polynomial"],
    "PolynomialDecay": ["polynomial"], "polynomial_schedule": ["polynomial"],
    "LinearLR": ["linear"], "linear_schedule": ["linear"], "linear_with_warmup": ["linear"],
    "CosineAnnealingLR": ["cosine"], "CosineDecay": ["cosine"], "cosine_decay": ["cosine"],
    "cosine_annealing": ["cosine"], "cosine_with_warmup": ["cosine"],
    "warmup_cosine_decay_schedule": ["cosine"], "CosineLR": ["cosine"],
    "CosineAnnealingWarmRestarts": ["cosine-restarts"], "CosineDecayRestarts": ["cosine-restarts"],
    "sgdr": ["cosine-restarts"], "sgdr_schedule": ["cosine-restarts"],
    "cosine_with_restarts": ["cosine-restarts"], "wsd": ["warmup-stable-decay"],
    "warmup_stable_decay": ["warmup-stable-decay"], "trapezoidal": ["warmup-stable-decay"],
    "OneCycleLR": ["one-cycle"], "onecycle": ["one-cycle"], "1cycle": ["one-cycle"],
    "cosine_onecycle_schedule": ["one-cycle"], "inverse_sqrt": ["inverse-sqrt"],
    "rsqrt": ["inverse-sqrt"], "NoamLR": ["noam"], "transformer": ["noam"],
    "ReduceLROnPlateau": ["reduce-on-plateau"], "plateau": ["reduce-on-plateau"],
  ])

  /// Options of schedules.
  static let scheduleOptions = Synonyms(
    [
      "eta_min": ["minimum", "min_lr"], "min_lr": ["minimum"], "end_value": ["minimum"],
      "min_learning_rate": ["minimum", "min_lr"], "alpha": ["minimum"],
      "end_learning_rate": ["minimum"], "T_max": ["steps", "total_iters", "total_steps"],
      "decay_steps": ["steps", "total_iters", "step_size"], "T0": ["T_0"], "Tmult": ["T_mult"],
      "total_steps": ["steps", "total_iters"], "total_iters": ["steps"],
      "num_training_steps": ["steps", "total_steps", "total_iters"],
      "warmup": ["warmup_steps"], "num_warmup_steps": ["warmup_steps"],
      "warmup_iters": ["warmup_steps"], "decay_rate": ["gamma"], "factor": ["gamma"],
      "boundaries": ["milestones"], "first_decay_steps": ["T_0"], "t_mul": ["T_mult"],
      "d_model": ["model_size"], "min_delta": ["threshold"], "epsilon": ["eps"],
      "type": ["name"],
    ],
    advice: [
      "last_epoch": "a schedule starts with its run; leave it out",
      "max_lr": "the greatest rate is the run's learning_rate; leave it out",
      "verbose": "leave it out: every step's learning rate is recorded",
    ])

  /// The names that cannot stand in a grid of hyperparameters, and those of optimizers' options.
  public static let gridOptions = Synonyms(
    advice: [
      "learning_rate": "the learning rate has a key of its own: learning_rate: [0.001, 0.01]",
      "lr": "the learning rate has a key of its own: learning_rate: [0.001, 0.01]",
      "schedule": "schedules have a key of their own: schedule: [constant, cosine]",
      "clipping": "clips have a key of their own: clipping: [none, global-norm]",
      "max_norm": "clips have a key of their own: clipping: [{name: global-norm, max_norm: 1.0}]",
    ]
  ).merging(optimizerOptions)

  /// The ends and the number of points of a grid.
  static let gridKeys = Synonyms([
    "min": ["from"], "start": ["from"], "low": ["from"], "lower": ["from"], "minimum": ["from"],
    "first": ["from"], "max": ["to"], "stop": ["to"], "end": ["to"], "high": ["to"],
    "upper": ["to"], "maximum": ["to"], "last": ["to"], "num": ["points"], "n": ["points"],
    "count": ["points"], "steps": ["points"], "number": ["points"],
  ])
}
