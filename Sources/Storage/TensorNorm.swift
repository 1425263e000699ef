internal import Records

/// The norms recorded per tensor, in a flight and at every step.
enum TensorNorm: String, CaseIterable {
  case gradient = "gradient_norm"
  case update = "update_norm"
  case parameter = "parameter_norm"

  var variable: RunVariable {
    let quantity =
      switch self {
      case .gradient: "gradient before clipping"
      case .update: "applied update"
      case .parameter: "parameters after the step"
      }
    return RunVariable(
      name: rawValue, longName: "Euclidean norm of the tensor's part of the \(quantity)",
      units: "1")
  }

  var inFlight: WritableKeyPath<FlightRecording, [Float]> {
    switch self {
    case .gradient: \.gradientNorm
    case .update: \.updateNorm
    case .parameter: \.parameterNorm
    }
  }

  var inTensors: WritableKeyPath<TensorRecording, [Float]> {
    switch self {
    case .gradient: \.gradientNorm
    case .update: \.updateNorm
    case .parameter: \.parameterNorm
    }
  }
}
