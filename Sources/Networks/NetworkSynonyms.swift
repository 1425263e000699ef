public import Settings

extension Synonyms {
  /// Layers in the words of PyTorch, Keras and Flax.
  static let layers = Synonyms(
    [
      "linear": ["dense"], "fc": ["dense"], "fully-connected": ["dense"], "affine": ["dense"],
      "conv": ["convolution"], "conv1d": ["convolution"], "conv2d": ["convolution"],
      "conv2": ["convolution"],
      "convolution2d": ["convolution"], "batchnorm": ["batch-norm"], "batchnorm1d": ["batch-norm"],
      "batchnorm2d": ["batch-norm"], "batch_normalization": ["batch-norm"], "bn": ["batch-norm"],
      "layernorm": ["layer-norm"], "layer_normalization": ["layer-norm"], "ln": ["layer-norm"],
      "maxpool": ["max-pool"], "maxpool2d": ["max-pool"], "max_pooling2d": ["max-pool"],
      "max_pool2d": ["max-pool"], "max_pooling": ["max-pool"], "avgpool": ["average-pool"],
      "avgpool2d": ["average-pool"], "avg_pool2d": ["average-pool"], "avg-pool": ["average-pool"],
      "average_pooling2d": ["average-pool"], "average_pooling": ["average-pool"],
      "adaptiveavgpool2d": ["global-pool"], "adaptive_avg_pool2d": ["global-pool"],
      "global_average_pooling2d": ["global-pool"], "global_average_pool": ["global-pool"],
      "global_max_pooling2d": ["global-pool"], "view": ["flatten"], "reshape": ["flatten"],
      "embed": ["embedding"], "position_embedding": ["positional-embedding"],
      "positional_encoding": ["positional-embedding"], "multihead_attention": ["attention"],
      "multi_head_attention": ["attention"], "self_attention": ["attention"],
      "multi_head_dot_product_attention": ["attention"],
      "transformer_encoder_layer": ["transformer-block"], "transformer": ["transformer-block"],
      "skip": ["residual"], "shortcut": ["residual"], "sequential": ["residual"],
      "rnn": ["elman"], "simple_rnn": ["elman"], "rnn-tanh": ["elman"],
      "reparameterize": ["gaussian-sampling"], "dropout2d": ["dropout"],
      "leakyrelu": ["leaky-relu"], "lrelu": ["leaky-relu"], "swish": ["silu"],
      "logistic": ["sigmoid"],
    ],
    advice: [
      "softmax": "the loss cross-entropy takes the outputs as they are; leave it out",
      "log_softmax": "the loss cross-entropy takes the outputs as they are; leave it out",
    ])

  /// Options of layers, of models and of initialisations.
  public static let layerOptions = Synonyms(
    [
      "out_features": ["outputs"], "units": ["outputs", "features"], "features": ["outputs"],
      "out_channels": ["channels"], "filters": ["channels"],
      "kernel_size": ["window"], "kernel": ["window"], "pool_size": ["window"],
      "window_shape": ["window"], "strides": ["stride"], "pad": ["padding"],
      "use_bias": ["bias"], "kernel_initializer": ["initialization"],
      "kernel_init": ["initialization"], "init": ["initialization"],
      "weight_init": ["initialization"], "epsilon": ["eps"], "p": ["rate"], "prob": ["rate"],
      "num_heads": ["heads"], "nhead": ["heads"], "n_head": ["heads"],
      "hidden_size": ["units", "hidden"],
      "hidden_dim": ["hidden", "units"], "dim_feedforward": ["hidden"], "mlp_dim": ["hidden"],
      "hidden_sizes": ["hidden"], "hidden_layers": ["hidden"], "num_layers": ["layers"],
      "n_layers": ["layers"], "embedding_dim": ["features"], "output_dim": ["features", "outputs"],
      "embed_dim": ["features"], "d_model": ["features"], "num_embeddings": ["vocabulary"],
      "input_dim": ["vocabulary"], "vocab_size": ["vocabulary"], "is_causal": ["causal"],
      "nonlinearity": ["activation"], "act": ["activation"], "return_sequences": ["output"],
      "alpha": ["negative_slope"], "latent_dim": ["latent"], "mode": ["function"],
      "unit_forget_bias": ["forget_bias"], "type": ["name"],
    ],
    advice: [
      "in_features": "what comes in is inferred; leave it out",
      "in_channels": "what comes in is inferred; leave it out",
      "input_size": "what comes in is inferred; leave it out",
      "input_shape": "what comes in is inferred; leave it out",
      "num_features": "what comes in is inferred; leave it out",
      "normalized_shape": "what comes in is inferred; leave it out",
      "track_running_stats": "running statistics are always kept; leave it out",
      "inplace": "it only concerns memory in PyTorch; leave it out",
    ]
  ).merging(initializations)

  /// Losses in the words of PyTorch, Keras and Optax.
  static let losses = Synonyms([
    "CrossEntropyLoss": ["cross-entropy"], "crossentropy": ["cross-entropy"],
    "categorical_crossentropy": ["cross-entropy"], "ce": ["cross-entropy"],
    "sparse_categorical_crossentropy": ["cross-entropy"],
    "softmax_cross_entropy": ["cross-entropy"], "nll": ["cross-entropy"],
    "softmax_cross_entropy_with_integer_labels": ["cross-entropy"],
    "NLLLoss": ["cross-entropy"], "log_loss": ["cross-entropy"],
    "mse": ["mean-squared-error"], "MSELoss": ["mean-squared-error"],
    "mse_loss": ["mean-squared-error"], "squared_error": ["mean-squared-error"],
    "l2_loss": ["mean-squared-error"], "l2": ["mean-squared-error"],
    "BCELoss": ["binary-cross-entropy"], "bce": ["binary-cross-entropy"],
    "BCEWithLogitsLoss": ["binary-cross-entropy"],
    "sigmoid_binary_cross_entropy": ["binary-cross-entropy"],
    "elbo": ["vae-elbo"],
  ])

  /// Initialisations in the words of PyTorch, Keras and Flax.
  static let initializations = Synonyms([
    "kaiming_normal_": ["he-normal"], "kaiming_normal": ["he-normal"], "he": ["he-normal"],
    "kaiming": ["he-normal"], "kaiming_uniform_": ["he-uniform"],
    "kaiming_uniform": ["he-uniform"], "xavier_normal_": ["glorot-normal"],
    "xavier_normal": ["glorot-normal"], "xavier_uniform_": ["glorot-uniform"],
    "xavier_uniform": ["glorot-uniform"], "xavier": ["glorot-uniform"],
    "glorot": ["glorot-uniform"], "lecun": ["lecun-normal"], "orthogonal_": ["orthogonal"],
    "trunc_normal_": ["truncated-normal"], "trunc_normal": ["truncated-normal"],
    "random_normal": ["normal"], "normal_": ["normal"], "gaussian": ["normal"],
    "random_uniform": ["uniform"], "uniform_": ["uniform"], "default": ["torch-default"],
    "pytorch": ["torch-default"], "torch": ["torch-default"],
  ])
}
