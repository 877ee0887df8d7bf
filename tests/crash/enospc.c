/* A disk that is full while a file exists: preloaded into the server by full_disk.py.
 *
 * While $FULL_DISK_FLAG exists, whatever would make a file under $FULL_DISK_FOLDER longer answers ENOSPC. */
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

static int disk_is_full(int fd) {
  const char* flag = getenv("FULL_DISK_FLAG");
  const char* folder = getenv("FULL_DISK_FOLDER");
  if (flag == NULL || folder == NULL || access(flag, F_OK) != 0) return 0;
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return 0;
  path[size] = '\0';
  return strncmp(path, folder, strlen(folder)) == 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FULL(fd)        \
  if (disk_is_full(fd)) { \
    errno = ENOSPC;     \
    return -1;          \
  }

ssize_t write(int fd, const void* data, size_t size) {
  FULL(fd)
  return REAL(write)(fd, data, size);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  FULL(fd)
  return REAL(writev)(fd, parts, count);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  FULL(fd)
  return REAL(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  FULL(fd)
  return REAL(pwrite64)(fd, data, size, at);
}

int fallocate(int fd, int mode, off_t at, off_t size) {
  FULL(fd)
  return REAL(fallocate)(fd, mode, at, size);
}

int fallocate64(int fd, int mode, off64_t at, off64_t size) {
  FULL(fd)
  return REAL(fallocate64)(fd, mode, at, size);
}
