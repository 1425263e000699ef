// On glibc a program's own definition of malloc or pthread_mutex_lock takes the place of the
// library's, for every library that the program loads.
#define _GNU_SOURCE
#include "CallCount.h"

#include <stddef.h>

static __thread uint64_t allocations;
static __thread uint64_t locks;

uint64_t callcount_allocations(void) { return allocations; }
uint64_t callcount_locks(void) { return locks; }

#if defined(__GLIBC__)
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

int callcount_is_available(void) { return 1; }

void *malloc(size_t size) {
  allocations++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  allocations++;
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  allocations++;
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  allocations++;
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *result = memalign(alignment, size);
  if (!result) return ENOMEM;
  *block = result;
  return 0;
}

// What the library's own function is: looked up once for each name.
#define FORWARD(name, type)                                                 \
  int name(type *lock) {                                                    \
    static int (*next)(type *);                                             \
    if (!next) next = (int (*)(type *))dlsym(RTLD_NEXT, #name);             \
    locks++;                                                                \
    return next(lock);                                                      \
  }

FORWARD(pthread_mutex_lock, pthread_mutex_t)
FORWARD(pthread_rwlock_rdlock, pthread_rwlock_t)
FORWARD(pthread_rwlock_wrlock, pthread_rwlock_t)
#else
int callcount_is_available(void) { return 0; }
#endif
