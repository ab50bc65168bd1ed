#ifndef LOAD_H
#define LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "histogram.h"

enum {
  NAME_LEN = 4,                       // a letter and three base-36 digits: 46,656 names of one width
  SEQ_LEN = 8,                        // every text starts with its sequence number
  GREETING_MAX = 256,
  HEAD_MAX = 64 * 1024,               // what comes before a text
  HELD_MAX = 16 * 1024,               // the start of a line, until its end arrives
  OWED_MAX = 64,
  PATIENCE_SECONDS = 20               // a server that says nothing for this long has lost a line
};

struct options {
  int port;
  int server_pid;                     // 0: do not report the server's CPU time
  double warm, seconds;
  int text, window;
  int pairs, senders, recipients, clients, leavers;
  const char *flood, *peer;
};

// What the process that floods and the one that measures tell each other.
struct shared {
  atomic_bool ready, go, stop;
  atomic_ullong lines, deliveries, answers, replaced;
  char failure[512];
};

uint64_t now_ns(void);
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void fail_into(char *text, size_t size);  // from now on fail() writes here instead of stdout
void *need(size_t count, size_t size);    // zeroed memory or fail()

struct flow;

struct client {
  int fd;
  int ordinal;
  char name[NAME_LEN + 1];
  struct flow *flow;                  // what this client sends, if it sends
  char *held;                         // start of a line whose end has not arrived yet
  size_t held_len;
  char owed[OWED_MAX];                // an answer that the server waits for
  size_t owed_len;
};

// rxchat.c, nats.c

enum part { SENDS, HEARS };

enum meaning {
  IN,                                 // what the client asked for when it came is done
  ASIDE,                              // nothing to do with a scenario
  WRONG
};

// How one speaks with a server. A further peer is one more of these, in a file of its own.
struct dialect {
  const char *peer;
  const char *end;                    // of a line, after its text
  int name_at;                        // where a line says who sent it; only needed with several who send
  // All that the client says when it comes, at most GREETING_MAX.
  int (*greet)(char *at, const struct client *client, enum part part);
  // Of a line that is not one of a flow, up to its newline.
  enum meaning (*meaning)(struct client *client, const char *line, size_t len);
  // What comes before the text as it is sent and as it is heard, at most HEAD_MAX; what was written is its length.
  int (*write_line_head)(char *at, const struct flow *flow, int text);
  int (*write_said_head)(char *at, const struct flow *flow, int text);
};

extern const struct dialect rxchat;   // a line names its recipients
extern const struct dialect rxchat_room, nats_room;

static inline bool begins(const char *line, size_t len, const char *with) {
  size_t head = strlen(with);
  return len >= head && !memcmp(line, with, head);
}

// The length of the first line, its newline included; 0 when that has not arrived.
static inline size_t line_in(const char *at, size_t len) {
  const char *end = memchr(at, '\n', len);
  return end ? (size_t)(end - at) + 1 : 0;
}

// client.c

void name_client(struct client *client, char letter, int ordinal);
int ordinal_in(const char *name);     // -1 when these are not three base-36 digits
void connect_client(struct client *client, int port, bool smallest_buffer);
void ask_in(const struct dialect *dialect, struct client *client, enum part part);
void await_in(const struct dialect *dialect, struct client *client);
void log_in(const struct dialect *dialect, struct client *clients, int count, int port, enum part part);
void hold(struct client *client, const char *line, size_t len);
void owe(struct client *client, const char *line);
bool pay(struct client *client);      // false: not now
_Noreturn void wrong_line(const struct client *client, const char *why, const char *line, size_t len);

// flow.c

// Lines of one sender to one set of recipients.
struct flow {
  struct client *sender, *recipients;
  int count;
  bool bounded;                       // false: only the kernel holds the sender back
  struct flow *answer;                // an arrival here sends a line there (turn by turn)
  uint64_t window;
  size_t line_len;                    // as sent: recipients, text, line end
  size_t text_at, said_text_at;
  char *ring;                         // `window` prebuilt lines, only their sequence numbers change
  char *said;                         // the same lines as a recipient gets them
  uint64_t *said_seq;                 // which ones of them these are at the moment
  uint64_t *sent_at;                  // per line of the window
  int *missing;                       // per line of the window: recipients who do not have it yet
  uint64_t *next;                     // per recipient: the sequence number due
  uint64_t queued, complete, bytes_out;
  bool wants_space;
};

struct load {
  const struct dialect *dialect;
  int epoll;
  char letter;                        // first letter of the names of those who send
  int text;
  size_t said_len;                    // length of every line a recipient gets
  struct flow *flows;
  int flow_count;
  bool sending, measuring;
  uint64_t lines, due, arrived, last_arrival;
  struct histogram latency;
  struct shared *shared;
};

void open_load(struct load *load, const struct dialect *dialect, char letter, int text, int flow_count);
void watch(struct load *load, struct client *client);
struct flow *open_flow(struct load *load, struct client *sender, struct client *recipients, int count,
                       int window, bool bounded);
void start_flow(struct load *load, struct flow *flow);
void run_load(struct load *load, uint64_t until);
void drain_load(struct load *load);

// flood.c

void flood(const struct options *options, struct shared *shared);

#endif
