internal import Settings
internal import Tensors

/// How weight decay λ enters a rule, and which tensors it reaches.
struct WeightDecay {
  enum Form {
    /// L2 regularisation: g ← g + λθ before the rule sees the gradient.
    case coupled
    /// θ ← θ − ηλθ beside the rule, which never sees it (Loshchilov & Hutter, 2019; with the
    /// learning rate as a factor, as PyTorch, Keras and Optax do it).
    case decoupled
    /// θ ← (θ + u)/(1 + ηλ): the proximal step on λ‖θ‖²/2 after the rule's update u.
    case proximal
    /// θ ← (1 − ηλ)(θ + u): the decoupled decay after the rule's update u.
    case subsequent
  }

  /// The tensors that decay.
  enum Scope: String, CaseIterable {
    case all
    /// Weights and embeddings; biases and the parameters of norms stay as they are.
    case weights
  }

  let form: Form
  /// λ.
  let strength: Double
  let scope: Scope

  static let none = WeightDecay(form: .coupled, strength: 0, scope: .all)

  private init(form: Form, strength: Double, scope: Scope) {
    self.form = form
    self.strength = strength
    self.scope = scope
  }

  /// `weight_decay` and `weight_decay_on` in the given form.
  init(_ form: Form, in options: Hyperparameters) {
    self.init(
      form: form, strength: options.number("weight_decay"),
      scope: Scope(rawValue: options.text("weight_decay_on")) ?? .all)
  }

  /// The form that `decoupled_weight_decay` asks for.
  static func chosen(in options: Hyperparameters) -> WeightDecay {
    WeightDecay(options.boolean("decoupled_weight_decay") ? .decoupled : .coupled, in: options)
  }

  /// Whether some tensors may decay and others not.
  var isPartial: Bool { strength != 0 && scope != .all }

  /// λ for one tensor.
  func strength(for tensor: ParameterTensor) -> Double {
    switch scope {
    case .all: strength
    case .weights: TensorSelection.weights.contains(tensor) ? strength : 0
    }
  }
}

/// What weight decay does to sixteen elements: to the gradient before the rule and to the update
/// after it.
protocol DecayTerms {
  func gradient(_ gradient: Lanes, at place: some LanePlace) -> Lanes
  func update(_ update: Lanes, at place: some LanePlace) -> Lanes
}

/// No weight decay: the parameters are not even read.
struct NoDecay: DecayTerms {
  @inline(__always)
  func gradient(_ gradient: Lanes, at place: some LanePlace) -> Lanes { gradient }

  @inline(__always)
  func update(_ update: Lanes, at place: some LanePlace) -> Lanes { update }
}

/// g + λθ.
struct GradientDecay: DecayTerms {
  let parameters: UnsafePointer<Float>
  /// λ.
  let strength: Lanes

  @inline(__always)
  func gradient(_ gradient: Lanes, at place: some LanePlace) -> Lanes {
    gradient + strength * place.load(parameters)
  }

  @inline(__always)
  func update(_ update: Lanes, at place: some LanePlace) -> Lanes { update }
}

/// u − ηλθ: decoupled decay.
struct DecoupledDecay: DecayTerms {
  let parameters: UnsafePointer<Float>
  /// ηλ.
  let shrinkage: Lanes

  init(strength: Double, step: OptimizerStep) {
    parameters = step.parameters
    shrinkage = Lanes(repeating: Float(step.learningRate * strength))
  }

  @inline(__always)
  func gradient(_ gradient: Lanes, at place: some LanePlace) -> Lanes { gradient }

  @inline(__always)
  func update(_ update: Lanes, at place: some LanePlace) -> Lanes {
    update - shrinkage * place.load(parameters)
  }
}

/// αu − σθ, with ηλ = s: the proximal step has α = 1/(1 + s) and σ = s/(1 + s), decay after the update
/// α = 1 − s and σ = s.
struct ParameterDecay: DecayTerms {
  let parameters: UnsafePointer<Float>
  let share: Lanes
  let shrinkage: Lanes

  init(_ form: WeightDecay.Form, strength: Double, step: OptimizerStep) {
    parameters = step.parameters
    let product = step.learningRate * strength
    let share: Double
    let shrinkage: Double
    switch form {
    case .coupled, .decoupled: (share, shrinkage) = (1, product)
    case .proximal: (share, shrinkage) = (1 / (1 + product), product / (1 + product))
    case .subsequent: (share, shrinkage) = (1 - product, product)
    }
    self.share = Lanes(repeating: Float(share))
    self.shrinkage = Lanes(repeating: Float(shrinkage))
  }

  @inline(__always)
  func gradient(_ gradient: Lanes, at place: some LanePlace) -> Lanes { gradient }

  @inline(__always)
  func update(_ update: Lanes, at place: some LanePlace) -> Lanes {
    share * update - shrinkage * place.load(parameters)
  }
}
