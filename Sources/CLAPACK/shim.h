#pragma once
#include <lapacke.h>

// OpenBLAS's thread count, one for the process, and its description: version, options, kernels.
void openblas_set_num_threads(int);
char *openblas_get_config(void);
