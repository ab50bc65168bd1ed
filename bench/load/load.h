#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "histogram.h"

enum {
  NAME_LEN = 4,                       // a letter and three base-36 digits: 46,656 names of one width
  SEQ_LEN = 8,                        // every text starts with the name of who sends it and its sequence number
  GREETING_MAX = 512,
  HEAD_MAX = 64 * 1024,               // what comes before a text
  HELD_MAX = 16 * 1024,               // the start of a line, until its end arrives
  OWED_MAX = 64,
  ASIDES_MAX = 12,
  PATIENCE_SECONDS = 20               // a server that says nothing for this long has lost a line
};

uint64_t now_ns(void);
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool stopped(void);                   // SIGTERM has come
void *need(size_t count, size_t size);    // zeroed memory or fail()

struct flow;

struct client {
  int fd;
  int ordinal;
  char name[NAME_LEN + 1], address[16];
  struct flow *flow;                  // what this client sends, if it sends
  struct flow *hears;                 // what it hears,
  bool hears_many;                    // if that is one
  char *held;                         // start of a line whose end has not arrived yet
  size_t held_len;
  char owed[OWED_MAX];                // an answer that the server waits for
  size_t owed_len;
  struct websocket *websocket;        // what carries its bytes, if it is one of these
  struct ssl_st *tls;
  bool is_midway;                     // it has begun to give something: that is what it has to give next
};

// carrier.c

bool carry_by(const char *name);      // all clients that come from now on; false: there is no such carrier
void open_carrier(struct client *client, int port);
void disconnect(struct client *client);
// As send() and recv() are.
ssize_t give(struct client *client, const void *bytes, size_t len, int flags);
ssize_t take(struct client *client, void *bytes, size_t size, int flags);

// websocket.c

void open_websocket(struct client *client, int port);
void close_websocket(struct client *client);
ssize_t give_messages(struct client *client, const char *lines, size_t len, int flags);
ssize_t take_messages(struct client *client, char *bytes, size_t size, int flags);

// tls.c

void open_tls(struct client *client);
void close_tls(struct client *client);
ssize_t give_records(struct client *client, const char *lines, size_t len, int flags);
ssize_t take_records(struct client *client, char *bytes, size_t size, int flags);
size_t client_hello(char *at, size_t size);

// dialect.c

enum part { SENDS, HEARS };

// How one speaks with a server, as bench/peers.js has it. In a form {me} is the name of the client, {to} that of who is
// written to, {from} and {address} are those of who writes, {bytes} is the length of a text.
struct dialect {
  const char *greet;                  // all that a client says when it comes,
  const char *greet_sender;           // if it sends only, and that is something else
  const char *after, *enter;          // said once a line has come that contains `after`
  const char *in;                     // what the line contains that says that the client is in
  const char *refused;                // how a line begins that says it is not
  const char *line, *said;            // what comes before the text as it is sent and as it is heard
  const char *end, *said_end;         // of a line, after its text, as it is sent and as it is heard
  const char *ping, *pong;            // a line that begins with `ping` is answered
  const char *mark;                   // see without_marks()
  const char *stamp, *stamped;        // see without_stamps()
  const char *room;                   // {to} where lines go to a room; none: to who hears them, by name
  const char *asides[ASIDES_MAX];     // how lines begin that are nobody's
  int aside_count;
};

struct words {
  const char *me, *to, *from, *address, *bytes;
};

int expand(char *at, size_t size, const char *form, const struct words *words);
bool is_in(const struct dialect *dialect, const struct client *client, const char *line, size_t len);
// Of a line that is not one of a flow, its end included.
bool is_aside(const struct dialect *dialect, struct client *client, const char *line, size_t len);
size_t without_marks(const struct dialect *dialect, char *at, size_t len);
size_t without_stamps(const struct dialect *dialect, char *at, size_t len);

static inline bool begins(const char *line, size_t len, const char *with) {
  size_t head = strlen(with);
  return len >= head && !memcmp(line, with, head);
}

// The length of the first line, its newline included; 0 when that has not arrived.
static inline size_t line_in(const char *at, size_t len) {
  const char *end = memchr(at, '\n', len);
  return end ? (size_t)(end - at) + 1 : 0;
}

enum { BESIDE_MAX = 4 };

struct options {
  int port, there;                    // where who sends is, and who hears; the same one, if not said otherwise
  int server_pid;                     // 0: do not report the server's CPU time
  int beside_pids[BESIDE_MAX];        // of those who work with it: their CPU time is reported, too
  int beside_count;
  double warm, seconds;
  int text, window;
  int pairs, senders, recipients, slow, clients;
  const char *flood;
  struct dialect dialect;
};

// client.c

void name_client(struct client *client, char letter, int ordinal);
int ordinal_in(const char *name);     // -1 when these are not three base-36 digits
// What it has not read yet waits in a buffer of so many bytes; the kernel makes the least it knows of 1.
enum { KERNELS = 0, SLOW_BUFFER = 64 * 1024 };
void connect_client(struct client *client, int port, int buffer);
void ask_in(const struct dialect *dialect, struct client *client, enum part part);
void await_in(const struct dialect *dialect, struct client *client);
void log_in(const struct dialect *dialect, struct client *clients, int count, int port, enum part part);
// Every second one comes to the other port.
void log_in_at_two(const struct dialect *dialect, struct client *clients, int count, int port, int other,
                   enum part part);
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
  size_t seq_at;
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
  size_t said_len, said_text_at;      // of every line a recipient gets
  struct flow *flows;
  int flow_count;
  bool sending, measuring;
  uint64_t lines, due, arrived, last_arrival;
  struct histogram latency;
  struct client *slow;                // who read a little, now and then
  int slow_count, slow_gone;
  uint64_t slow_due;
};

void open_load(struct load *load, const struct dialect *dialect, char letter, int text, int flow_count);
void watch(struct load *load, struct client *client);
struct flow *open_flow(struct load *load, struct client *sender, struct client *recipients, int count,
                       int window, bool bounded);
void start_flow(struct load *load, struct flow *flow);
void run_load(struct load *load, uint64_t until);
void drain_load(struct load *load);
void count_gone(struct load *load);

// flood.c

struct flooded {
  uint64_t lines, deliveries, answers, replaced;
  bool of_strangers;                  // who say no line
};

struct flooded flood(const struct options *options);

// strangers.c

struct flooded silent_strangers(const struct options *options);
struct flooded greeting_strangers(const struct options *options);

// main.c

void say_ready(int clients);

#endif
