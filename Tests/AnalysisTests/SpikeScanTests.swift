import Analysis
import Testing

@Suite struct SpikeScanTests {
  private let wave: [Float] = (0..<100).map { $0 % 2 == 0 ? 1.0 : 1.2 }

  @Test func aQuietRunHasNoSpikes() {
    let scan = SpikeScan(loss: wave, gradientNorm: wave)
    #expect(scan.spikes == 0)
    #expect(scan.firstStep == -1)
  }

  @Test func oneHighStepIsOneSpikeThatRecovers() {
    var loss = wave
    loss[50] = 3
    let scan = SpikeScan(loss: loss, gradientNorm: wave)
    #expect(scan.spikes == 1)
    #expect(scan.recovered == 1)
    #expect(scan.firstStep == 50)
  }

  @Test func theThresholdIsSixDeviations() {
    // The wave has mean 1.1 and deviation 0.1: 1.7 is the limit.
    var below = wave
    below[64] = 1.69
    var above = wave
    above[64] = 1.72
    #expect(SpikeScan(loss: below, gradientNorm: wave).spikes == 0)
    #expect(SpikeScan(loss: above, gradientNorm: wave).spikes == 1)
  }

  @Test func withoutDeviationTheThresholdIsSixHundredthsOfTheMean() {
    var below = [Float](repeating: 2, count: 100)
    var above = below
    below[64] = 2.119
    above[64] = 2.121
    #expect(SpikeScan(loss: below, gradientNorm: wave).spikes == 0)
    #expect(SpikeScan(loss: above, gradientNorm: wave).spikes == 1)
  }

  @Test func consecutiveHighStepsAreOneSpike() {
    var loss = wave
    for step in 50..<55 { loss[step] = 5 }
    #expect(SpikeScan(loss: loss, gradientNorm: wave).spikes == 1)
  }

  @Test func aSpikeInLossAndGradientAtOnceCountsOnce() {
    var both = wave
    both[70] = 9
    #expect(SpikeScan(loss: both, gradientNorm: both).spikes == 1)
  }

  @Test func aRiseThatStaysHasNotRecovered() {
    var loss = wave
    for step in 60..<100 { loss[step] = 50 }
    let scan = SpikeScan(loss: loss, gradientNorm: wave)
    #expect(scan.spikes == 1)
    #expect(scan.recovered == 0)
  }

  @Test func twoSpikesApartAreTwo() {
    var loss = wave
    loss[30] = 4
    loss[80] = 4
    let scan = SpikeScan(loss: loss, gradientNorm: wave)
    #expect(scan.spikes == 2)
    #expect(scan.recovered == 2)
  }

  @Test func aSmoothDescentAndRoundingAreNoSpikes() {
    let descent = (0..<200).map { Float(1) / Float($0 + 1) }
    var flat = [Float](repeating: 1, count: 200)
    flat[150] = 1.000_001
    #expect(SpikeScan(loss: descent, gradientNorm: flat).spikes == 0)
  }

  @Test func theScanEndsAtTheFirstNonfiniteValue() {
    var loss = wave
    loss[40] = .nan
    loss[60] = 9
    #expect(SpikeScan(loss: loss, gradientNorm: wave).spikes == 0)
    #expect(SpikeScan(loss: [], gradientNorm: []).spikes == 0)
  }

  @Test func theWindowBeforeASpikeHoldsSixteenStepsAtLeast() {
    var early = wave
    early[15] = 9
    #expect(SpikeScan(loss: early, gradientNorm: wave).spikes == 0)
    var later = wave
    later[16] = 9
    #expect(SpikeScan(loss: later, gradientNorm: wave).firstStep == 16)
  }

  /// The wave has mean 1.1 and deviation 0.1: 1.2 is the level to come back to, and 1.7 the limit.
  @Test(arguments: [(Float(1.15), 1), (1.25, 0)])
  func aSpikeHasRecoveredAtOneDeviationAboveTheMean(level: Float, recovered: Int) {
    var loss = wave
    loss[60] = 9
    for step in 61..<100 { loss[step] = level }
    let scan = SpikeScan(loss: loss, gradientNorm: wave)
    #expect(scan.spikes == 1 && scan.recovered == recovered)
  }
}
