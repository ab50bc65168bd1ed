/*
 * Loaded into a process in front of its C library: what is written to a file at some place waits as long as the file that $HANG
 * names is there, and what is read so as long as there is one of that name with ".reads" behind it. SQLite does both so.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_for_the_disk(const char *what) {
  char path[4096];
  const char *hang = getenv("HANG");
  if (!hang) return;
  snprintf(path, sizeof path, "%s%s", hang, what);
  while (access(path, F_OK) == 0) usleep(10000);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t at) {
  static ssize_t (*write_at)(int, const void *, size_t, off64_t);
  if (!write_at) write_at = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
  wait_for_the_disk("");
  return write_at(descriptor, bytes, count, at);
}

ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t at) {
  static ssize_t (*read_at)(int, void *, size_t, off64_t);
  if (!read_at) read_at = (ssize_t (*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
  wait_for_the_disk(".reads");
  return read_at(descriptor, bytes, count, at);
}
