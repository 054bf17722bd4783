#ifndef CKEEPOPENSSL_H
#define CKEEPOPENSSL_H

/// Keeps the state of OpenSSL, if the process has it, until the process is gone.
///
/// Otherwise exit() frees that state while other threads are still within libpq or signing: a process that was about to
/// succeed ends by SIGSEGV. It is kept only if this comes before the first use of OpenSSL, which is why it is also called when the
/// program is loaded. Nothing is lost by it: the memory goes with the process.
void keep_openssl_until_the_end(void);

#endif
