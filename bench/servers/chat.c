// The same chat in C, on one thread and epoll, with nothing that rxchat has beyond the bare messages: no limits, no
// back-pressure, no check of names or of texts. It is there to be measured, in two ways of writing:
//
//   batch  what one turn of the loop has for a client goes out in one send(), which is close to what the kernel allows
//   each   every message is a string of its own, in a queue of its recipient's, and a send() of its own: the design of
//          the book's chat, without what a runtime of tasks costs
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ = 64 * 1024, NAME_MAX_LEN = 32, ROOMS = 16, BUCKETS = 65536 };

struct message {
  struct message *next;
  size_t len, sent;
  char bytes[];
};

struct client {
  int fd;
  char name[NAME_MAX_LEN + 1];
  size_t name_len;
  struct client *next_of_name;
  char *in;                                // the start of a line
  size_t in_len;
  char *out;                               // batch
  size_t out_len, out_size;
  struct message *first, **last;           // each
  bool dirty, wants_space, gone;
  struct client *next_dirty;
  struct room *rooms[ROOMS];
};

struct room {
  char name[NAME_MAX_LEN + 1];
  struct client **members;
  size_t count, size;
};

static bool each;
static int loop;
static struct client *names[BUCKETS];
static struct room rooms[ROOMS];
static struct client *dirty;

static void *need(void *memory) {
  if (!memory) abort();
  return memory;
}

static struct client **bucket_of(const char *name, size_t len) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < len; i++) hash = (hash ^ (unsigned char)name[i]) * 16777619u;
  return &names[hash % BUCKETS];
}

static struct client *find(const char *name, size_t len) {
  for (struct client *client = *bucket_of(name, len); client; client = client->next_of_name)
    if (client->name_len == len && !memcmp(client->name, name, len)) return client;
  return NULL;
}

static struct room *room_called(const char *name, size_t len) {
  for (struct room *room = rooms; len <= NAME_MAX_LEN && room < rooms + ROOMS; room++) {
    if (!room->name[0]) memcpy(room->name, name, len);
    if (strlen(room->name) == len && !memcmp(room->name, name, len)) return room;
  }
  return NULL;
}

static void append(struct client *client, const char *bytes, size_t len) {
  if (client->out_len + len > client->out_size) {
    client->out_size = (client->out_len + len) * 2;
    client->out = need(realloc(client->out, client->out_size));
  }
  memcpy(client->out + client->out_len, bytes, len);
  client->out_len += len;
}

static void queue(struct client *client, const char *bytes, size_t len) {
  struct message *message = need(malloc(sizeof *message + len));
  *message = (struct message){.len = len};
  memcpy(message->bytes, bytes, len);
  *client->last = message;
  client->last = &message->next;
}

static void deliver(struct client *client, const char *bytes, size_t len) {
  if (each) queue(client, bytes, len);
  else append(client, bytes, len);
  if (client->dirty) return;
  client->dirty = true;
  client->next_dirty = dirty;
  dirty = client;
}

