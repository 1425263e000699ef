#pragma once
#include "memory.h"

/// A matrix product of fixed shapes, C = A·B, with the memory it works in: ready to run again and
/// again.
typedef struct {
  dnnl_primitive_t primitive;
  dnnl_stream_t stream;
  dnnl_memory_t a, b, c, scratchpad;
} onednn_product;

/// Frees what a product holds.
static inline void onednn_product_destroy(onednn_product *product) {
  if (product->primitive) dnnl_primitive_destroy(product->primitive);
  if (product->a) dnnl_memory_destroy(product->a);
  if (product->b) dnnl_memory_destroy(product->b);
  if (product->c) dnnl_memory_destroy(product->c);
  if (product->scratchpad) dnnl_memory_destroy(product->scratchpad);
  if (product->stream) dnnl_stream_destroy(product->stream);
  *product = (onednn_product){0};
}

/// Prepares C[rows, columns] = A[rows, inner]·B[inner, columns], each row-major and contiguous, or
/// lying transposed where that is said, for each of `batch` matrices that lie one behind the other.
/// On failure `product` holds nothing.
static inline dnnl_status_t onednn_product_create(
    onednn_product *product, dnnl_engine_t engine, int64_t batch, int64_t rows, int64_t columns,
    int64_t inner, int is_a_transposed, int is_b_transposed) {
  const dnnl_dims_t a_size = {batch, rows, inner}, b_size = {batch, inner, columns},
                    c_size = {batch, rows, columns};
  const dnnl_dims_t a_strides = {
      rows * inner, is_a_transposed ? 1 : inner, is_a_transposed ? rows : 1};
  const dnnl_dims_t b_strides = {
      inner * columns, is_b_transposed ? 1 : columns, is_b_transposed ? inner : 1};
  const dnnl_dims_t c_strides = {rows * columns, columns, 1};
  // A single product is one of matrices: oneDNN knows more ways to make those.
  const int first = batch == 1, rank = 3 - first;
  onednn_shape a = {0}, b = {0}, c = {0};
  dnnl_primitive_attr_t attributes = 0;
  dnnl_primitive_desc_t description = 0;
  *product = (onednn_product){0};

  dnnl_status_t status = onednn_shape_init(&a, rank, a_size + first, dnnl_f32, a_strides + first);
  if (!status) status = onednn_shape_init(&b, rank, b_size + first, dnnl_f32, b_strides + first);
  if (!status) status = onednn_shape_init(&c, rank, c_size + first, dnnl_f32, c_strides + first);
  if (!status) status = onednn_attributes_create(&attributes);
#if DNNL_VERSION_MAJOR >= 3
  if (!status)
    status = dnnl_matmul_primitive_desc_create(&description, engine, a, b, 0, c, attributes);
#else
  dnnl_matmul_desc_t operation;
  if (!status) status = dnnl_matmul_desc_init(&operation, &a, &b, 0, &c);
  if (!status)
    status = dnnl_primitive_desc_create(&description, &operation, attributes, engine, 0);
#endif
  if (!status) status = dnnl_primitive_create(&product->primitive, description);
  if (!status) status = dnnl_stream_create(&product->stream, engine, dnnl_stream_default_flags);
  if (!status)
    status = dnnl_memory_create(&product->a, onednn_refer(&a), engine, DNNL_MEMORY_NONE);
  if (!status)
    status = dnnl_memory_create(&product->b, onednn_refer(&b), engine, DNNL_MEMORY_NONE);
  if (!status)
    status = dnnl_memory_create(&product->c, onednn_refer(&c), engine, DNNL_MEMORY_NONE);
  if (!status) status = onednn_scratchpad_create(&product->scratchpad, description, engine);

  if (description) dnnl_primitive_desc_destroy(description);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  onednn_shape_destroy(&a);
  onednn_shape_destroy(&b);
  onednn_shape_destroy(&c);
  if (status) onednn_product_destroy(product);
  return status;
}

/// Runs a product on the given memory.
static inline dnnl_status_t onednn_product_run(
    const onednn_product *product, const float *a, const float *b, float *c) {
  dnnl_status_t status = dnnl_memory_set_data_handle(product->a, (void *)a);
  if (!status) status = dnnl_memory_set_data_handle(product->b, (void *)b);
  if (!status) status = dnnl_memory_set_data_handle(product->c, c);
  if (status) return status;
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, product->a},
                                       {DNNL_ARG_WEIGHTS, product->b},
                                       {DNNL_ARG_DST, product->c},
                                       {DNNL_ARG_SCRATCHPAD, product->scratchpad}};
  return dnnl_primitive_execute(product->primitive, product->stream, 4, arguments);
}
