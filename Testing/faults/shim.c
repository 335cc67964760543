/* Lets file operations below a folder fail, or ends the process in the middle of one.
 *
 * Preloaded (LD_PRELOAD), it stands between a program and the C library: Python, SQLite, ITK and
 * VTK alike. It does nothing until fault_arm is called, by ctypes. Linux only.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { FAIL, KILL_BEFORE, KILL_WITHIN, KILL_AFTER };

static char folder[PATH_MAX];
static int skip, times, code, way, fired;
static long shift;

/* From now on, of the operations below `where`, let the first `after` pass and the next `many`
 * meet the fault: fail with the error `number`, or be killed in the `manner` given. */
void fault_arm(const char *where, int after, int many, int number, int manner) {
  snprintf(folder, sizeof folder, "%s", where);
  skip = after; times = many; code = number; way = manner; fired = 0;
}
void fault_disarm(void) { times = 0; }
int fault_fired(void) { return fired; }
/* The clock of the day goes wrong by so many seconds; the monotonic one does not. */
void fault_shift_clock(long seconds) { shift = seconds; }

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int below(const char *path) {
  size_t n = strlen(folder);
  return times > 0 && path && strncmp(path, folder, n) == 0;
}

static int below_fd(int fd) {
  char link[64], path[PATH_MAX];
  if (times <= 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return below(path);
}

/* Whether the operation meets the fault; it has failed then, unless it is killed later on. */
static int met(int concerned) {
  if (!concerned) return 0;
  if (skip > 0) { skip--; return 0; }
  times--; fired++;
  if (way == KILL_BEFORE) kill(getpid(), SIGKILL);
  return 1;
}

#define MEET(concerned, failed, call)                          \
  if (met(concerned)) {                                        \
    if (way == FAIL) { errno = code; return failed; }          \
    call; kill(getpid(), SIGKILL);                             \
  }

#define WRITES(flags) ((flags) & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))
#define OPEN(name)                                                               \
  int name(const char *path, int flags, ...) {                                   \
    va_list list; va_start(list, flags); mode_t mode = va_arg(list, mode_t); va_end(list); \
    int (*next)(const char *, int, ...) = real(#name);                           \
    MEET(WRITES(flags) && below(path), -1, next(path, flags, mode))              \
    return next(path, flags, mode);                                              \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                             \
  int name(int at, const char *path, int flags, ...) {                           \
    va_list list; va_start(list, flags); mode_t mode = va_arg(list, mode_t); va_end(list); \
    int (*next)(int, const char *, int, ...) = real(#name);                      \
    MEET(WRITES(flags) && below(path), -1, next(at, path, flags, mode))          \
    return next(at, path, flags, mode);                                          \
  }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                              \
  FILE *name(const char *path, const char *mode) {                               \
    FILE *(*next)(const char *, const char *) = real(#name);                     \
    MEET(strpbrk(mode, "wa+") && below(path), NULL, next(path, mode))            \
    return next(path, mode);                                                     \
  }
FOPEN(fopen)
FOPEN(fopen64)

ssize_t write(int fd, const void *data, size_t size) {
  ssize_t (*next)(int, const void *, size_t) = real("write");
  MEET(below_fd(fd), -1, next(fd, data, way == KILL_WITHIN ? size / 2 : size))
  return next(fd, data, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  ssize_t (*next)(int, const struct iovec *, int) = real("writev");
  MEET(below_fd(fd), -1, next(fd, parts, way == KILL_WITHIN ? count / 2 : count))
  return next(fd, parts, count);
}

#define PWRITE(name)                                                             \
  ssize_t name(int fd, const void *data, size_t size, off_t place) {             \
    ssize_t (*next)(int, const void *, size_t, off_t) = real(#name);             \
    MEET(below_fd(fd), -1, next(fd, data, way == KILL_WITHIN ? size / 2 : size, place)) \
    return next(fd, data, size, place);                                          \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

#define ON_FD(name)                                                              \
  int name(int fd) {                                                             \
    int (*next)(int) = real(#name);                                              \
    MEET(below_fd(fd), -1, next(fd))                                             \
    return next(fd);                                                             \
  }
ON_FD(fsync)
ON_FD(fdatasync)

#define TRUNCATE(name)                                                           \
  int name(int fd, off_t size) {                                                 \
    int (*next)(int, off_t) = real(#name);                                       \
    MEET(below_fd(fd), -1, next(fd, size))                                       \
    return next(fd, size);                                                       \
  }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

int rename(const char *from, const char *to) {
  int (*next)(const char *, const char *) = real("rename");
  MEET(below(to), -1, next(from, to))
  return next(from, to);
}

int renameat(int at, const char *from, int there, const char *to) {
  int (*next)(int, const char *, int, const char *) = real("renameat");
  MEET(below(to), -1, next(at, from, there, to))
  return next(at, from, there, to);
}

int mkdir(const char *path, mode_t mode) {
  int (*next)(const char *, mode_t) = real("mkdir");
  MEET(below(path), -1, next(path, mode))
  return next(path, mode);
}

int unlink(const char *path) {
  int (*next)(const char *) = real("unlink");
  MEET(below(path), -1, next(path))
  return next(path);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int (*next)(clockid_t, struct timespec *) = real("clock_gettime");
  int done = next(clock, now);
  if (clock == CLOCK_REALTIME) now->tv_sec += shift;
  return done;
}

time_t time(time_t *into) {
  time_t (*next)(time_t *) = real("time");
  time_t now = next(NULL) + shift;
  if (into) *into = now;
  return now;
}
