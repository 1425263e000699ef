import Optimizers
import Settings
import Testing

/// Clipping strategies as experiment files write them.
@Suite struct ClippingReadingTests {
  @Test(
    arguments: [
      ("none", "none", "[]"),
      ("{name: none}", "none", "[]"),
      ("{name: none, label: baseline}", "baseline", "[]"),
      ("global-norm", "global-norm(1)", #"[{"name":"global-norm","max_norm":1,"norm_type":2}]"#),
      (
        "{name: global-norm, max_norm: 0.5, norm_type: .inf}", "global-norm(0.5 norm_type=inf)",
        #"[{"name":"global-norm","max_norm":0.5,"norm_type":"inf"}]"#
      ),
      (
        "[{name: value, max_value: 0.1}, per-tensor-norm]", "value(0.1)+per-tensor-norm(1)",
        #"[{"name":"value","max_value":0.1},{"name":"per-tensor-norm","max_norm":1}]"#
      ),
      (
        "[{name: value, max_value: 0.1, label: both}, per-tensor-norm]", "both",
        #"[{"name":"value","max_value":0.1},{"name":"per-tensor-norm","max_norm":1}]"#
      ),
    ])
  func readsLabelAndOptions(text: String, label: String, json: String) throws {
    let strategy = try clipping(text)
    #expect(strategy.label == label)
    #expect(strategy.json == json)
  }

  @Test func noneIsTheEmptyStrategy() throws {
    #expect(try clipping("none").transforms.isEmpty)
    #expect(try clipping("none").choices.isEmpty)
    #expect(ClippingStrategy.none.transforms.isEmpty)
    #expect(ClippingStrategy.none.label == "none")
  }

  @Test(
    arguments: [
      ("globalnorm", "unknown clipping 'globalnorm'; did you mean 'global-norm'?"),
      ("{name: global-norm, maxnorm: 1}", "did you mean 'max_norm'?"),
      ("{name: global-norm, max_norm: 0}", "max_norm: 0 is out of range"),
      ("{name: global-norm, max_norm: -1}", "max_norm: -1 is out of range"),
      ("{name: global-norm, max_norm: .nan}", "max_norm: .nan is out of range"),
      ("{name: global-norm, max_norm: .inf}", "max_norm: .inf is out of range"),
      ("{name: global-norm, norm_type: 0}", "allowed: a finite number > 0, or .inf"),
      ("{name: global-norm, norm_type: .nan}", "norm_type: .nan is out of range"),
      ("{name: value, max_value: -0.5}", "max_value: -0.5 is out of range"),
      ("{name: per-tensor-norm, max_norm: large}", "expected a finite number > 0, found 'large'"),
      ("{max_norm: 1}", "the key 'name' is missing"),
      ("[]", "the list is empty; write none for no clipping"),
      ("[none, value]", "'none' stands alone"),
      ("[{name: value, label: a}, {name: value, label: b}]", "already has the label 'a'"),
      ("{name: value, label: ' '}", "cannot be a label"),
    ])
  func saysWhatIsWrong(text: String, part: String) {
    let error = #expect(throws: SettingsError.self) { try clipping(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "no error")")
  }
}
