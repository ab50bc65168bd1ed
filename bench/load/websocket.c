// Lines in messages of a WebSocket (RFC 6455), as its client has them.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
  LAST = 0x80, MASKED = 0x80,         // bits of the first two bytes of a frame (5.2)
  TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10,
  HEADER_MAX = 14,
  CONTROL_MAX = 125,
  MESSAGE_MAX = 60 * 1024,            // servers have a limit for what they take at once
  FRAME_MAX = 2 * HEAD_MAX            // of a line that is longer than that
};

struct websocket {
  unsigned char header[HEADER_MAX];   // of the frame that is under way, if its payload is longer than 0,
  size_t header_len, payload, sent;   // and how much of both was sent
  unsigned char got[HEADER_MAX];      // of the one that is read
  size_t got_len;
  uint64_t left;                      // bytes of its payload that are still to come
  int opcode;
  char ping[CONTROL_MAX];             // to be answered
  size_t ping_len;
  bool is_asked;
};

// The key and its answer are the RFC's own example (1.3).
static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==", answer[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

void open_websocket(struct client *client, int port) {
  char text[2048];
  int length = snprintf(text, sizeof text,
                        "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n", port, key);
  if (send(client->fd, text, (size_t)length, MSG_NOSIGNAL) != length)
    fail("%s cannot ask for a WebSocket: %s", client->name, strerror(errno));
  // Frames may follow at once, and are not to be read here.
  for (const char *end = NULL; !end;) {
    ssize_t got = recv(client->fd, text, sizeof text, MSG_PEEK);
    if (got <= 0) fail("%s got no WebSocket: %s", client->name, got < 0 ? strerror(errno) : "the server closed it");
    end = memmem(text, (size_t)got, "\r\n\r\n", 4);
    if (!end && (size_t)got == sizeof text) fail("%s got a long answer of HTTP", client->name);
    if (end && recv(client->fd, text, (size_t)(end - text) + 4, 0) != end - text + 4)
      fail("%s cannot receive: %s", client->name, strerror(errno));
    if (end && (!begins(text, (size_t)got, "HTTP/1.1 101 ") || !memmem(text, (size_t)(end - text), answer, sizeof answer - 1)))
      fail("%s got no WebSocket: %.40s", client->name, text);
  }
  client->websocket = need(1, sizeof *client->websocket);
}

void close_websocket(struct client *client) {
  free(client->websocket);
  client->websocket = NULL;
}

// Always the same one. The RFC wants one that nobody can guess, which keeps pages from talking to what stands in between
// (10.3): here nothing does, and to undo it is the same work. Of 0 it would be none.
static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};

static void begin_frame(struct websocket *socket, int opcode, size_t payload) {
  unsigned char *at = socket->header;
  *at++ = (unsigned char)(LAST | opcode);
  size_t bytes = payload < 126 ? 0 : payload < 65536 ? 2 : 8;
  *at++ = (unsigned char)(MASKED | (bytes == 0 ? payload : bytes == 2 ? 126 : 127));
  while (bytes > 0) *at++ = (unsigned char)(payload >> 8 * --bytes);
  memcpy(at, mask, sizeof mask);
  socket->header_len = (size_t)(at + 4 - socket->header);
  socket->payload = payload;
  socket->sent = 0;
}

// From `from` on; eight bytes at a time.
static void mask_from(char *to, const char *payload, size_t from, size_t len) {
  unsigned char turned[8];
  for (size_t i = 0; i < sizeof turned; i++) turned[i] = mask[(from + i) % sizeof mask];
  uint64_t word, key;
  memcpy(&key, turned, sizeof key);
  size_t at = 0;
  for (; at + sizeof word <= len; at += sizeof word) {
    memcpy(&word, payload + from + at, sizeof word);
    word ^= key;
    memcpy(to + at, &word, sizeof word);
  }
  for (; at < len; at++) to[at] = payload[from + at] ^ (char)turned[at % sizeof turned];
}

