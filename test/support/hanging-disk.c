/* Loaded into a process in front of its C library: what is written to a file waits as long as the file that $HANG names is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_for_the_disk(void) {
  const char *hang = getenv("HANG");
  while (hang && access(hang, F_OK) == 0) usleep(10000);
}

/* SQLite writes with it; sockets and pipes are not written with it. */
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t at) {
  static ssize_t (*write_at)(int, const void *, size_t, off64_t);
  if (!write_at) write_at = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
  wait_for_the_disk();
  return write_at(descriptor, bytes, count, at);
}
