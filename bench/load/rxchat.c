#include "load.h"

#include <stdio.h>

static bool is_from_itself(const struct client *client, const char *line, size_t len) {
  char expected[64];
  snprintf(expected, sizeof expected, "from %s: in\n", client->name);
  return len == strlen(expected) && begins(line, len, expected);
}

static int greet(char *at, const struct client *client, enum part part) {
  (void)part;
  return snprintf(at, GREETING_MAX, "%s\n%s: in\n", client->name, client->name);
}

static enum meaning meaning(struct client *client, const char *line, size_t len) {
  return is_from_itself(client, line, len) ? IN : WRONG;
}

static int write_recipients(char *at, const struct flow *flow, int text) {
  (void)text;
  if ((size_t)flow->count * (NAME_LEN + 2) > HEAD_MAX) fail("%d recipients are too many", flow->count);
  for (int i = 0; i < flow->count; i++, at += NAME_LEN + 2) {
    memcpy(at, flow->recipients[i].name, NAME_LEN);
    memcpy(at + NAME_LEN, i + 1 < flow->count ? ", " : ": ", 2);
  }
  return flow->count * (NAME_LEN + 2);
}

static int write_sender(char *at, const struct flow *flow, int text) {
  (void)text;
  return snprintf(at, HEAD_MAX, "from %s: ", flow->sender->name);
}

const struct dialect rxchat = {
    .peer = "rxchat",
    .end = "\n",
    .name_at = 5,
    .greet = greet,
    .meaning = meaning,
    .write_line_head = write_recipients,
    .write_said_head = write_sender,
};

// A client that hears itself has been handled up to there, so it is in the room. Whoever sends is in it, too.
static int greet_room(char *at, const struct client *client, enum part part) {
  (void)part;
  return snprintf(at, GREETING_MAX, "%s\n/join #room\n%s: in\n", client->name, client->name);
}

// The news of a room come at any time: that the last ones joined is heard by the first when all of them are in.
static enum meaning meaning_in_room(struct client *client, const char *line, size_t len) {
  return begins(line, len, "* ") ? ASIDE : meaning(client, line, len);
}

static int write_room(char *at, const struct flow *flow, int text) {
  (void)flow, (void)text;
  return snprintf(at, HEAD_MAX, "#room: ");
}

static int write_sender_in_room(char *at, const struct flow *flow, int text) {
  (void)text;
  return snprintf(at, HEAD_MAX, "from %s in #room: ", flow->sender->name);
}

const struct dialect rxchat_room = {
    .peer = "rxchat",
    .end = "\n",
    .name_at = 5,
    .greet = greet_room,
    .meaning = meaning_in_room,
    .write_line_head = write_room,
    .write_said_head = write_sender_in_room,
};
