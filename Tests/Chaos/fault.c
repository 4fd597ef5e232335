// Preloaded into a writer: counts its calls on files below FAULT_ROOT, in whatever thread, and does
// something at the one whose number is FAULT_AT:
//
//   FAULT=kill    dies before it           FAULT=killed  dies after it
//   FAULT=short   writes half, then ENOSPC FAULT=NUMBER  fails with that errno
//
// Without FAULT_AT it writes down each call's name to FAULT_LOG. (strace counts by thread.)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static atomic_int calls;

static int ours(const char *path) {
    const char *root = getenv("FAULT_ROOT");
    return root && path && strncmp(path, root, strlen(root)) == 0;
}

static int ours_open(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return ours(path);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

// 0: go on; 1: die afterwards; 2: half of it; -1: errno is set.
static int due(const char *name, int is_ours) {
    if (!is_ours) return 0;
    int number = atomic_fetch_add(&calls, 1) + 1;
    const char *at = getenv("FAULT_AT"), *fault = getenv("FAULT"), *log = getenv("FAULT_LOG");
    if (!at) {
        FILE *file = log ? fopen(log, "a") : NULL;
        if (file) fprintf(file, "%s\n", name), fclose(file);
        return 0;
    }
    if (atoi(at) != number) return 0;
    if (strcmp(fault, "kill") == 0) die();
    if (strcmp(fault, "killed") == 0) return 1;
    if (strcmp(fault, "short") == 0) return 2;
    errno = atoi(fault);
    return -1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define AROUND(name, is_ours, call) \
    int what = due(#name, is_ours); \
    if (what < 0) return -1; \
    __typeof__(call) result = call; \
    if (what == 1) die(); \
    return result;

static int opened(const char *path, int flags, mode_t mode) {
    AROUND(open, ours(path), REAL(openat)(AT_FDCWD, path, flags, mode))
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return opened(path, flags, mode);
}

static ssize_t written(int descriptor, const void *octets, size_t count, off_t at) {
    static atomic_int full;
    if (full && ours_open(descriptor)) {
        full = 0;
        errno = ENOSPC;
        return -1;
    }
    int what = due("pwrite", ours_open(descriptor));
    if (what < 0) return -1;
    if (what == 2) {
        full = 1;
        count /= 2;
    }
    ssize_t result = REAL(pwrite)(descriptor, octets, count, at);
    if (what == 1) die();
    return result;
}

ssize_t pwrite(int descriptor, const void *octets, size_t count, off_t at) { return written(descriptor, octets, count, at); }
ssize_t pwrite64(int descriptor, const void *octets, size_t count, off_t at) { return written(descriptor, octets, count, at); }
int fsync(int descriptor) { AROUND(fsync, ours_open(descriptor), REAL(fsync)(descriptor)) }
int syncfs(int descriptor) { AROUND(syncfs, ours_open(descriptor), REAL(syncfs)(descriptor)) }
int flock(int descriptor, int kind) { AROUND(flock, ours_open(descriptor), REAL(flock)(descriptor, kind)) }
int rename(const char *from, const char *to) { AROUND(rename, ours(to), REAL(rename)(from, to)) }
int mkdir(const char *path, mode_t mode) { AROUND(mkdir, ours(path), REAL(mkdir)(path, mode)) }
int unlink(const char *path) { AROUND(unlink, ours(path), REAL(unlink)(path)) }
int futimens(int descriptor, const struct timespec *times) { AROUND(futimens, ours_open(descriptor), REAL(futimens)(descriptor, times)) }
