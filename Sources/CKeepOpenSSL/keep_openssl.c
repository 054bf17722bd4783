#define _GNU_SOURCE

#include "CKeepOpenSSL.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

// Of openssl/crypto.h, the same in every release since 1.1.1; LibreSSL has no such thing, and ignores it.
enum { no_atexit = 0x00080000 };

// Looked up, and not linked with: libpq may be built without it.
__attribute__((constructor)) void keep_openssl_until_the_end(void) {
    int (*initialize)(uint64_t, const void *) = (int (*)(uint64_t, const void *))dlsym(RTLD_DEFAULT, "OPENSSL_init_crypto");
    if (initialize != NULL) initialize(no_atexit, NULL);
}
