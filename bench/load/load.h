#ifndef LOAD_H
#define LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

enum {
  NAME_LEN = 4,                       // a letter and three base-36 digits: 46,656 names of one width
  HEAD_LEN = 5 + NAME_LEN + 2,        // "from NAME: "
  SEQ_LEN = 8,                        // every text starts with its sequence number
  PATIENCE_SECONDS = 20               // a server that says nothing for this long has lost a line
};

struct options {
  int port;
  int server_pid;                     // 0: do not report the server's CPU time
  double warm, seconds;
  int text, window;
  int pairs, senders, recipients, clients, leavers;
  const char *flood;
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

// client.c

struct flow;

struct client {
  int fd;
  int ordinal;
  char name[NAME_LEN + 1];
  struct flow *flow;                  // what this client sends, if it sends
  char *held;                         // start of a line whose end has not arrived yet
  size_t held_len;
};

void name_client(struct client *client, char letter, int ordinal);
int ordinal_in(const char *name);     // -1 when these are not three base-36 digits
void connect_client(struct client *client, int port, bool smallest_buffer);
void ask_in(struct client *client);   // sends the name and a line to itself
void await_in(struct client *client); // waits for that line
void log_in(struct client *clients, int count, int port);

// flow.c

// Lines of one sender to one set of recipients.
struct flow {
  struct client *sender, *recipients;
  int count;
  bool bounded;                       // false: only the kernel holds the sender back
  struct flow *answer;                // an arrival here sends a line there (turn by turn)
  uint64_t window;
  size_t line_len;                    // as sent: recipients, text, line end
  size_t text_at;
  char *ring;                         // `window` prebuilt lines, only their sequence numbers change
  char *expected;                     // as received, sequence number aside
  uint64_t *sent_at;                  // per line of the window
  int *missing;                       // per line of the window: recipients who do not have it yet
  uint64_t *next;                     // per recipient: the sequence number due
  uint64_t queued, complete, bytes_out;
  bool wants_room;
};

struct load {
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

void open_load(struct load *load, char letter, int text, int flow_count);
void watch(struct load *load, struct client *client);
struct flow *open_flow(struct load *load, struct client *sender, struct client *recipients, int count,
                       int window, bool bounded);
void start_flow(struct load *load, struct flow *flow);
void run_load(struct load *load, uint64_t until);
void drain_load(struct load *load);

// flood.c

void flood(const struct options *options, struct shared *shared);

#endif
