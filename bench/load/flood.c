#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

// Senders to recipients who all read: every line is checked, and after the flood all of them must have arrived.
static struct flooded flood_readers(const struct options *options, int senders, int recipients, int text, int window) {
  const struct dialect *dialect = &options->dialect;
  struct load load;
  open_load(&load, dialect, 's', text, senders);
  int each = recipients / senders;
  struct client *from = need((size_t)senders, sizeof *from), *to = need((size_t)recipients, sizeof *to);
  for (int i = 0; i < senders; i++) name_client(&from[i], 's', i);
  for (int i = 0; i < recipients; i++) name_client(&to[i], 'r', i);
  log_in(dialect, from, senders, options->port, SENDS);
  log_in(dialect, to, recipients, options->port, HEARS);
  for (int i = 0; i < senders; i++) open_flow(&load, &from[i], &to[i * each], each, window, false);
  for (int i = 0; i < senders; i++) watch(&load, &from[i]);
  for (int i = 0; i < recipients; i++) watch(&load, &to[i]);
  say_ready(senders + recipients);
  load.last_arrival = now_ns();
  run_load(&load, UINT64_MAX);
  struct flooded flooded = {.lines = load.lines, .deliveries = load.arrived};
  drain_load(&load);
  return flooded;
}

static void log_in_frozen(const struct options *options, struct client *frozen) {
  static int ordinal;
  name_client(frozen, 'z', ordinal++);
  connect_client(frozen, options->port, 1);
  ask_in(&options->dialect, frozen, HEARS);
  await_in(&options->dialect, frozen);
}

enum { TEXT = 64, LINES = 1000 };

// As many lines to one client, all of one length for any client. Returns the length of one.
static size_t write_to(const struct options *options, const struct client *to, char *lines, size_t size) {
  const struct dialect *dialect = &options->dialect;
  const char *room = dialect->room ? dialect->room : to->name;
  size_t line_len = (size_t)expand(lines, size, dialect->line, &(struct words){.to = room, .bytes = "64"});
  memset(lines + line_len, 'x', TEXT);
  line_len = (size_t)(stpcpy(lines + line_len + TEXT, dialect->end) - lines);
  if (LINES * line_len > size) fail("lines too long for a flood");
  for (int i = 1; i < LINES; i++) memcpy(lines + (size_t)i * line_len, lines, line_len);
  return line_len;
}

// One sender to a recipient who never reads. Its replacement, should the server close it, does not read either.
static struct flooded flood_frozen(const struct options *options) {
  static char lines[256 * LINES], heard[64 * 1024];
  struct client sender = {0}, frozen = {0};
  struct flooded flooded = {0};
  name_client(&sender, 's', 0);
  log_in(&options->dialect, &sender, 1, options->port, SENDS);
  log_in_frozen(options, &frozen);
  size_t line_len = write_to(options, &frozen, lines, sizeof lines), size = LINES * line_len;
  say_ready(2);

  uint64_t sent = 0;
  while (!stopped()) {
    struct pollfd fds[2] = {{.fd = sender.fd, .events = POLLIN | POLLOUT}, {.fd = frozen.fd, .events = POLLRDHUP}};
    if (poll(fds, 2, 100) < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
    bool gone = fds[1].revents != 0;
    if (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) {
      ssize_t got = take(&sender, heard, sizeof heard, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN)) fail("the server closed the sender of the flood");
      for (ssize_t i = 0; i < got; i++) flooded.answers += heard[i] == '\n';
      // The end of the connection stays behind the unread lines; that the name is free is heard at once.
      if (got > 0 && memmem(heard, (size_t)got, frozen.name, NAME_LEN)) gone = true;
    }
    // Names are of one length, so the line that is under way stays whole.
    if (gone) {
      disconnect(&frozen);
      log_in_frozen(options, &frozen);
      write_to(options, &frozen, lines, sizeof lines);
      flooded.replaced++;
    }
    if (fds[0].revents & POLLOUT) {
      size_t at = sent % size;
      ssize_t more = give(&sender, lines + at, size - at, MSG_DONTWAIT);
      if (more < 0 && errno != EAGAIN) fail("the flood cannot send: %s", strerror(errno));
      if (more > 0) sent += (uint64_t)more;
      flooded.lines = sent / line_len;
    }
  }
  return flooded;
}

struct flooded flood(const struct options *options) {
  if (!strcmp(options->flood, "frozen")) return flood_frozen(options);
  if (!strcmp(options->flood, "fan")) return flood_readers(options, 1, 100, 16, 64);
  if (!strcmp(options->flood, "many")) return flood_readers(options, 500, 500, 64, 256);
  if (!strcmp(options->flood, "silent")) return silent_strangers(options);
  if (!strcmp(options->flood, "greeting")) return greeting_strangers(options);
  fail("no flood is called %s: frozen, fan, many, silent or greeting", options->flood);
}
