public import Settings

/// A name in the clipping catalog stands for transforms in order: for one, as a rule, and for none
/// in the case of `none`. An entry's first option is its threshold, which labels show.
public typealias ClippingEntry = CatalogEntry<[any StepTransform]>

/// All clips that an experiment file can name, in the order of the reports.
public let clippingCatalog = Catalog<[any StepTransform]>(
  kind: "clipping", synonyms: .clipping, optionSynonyms: .clippingOptions,
  [
    .none,
    .value, .perTensorNorm, .globalNorm, .blockRMS, .coordinate, .acclip, .adaptive,
    .autoClip, .zClip,
    .updateRMS, .cautious, .maxNorm, .range,
    .directionConstraint, .centralize, .normalize, .noise,
    .skipNonfinite, .skipLarge, .zeroNonfinite,
  ])

extension ClippingEntry {
  static var none: Self {
    ClippingEntry(
      name: "none", summary: "the gradient as it is", reference: "", hyperparameters: []
    ) { _ throws(HyperparameterError) in [] }
  }
}
