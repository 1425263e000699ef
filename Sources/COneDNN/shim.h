#pragma once
#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>

// oneDNN 2 and 3 describe memory and computations differently, which is why these are C.
#include "convolution.h"
#include "product.h"

// libgomp's own entry points: the thread count is a setting of the calling thread.
void omp_set_num_threads(int);
int omp_get_max_threads(void);
