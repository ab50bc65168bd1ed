#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static const uint64_t SEQ_END = 100000000;

static void write_seq(char *at, uint64_t seq) {
  for (int i = SEQ_LEN - 1; i >= 0; i--, seq /= 10) at[i] = (char)('0' + seq % 10);
}

static uint64_t read_seq(const char *at) {
  uint64_t seq = 0;
  for (int i = 0; i < SEQ_LEN; i++) seq = seq * 10 + (uint64_t)(at[i] - '0');
  return seq;
}

void open_load(struct load *load, char letter, int text, int flow_count) {
  memset(load, 0, sizeof *load);
  load->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (load->epoll < 0) fail("epoll_create1: %s", strerror(errno));
  load->letter = letter;
  load->text = text;
  load->said_len = HEAD_LEN + (size_t)text + 1;
  load->flows = need((size_t)flow_count, sizeof *load->flows);
  load->sending = true;
  load->last_arrival = now_ns();
}

void watch(struct load *load, struct client *client) {
  client->held = need(1, load->said_len);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
  if (client->flow && client->flow->wants_room) event.events |= EPOLLOUT;
  if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

struct flow *open_flow(struct load *load, struct client *sender, struct client *recipients, int count,
                       int window, bool bounded) {
  if (sender->ordinal != load->flow_count) fail("flows must be opened in the order of their senders");
  struct flow *flow = &load->flows[load->flow_count++];
  size_t text = (size_t)load->text;
  flow->sender = sender;
  flow->recipients = recipients;
  flow->count = count;
  flow->bounded = bounded;
  flow->wants_room = !bounded;
  flow->window = (uint64_t)window;
  flow->text_at = (size_t)count * (NAME_LEN + 2);
  flow->line_len = flow->text_at + text + 1;
  flow->ring = need((size_t)window, flow->line_len);
  flow->expected = need(1, load->said_len + 1);
  flow->sent_at = need((size_t)window, sizeof *flow->sent_at);
  flow->missing = need((size_t)window, sizeof *flow->missing);
  flow->next = need((size_t)count, sizeof *flow->next);
  sender->flow = flow;

  char *line = flow->ring;
  for (int i = 0; i < count; i++, line += NAME_LEN + 2) {
    memcpy(line, recipients[i].name, NAME_LEN);
    memcpy(line + NAME_LEN, i + 1 < count ? ", " : ": ", 2);
  }
  for (size_t i = 0; i < text; i++) line[i] = (char)('a' + i % 26);
  line[text] = '\n';
  for (int i = 1; i < window; i++) memcpy(flow->ring + (size_t)i * flow->line_len, flow->ring, flow->line_len);

  snprintf(flow->expected, load->said_len, "from %s: ", sender->name);
  memcpy(flow->expected + HEAD_LEN, line, text + 1);
  return flow;
}

static void ask_for_room(struct load *load, struct flow *flow, bool wanted) {
  if (load->sending && !flow->bounded) wanted = true;
  if (flow->wants_room == wanted) return;
  flow->wants_room = wanted;
  struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.ptr = flow->sender};
  if (epoll_ctl(load->epoll, EPOLL_CTL_MOD, flow->sender->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

static void hand_over(struct load *load, struct flow *flow) {
  uint64_t ring_len = flow->window * flow->line_len;
  for (;;) {
    uint64_t left = flow->queued * flow->line_len - flow->bytes_out, at = flow->bytes_out % ring_len;
    if (left == 0) break;
    if (left > ring_len - at) left = ring_len - at;
    ssize_t sent = send(flow->sender->fd, flow->ring + at, left, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      ask_for_room(load, flow, true);
      return;
    }
    if (sent < 0) fail("%s cannot send: %s", flow->sender->name, strerror(errno));
    flow->bytes_out += (uint64_t)sent;
  }
  ask_for_room(load, flow, false);
}

// At most one window: a flood comes back with its next event, so that it cannot starve the others.
static void fill(struct load *load, struct flow *flow) {
  uint64_t done = flow->bounded ? flow->complete : flow->bytes_out / flow->line_len;
  uint64_t now = now_ns(), fresh = done + flow->window - flow->queued;
  while (flow->queued < done + flow->window) {
    uint64_t slot = flow->queued % flow->window;
    write_seq(flow->ring + slot * flow->line_len + flow->text_at, flow->queued % SEQ_END);
    flow->sent_at[slot] = now;
    flow->missing[slot] = flow->count;
    flow->queued++;
  }
  load->lines += fresh;
  load->due += fresh * (uint64_t)flow->count;
  hand_over(load, flow);
}

void start_flow(struct load *load, struct flow *flow) { fill(load, flow); }

static _Noreturn void wrong_line(const struct client *client, const char *why, const char *line, size_t len) {
  size_t shown = len < 60 ? len : 60;
  fail("%s %s: %.*s", client->name, why, (int)shown, line);
}

// Checks the whole line against what was sent and says which flow may go on because of it.
static struct flow *arrive(struct load *load, struct client *client, const char *line, uint64_t now) {
  int ordinal = line[5] == load->letter ? ordinal_in(line + 5) : -1;
  if (ordinal < 0 || ordinal >= load->flow_count) wrong_line(client, "got a stray line", line, load->said_len);
  struct flow *flow = &load->flows[ordinal];
  ptrdiff_t which = client - flow->recipients;
  if (which < 0 || which >= flow->count) wrong_line(client, "got another's line", line, load->said_len);
  const char *seq = line + HEAD_LEN, *rest = seq + SEQ_LEN;
  if (memcmp(line, flow->expected, HEAD_LEN) ||
      memcmp(rest, flow->expected + HEAD_LEN + SEQ_LEN, load->said_len - HEAD_LEN - SEQ_LEN))
    wrong_line(client, "got a changed line", line, load->said_len);
  uint64_t due = flow->next[which];
  if (due >= flow->queued || read_seq(seq) != due % SEQ_END) {
    char why[64];
    snprintf(why, sizeof why, "expected line %llu and got", (unsigned long long)due);
    wrong_line(client, why, line, load->said_len);
  }
  flow->next[which]++;
  load->arrived++;
  if (!flow->bounded) return NULL;
  uint64_t slot = due % flow->window;
  if (load->measuring) record(&load->latency, now - flow->sent_at[slot]);
  if (--flow->missing[slot] > 0) return NULL;
  flow->complete++;
  return flow->answer ? flow->answer : flow;
}

static void receive(struct load *load, struct client *client) {
  static char buffer[256 * 1024];
  memcpy(buffer, client->held, client->held_len);
  ssize_t got =
      recv(client->fd, buffer + client->held_len, sizeof buffer - client->held_len, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got < 0) fail("%s cannot receive: %s", client->name, strerror(errno));
  if (got == 0) fail("the server closed %s", client->name);
  uint64_t now = now_ns();
  load->last_arrival = now;

  size_t left = client->held_len + (size_t)got;
  const char *line = buffer;
  struct flow *ready[16];
  int ready_count = 0;
  for (; left >= load->said_len; line += load->said_len, left -= load->said_len) {
    struct flow *flow = arrive(load, client, line, now);
    if (!flow || !load->sending) continue;
    int i = 0;
    while (i < ready_count && ready[i] != flow) i++;
    if (i < ready_count) continue;
    if (ready_count < 16) ready[ready_count++] = flow;
    else fill(load, flow);
  }
  // A shorter line than expected, such as an error, would otherwise wait here for ever.
  if (left > 0 && *line != 'f') wrong_line(client, "got", line, left);
  memcpy(client->held, line, left);
  client->held_len = left;
  for (int i = 0; i < ready_count; i++) fill(load, ready[i]);
}

static void step(struct load *load, uint64_t until) {
  struct epoll_event events[128];
  uint64_t now = now_ns();
  uint64_t rest = until > now ? (until - now + 999999) / 1000000 : 0;
  int count = epoll_wait(load->epoll, events, 128, rest > 100 ? 100 : (int)rest);
  if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
  for (int i = 0; i < count; i++) {
    struct client *client = events[i].data.ptr;
    if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(load, client);
    if (events[i].events & EPOLLOUT) {
      if (load->sending && !client->flow->bounded) fill(load, client->flow);
      else hand_over(load, client->flow);
    }
  }
  if (load->shared) {
    load->shared->lines = load->lines;
    load->shared->deliveries = load->arrived;
  }
}

static void give_up_when_silent(const struct load *load) {
  if (load->arrived < load->due && now_ns() > load->last_arrival + PATIENCE_SECONDS * 1000000000ull)
    fail("no line arrived for %d s, %llu of %llu are missing", PATIENCE_SECONDS,
         (unsigned long long)(load->due - load->arrived), (unsigned long long)load->due);
}

void run_load(struct load *load, uint64_t until) {
  while (now_ns() < until && !(load->shared && load->shared->stop)) {
    step(load, until);
    give_up_when_silent(load);
  }
}

// Nobody sends any more: all that was sent must arrive, and nothing else.
void drain_load(struct load *load) {
  load->sending = false;
  for (int i = 0; i < load->flow_count; i++) hand_over(load, &load->flows[i]);
  while (load->arrived < load->due) {
    step(load, UINT64_MAX);
    give_up_when_silent(load);
  }
  uint64_t quiet = now_ns() + 20000000;
  while (now_ns() < quiet) step(load, quiet);
}
