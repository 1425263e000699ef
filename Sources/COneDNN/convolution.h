#pragma once
#include "memory.h"

/// The sizes of a two-dimensional convolution of images that lie `[rows, height, width, channels]`.
typedef struct {
  int64_t height, width, channels;
  int64_t output_height, output_width, output_channels;
  int64_t groups;
  int64_t kernel_height, kernel_width;
  int64_t stride_height, stride_width;
  int64_t padding_top, padding_left, padding_bottom, padding_right;
} onednn_convolution_shape;

/// Which of the three computations of a convolution is meant.
typedef enum {
  onednn_convolution_output,
  onednn_convolution_input_gradient,
  onednn_convolution_weight_gradient
} onednn_convolution_part;

/// One computation of a convolution for a fixed number of rows, with the memory it works in: ready
/// to run again and again.
///
/// Images stay as they lie. The weights, which are small, are brought into the order that the
/// computation wants, and the weight gradient back from it, by `reorder`, where that differs.
typedef struct {
  onednn_convolution_part part;
  dnnl_primitive_t primitive, reorder;
  dnnl_stream_t stream;
  /// Images, or their gradient, before and behind the convolution.
  dnnl_memory_t input, output;
  /// Weights, or their gradient, as the caller and as the primitive wants them.
  dnnl_memory_t plain, ordered;
  dnnl_memory_t scratchpad, reorder_scratchpad;
} onednn_convolution;

/// Frees what a convolution holds.
static inline void onednn_convolution_destroy(onednn_convolution *convolution) {
  if (convolution->primitive) dnnl_primitive_destroy(convolution->primitive);
  if (convolution->reorder) dnnl_primitive_destroy(convolution->reorder);
  if (convolution->input) dnnl_memory_destroy(convolution->input);
  if (convolution->output) dnnl_memory_destroy(convolution->output);
  if (convolution->plain) dnnl_memory_destroy(convolution->plain);
  if (convolution->ordered) dnnl_memory_destroy(convolution->ordered);
  if (convolution->scratchpad) dnnl_memory_destroy(convolution->scratchpad);
  if (convolution->reorder_scratchpad) dnnl_memory_destroy(convolution->reorder_scratchpad);
  if (convolution->stream) dnnl_stream_destroy(convolution->stream);
  *convolution = (onednn_convolution){0};
}

/// Describes one computation of a convolution; the backward ones want a forward one as a hint.
static inline dnnl_status_t onednn_convolution_describe(
    dnnl_primitive_desc_t *description, onednn_convolution_part part, dnnl_engine_t engine,
    const onednn_convolution_shape *shape, const onednn_shape *input, const onednn_shape *weights,
    const onednn_shape *output, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
  const dnnl_dims_t strides = {shape->stride_height, shape->stride_width};
  const dnnl_dims_t before = {shape->padding_top, shape->padding_left};
  const dnnl_dims_t behind = {shape->padding_bottom, shape->padding_right};
  const dnnl_alg_kind_t algorithm = dnnl_convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  const dnnl_dims_t dilations = {0, 0};
  switch (part) {
  case onednn_convolution_output:
    return dnnl_convolution_forward_primitive_desc_create(
        description, engine, dnnl_forward_training, algorithm, *input, *weights, 0, *output,
        strides, dilations, before, behind, attributes);
  case onednn_convolution_input_gradient:
    return dnnl_convolution_backward_data_primitive_desc_create(
        description, engine, algorithm, *input, *weights, *output, strides, dilations, before,
        behind, hint, attributes);
  default:
    return dnnl_convolution_backward_weights_primitive_desc_create(
        description, engine, algorithm, *input, *weights, 0, *output, strides, dilations, before,
        behind, hint, attributes);
  }
#else
  dnnl_convolution_desc_t operation;
  dnnl_status_t status;
  switch (part) {
  case onednn_convolution_output:
    status = dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_training, algorithm, input, weights, 0, output, strides, before,
        behind);
    break;
  case onednn_convolution_input_gradient:
    status = dnnl_convolution_backward_data_desc_init(
        &operation, algorithm, input, weights, output, strides, before, behind);
    break;
  default:
    status = dnnl_convolution_backward_weights_desc_init(
        &operation, algorithm, input, weights, 0, output, strides, before, behind);
  }
  if (status) return status;
  return dnnl_primitive_desc_create(description, &operation, attributes, engine, hint);
#endif
}

