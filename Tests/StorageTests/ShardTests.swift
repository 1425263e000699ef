import Foundation
import Records
import Storage
import Testing

/// Two shards of one experiment, and what does not fit together in them.
@Suite struct ShardTests {
  private let folder: TemporaryFolder
  private let sample = SampleExperiment()
  private var path: String { folder.file("sample.h5") }

  init() throws { folder = try TemporaryFolder() }

  private func shard(_ index: Int) throws -> ShardArchive {
    try ShardArchive(try #require(Shard(index: index, of: 2)), of: path, header: sample.header)
  }

  private func keep(_ runs: [RunRecord], in shard: ShardArchive) throws {
    for run in runs { try shard.keep(run) }
    try shard.publish(order: sample.order)
  }

  @Test func aRunThatTwoShardsHoldMustBeTheSame() throws {
    try keep(Array(sample.runs[0..<3]), in: shard(0))
    var other = Array(sample.runs[2..<5])
    try keep(other, in: shard(1))
    do {
      let archive = try RunArchive(path: path, header: sample.header)
      var merger = ShardMerger(into: path, header: sample.header)
      try merger.gather(into: archive)
      #expect(try archive.finishedRuns() == Set(sample.order.prefix(5)))
    }
    other[0].spikes += 1
    try FileManager.default.removeItem(atPath: folder.file("sample.shards/1-of-2.h5"))
    try keep(other, in: shard(1))
    let archive = try RunArchive(path: folder.file("other.h5"), header: sample.header)
    var merger = ShardMerger(into: path, header: sample.header)
    let error = #expect(throws: StorageError.self) { try merger.gather(into: archive) }
    #expect(error?.kind == .otherSpec)
    #expect(error?.detail.contains("'\(other[0].key.run)' on digits is not the same") == true)
    #expect(try folder.names(in: "sample.shards") == ["0-of-2.h5", "1-of-2.h5"])
  }

  @Test func theResultsRunsCountAsFinishedAndARunsShardsGoOnceItHoldsThem() throws {
    try keep(Array(sample.runs[0..<3]), in: shard(0))
    do {
      let archive = try RunArchive(path: path, header: sample.header)
      var merger = ShardMerger(into: path, header: sample.header)
      try merger.gather(into: archive)
      try archive.publish(order: sample.order)
      try merger.removeGathered(from: archive)
    }
    #expect(try folder.names() == ["sample.h5"])
    let next = try shard(1)
    #expect(try next.finishedRuns() == Set(sample.order.prefix(3)))
    expectSame(try #require(try next.runs([sample.order[1]]).first), sample.runs[1])
    try keep([sample.runs[3]], in: next)
    #expect(
      try next.runs([sample.order[3], sample.order[0], sample.order[4]]).map(\.key)
        == [sample.order[3], sample.order[0]])
    // Another result takes its place meanwhile.
    do {
      let archive = try RunArchive(path: path, header: sample.header)
      try archive.keep(sample.runs[4])
      try archive.publish(order: sample.order)
    }
    let error = #expect(throws: StorageError.self) { try next.runs([sample.order[0]]) }
    #expect(error?.kind == .inUse)
  }
}
