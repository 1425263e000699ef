#pragma once
#include <oneapi/dnnl/dnnl.h>

// oneDNN 2 hands memory descriptions around as structures, oneDNN 3 as handles.
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t onednn_shape;
typedef const_dnnl_memory_desc_t onednn_shape_reference;
#define onednn_shape_init dnnl_memory_desc_create_with_strides
#define onednn_shape_init_any(shape, rank, sizes) \
  dnnl_memory_desc_create_with_tag(shape, rank, sizes, dnnl_f32, dnnl_format_tag_any)
#define onednn_refer(shape) (*(shape))
#define onednn_shape_destroy(shape) ((void)(*(shape) && dnnl_memory_desc_destroy(*(shape))))
#else
typedef dnnl_memory_desc_t onednn_shape;
typedef const dnnl_memory_desc_t *onednn_shape_reference;
#define onednn_shape_init dnnl_memory_desc_init_by_strides
#define onednn_shape_init_any(shape, rank, sizes) \
  dnnl_memory_desc_init_by_tag(shape, rank, sizes, dnnl_f32, dnnl_format_tag_any)
#define onednn_refer(shape) (shape)
#define onednn_shape_destroy(shape) ((void)(shape))
#endif

/// Attributes for a primitive that works in scratch memory of its owner's: otherwise each run would
/// allocate some.
static inline dnnl_status_t onednn_attributes_create(dnnl_primitive_attr_t *attributes) {
  dnnl_status_t status = dnnl_primitive_attr_create(attributes);
  if (!status)
    status = dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
  return status;
}

/// The scratch memory that a primitive so described works in.
static inline dnnl_status_t onednn_scratchpad_create(
    dnnl_memory_t *scratchpad, dnnl_primitive_desc_t description, dnnl_engine_t engine) {
  return dnnl_memory_create(
      scratchpad, dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0), engine,
      DNNL_MEMORY_ALLOCATE);
}
