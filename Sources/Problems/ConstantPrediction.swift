import Networks
import Tensors

extension Loss {
  /// The loss of the best constant prediction on a data set's training examples.
  func constantLoss(over dataset: Dataset) -> Double {
    let set = dataset.training
    let outputs = reconstructsInput ? set.table.width : dataset.targets.outputs
    var sums = [Double](repeating: 0, count: outputs)
    var squares = sums
    var features = [Float](repeating: 0, count: set.table.width)
    var labels = [Int32](repeating: 0, count: set.table.hasValues ? 0 : set.table.targetWidth)
    var values = [Float](repeating: 0, count: set.table.hasValues ? set.table.targetWidth : 0)
    var predictions = 0
    for example in 0..<set.count {
      // Inputs, the larger part by far, are not touched where targets are what is predicted.
      if reconstructsInput {
        set.gather(example..<example + 1, features: &features, labels: nil, values: nil)
      } else {
        set.gather(example..<example + 1, features: nil, labels: &labels, values: &values)
      }
      for label in labels where !reconstructsInput {
        sums[Int(label)] += 1
        squares[Int(label)] += 1
      }
      let numbers = reconstructsInput ? features : values
      for (index, number) in numbers.enumerated() {
        sums[index % outputs] += Double(number)
        squares[index % outputs] += Double(number) * Double(number)
      }
      predictions += !reconstructsInput && !labels.isEmpty ? labels.count : numbers.count / outputs
    }
    let count = Double(predictions)
    return constantLoss(means: sums.map { $0 / count }, meanSquares: squares.map { $0 / count })
  }
}
