public import Settings

/// All learning-rate schedules that an experiment file can name.
public let scheduleCatalog = Catalog<any Schedule>(
  kind: "schedule", synonyms: .schedules, optionSynonyms: .scheduleOptions,
  [
    .constant,
    .step, .multiStep, .exponential, .inverseTime, .polynomial, .linear,
    .cosine, .cosineRestarts, .warmupStableDecay, .oneCycle,
    .inverseSqrt, .noam,
    .reduceOnPlateau,
  ])
