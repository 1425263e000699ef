internal import Digests
public import Records

extension ExperimentRecord {
  /// SHA-256 of everything reproducible in the experiment: equal for the same spec, binary and type
  /// of machine, however the runs were scheduled, interrupted or stored.
  ///
  /// Times, memory and provenance are left out, and the reference loss, which follows from what the
  /// problem's own digest covers.
  public var contentDigest: String {
    var digest = ExperimentDigest(header)
    for run in runs { digest.add(runDigest: run.contentDigest) }
    return digest.finish()
  }
}

/// What binds an experiment's name to its content. The name changes no run, and results that were
/// published under one content digest keep it, so that the name has a digest of its own.
func nameDigest(of name: String, contentDigest: String) -> String {
  var digest = Digest()
  digest.add("optbench name 1")
  digest.add(name)
  digest.add(contentDigest)
  return digest.finish()
}

/// The content digest of an experiment whose runs come one after the other.
struct ExperimentDigest: ~Copyable {
  private var digest = Digest()

  init(_ header: ExperimentHeader) {
    digest.add("optbench experiment 1")
    digest.add(header.specDigest)
    digest.add(header.problems.count)
    for problem in header.problems {
      digest.add(problem.name)
      digest.add(problem.digest)
      digest.add(problem.parameterCount)
      digest.add(problem.layout)
      digest.add(problem.lowerBound)
      digest.add(problem.lossUnit)
      digest.add(problem.targetMetric)
      digest.add(problem.targetValue)
      digest.add(problem.steps)
      digest.add(problem.stepsPerEpoch)
    }
  }

  mutating func add(runDigest: String) { digest.add(runDigest) }

  consuming func finish() -> String { digest.finish() }
}

extension RunRecord {
  /// SHA-256 of everything reproducible in the run: all but times and memory.
  ///
  /// A hyperparameter that the method does not have counts like one that is not named, a further
  /// series of zeros like one that was not recorded. Evaluations count in single precision.
  public var contentDigest: String {
    var digest = Digest()
    digest.add("optbench run 1")
    for text in [
      key.problem, key.run, optimizer, clipping, config, initialParametersDigest, dataOrderDigest,
      outcome.rawValue, failureTensor,
    ] { digest.add(text) }
    for number in [
      trial, seed, isDefaultLearningRate ? 1 : 0, failureStep, targetStep, firstAlarmStep,
      worstStep, spikes, spikesRecovered, nonfiniteGradients, Int(gradientEvaluations),
    ] { digest.add(number) }
    digest.add(baseLearningRate)
    for (name, value) in hyperparameters where !value.isNaN {
      digest.add(name)
      digest.add(value)
    }
    digest.add("trajectory")
    for series in trajectory.series { digest.add(series) }
    digest.add(trajectory.clipFired.count)
    trajectory.clipFired.withUnsafeBytes { digest.add($0) }
    for series in trajectory.further where !series.isZero {
      digest.add(series.quantity.name)
      digest.add(series.values)
    }
    digest.add("evaluations")
    digest.add(evaluations.steps)
    for values in evaluations.values { digest.add(values.map(Float.init)) }
    for count in evaluations.gradientEvaluations { digest.add(Int(count)) }
    if let flight, !flight.steps.isEmpty {
      digest.add("flight")
      digest.add(flight.steps)
      digest.add(names: flight.tensors)
      for values in [flight.gradientNorm, flight.updateNorm, flight.parameterNorm] {
        digest.add(values)
      }
    }
    if let tensors {
      digest.add("tensors")
      digest.add(names: tensors.tensors)
      for values in [tensors.gradientNorm, tensors.updateNorm, tensors.parameterNorm] {
        digest.add(values)
      }
    }
    return digest.finish()
  }
}

extension Digest {
  fileprivate mutating func add(names: [String]) {
    add(names.count)
    for name in names { add(name) }
  }
}
