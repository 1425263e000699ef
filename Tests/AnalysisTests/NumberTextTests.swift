import Reports
import Testing

@Suite struct NumberTextTests {
  @Test(arguments: [
    (0.0, "0"), (0.34567, "0.346"), (12.345, "12.3"), (1234.5, "1234"), (999.6, "1000"),
    (0.09996, "0.100"), (0.9996, "1.00"), (123_456, "123456"), (999_999.7, "1.00e6"),
    (1_234_567, "1.23e6"), (0.000123, "0.000123"), (0.0000123, "1.23e-5"), (-0.5, "-0.500"),
    (1e30, "1.00e30"), (.infinity, "∞"), (.nan, "nan"),
  ])
  func `three significant digits`(value: Double, text: String) {
    #expect(NumberText.significant(value) == text)
  }

  @Test(arguments: [
    (0.01, "0.01"), (0.00031622776601683794, "0.000316"), (1e-5, "1e-5"), (3.16e-6, "3.16e-6"),
    (1, "1"), (10, "10"), (100, "100"), (0.5, "0.5"),
  ])
  func `learning rates without trailing zeros`(value: Double, text: String) {
    #expect(NumberText.rate(value) == text)
  }

  @Test(arguments: [
    (0.0, "0%"), (1, "100%"), (0.042, "4.2%"), (0.0996, "10%"), (0.5, "50%"), (0.0004, "0.0%"),
  ])
  func `shares as percentages`(value: Double, text: String) {
    #expect(NumberText.percent(value) == text)
  }

  @Test(arguments: [
    (0.0, "0.0 s"), (0.349, "0.3 s"), (9.94, "9.9 s"), (9.95, "10 s"), (59.4, "59 s"),
    (59.5, "1 min 00 s"), (185, "3 min 05 s"), (3599.4, "59 min 59 s"), (3599.5, "1 h 00 min"),
    (7800, "2 h 10 min"), (359_999, "99 h 59 min"), (360_000, "4 days"),
    (1e300, "11574074074 days"),
    (-0.001, "0.0 s"), (.infinity, "unknown"), (.nan, "unknown"),
  ])
  func `lengths of time in the units that people read`(seconds: Double, text: String) {
    #expect(duration(seconds) == text)
  }

  @Test func `exact numbers read back as themselves`() {
    for value in [
      0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -2.5, 100, 1e16, 0.30000000000000004,
    ] {
      #expect(Double(NumberText.exact(value)) == value)
    }
    #expect(NumberText.exact(100) == "100")
    #expect(NumberText.exact(.infinity) == "inf" && NumberText.exact(.nan) == "nan")
  }

  @Test func `nothing is minus zero`() {
    #expect(NumberText.fixed(-0.001, digits: 2) == "0.00")
    #expect(NumberText.fixed(-0.01, digits: 2) == "-0.01")
  }

  @Test func `counts agree with their noun`() {
    #expect(NumberText.count(1, "run") == "1 run")
    #expect(NumberText.count(1_234_567, "run") == "1,234,567 runs")
  }
}