static bool send_batch(struct client *client) {
  if (client->out_len == 0) return true;
  ssize_t sent = send(client->fd, client->out, client->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return errno != EAGAIN;
  client->out_len -= (size_t)sent;
  memmove(client->out, client->out + sent, client->out_len);
  if (client->out_len == 0 && client->out_size > READ) {
    free(client->out);
    client->out = NULL;
    client->out_size = 0;
  }
  return client->out_len == 0;
}

static bool send_each(struct client *client) {
  while (client->first) {
    struct message *message = client->first;
    ssize_t sent = send(client->fd, message->bytes + message->sent, message->len - message->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return errno != EAGAIN;
    message->sent += (size_t)sent;
    if (message->sent < message->len) continue;
    client->first = message->next;
    free(message);
  }
  client->last = &client->first;
  return true;
}

static void flush(struct client *client) {
  bool all = each ? send_each(client) : send_batch(client);
  if (client->wants_space == !all) return;
  client->wants_space = !all;
  struct epoll_event event = {.events = EPOLLIN | (all ? 0 : EPOLLOUT), .data.ptr = client};
  epoll_ctl(loop, EPOLL_CTL_MOD, client->fd, &event);
}

static void join(struct client *client, const char *name, size_t len) {
  struct room *room = room_called(name, len);
  if (!room || client->rooms[room - rooms]) return;
  if (room->count == room->size) {
    room->size = room->size ? room->size * 2 : 64;
    room->members = need(realloc(room->members, room->size * sizeof *room->members));
  }
  room->members[room->count++] = client;
  client->rooms[room - rooms] = room;
}

static void say(struct client *client, const char *line, size_t len) {
  const char *colon = memmem(line, len, ": ", 2);
  if (!colon) return deliver(client, "! write NAME: text\n", 19);
  static char said[READ * 2];
  bool in_room = line[0] == '#';
  size_t to_len = (size_t)(colon - line);
  int head = in_room ? snprintf(said, sizeof said, "from %s in %.*s: ", client->name, (int)to_len, line)
                     : snprintf(said, sizeof said, "from %s: ", client->name);
  size_t text_len = len - to_len - 2, said_len = (size_t)head + text_len + 1;
  memcpy(said + head, colon + 2, text_len);
  said[said_len - 1] = '\n';
  if (in_room) {
    struct room *room = room_called(line, to_len);
    for (size_t i = 0; room && i < room->count; i++)
      if (room->members[i] != client) deliver(room->members[i], said, said_len);
    return;
  }
  for (const char *at = line; at < colon;) {
    const char *comma = memmem(at, (size_t)(colon - at), ", ", 2), *end = comma ? comma : colon;
    struct client *to = find(at, (size_t)(end - at));
    if (to) deliver(to, said, said_len);
    else deliver(client, "! not here\n", 11);
    at = end + 2;
  }
}

static void take(struct client *client, const char *line, size_t len) {
  if (client->name_len == 0) {
    if (len == 0 || len > NAME_MAX_LEN || find(line, len)) return deliver(client, "! not a name, or taken\n", 23);
    memcpy(client->name, line, len);
    client->name_len = len;
    struct client **bucket = bucket_of(line, len);
    client->next_of_name = *bucket;
    *bucket = client;
  } else if (len > 6 && !memcmp(line, "/join ", 6)) {
    join(client, line + 6, len - 6);
  } else {
    say(client, line, len);
  }
}

static void leave(struct client *client) {
  client->gone = true;
  close(client->fd);
  if (client->name_len > 0) {
    struct client **at = bucket_of(client->name, client->name_len);
    while (*at != client) at = &(*at)->next_of_name;
    *at = client->next_of_name;
  }
  for (int i = 0; i < ROOMS; i++) {
    struct room *room = client->rooms[i];
    for (size_t member = 0; room && member < room->count; member++)
      if (room->members[member] == client) room->members[member--] = room->members[--room->count];
  }
}

static void receive(struct client *client) {
  static char buffer[READ * 2];
  memcpy(buffer, client->in, client->in_len);
  ssize_t got = recv(client->fd, buffer + client->in_len, READ, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return leave(client);
  size_t have = client->in_len + (size_t)got, at = 0;
  for (char *end; (end = memchr(buffer + at, '\n', have - at)); at = (size_t)(end - buffer) + 1)
    take(client, buffer + at, (size_t)(end - buffer) - at);
  client->in_len = have - at;
  if (client->in_len > READ) return leave(client);
  if (client->in_len == 0) return;
  client->in = need(realloc(client->in, client->in_len));
  memcpy(client->in, buffer + at, client->in_len);
}

static void release(struct client *client) {
  for (struct message *message = client->first, *next; message; message = next) {
    next = message->next;
    free(message);
  }
  free(client->in);
  free(client->out);
  free(client);
}

static void accept_all(int listener) {
  for (int fd, on = 1; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct client *client = need(calloc(1, sizeof *client));
    client->fd = fd;
    client->last = &client->first;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
  }
}

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 4096) < 0) {
    perror("cannot listen");
    exit(1);
  }
  return fd;
}

int main(int argc, char **argv) {
  if (argc != 3 || (strcmp(argv[1], "batch") && strcmp(argv[1], "each"))) {
    fprintf(stderr, "usage: chat batch|each PORT\n");
    return 2;
  }
  each = !strcmp(argv[1], "each");
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = listen_on(atoi(argv[2]));
  loop = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event listening = {.events = EPOLLIN};
  epoll_ctl(loop, EPOLL_CTL_ADD, listener, &listening);
  for (;;) {
    struct epoll_event events[256];
    int count = epoll_wait(loop, events, 256, -1);
    for (int i = 0; i < count; i++) {
      struct client *client = events[i].data.ptr;
      if (!client) accept_all(listener);
      else if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(client);
      if (client && !client->gone && events[i].events & EPOLLOUT) flush(client);
    }
    for (struct client *client; (client = dirty);) {
      dirty = client->next_dirty;
      client->dirty = false;
      if (!client->gone) flush(client);
    }
    for (int i = 0; i < count; i++) {
      struct client *client = events[i].data.ptr;
      if (client && client->gone) release(client);
    }
  }
}
