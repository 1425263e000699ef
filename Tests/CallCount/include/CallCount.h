// Counts what the calling thread asks of the C library: test binaries link it, nothing else does.
#pragma once
#include <stdint.h>

/// Whether calls are counted on this system.
int callcount_is_available(void);

/// Blocks of memory that this thread has asked for so far.
uint64_t callcount_allocations(void);

/// Mutexes and read-write locks that this thread has taken so far.
uint64_t callcount_locks(void);
