#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void wait_for_go(struct shared *shared) {
  shared->ready = true;
  while (!shared->go && !shared->stop) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

// Senders to recipients who all read: every line is checked, and after the flood all of them must have arrived.
static void flood_readers(int port, struct shared *shared, int senders, int recipients, int text, int window) {
  struct load load;
  open_load(&load, &rxchat, 's', text, senders);
  load.shared = shared;
  int each = recipients / senders;
  struct client *from = need((size_t)senders, sizeof *from), *to = need((size_t)recipients, sizeof *to);
  for (int i = 0; i < senders; i++) name_client(&from[i], 's', i);
  for (int i = 0; i < recipients; i++) name_client(&to[i], 'r', i);
  log_in(&rxchat, from, senders, port, SENDS);
  log_in(&rxchat, to, recipients, port, HEARS);
  for (int i = 0; i < senders; i++) open_flow(&load, &from[i], &to[i * each], each, window, false);
  for (int i = 0; i < senders; i++) watch(&load, &from[i]);
  for (int i = 0; i < recipients; i++) watch(&load, &to[i]);
  wait_for_go(shared);
  load.last_arrival = now_ns();
  run_load(&load, UINT64_MAX);
  drain_load(&load);
}

static void log_in_frozen(struct client *frozen, int port, char *lines, size_t line_len, size_t size) {
  static int ordinal;
  name_client(frozen, 'z', ordinal++);
  connect_client(frozen, port, true);
  ask_in(&rxchat, frozen, HEARS);
  await_in(&rxchat, frozen);
  for (size_t at = 0; at < size; at += line_len) memcpy(lines + at, frozen->name, NAME_LEN);
}

// One sender to a recipient who never reads. Its replacement, should the server close it, does not read either.
static void flood_frozen(int port, struct shared *shared) {
  enum { TEXT = 64, LINE = NAME_LEN + 2 + TEXT + 1, LINES = 1000 };
  static char lines[LINE * LINES], heard[64 * 1024];
  memset(lines, 'x', sizeof lines);
  for (size_t at = 0; at < sizeof lines; at += LINE) {
    memcpy(lines + at + NAME_LEN, ": ", 2);
    lines[at + LINE - 1] = '\n';
  }
  struct client sender = {0}, frozen = {0};
  name_client(&sender, 's', 0);
  log_in(&rxchat, &sender, 1, port, SENDS);
  log_in_frozen(&frozen, port, lines, LINE, sizeof lines);
  wait_for_go(shared);

  uint64_t sent = 0;
  while (!shared->stop) {
    struct pollfd fds[2] = {{.fd = sender.fd, .events = POLLIN | POLLOUT}, {.fd = frozen.fd, .events = POLLRDHUP}};
    if (poll(fds, 2, 100) < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
    bool gone = fds[1].revents != 0;
    if (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) {
      ssize_t got = recv(sender.fd, heard, sizeof heard, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN)) fail("the server closed the sender of the flood");
      for (ssize_t i = 0; i < got; i++) shared->answers += heard[i] == '\n';
      // The end of the connection stays behind the unread lines; that the name is free is heard at once.
      if (got > 0 && memmem(heard, (size_t)got, frozen.name, NAME_LEN)) gone = true;
    }
    if (gone) {
      close(frozen.fd);
      log_in_frozen(&frozen, port, lines, LINE, sizeof lines);
      shared->replaced++;
    }
    if (fds[0].revents & POLLOUT) {
      size_t at = sent % sizeof lines;
      ssize_t more = send(sender.fd, lines + at, sizeof lines - at, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (more < 0 && errno != EAGAIN) fail("the flood cannot send: %s", strerror(errno));
      if (more > 0) sent += (uint64_t)more;
      shared->lines = sent / LINE;
    }
  }
}

void flood(const struct options *options, struct shared *shared) {
  if (!strcmp(options->flood, "frozen")) flood_frozen(options->port, shared);
  else if (!strcmp(options->flood, "fan100")) flood_readers(options->port, shared, 1, 100, 10, 64);
  else if (!strcmp(options->flood, "many")) flood_readers(options->port, shared, 500, 500, 64, 256);
  else fail("no flood is called %s: frozen, fan100, many or none", options->flood);
}
