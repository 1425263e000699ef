/// The colours and lines of figures, in light and dark.
///
/// The colours of series are those that Okabe and Ito (2008) chose to be told apart with any kind of
/// colour vision, without the yellow, which white paper swallows; black is white on dark. Dashes and
/// markers say the same again, for print in grey.
enum SVGStyle {
  /// Light and dark.
  static let colours = [
    ("#222222", "#eeeeee"), ("#0072b2", "#4aa8e0"), ("#d55e00", "#f08040"),
    ("#009e73", "#2fc79a"), ("#cc79a7", "#e29ac4"), ("#b07a00", "#e6b030"),
    ("#56b4e9", "#8fd0f5"),
  ]
  static let dashes = ["", "7 3", "2 2.5", "9 3 2 3", "4 2"]

  private static let outcomes: [(name: String, light: String, dark: String)] = [
    ("completed", "#7fc9b0", "#2c8f71"), ("useless", "#d8d8d8", "#949494"),
    ("stopped", "#9fd3f2", "#2b6f99"), ("worse", "#e69f00", "#c98a00"),
    ("exploded", "#d55e00", "#d55e00"), ("nonfinite", "#1a1a1a", "#f2f2f2"),
    ("missing", "#ffffff", "#161b22"),
  ]

  /// White to dark in nine steps.
  private static let failure = [
    "#fff7ef", "#fee6cf", "#fdd0a8", "#fdb27b", "#f6924e", "#e6701f", "#c85508", "#9c4006",
    "#6b2b04",
  ]
  private static let loss = [
    "#f4f8fc", "#dfebf6", "#c4dbee", "#9fc6e2", "#73abd3", "#4a8fc2", "#2b72ab", "#17558c",
    "#0a3866",
  ]

  /// What bars, scatters and plots at stops need beside `sheet`.
  static let more = """
    .whisker{fill:none;stroke-width:1.1;opacity:.55}.rim{fill:none;stroke-width:1.1}.other{fill:none;stroke:#555;stroke-width:1.1}\
    .band{fill:#888}.o-useful{fill:#7fc9b0}.o-failed{fill:#d55e00}\
    .halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}\
    @media (prefers-color-scheme:dark){.other{stroke:#aaa}.halo{stroke:#0d1117}.o-useful{fill:#2c8f71}}
    """

  static let sheet: String = {
    let light =
      colours.enumerated().map { ".c\($0){stroke:\($1.0)}.f\($0){fill:\($1.0)}" }
      + outcomes.map { ".o-\($0.name){fill:\($0.light)}" }
    let dark =
      colours.enumerated().map { ".c\($0){stroke:\($1.1)}.f\($0){fill:\($1.1)}" }
      + outcomes.map { ".o-\($0.name){fill:\($0.dark)}" }
    let dashing = dashes.enumerated().filter { !$0.element.isEmpty }
      .map { ".d\($0.offset){stroke-dasharray:\($0.element)}" }
    let shades = ["failure": failure, "loss": loss].sorted { $0.key < $1.key }.flatMap {
      name, list in
      list.enumerated().map { ".h-\(name)\($0.offset){fill:\($0.element)}" }
    }
    return """
      text{font:11px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;fill:#222}\
      .title{font-size:14px;font-weight:600}.panel{font-weight:600}.tick,.small{font-size:10px;fill:#555}.small{font-size:8.5px}\
      .middle{text-anchor:middle}.end{text-anchor:end}.dark{font-size:10px;fill:#222}.light{font-size:10px;fill:#fff}\
      .paper{fill:#fff}.grid{stroke:#e4e4e4;fill:none}.frame{fill:none;stroke:#aaa}.strip{fill:#f4f1ee}\
      .level{stroke:#777;stroke-dasharray:1.5 2.5;fill:none}.l{fill:none;stroke-width:1.7}.b{opacity:.13}\
      .x{fill:none;stroke-width:1.6}.ink{stroke:#222}.chosen{fill:none;stroke:#222;stroke-width:1.2}\
      .mark{fill:none;stroke:#fff;stroke-width:1.1}.o-missing{stroke:#bbb;stroke-width:.6}.h-none{fill:#eee}\
      .c-rest{stroke:#b5b5b5}.f-rest{fill:#b5b5b5}
      """ + (light + dashing + shades).joined() + """
        @media (prefers-color-scheme:dark){text{fill:#e6e6e6}.tick,.small{fill:#aaa}.dark{fill:#222}.light{fill:#fff}\
        .paper{fill:#0d1117}.grid{stroke:#2a3038}.frame{stroke:#555}.strip{fill:#191f27}.level{stroke:#999}.ink,.chosen{stroke:#e6e6e6}\
        .b{opacity:.2}.h-none{fill:#333}.c-rest{stroke:#666}.f-rest{fill:#666}
        """ + dark.joined() + "}"
  }()
}
