internal import Settings
internal import Tensors

/// How weight decay λ enters a rule.
enum WeightDecay {
  case none
  /// L2 regularisation: g ← g + λθ before the rule sees the gradient.
  case coupled(Double)
  /// θ ← θ − ηλθ beside the rule, which never sees it (Loshchilov & Hutter, 2019; with the learning
  /// rate as a factor, as PyTorch, Keras and Optax do it).
  case decoupled(Double)

  /// λ in its coupled form; none for λ = 0.
  static func l2(_ strength: Double) -> WeightDecay {
    strength == 0 ? .none : .coupled(strength)
  }

  /// λ in its decoupled form; none for λ = 0.
  static func beside(_ strength: Double) -> WeightDecay {
    strength == 0 ? .none : .decoupled(strength)
  }

  /// The form that `decoupled_weight_decay` asks for.
  static func chosen(in options: Hyperparameters) -> WeightDecay {
    let strength = options.number("weight_decay")
    return options.boolean("decoupled_weight_decay") ? beside(strength) : l2(strength)
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
struct CoupledDecay: DecayTerms {
  let parameters: UnsafePointer<Float>
  let strength: Lanes

  @inline(__always)
  func gradient(_ gradient: Lanes, at place: some LanePlace) -> Lanes {
    gradient + strength * place.load(parameters)
  }

  @inline(__always)
  func update(_ update: Lanes, at place: some LanePlace) -> Lanes { update }
}

/// u − ηλθ.
struct DecoupledDecay: DecayTerms {
  let parameters: UnsafePointer<Float>
  /// ηλ.
  let shrinkage: Lanes

  @inline(__always)
  func gradient(_ gradient: Lanes, at place: some LanePlace) -> Lanes { gradient }

  @inline(__always)
  func update(_ update: Lanes, at place: some LanePlace) -> Lanes {
    update - shrinkage * place.load(parameters)
  }
}
