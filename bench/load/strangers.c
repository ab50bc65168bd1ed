// Strangers: they have connected, and the server does not know yet what they want.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

enum { MOST = 1000 };

static void come(struct client *stranger, int port, const char *said, size_t len) {
  static int ordinal;
  name_client(stranger, 'y', ordinal++ % (36 * 36 * 36));
  connect_client(stranger, port, KERNELS);
  if (send(stranger->fd, said, len, MSG_NOSIGNAL) != (ssize_t)len) fail("a stranger cannot send: %s", strerror(errno));
}

// Whoever gets an answer, or is closed, is replaced by another.
static struct flooded strangers(const struct options *options, int count, const char *said, size_t len) {
  static struct client here[MOST];
  static struct pollfd fds[MOST];
  struct flooded flooded = {.of_strangers = true};
  carry_by("plain");
  for (int i = 0; i < count; i++) come(&here[i], options->port, said, len);
  say_ready(count);
  while (!stopped()) {
    for (int i = 0; i < count; i++) fds[i] = (struct pollfd){.fd = here[i].fd, .events = POLLIN | POLLRDHUP};
    if (poll(fds, (nfds_t)count, 100) < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
      if (!fds[i].revents) continue;
      disconnect(&here[i]);
      come(&here[i], options->port, said, len);
      flooded.replaced++;
    }
  }
  return flooded;
}

// A byte each, and no more of them.
struct flooded silent_strangers(const struct options *options) { return strangers(options, MOST, "x", 1); }

// Each begins a handshake, and leaves once the server has done its part of it: a signature, for nothing.
struct flooded greeting_strangers(const struct options *options) {
  enum { UNDER_WAY = 64 };
  static char hello[4096];
  return strangers(options, UNDER_WAY, hello, client_hello(hello, sizeof hello));
}
