/*
 * Preloaded into a PostgreSQL server: while a flag file exists, writes to files below base/ fail as they do on a full disk.
 * The log of the server (pg_wal) still has room: a server that cannot write it ends with PANIC, which is another fault.
 *
 * FULL_DISK_FLAG names the flag file.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_full(int descriptor)
{
	const char *flag = getenv("FULL_DISK_FLAG");
	char link[64], path[4096];
	ssize_t length;
	int before = errno, full = 0;

	if (flag != NULL && access(flag, F_OK) == 0)
	{
		snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
		length = readlink(link, path, sizeof path - 1);
		if (length > 0)
		{
			path[length] = '\0';
			full = strstr(path, "/base/") != NULL;
		}
	}
	errno = before;
	return full;
}

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))
#define FAIL_IF_FULL(descriptor) do { if (is_full(descriptor)) { errno = ENOSPC; return -1; } } while (0)

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset)
{
	FAIL_IF_FULL(descriptor);
	return REAL(pwrite)(descriptor, bytes, count, offset);
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset)
{
	FAIL_IF_FULL(descriptor);
	return REAL(pwritev)(descriptor, parts, count, offset);
}

int fallocate(int descriptor, int mode, off_t offset, off_t length)
{
	FAIL_IF_FULL(descriptor);
	return REAL(fallocate)(descriptor, mode, offset, length);
}

int posix_fallocate(int descriptor, off_t offset, off_t length)
{
	if (is_full(descriptor)) return ENOSPC;
	return REAL(posix_fallocate)(descriptor, offset, length);
}

/* The names that programs with large files call. */
#ifdef __GLIBC__
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset)
{
	FAIL_IF_FULL(descriptor);
	return REAL(pwrite64)(descriptor, bytes, count, offset);
}

ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off64_t offset)
{
	FAIL_IF_FULL(descriptor);
	return REAL(pwritev64)(descriptor, parts, count, offset);
}

int fallocate64(int descriptor, int mode, off64_t offset, off64_t length)
{
	FAIL_IF_FULL(descriptor);
	return REAL(fallocate64)(descriptor, mode, offset, length);
}

int posix_fallocate64(int descriptor, off64_t offset, off64_t length)
{
	if (is_full(descriptor)) return ENOSPC;
	return REAL(posix_fallocate64)(descriptor, offset, length);
}
#endif
