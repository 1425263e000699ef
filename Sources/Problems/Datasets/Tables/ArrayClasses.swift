/// The classes that arrays of labels say, those of training and test examples numbered alike.
struct ArrayClasses {
  /// The classes in each array, from 0.
  let labels: [[Int32]]
  let count: Int
  /// The classes of an example: 1, or one for each time step.
  let perExample: Int

  /// - Parameters:
  ///   - arrays: `[examples]` or `[examples, n]`, n the same in all.
  ///   - places: Where they come from, for errors.
  ///   - timeSteps: The time steps of an example, where it may have any.
  ///   - isOneHot: Whether n is the number of classes; nil where it is to be found out.
  init(
    _ arrays: [NumericArray], of places: [String], timeSteps: Int?, isOneHot: Bool?
  ) throws(ProblemError) {
    let width = arrays[0].shape.count > 1 ? arrays[0].shape[1] : 1
    var found: [[Int32]] = []
    for (array, place) in zip(arrays, places) {
      found.append(try array.classes(of: place, most: TableTask.mostClasses))
    }
    let asks = isOneHot ?? (width > 1 && width != timeSteps)
    let exception = asks ? Self.firstRowThatIsNotOneHot(found, width: width) : nil
    if isOneHot == true, let exception {
      throw ProblemError(
        file: places[exception.array],
        "row \(exception.row) is \(exception.values), not one-hot: a one and zeros")
    }
    if asks, exception == nil {
      labels = found.map { labels in
        stride(from: 0, to: labels.count, by: width).map { row in
          Int32(labels[row..<row + width].firstIndex(of: 1).map { $0 - row } ?? 0)
        }
      }
      perExample = 1
      count = width
      try Self.requireSeveral(Set(labels.joined()), place: places[0])
      return
    }
    let kinds = Set(found.joined())
    try Self.requireSeveral(kinds, place: places[0])
    let (least, greatest) = (kinds.min() ?? 0, kinds.max() ?? 0)
    let isFromOne = least == 1 && kinds.count == Int(greatest)
    if width == 1, !isFromOne, least == 1 || kinds.count * 2 < Int(greatest) + 1 {
      let absent = (0...greatest).filter { !kinds.contains($0) }
      throw ProblemError(
        file: places[0],
        "has \(kinds.count) different classes up to \(greatest), and none of "
          + "\(absent.prefix(3).map(String.init).joined(separator: ", "))\(absent.count > 3 ? ", …" : ""): "
          + "number them from 0, for example with numpy.unique(labels, return_inverse=True)[1]")
    }
    labels = isFromOne ? found.map { $0.map { $0 - 1 } } : found
    perExample = width
    count = Int(greatest) + (isFromOne ? 0 : 1)
  }

  private static func requireSeveral(_ kinds: Set<Int32>, place: String) throws(ProblemError) {
    guard kinds.count < 2 else { return }
    throw ProblemError(
      file: place,
      "has one class only, \(kinds.first ?? 0): there is nothing to learn; are these the labels?")
  }

  private static func firstRowThatIsNotOneHot(
    _ arrays: [[Int32]], width: Int
  ) -> (array: Int, row: Int, values: [Int32])? {
    for (index, labels) in arrays.enumerated() {
      for start in stride(from: 0, to: labels.count, by: width) {
        let row = labels[start..<start + width]
        guard row.allSatisfy({ $0 == 0 || $0 == 1 }), row.reduce(0, +) == 1 else {
          return (index, start / width, Array(row.prefix(20)))
        }
      }
    }
    return nil
  }
}

/// Throws if every example has the same `width` target values.
func requireChange(in values: [Float], width: Int, place: String) throws(ProblemError) {
  guard values.indices.allSatisfy({ values[$0] == values[$0 % width] }) else { return }
  throw ProblemError(
    file: place,
    "is \(values.prefix(min(width, 5)).map { "\($0)" }.joined(separator: ", ")) in every example: "
      + "there is nothing to learn; are these the targets?")
}
