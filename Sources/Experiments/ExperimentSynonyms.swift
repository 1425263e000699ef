internal import Settings

extension Synonyms {
  /// The keys of an experiment file in the words of training scripts.
  static let experimentKeys = Synonyms(
    [
      "lr": ["learning_rate"], "lrs": ["learning_rate"], "learning_rates": ["learning_rate"],
      "base_lr": ["learning_rate"], "optimizer": ["optimizers"], "optim": ["optimizers"],
      "methods": ["optimizers"], "problem": ["problems"], "tasks": ["problems"],
      "workloads": ["problems"], "scheduler": ["schedule"], "lr_scheduler": ["schedule"],
      "schedules": ["schedule"], "learning_rate_schedule": ["schedule"], "seed": ["seeds"],
      "random_seed": ["seeds"], "n_seeds": ["seeds"], "num_seeds": ["seeds"], "repeats": ["seeds"],
      "trials": ["seeds"], "clip": ["clipping"], "clippings": ["clipping"],
      "gradient_clipping": ["clipping"], "grad_clip": ["clipping"], "clips": ["clipping"],
      "evaluation": ["evaluate"], "validation": ["evaluate"], "logging": ["record"],
      "early_stopping": ["stop"], "version": ["optbench"], "format": ["optbench"],
      "description": ["title"], "experiment": ["name"], "id": ["name"],
      "references": ["published"], "sweep": ["grid"], "search": ["grid"],
      "hyperparameters": ["grid"], "search_space": ["grid"],
    ],
    advice: [
      "epochs": "write budget: {epochs: 10}", "num_epochs": "write budget: {epochs: 10}",
      "max_epochs": "write budget: {epochs: 10}", "n_epochs": "write budget: {epochs: 10}",
      "steps": "write budget: {steps: 1000}", "num_steps": "write budget: {steps: 1000}",
      "max_steps": "write budget: {steps: 1000}", "iterations": "write budget: {steps: 1000}",
      "num_iterations": "write budget: {steps: 1000}", "iters": "write budget: {steps: 1000}",
      "max_iter": "write budget: {steps: 1000}", "n_steps": "write budget: {steps: 1000}",
      "train_steps": "write budget: {steps: 1000}", "updates": "write budget: {steps: 1000}",
      "time_limit": "write budget: {steps: 1000, time_limit_seconds: 60}",
      "gradient_evaluations": "write budget: {gradient_evaluations: 1000}",
      "eval_every": "write evaluate: {every: 100}", "eval_interval": "write evaluate: {every: 100}",
      "eval_steps": "write evaluate: {every: 100}", "log_every": "write evaluate: {every: 100}",
      "patience": "write stop: {patience: 5}",
      "explosion_factor": "write outcomes: {explosion_factor: 1000}",
      "max_grad_norm": "write clipping: [{name: global-norm, max_norm: 1.0}]",
      "global_clipnorm": "write clipping: [{name: global-norm, max_norm: 1.0}]",
      "clip_grad_norm_": "write clipping: [{name: global-norm, max_norm: 1.0}]",
      "gradient_clip_val": "write clipping: [{name: global-norm, max_norm: 1.0}]",
      "clipnorm": "write clipping: [{name: per-tensor-norm, max_norm: 1.0}]",
      "clipvalue": "write clipping: [{name: value, max_value: 1.0}]",
      "agc": "write clipping: [adaptive]",
      "weight_decay":
        "it is an optimizer's option: optimizers: [{name: adamw, weight_decay: 0.01}]",
      "momentum": "it is an optimizer's option: optimizers: [{name: sgd, momentum: 0.9}]",
      "betas": "it is an optimizer's option: optimizers: [{name: adam, betas: [0.9, 0.999]}]",
      "warmup_steps": "it is a schedule's option: schedule: {name: cosine, warmup_steps: 100}",
      "batch_size": "it belongs to a problem, beside its dataset and model",
      "dataset": "it belongs to a problem: problems: [{name: mine, dataset: …, model: …, …}]",
      "model": "it belongs to a problem: problems: [{name: mine, dataset: …, model: …, …}]",
      "loss": "it belongs to a problem: problems: [{name: mine, dataset: …, model: …, …}]",
      "target": "it belongs to a problem, beside its dataset and model",
      "jobs": "it is an option of the command: optbench run FILE --jobs 2",
      "output": "it is an option of the command: optbench run FILE --output F",
      "device": "training runs on the CPU; leave it out",
    ])

  /// The keys below `budget`, `evaluate`, `outcomes`, `stop` and `record`.
  static let experimentSubkeys = Synonyms([
    "num_steps": ["steps"], "max_steps": ["steps"], "iterations": ["steps"], "iters": ["steps"],
    "n_steps": ["steps"], "updates": ["steps"], "max_iter": ["steps"],
    "num_iterations": ["steps"], "epoch": ["epochs"], "num_epochs": ["epochs"],
    "max_epochs": ["epochs"], "n_epochs": ["epochs"], "evaluations": ["gradient_evaluations"],
    "gradients": ["gradient_evaluations"], "evals": ["gradient_evaluations"],
    "max_fun": ["gradient_evaluations"], "time_limit": ["time_limit_seconds"],
    "timeout": ["time_limit_seconds"], "seconds": ["time_limit_seconds"],
    "max_time": ["time_limit_seconds"], "interval": ["every"], "frequency": ["every"],
    "every_steps": ["every"], "steps": ["every"], "eval_every": ["every"],
    "every_n_steps": ["every"], "factor": ["explosion_factor"],
    "divergence_factor": ["explosion_factor"], "tolerance": ["gradient_tolerance"],
    "tol": ["gradient_tolerance"], "tolerance_grad": ["gradient_tolerance"],
    "grad_tol": ["gradient_tolerance"], "early_stopping": ["patience"],
    "trials": ["rates"], "n_trials": ["rates"], "max_rates": ["rates"], "seed": ["seeds"],
    "strategy": ["search"], "method": ["search"], "sampler": ["search"], "budget": ["settings"],
    "samples": ["settings"], "points": ["settings"], "draws": ["settings"],
    "options": ["axes"], "hyperparameters": ["axes"], "search_space": ["axes"],
    "parameters": ["axes"], "per_layer": ["per_tensor"], "tensors": ["per_tensor"],
    "layers": ["per_tensor"],
  ])

  /// The options under `tuning.axes`.
  static let searchedOptions = Synonyms([
    "warmup": ["warmup_steps"], "warm_up": ["warmup_steps"], "wd": ["weight_decay"],
    "decay": ["weight_decay"], "beta": ["betas", "momentum"], "beta1": ["betas", "momentum"],
    "beta2": ["betas"], "clip": ["max_norm", "max_value", "threshold"],
    "clipping": ["max_norm", "max_value", "threshold"],
    "max_grad_norm": ["max_norm"], "clip_threshold": ["max_norm", "max_value", "threshold"],
  ])
}
