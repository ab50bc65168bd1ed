#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

void name_client(struct client *client, char letter, int ordinal) {
  if (ordinal < 0 || ordinal >= 36 * 36 * 36) fail("no name left for client %d", ordinal);
  client->ordinal = ordinal;
  client->name[0] = letter;
  client->name[1] = digits[ordinal / (36 * 36)];
  client->name[2] = digits[ordinal / 36 % 36];
  client->name[3] = digits[ordinal % 36];
  client->name[4] = '\0';
}

int ordinal_in(const char *name) {
  int ordinal = 0;
  for (int i = 1; i < NAME_LEN; i++) {
    char c = name[i];
    if (c >= '0' && c <= '9') ordinal = ordinal * 36 + c - '0';
    else if (c >= 'a' && c <= 'z') ordinal = ordinal * 36 + c - 'a' + 10;
    else return -1;
  }
  return ordinal;
}

// Every client has one of 150 addresses of one width, so that neither a limit per address nor the number of ports of
// one address ends a scenario.
static struct sockaddr_in next_source(struct client *client) {
  static unsigned turn;
  struct sockaddr_in source = {.sin_family = AF_INET};
  source.sin_addr.s_addr = htonl(0x7f000000u + 100 + turn++ % 150);
  inet_ntop(AF_INET, &source.sin_addr, client->address, sizeof client->address);
  return source;
}

void connect_client(struct client *client, int port, int buffer) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) fail("socket: %s (see ulimit -n)", strerror(errno));
  if (buffer > 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  struct sockaddr_in source = next_source(client);
  if (bind(fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind: %s", strerror(errno));
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0)
    fail("%s cannot connect: %s", client->name, strerror(errno));
  client->fd = fd;
  client->held_len = client->owed_len = 0;
  open_carrier(client, port);
}

static void say(struct client *client, const char *form) {
  char lines[GREETING_MAX];
  int length = expand(lines, sizeof lines, form, &(struct words){.me = client->name});
  if (give(client, lines, (size_t)length, 0) != length)
    fail("%s cannot log in: %s", client->name, strerror(errno));
}

void ask_in(const struct dialect *dialect, struct client *client, enum part part) {
  bool sends_only = part == SENDS && dialect->greet_sender;
  say(client, sends_only ? dialect->greet_sender : dialect->greet);
}

// Whatever follows the line that says the client is in belongs to the scenario.
void await_in(const struct dialect *dialect, struct client *client) {
  char got[HELD_MAX];
  size_t have = 0;
  for (bool in = false, entered = !dialect->after; !in;) {
    ssize_t more = take(client, got + have, sizeof got - have, 0);
    if (more < 0) fail("%s is not logged in after %d s: %s", client->name, PATIENCE_SECONDS, strerror(errno));
    if (more == 0) fail("the server closed %s while it logged in", client->name);
    have += (size_t)more;
    size_t at = 0, len;
    for (; !in && (len = line_in(got + at, have - at)) > 0; at += len) {
      const char *line = got + at;
      if (dialect->refused && begins(line, len, dialect->refused)) wrong_line(client, "cannot log in", line, len);
      in = is_in(dialect, client, line, len);
      if (!entered && memmem(line, len, dialect->after, strlen(dialect->after))) {
        say(client, dialect->enter);
        entered = true;
      }
      if (!in) is_aside(dialect, client, line, len);
    }
    have -= at;
    memmove(got, got + at, have);
    if (have == sizeof got) wrong_line(client, "logged in and got a line without end", got, have);
    pay(client);
  }
  hold(client, got, have);
}

// Reads what has come for a client of whom nothing is asked yet: the news of those who came after it.
static void skim(const struct dialect *dialect, struct client *client) {
  char got[HELD_MAX * 2];
  for (;;) {
    memcpy(got, client->held, client->held_len);
    ssize_t more = take(client, got + client->held_len, sizeof got - client->held_len, MSG_DONTWAIT);
    if (more < 0 && errno == EAGAIN) return;
    if (more <= 0) fail("the server closed %s", client->name);
    size_t have = client->held_len + (size_t)more, at = 0, len;
    for (; (len = line_in(got + at, have - at)) > 0; at += len)
      if (!is_aside(dialect, client, got + at, len)) wrong_line(client, "logged in and got", got + at, len);
    hold(client, got + at, have - at);
    pay(client);
  }
}

void log_in_at_two(const struct dialect *dialect, struct client *clients, int count, int port, int other,
                   enum part part) {
  // No more at once than the server's queue of connections takes.
  enum { AT_ONCE = 500 };
  for (int first = 0; first < count; first += AT_ONCE) {
    int end = first + AT_ONCE < count ? first + AT_ONCE : count;
    for (int i = first; i < end; i++) {
      connect_client(&clients[i], i % 2 ? other : port, KERNELS);
      ask_in(dialect, &clients[i], part);
    }
    for (int i = first; i < end; i++) await_in(dialect, &clients[i]);
    for (int i = 0; i < end; i++) skim(dialect, &clients[i]);
  }
}

void log_in(const struct dialect *dialect, struct client *clients, int count, int port, enum part part) {
  log_in_at_two(dialect, clients, count, port, port, part);
}

void hold(struct client *client, const char *line, size_t len) {
  if (len > HELD_MAX) wrong_line(client, "got a line without end", line, len);
  if (len > 0 && !client->held) client->held = need(1, HELD_MAX);
  if (len > 0) memcpy(client->held, line, len);
  client->held_len = len;
}

void owe(struct client *client, const char *line) {
  client->owed_len = strlen(line);
  if (client->owed_len > sizeof client->owed) fail("%s cannot answer: %s", client->name, line);
  memcpy(client->owed, line, client->owed_len);
}

bool pay(struct client *client) {
  if (client->owed_len == 0) return true;
  ssize_t sent = give(client, client->owed, client->owed_len, MSG_DONTWAIT);
  if (sent < 0 && errno == EAGAIN) return false;
  if (sent != (ssize_t)client->owed_len) fail("%s cannot answer: %s", client->name, strerror(errno));
  client->owed_len = 0;
  return true;
}

void wrong_line(const struct client *client, const char *why, const char *line, size_t len) {
  size_t shown = len < 60 ? len : 60;
  fail("%s %s: %.*s", client->name, why, (int)shown, line);
}
