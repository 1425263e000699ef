/// A layer at work that computes through time, and can say how the gradient flowed back through it.
protocol ThroughTime: LayerComputation {
  /// ‖∂L/∂h_t‖ of the last backward pass for each time step t: the norm over the batch's examples
  /// and the hidden units, with L the mean loss of the batch and the derivative a total one, through
  /// all later time steps. What vanishes or explodes in Pascanu, Mikolov & Bengio (2013).
  func hiddenGradientNorms() -> [Double]
}
