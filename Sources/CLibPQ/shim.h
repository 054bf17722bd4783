#ifndef HINDSIGHT_CLIBPQ_SHIM_H
#define HINDSIGHT_CLIBPQ_SHIM_H

#include <libpq-fe.h>
#include <pthread.h>

// Pipeline mode arrived in libpq 14; nothing newer is needed.
#ifndef LIBPQ_HAS_PIPELINING
#error "Hindsight needs libpq 14 or later"
#endif

#if defined(__linux__)
// The C library declares it for _GNU_SOURCE only, which Swift does not define.
extern int pthread_setname_np(pthread_t thread, const char *name);
#endif

// Names the calling thread, for debuggers and `top -H`. Linux keeps 15 bytes.
static inline void hindsight_name_current_thread(const char *name) {
#if defined(__APPLE__)
    pthread_setname_np(name);
#elif defined(__linux__)
    pthread_setname_np(pthread_self(), name);
#else
    (void)name;
#endif
}

#endif
