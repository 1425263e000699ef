#pragma once
#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>

// libgomp's own entry points: the thread count is a setting of the calling thread.
void omp_set_num_threads(int);
int omp_get_max_threads(void);
