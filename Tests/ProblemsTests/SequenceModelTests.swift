import Networks
import Problems
import Settings
import Testing

@Suite("Models of sequences and codes")
struct SequenceModelTests {
  /// The parameters that PyTorch's layers of these sizes have.
  @Test(
    "have PyTorch's numbers of parameters",
    arguments: [
      ("{name: elman, units: 50}", "{name: temporal-order}", 50 * (6 + 50 + 2) + 51 * 4),
      ("{name: gru, units: 10, layers: 2}", "{name: temporal-order}", 30 * (18 + 22) + 11 * 4),
      ("{name: lstm, units: 8}", "{name: adding}", 32 * (2 + 8 + 2) + 9),
      ("{name: elman, units: 5}", "{name: digits}", 5 * (8 + 5 + 2) + 6 * 10),
      (
        "{name: vae, hidden: 20, latent: 3}", "{name: digits}",
        65 * 20 + 21 * 6 + 4 * 20 + 21 * 64
      ),
    ])
  func counts(model: String, dataset: String, count: Int) throws {
    let loss =
      model.contains("vae")
      ? "vae-elbo" : dataset.contains("adding") ? "mean-squared-error" : "cross-entropy"
    let problem = try spec(
      "name: p\ndataset: \(dataset)\nmodel: \(model)\nloss: \(loss)\nbatch_size: 10")
    #expect(problem.parameterCount == count)
  }

  @Test("say which data they need")
  func mismatches() {
    for (model, dataset, text) in [
      ("elman", "{name: temporal-order, encoding: codes}", "sequence [time, features]"),
      ("char-lstm", "{name: temporal-order}", "token ids"),
      ("{name: gru, output: all}", "{name: temporal-order}", "50 predictions"),
    ] {
      let error = #expect(throws: SettingsError.self) {
        try spec(
          "name: p\ndataset: \(dataset)\nmodel: \(model)\nloss: cross-entropy\nbatch_size: 10")
      }
      #expect(error?.description.contains(text) == true, "\(String(describing: error))")
    }
  }
}
