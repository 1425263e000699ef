/// What a test problem is, as stored beside its runs.
public struct ProblemRecord: Sendable, Equatable {
  public var name: String
  /// One line for people: data, model, loss, batch size.
  public var summary: String
  /// SHA-256 of everything that defines the problem.
  public var digest: String
  /// The file or folder of the data as the experiment file names it, `bundled`, or empty where there
  /// is none.
  public var dataPlace: String
  /// SHA-256 of the examples, their shape and split; empty where there are none, and in files from
  /// before it was stored.
  public var dataDigest: String
  /// 0 where it is not known.
  public var parameterCount: Int
  /// The parameter layout as JSON: a list of `{"name", "shape", "role"}`.
  public var layout: String
  /// The greatest known lower bound of the loss.
  public var lowerBound: Double
  /// The loss of what knows nothing: of the best constant prediction, of a function at its start. NaN
  /// where there is none, and in files that do not say.
  public var referenceLoss: Double
  /// The problem's unit of loss: the least scale against which an explosion is judged.
  public var lossUnit: Double
  /// The metric of the target as in `EvaluationMetric`, or empty.
  public var targetMetric: String
  /// The value to reach: at least, for an accuracy; at most, for a loss. NaN without target.
  public var targetValue: Double
  /// The rule that set the target, for people.
  public var targetRule: String
  /// Updates that a full run makes.
  public var steps: Int
  /// Updates that pass over the training set once; 0 for a function.
  public var stepsPerEpoch: Int
  /// What recorded the runs where optbench did not train them, such as `tensorboard`; empty where it did.
  public var recordedBy = ""

  /// Whether the runs were trained by another program, of which only what it recorded is known.
  public var isRecorded: Bool { !recordedBy.isEmpty }

  public init(
    name: String, summary: String, digest: String, dataPlace: String = "",
    dataDigest: String = "", parameterCount: Int, layout: String, lowerBound: Double,
    referenceLoss: Double = .nan, lossUnit: Double, targetMetric: String, targetValue: Double,
    targetRule: String, steps: Int, stepsPerEpoch: Int
  ) {
    self.name = name
    self.summary = summary
    self.digest = digest
    self.dataPlace = dataPlace
    self.dataDigest = dataDigest
    self.parameterCount = parameterCount
    self.layout = layout
    self.lowerBound = lowerBound
    self.referenceLoss = referenceLoss
    self.lossUnit = lossUnit
    self.targetMetric = targetMetric
    self.targetValue = targetValue
    self.targetRule = targetRule
    self.steps = steps
    self.stepsPerEpoch = stepsPerEpoch
  }
}

/// Where and with what the runs were made.
public struct Provenance: Sendable, Equatable {
  public var optbenchVersion = ""
  public var gitRevision = ""
  public var swiftVersion = ""
  public var oneDNNVersion = ""
  public var hdf5Version = ""
  public var libcVersion = ""
  public var cpu = ""
  public var isa = ""
  public var kernel = ""
  public var cores = 0
  public var flushDenormals = true
  /// ISO 8601, UTC.
  public var created = ""

  public init() {}
}

/// What an experiment is, without its runs: the root of a result file.
public struct ExperimentHeader: Sendable, Equatable {
  /// The version of the file format that this program writes.
  public static let formatVersion = 1

  /// Whether `name` can be an experiment's: it names files and folders. Letters, digits, `-`, `_` and
  /// `.`, not first, up to 200 of them.
  public static func isName(_ name: String) -> Bool {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    return isPlain && !name.hasPrefix(".") && (1...200).contains(name.utf8.count)
  }

  public var name: String
  public var title: String
  /// The experiment file's text.
  public var spec: String
  /// SHA-256 of the canonical spec.
  public var specDigest: String
  public var provenance: Provenance
  /// The places at which the runs were made where these are several, as when an experiment has grown on
  /// another machine; empty where all were made at the one that `provenance` says.
  public var origins: [Provenance] = []
  /// The test problems in the spec's order.
  public var problems: [ProblemRecord]
  /// The runs that the spec plans, in the order in which they are stored.
  public var plannedRuns: Int
  /// Each of them; empty in files from before the plan was stored.
  public var plan: [PlanEntry] = []
  /// What each method makes of a fixed sequence of gradients; empty in files from before it was stored.
  public var updateTraces: [UpdateTrace] = []
  /// The claims that the experiment file made when the first runs were; a later one is not among them.
  public var statedClaims: [String] = []

  public init(
    name: String, title: String, spec: String, specDigest: String, provenance: Provenance,
    problems: [ProblemRecord], plannedRuns: Int, plan: [PlanEntry] = []
  ) {
    self.name = name
    self.title = title
    self.spec = spec
    self.specDigest = specDigest
    self.provenance = provenance
    self.problems = problems
    self.plannedRuns = plannedRuns
    self.plan = plan
  }
}

/// An experiment with its runs.
public struct ExperimentRecord: Sendable, Equatable {
  public var header: ExperimentHeader
  /// The runs, grouped by problem in the header's order; within one by optimizer, clipping,
  /// setting, seed as the plan lists them.
  public var runs: [RunRecord]

  public init(header: ExperimentHeader, runs: [RunRecord]) {
    self.header = header
    self.runs = runs
  }

  /// The runs of one problem.
  public func runs(of problem: String) -> [RunRecord] {
    runs.filter { $0.key.problem == problem }
  }
}