// The rest of the frame that is under way; its length once the kernel has all of it.
static ssize_t send_frame(struct client *client, const char *payload, int flags) {
  static char rest[HEADER_MAX + FRAME_MAX];
  struct websocket *socket = client->websocket;
  size_t header = socket->sent < socket->header_len ? socket->header_len - socket->sent : 0;
  size_t len = socket->header_len + socket->payload - socket->sent - header;
  memcpy(rest, socket->header + socket->header_len - header, header);
  mask_from(rest + header, payload, socket->payload - len, len);
  for (size_t at = 0; at < header + len;) {
    ssize_t sent = send(client->fd, rest + at, header + len - at, flags | MSG_NOSIGNAL);
    if (sent < 0) return -1;
    at += (size_t)sent;
    socket->sent += (size_t)sent;
  }
  size_t payload_len = socket->payload;
  socket->payload = 0;
  return (ssize_t)payload_len;
}

// Between two frames, if all of it is taken; otherwise another time.
static void answer_ping(struct client *client) {
  struct websocket *socket = client->websocket;
  if (!socket->is_asked || socket->payload > 0) return;
  char frame[HEADER_MAX + CONTROL_MAX];
  begin_frame(socket, PONG, socket->ping_len);
  memcpy(frame, socket->header, socket->header_len);
  mask_from(frame + socket->header_len, socket->ping, 0, socket->ping_len);
  ssize_t length = (ssize_t)(socket->header_len + socket->ping_len);
  socket->payload = 0;
  ssize_t sent = send(client->fd, frame, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) return;
  if (sent != length) fail("%s cannot answer a ping: %s", client->name, strerror(errno));
  socket->is_asked = false;
}

ssize_t give_messages(struct client *client, const char *lines, size_t len, int flags) {
  struct websocket *socket = client->websocket;
  if (socket->payload == 0) {
    answer_ping(client);
    const char *end = len > MESSAGE_MAX ? memrchr(lines, '\n', MESSAGE_MAX) : NULL;
    if (!end && len > FRAME_MAX) fail("%s has a line too long for a message", client->name);
    begin_frame(socket, TEXT, end ? (size_t)(end - lines) + 1 : len);
  }
  if (len < socket->payload) fail("%s gives something else than it has begun to", client->name);
  return send_frame(client, lines, flags);
}

// A byte more of the header.
static void read_header(const struct client *client, unsigned char byte) {
  struct websocket *socket = client->websocket;
  unsigned char *got = socket->got;
  got[socket->got_len++] = byte;
  if (socket->got_len < 2) return;
  int short_length = got[1] & 127;
  size_t bytes = short_length < 126 ? 0 : short_length == 126 ? 2 : 8;
  if (socket->got_len < 2 + bytes) return;
  socket->left = bytes == 0 ? (uint64_t)short_length : 0;
  for (size_t i = 0; i < bytes; i++) socket->left = socket->left << 8 | got[2 + i];
  socket->opcode = got[0] & 15;
  socket->got_len = 0;
  if ((got[0] & 0x70) || (got[1] & MASKED)) fail("%s got a frame that no server sends", client->name);
  if (socket->opcode == CLOSE) fail("the server closed the WebSocket of %s", client->name);
  if (socket->opcode == PING) socket->ping_len = 0, socket->is_asked = true;
}

// Leaves what messages carry, and nothing of their frames.
static size_t unframe(struct client *client, char *bytes, size_t len) {
  struct websocket *socket = client->websocket;
  size_t kept = 0;
  for (size_t at = 0; at < len;) {
    if (socket->left == 0) {
      read_header(client, (unsigned char)bytes[at++]);
      continue;
    }
    size_t part = len - at < socket->left ? len - at : (size_t)socket->left;
    if (socket->opcode <= BINARY) {
      memmove(bytes + kept, bytes + at, part);
      kept += part;
    } else if (socket->opcode == PING && socket->ping_len + part <= CONTROL_MAX) {
      memcpy(socket->ping + socket->ping_len, bytes + at, part);
      socket->ping_len += part;
    }
    socket->left -= part;
    at += part;
  }
  return kept;
}

ssize_t take_messages(struct client *client, char *bytes, size_t size, int flags) {
  for (;;) {
    ssize_t got = recv(client->fd, bytes, size, flags);
    if (got <= 0) return got;
    size_t kept = unframe(client, bytes, (size_t)got);
    if (client->websocket->left == 0) answer_ping(client);
    if (kept > 0) return (ssize_t)kept;
  }
}
