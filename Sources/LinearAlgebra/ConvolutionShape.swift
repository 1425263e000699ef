/// The sizes of a two-dimensional convolution (cross-correlation, as in PyTorch) of images that lie
/// `[rows, height, width, channels]`.
public struct ConvolutionShape: Equatable, Sendable {
  /// The input's height, width and channels.
  public let height: Int
  public let width: Int
  public let channels: Int
  public let outputChannels: Int
  /// The equal parts into which input and output channels fall, each convolved by itself.
  public let groups: Int
  /// Height and width of the window.
  public let window: Int
  public let stride: Int
  /// The zeros around an image: above it and left of it, below it and right of it.
  public let paddingTop: Int
  public let paddingLeft: Int
  public let paddingBottom: Int
  public let paddingRight: Int

  /// The sizes of a convolution in which each window meets the image.
  public init(
    height: Int, width: Int, channels: Int, outputChannels: Int, groups: Int, window: Int,
    stride: Int, paddingTop: Int, paddingLeft: Int, paddingBottom: Int, paddingRight: Int
  ) {
    self.height = height
    self.width = width
    self.channels = channels
    self.outputChannels = outputChannels
    self.groups = groups
    self.window = window
    self.stride = stride
    self.paddingTop = paddingTop
    self.paddingLeft = paddingLeft
    self.paddingBottom = paddingBottom
    self.paddingRight = paddingRight
    precondition(
      [height, width, channels, outputChannels, groups, window, stride].allSatisfy { $0 > 0 }
        && channels % groups == 0 && outputChannels % groups == 0
        && [paddingTop, paddingLeft, paddingBottom, paddingRight].allSatisfy {
          (0..<window).contains($0)
        }
        && height + paddingTop + paddingBottom >= window
        && width + paddingLeft + paddingRight >= window,
      "no convolution of \(self)")
  }

  public var outputHeight: Int { (height + paddingTop + paddingBottom - window) / stride + 1 }
  public var outputWidth: Int { (width + paddingLeft + paddingRight - window) / stride + 1 }

  /// The floats of one example that go in, and that come out.
  public var inputCount: Int { height * width * channels }
  public var outputCount: Int { outputHeight * outputWidth * outputChannels }
  /// The weights, `[outputChannels, channels / groups, window, window]`.
  public var weightCount: Int { outputChannels * (channels / groups) * window * window }
  /// The products of one pass over one example that are added up, padding counted.
  public var multiplyAdds: Int { outputHeight * outputWidth * weightCount }
}
