#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

// Every client has one of 250 addresses, so that neither a limit per address nor the number of ports of one
// address ends a scenario.
static struct sockaddr_in next_source(void) {
  static unsigned turn;
  struct sockaddr_in source = {.sin_family = AF_INET};
  source.sin_addr.s_addr = htonl(0x7f000002u + turn++ % 250);
  return source;
}

void connect_client(struct client *client, int port, bool smallest_buffer) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, least = 1;
  if (fd < 0) fail("socket: %s (see ulimit -n)", strerror(errno));
  if (smallest_buffer) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  struct sockaddr_in source = next_source();
  if (bind(fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind: %s", strerror(errno));
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0)
    fail("%s cannot connect: %s", client->name, strerror(errno));
  client->fd = fd;
}

void ask_in(struct client *client) {
  char lines[64];
  int length = snprintf(lines, sizeof lines, "%s\n%s: in\n", client->name, client->name);
  if (send(client->fd, lines, (size_t)length, MSG_NOSIGNAL) != length)
    fail("%s cannot send its name: %s", client->name, strerror(errno));
}

void await_in(struct client *client) {
  char expected[64], got[256];
  size_t length = (size_t)snprintf(expected, sizeof expected, "from %s: in\n", client->name), have = 0;
  while (have < length) {
    ssize_t more = recv(client->fd, got + have, sizeof got - 1 - have, 0);
    if (more < 0) fail("%s is not logged in after %d s: %s", client->name, PATIENCE_SECONDS, strerror(errno));
    if (more == 0) fail("the server closed %s while it logged in", client->name);
    have += (size_t)more;
    if (memcmp(got, expected, have < length ? have : length)) break;
  }
  got[have] = '\0';
  if (have != length || memcmp(got, expected, length)) fail("%s logged in and got: %s", client->name, got);
}

void log_in(struct client *clients, int count, int port) {
  // No more at once than the server's queue of connections takes.
  enum { AT_ONCE = 100 };
  for (int first = 0; first < count; first += AT_ONCE) {
    int end = first + AT_ONCE < count ? first + AT_ONCE : count;
    for (int i = first; i < end; i++) {
      connect_client(&clients[i], port, false);
      ask_in(&clients[i]);
    }
    for (int i = first; i < end; i++) await_in(&clients[i]);
  }
}
