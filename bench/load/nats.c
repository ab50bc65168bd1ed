#include "load.h"

#include <stdio.h>

// Whoever sends has no subscription, as it hears nothing of its own in a room of rxchat either.
static int greet(char *at, const struct client *client, enum part part) {
  (void)client;
  return snprintf(at, GREETING_MAX, "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":true}\r\n%sPING\r\n",
                  part == HEARS ? "SUB room 1\r\n" : "");
}

static enum meaning meaning(struct client *client, const char *line, size_t len) {
  if (begins(line, len, "PONG\r\n")) return IN;
  if (begins(line, len, "INFO ")) return ASIDE;
  if (!begins(line, len, "PING\r\n")) return WRONG;
  owe(client, "PONG\r\n");
  return ASIDE;
}

static int write_pub(char *at, const struct flow *flow, int text) {
  (void)flow;
  return snprintf(at, HEAD_MAX, "PUB room %d\r\n", text);
}

static int write_msg(char *at, const struct flow *flow, int text) {
  (void)flow;
  return snprintf(at, HEAD_MAX, "MSG room 1 %d\r\n", text);
}

const struct dialect nats_room = {
    .peer = "nats",
    .end = "\r\n",
    .greet = greet,
    .meaning = meaning,
    .write_line_head = write_pub,
    .write_said_head = write_msg,
};
