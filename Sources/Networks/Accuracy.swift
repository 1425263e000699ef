/// The rows whose largest output is the label's.
///
/// Of equal outputs the first counts, as in NumPy. A row with a NaN is wrong whatever its label.
///
/// - Parameters:
///   - outputs: `[rows, classes]`, row-major.
///   - labels: A class from 0 for each row.
func correctPredictions(
  outputs: UnsafePointer<Float>, labels: UnsafePointer<Int32>, rows: Int, classes: Int
) -> Int {
  var correct = 0
  for row in 0..<rows {
    let z = outputs + row * classes
    let label = Int(labels[row])
    let chosen = z[label]
    var isBest = true
    // A comparison with NaN is false.
    for column in 0..<classes {
      isBest = (column < label ? z[column] < chosen : z[column] <= chosen) && isBest
    }
    if isBest { correct += 1 }
  }
  return correct
}
