#pragma once
#include <lapacke.h>

// OpenBLAS's thread count, one for the process.
void openblas_set_num_threads(int);
