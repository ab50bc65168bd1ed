// What carries a client's bytes. Whoever gives and takes does not know which it is.
#include "load.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static enum { PLAIN, WEBSOCKET, TLS } carrier;

bool carry_by(const char *name) {
  const char *names[] = {[PLAIN] = "plain", [WEBSOCKET] = "websocket", [TLS] = "tls"};
  for (carrier = PLAIN; carrier <= TLS; carrier++)
    if (!strcmp(name, names[carrier])) return true;
  return false;
}

void open_carrier(struct client *client, int port) {
  if (carrier == WEBSOCKET) open_websocket(client, port);
  if (carrier == TLS) open_tls(client);
}

void disconnect(struct client *client) {
  if (client->websocket) close_websocket(client);
  if (client->tls) close_tls(client);
  close(client->fd);
  client->fd = -1;
}

ssize_t give(struct client *client, const void *bytes, size_t len, int flags) {
  ssize_t sent = client->websocket ? give_messages(client, bytes, len, flags)
                 : client->tls     ? give_records(client, bytes, len, flags)
                                   : send(client->fd, bytes, len, flags | MSG_NOSIGNAL);
  client->is_midway = sent < 0 && errno == EAGAIN;
  return sent;
}

ssize_t take(struct client *client, void *bytes, size_t size, int flags) {
  return client->websocket ? take_messages(client, bytes, size, flags)
         : client->tls     ? take_records(client, bytes, size, flags)
                           : recv(client->fd, bytes, size, flags);
}