/// Prepares one computation for `rows` images. On failure `convolution` holds nothing.
static inline dnnl_status_t onednn_convolution_create(
    onednn_convolution *convolution, onednn_convolution_part part, dnnl_engine_t engine,
    int64_t rows, const onednn_convolution_shape *shape) {
  // Sizes are said as rows, channels, height, width; the strides say how they lie.
  const int64_t area = shape->height * shape->width;
  const dnnl_dims_t input_size = {rows, shape->channels, shape->height, shape->width};
  const dnnl_dims_t input_strides = {
      area * shape->channels, 1, shape->width * shape->channels, shape->channels};
  const int64_t output_area = shape->output_height * shape->output_width;
  const dnnl_dims_t output_size = {
      rows, shape->output_channels, shape->output_height, shape->output_width};
  const dnnl_dims_t output_strides = {
      output_area * shape->output_channels, 1, shape->output_width * shape->output_channels,
      shape->output_channels};
  const int64_t window = shape->kernel_height * shape->kernel_width;
  const int64_t fan_in = shape->channels / shape->groups;
  const int64_t outputs = shape->output_channels / shape->groups;
  // Without groups the first entry is left out.
  const dnnl_dims_t weight_size = {
      shape->groups, outputs, fan_in, shape->kernel_height, shape->kernel_width};
  const dnnl_dims_t weight_strides = {
      outputs * fan_in * window, fan_in * window, window, shape->kernel_width, 1};
  const int skipped = shape->groups == 1 ? 1 : 0;

  onednn_shape input = {0}, weights = {0}, plain = {0}, output = {0};
  dnnl_primitive_attr_t attributes = 0;
  dnnl_primitive_desc_t hint = 0, description = 0, reorder = 0;
  *convolution = (onednn_convolution){0};
  convolution->part = part;

  dnnl_status_t status = onednn_shape_init(&input, 4, input_size, dnnl_f32, input_strides);
  if (!status) status = onednn_shape_init(&output, 4, output_size, dnnl_f32, output_strides);
  if (!status)
    status = onednn_shape_init(
        &plain, 5 - skipped, weight_size + skipped, dnnl_f32, weight_strides + skipped);
  if (!status) status = onednn_shape_init_any(&weights, 5 - skipped, weight_size + skipped);
  if (!status) status = onednn_attributes_create(&attributes);
  if (!status && part != onednn_convolution_output)
    status = onednn_convolution_describe(
        &hint, onednn_convolution_output, engine, shape, &input, &weights, &output, 0, attributes);
  if (!status)
    status = onednn_convolution_describe(
        &description, part, engine, shape, &input, &weights, &output, hint, attributes);
  if (!status) status = dnnl_primitive_create(&convolution->primitive, description);
  if (!status)
    status = dnnl_stream_create(&convolution->stream, engine, dnnl_stream_default_flags);
  if (!status)
    status =
        dnnl_memory_create(&convolution->input, onednn_refer(&input), engine, DNNL_MEMORY_NONE);
  if (!status)
    status =
        dnnl_memory_create(&convolution->output, onednn_refer(&output), engine, DNNL_MEMORY_NONE);
  if (!status)
    status =
        dnnl_memory_create(&convolution->plain, onednn_refer(&plain), engine, DNNL_MEMORY_NONE);
  if (!status) status = onednn_scratchpad_create(&convolution->scratchpad, description, engine);
  if (!status) {
    const int is_gradient = part == onednn_convolution_weight_gradient;
    onednn_shape_reference wanted = dnnl_primitive_desc_query_md(
        description, is_gradient ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
    if (!dnnl_memory_desc_equal(wanted, onednn_refer(&plain))) {
      onednn_shape_reference from = is_gradient ? wanted : onednn_refer(&plain);
      onednn_shape_reference to = is_gradient ? onednn_refer(&plain) : wanted;
      status = dnnl_memory_create(&convolution->ordered, wanted, engine, DNNL_MEMORY_ALLOCATE);
      if (!status)
        status =
            dnnl_reorder_primitive_desc_create(&reorder, from, engine, to, engine, attributes);
      if (!status) status = dnnl_primitive_create(&convolution->reorder, reorder);
      if (!status)
        status = onednn_scratchpad_create(&convolution->reorder_scratchpad, reorder, engine);
    }
  }

  if (reorder) dnnl_primitive_desc_destroy(reorder);
  if (description) dnnl_primitive_desc_destroy(description);
  if (hint) dnnl_primitive_desc_destroy(hint);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  onednn_shape_destroy(&input);
  onednn_shape_destroy(&output);
  onednn_shape_destroy(&plain);
  onednn_shape_destroy(&weights);
  if (status) onednn_convolution_destroy(convolution);
  return status;
}

/// Runs a convolution on the given memory, of which it writes the part that it computes.
static inline dnnl_status_t onednn_convolution_run(
    const onednn_convolution *convolution, const float *input, const float *weights,
    const float *output) {
  dnnl_status_t status = dnnl_memory_set_data_handle(convolution->input, (void *)input);
  if (!status) status = dnnl_memory_set_data_handle(convolution->plain, (void *)weights);
  if (!status) status = dnnl_memory_set_data_handle(convolution->output, (void *)output);
  if (status) return status;
  const int is_forward = convolution->part == onednn_convolution_output;
  const int is_gradient = convolution->part == onednn_convolution_weight_gradient;
  const dnnl_memory_t ordered = convolution->reorder ? convolution->ordered : convolution->plain;
  const dnnl_exec_arg_t arguments[] = {
      {convolution->part == onednn_convolution_input_gradient ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC,
       convolution->input},
      {is_gradient ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, ordered},
      {is_forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, convolution->output},
      {DNNL_ARG_SCRATCHPAD, convolution->scratchpad}};
  const dnnl_exec_arg_t reorder_arguments[] = {
      {DNNL_ARG_FROM, is_gradient ? ordered : convolution->plain},
      {DNNL_ARG_TO, is_gradient ? convolution->plain : ordered},
      {DNNL_ARG_SCRATCHPAD, convolution->reorder_scratchpad}};
  if (convolution->reorder && !is_gradient)
    status =
        dnnl_primitive_execute(convolution->reorder, convolution->stream, 3, reorder_arguments);
  if (!status)
    status = dnnl_primitive_execute(convolution->primitive, convolution->stream, 4, arguments);
  if (!status && convolution->reorder && is_gradient)
    status =
        dnnl_primitive_execute(convolution->reorder, convolution->stream, 3, reorder_arguments);
  return status;
}
