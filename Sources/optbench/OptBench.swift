import ArgumentParser

@main
struct OptBench: ParsableCommand {}
