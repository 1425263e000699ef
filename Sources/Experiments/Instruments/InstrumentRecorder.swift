internal import Records
internal import Tensors

/// Collects what instruments observe, in memory allocated once, before the first step.
struct InstrumentRecorder {
  private struct Track {
    let instrument: any Instrument
    /// The values of one step.
    let width: Int
    /// Those of all steps, step by step.
    let values: FloatBuffer
  }

  private let layout: ParameterLayout
  private let tracks: [Track]
  private(set) var steps = 0

  init(_ instruments: [any Instrument], layout: ParameterLayout, capacity: Int) {
    self.layout = layout
    tracks = instruments.map { instrument in
      let width = instrument.quantities.count * (instrument.isPerTensor ? layout.tensors.count : 1)
      return Track(
        instrument: instrument, width: width,
        values: FloatBuffer(count: width * max(capacity, 1), repeating: .nan))
    }
  }

  var isEmpty: Bool { tracks.isEmpty }

  mutating func record(_ step: StepView) {
    for track in tracks {
      track.instrument.observe(step, into: track.values.pointer + steps * track.width)
    }
    steps += 1
  }

  /// The series of the instruments that record one value a step, or of those that record one a tensor,
  /// in the rows of the given steps.
  func series(perTensor: Bool, rows: Range<Int>) -> [RecordedSeries] {
    tracks.filter { $0.instrument.isPerTensor == perTensor }.flatMap { track in
      let each = perTensor ? layout.tensors.count : 1
      return track.instrument.quantities.enumerated().map { index, quantity in
        RecordedSeries(
          quantity,
          rows.flatMap { row in
            let start = track.values.pointer + row * track.width + index * each
            return UnsafeBufferPointer(start: start, count: each)
          })
      }
    }
  }

  /// Goes on after `steps` steps at which `series` were recorded; those that are missing were NaN.
  mutating func resume(after steps: Int, from series: [RecordedSeries]) {
    self.steps = steps
    for track in tracks {
      let quantities = track.instrument.quantities
      let each = track.width / max(quantities.count, 1)
      for (index, quantity) in quantities.enumerated() {
        guard let values = series.first(where: { $0.quantity.name == quantity.name })?.values,
          values.count == steps * each
        else { continue }
        for row in 0..<steps {
          for place in 0..<each {
            track.values.pointer[row * track.width + index * each + place] =
              values[row * each + place]
          }
        }
      }
    }
  }
}
