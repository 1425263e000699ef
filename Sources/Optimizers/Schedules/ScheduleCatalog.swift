public import Settings

/// All learning-rate schedules that an experiment file can name.
public let scheduleCatalog = Catalog<any Schedule>(
  kind: "schedule",
  [
    .constant,
    .step,
    .cosine,
  ])
