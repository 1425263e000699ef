public import Settings
public import Tensors

/// The distribution of the noise on a gradient element: symmetric about 0, of unit scale.
public protocol NoiseDistribution: Sendable {
  /// The distribution in a phrase.
  var summary: String { get }

  /// The next number of a stream.
  func draw(from stream: inout RandomStream) -> Double
}

/// The distributions of gradient noise that a function can name.
public enum NoiseDistributions {
  public static let catalog = Catalog<any NoiseDistribution>(
    kind: "noise", [NormalNoise.entry, StudentNoise.entry, StableNoise.entry])
}

/// Standard normal noise, independent for each element and step: white noise with the variance 1.
struct NormalNoise: NoiseDistribution {
  var summary: String { "normal" }

  func draw(from stream: inout RandomStream) -> Double { stream.normal() }

  static let entry = CatalogEntry<any NoiseDistribution>(
    name: "normal", summary: "white noise of variance 1", reference: "", hyperparameters: []
  ) { _ in NormalNoise() }
}

/// Student's t with ν degrees of freedom: the variance is ν/(ν − 2) for ν > 2 and infinite below, the
/// mean 0 for ν > 1; ν = 1 is the Cauchy distribution, without a mean.
///
/// t = √(ν(u^(−2/ν) − 1))·cos(2πv) for uniform u in (0, 1] and v (Bailey, 1994).
struct StudentNoise: NoiseDistribution {
  let degreesOfFreedom: Double

  var summary: String { "Student's t with \(numberLabel(degreesOfFreedom)) degrees of freedom" }

  func draw(from stream: inout RandomStream) -> Double {
    let radius = 1 - stream.uniform()
    let angle = 2 * Double.pi * stream.uniform()
    let tail = power(radius, -2 / degreesOfFreedom) - 1
    return (degreesOfFreedom * tail).squareRoot() * cosine(angle)
  }

  static let entry = CatalogEntry<any NoiseDistribution>(
    name: "student-t", summary: "heavy tails that fall like |z|^(−ν−1)",
    reference: "Student (1908); Bailey (1994)",
    hyperparameters: [
      Hyperparameter(
        "degrees_of_freedom", .number(.positive), default: .number(3),
        "ν; the variance is finite above 2, the mean above 1")
    ]
  ) { StudentNoise(degreesOfFreedom: $0.number("degrees_of_freedom")) }
}

/// The symmetric α-stable distribution with the characteristic function exp(−|t|^α): the variance is
/// infinite for α < 2, the mean 0 for α > 1; α = 1 is the Cauchy distribution, α = 2 the normal one
/// with the variance 2. The model of gradient noise of Şimşekli, Sagun & Gürbüzbalaban (2019).
///
/// z = sin(αφ)/cos(φ)^(1/α)·(cos((1 − α)φ)/w)^((1 − α)/α) for φ uniform in (−π/2, π/2) and w
/// exponential (Chambers, Mallows & Stuck, 1976).
struct StableNoise: NoiseDistribution {
  let alpha: Double

  var summary: String { "\(numberLabel(alpha))-stable" }

  func draw(from stream: inout RandomStream) -> Double {
    let angle = Double.pi * (stream.uniform() - 0.5)
    let exponential = -logarithm(1 - stream.uniform())
    // The angle −π/2 and the exponential 0 have probability 2⁻⁵³: the least positive number instead.
    let breadth = max(cosine(angle), .leastNormalMagnitude)
    let waiting = max(exponential, .leastNormalMagnitude)
    return sine(alpha * angle) / power(breadth, 1 / alpha)
      * power(cosine((1 - alpha) * angle) / waiting, (1 - alpha) / alpha)
  }

  static let entry = CatalogEntry<any NoiseDistribution>(
    name: "alpha-stable", summary: "heavy tails that fall like |z|^(−α−1)",
    reference: "Chambers, Mallows & Stuck (1976); Şimşekli et al. (2019)",
    hyperparameters: [
      Hyperparameter(
        "alpha", .number(NumberRange(lower: 0.1, upper: 2)), default: .number(1.5),
        "α; the variance is finite at 2 only, the mean above 1")
    ]
  ) { StableNoise(alpha: $0.number("alpha")) }
}
