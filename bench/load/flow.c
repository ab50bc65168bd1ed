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

void open_load(struct load *load, const struct dialect *dialect, char letter, int text, int flow_count) {
  memset(load, 0, sizeof *load);
  load->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (load->epoll < 0) fail("epoll_create1: %s", strerror(errno));
  load->dialect = dialect;
  load->letter = letter;
  load->text = text;
  load->flows = need((size_t)flow_count, sizeof *load->flows);
  load->sending = true;
}

void watch(struct load *load, struct client *client) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
  if (client->flow && client->flow->wants_space) event.events |= EPOLLOUT;
  if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

static char *write_line(char *at, const char *head, size_t head_len, const char *from, int text, const char *end) {
  memcpy(at, head, head_len);
  at += head_len;
  for (int i = 0; i < text; i++) at[i] = (char)('a' + i % 26);
  memcpy(at, from, NAME_LEN);
  return stpcpy(at + text, end);
}

// The same line `count` times, with a line's length in `len`.
static char *write_lines(const struct load *load, const struct flow *flow, const char *head, int head_len,
                         const char *end, size_t *len) {
  *len = (size_t)(head_len + load->text) + strlen(end);
  char *lines = need(1, flow->window * *len + 1), *at = lines;
  for (uint64_t i = 0; i < flow->window; i++)
    at = write_line(at, head, (size_t)head_len, flow->sender->name, load->text, end);
  return lines;
}

static void name_all(char *at, const struct client *recipients, int count) {
  if ((size_t)count * (NAME_LEN + 2) > HEAD_MAX) fail("%d recipients are too many for a line", count);
  for (int i = 0; i < count; i++) {
    at = stpcpy(at, recipients[i].name);
    if (i + 1 < count) at = stpcpy(at, ", ");
  }
}

struct flow *open_flow(struct load *load, struct client *sender, struct client *recipients, int count,
                       int window, bool bounded) {
  static char head[HEAD_MAX];
  if (sender->ordinal != load->flow_count) fail("flows must be opened in the order of their senders");
  struct flow *flow = &load->flows[load->flow_count++];
  flow->sender = sender;
  flow->recipients = recipients;
  flow->count = count;
  flow->bounded = bounded;
  flow->wants_space = !bounded;
  flow->window = (uint64_t)window;
  flow->sent_at = need((size_t)window, sizeof *flow->sent_at);
  flow->missing = need((size_t)window, sizeof *flow->missing);
  flow->next = need((size_t)count, sizeof *flow->next);
  sender->flow = flow;
  for (int i = 0; i < count; i++) {
    recipients[i].hears_many = recipients[i].hears != NULL;
    recipients[i].hears = flow;
  }

  static char to[HEAD_MAX];
  char bytes[16];
  snprintf(bytes, sizeof bytes, "%d", load->text);
  if (load->dialect->room) snprintf(to, sizeof to, "%s", load->dialect->room);
  else name_all(to, recipients, count);
  struct words words = {.to = to, .from = sender->name, .address = sender->address, .bytes = bytes};
  int head_len = expand(head, sizeof head, load->dialect->line, &words);
  flow->seq_at = (size_t)head_len + NAME_LEN;
  flow->ring = write_lines(load, flow, head, head_len, load->dialect->end, &flow->line_len);
  head_len = expand(head, sizeof head, load->dialect->said, &words);
  load->said_text_at = (size_t)head_len;
  flow->said = write_lines(load, flow, head, head_len, load->dialect->said_end, &load->said_len);
  flow->said_seq = need((size_t)window, sizeof *flow->said_seq);
  memset(flow->said_seq, 0xff, (size_t)window * sizeof *flow->said_seq);
  return flow;
}

static void ask_for_space(struct load *load, struct flow *flow, bool wanted) {
  if (load->sending && !flow->bounded) wanted = true;
  if (flow->wants_space == wanted) return;
  flow->wants_space = wanted;
  struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.ptr = flow->sender};
  if (epoll_ctl(load->epoll, EPOLL_CTL_MOD, flow->sender->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

static void hand_over(struct load *load, struct flow *flow) {
  uint64_t ring_len = flow->window * flow->line_len;
  for (;;) {
    // An answer has its place between two lines.
    bool between = flow->sender->owed_len > 0 && flow->bytes_out % flow->line_len == 0 && !flow->sender->is_midway;
    if (between && !pay(flow->sender)) {
      ask_for_space(load, flow, true);
      return;
    }
    uint64_t left = flow->queued * flow->line_len - flow->bytes_out, at = flow->bytes_out % ring_len;
    if (left == 0) break;
    if (left > ring_len - at) left = ring_len - at;
    ssize_t sent = give(flow->sender, flow->ring + at, left, MSG_DONTWAIT);
    if (sent < 0 && errno == EAGAIN) {
      ask_for_space(load, flow, true);
      return;
    }
    if (sent < 0) fail("%s cannot send: %s", flow->sender->name, strerror(errno));
    flow->bytes_out += (uint64_t)sent;
  }
  ask_for_space(load, flow, false);
}

// At most one window: a flood comes back with its next event, so that it cannot starve the others.
static void fill(struct load *load, struct flow *flow) {
  uint64_t done = flow->bounded ? flow->complete : flow->bytes_out / flow->line_len;
  uint64_t now = now_ns(), fresh = done + flow->window - flow->queued;
  while (flow->queued < done + flow->window) {
    uint64_t slot = flow->queued % flow->window;
    write_seq(flow->ring + slot * flow->line_len + flow->seq_at, flow->queued % SEQ_END);
    flow->sent_at[slot] = now;
    flow->missing[slot] = flow->count;
    flow->queued++;
  }
  load->lines += fresh;
  load->due += fresh * (uint64_t)flow->count;
  hand_over(load, flow);
}

void start_flow(struct load *load, struct flow *flow) {
  // It may have taken long until all were in.
  load->last_arrival = now_ns();
  fill(load, flow);
}

// Whose line this is, if it is one that this client may get; where it hears only one it can be no other's.
static struct flow *flow_of(struct load *load, const struct client *client, const char *line, size_t len) {
  if (!client->hears_many) return client->hears;
  size_t name_at = load->said_text_at;
  // The name is yet to come: any will do to see that this is the start of a line.
  if (len < name_at + NAME_LEN) return client->hears;
  int ordinal = line[name_at] == load->letter ? ordinal_in(line + name_at) : -1;
  if (ordinal < 0 || ordinal >= load->flow_count) return NULL;
  struct flow *flow = &load->flows[ordinal];
  ptrdiff_t which = client - flow->recipients;
  return which >= 0 && which < flow->count ? flow : NULL;
}

static uint64_t *next_of(const struct flow *flow, const struct client *client) {
  return &flow->next[client - flow->recipients];
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

// The lines from `next` on as a recipient gets them, as far as they lie in one piece. They are numbered here and
// not when they are sent, because a flood has more of them under way than a window.
static const char *lines_due(const struct load *load, struct flow *flow, uint64_t next, uint64_t count) {
  uint64_t slot = next % flow->window, *seq = flow->said_seq + slot;
  char *lines = flow->said + slot * load->said_len;
  for (uint64_t i = 0; i < count; i++) {
    if (seq[i] == next + i) continue;
    seq[i] = next + i;
    write_seq(lines + i * load->said_len + load->said_text_at + NAME_LEN, seq[i] % SEQ_END);
  }
  return lines;
}

// How many lines at the start of both are the same.
static uint64_t count_same(const char *lines, const char *others, size_t len, uint64_t most) {
  if (!memcmp(lines, others, most * len)) return most;
  uint64_t same = 0;
  while (!memcmp(lines + same * len, others + same * len, len)) same++;
  return same;
}

static void settle(struct load *load, struct flow *flow, uint64_t slot, uint64_t count, uint64_t now) {
  uint64_t end = slot + count, *sent_at = flow->sent_at;
  for (uint64_t i = slot; i < end; i++) flow->missing[i]--;
  if (!load->measuring) return;
  // What was sent at one time is recorded at one time.
  for (uint64_t first = slot, i = slot; first < end; first = i) {
    while (i < end && sent_at[i] == sent_at[first]) i++;
    record(&load->latency, now - sent_at[first], i - first);
  }
}

static void go_on(struct load *load, struct flow *flow) {
  uint64_t before = flow->complete;
  while (flow->complete < flow->queued && flow->missing[flow->complete % flow->window] == 0) flow->complete++;
  if (flow->complete > before && load->sending) fill(load, flow->answer ? flow->answer : flow);
}

// Takes the lines that are, to the last byte, what this client is to get next, and says how long they are. What is
// due lies ready and is the same for all recipients: a delivery costs little more than to compare it.
static size_t arrive(struct load *load, struct flow *flow, struct client *client, const char *line, size_t len,
                     uint64_t now) {
  uint64_t *next = next_of(flow, client), count = len / load->said_len, left = count;
  while (left > 0 && *next < flow->queued) {
    uint64_t slot = *next % flow->window;
    uint64_t most = least(left, least(flow->window - slot, flow->queued - *next));
    uint64_t same = count_same(line, lines_due(load, flow, *next, most), load->said_len, most);
    if (flow->bounded) settle(load, flow, slot, same, now);
    *next += same;
    left -= same;
    line += same * load->said_len;
    if (same < most) break;
  }
  load->arrived += count - left;
  if (flow->bounded) go_on(load, flow);
  return (count - left) * load->said_len;
}

static bool is_start_of_due(const struct load *load, struct flow *flow, const struct client *client,
                            const char *line, size_t len) {
  uint64_t next = *next_of(flow, client);
  if (client->hears_many && len < load->said_text_at + NAME_LEN)
    return !memcmp(line, flow->said, least(len, load->said_text_at)) || !memchr(line, '\n', len);
  return next < flow->queued && len < load->said_len && !memcmp(line, lines_due(load, flow, next, 1), len);
}

// 0 when there is not a whole one.
static size_t take_aside(const struct load *load, const struct flow *flow, struct client *client,
                         const char *line, size_t len) {
  size_t aside = line_in(line, len);
  if (aside == 0 || is_aside(load->dialect, client, line, aside)) return aside;
  if (!flow) wrong_line(client, "got a stray line", line, len);
  char why[64];
  snprintf(why, sizeof why, "expected line %llu and got", (unsigned long long)*next_of(flow, client));
  wrong_line(client, why, line, len);
}

static void receive(struct load *load, struct client *client) {
  static char buffer[256 * 1024];
  if (client->held_len > 0) memcpy(buffer, client->held, client->held_len);
  ssize_t got =
      take(client, buffer + client->held_len, sizeof buffer - client->held_len, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got < 0) fail("%s cannot receive: %s", client->name, strerror(errno));
  if (got == 0) fail("the server closed %s", client->name);
  uint64_t now = now_ns();
  load->last_arrival = now;

  size_t left = without_marks(load->dialect, buffer, client->held_len + (size_t)got);
  left = without_stamps(load->dialect, buffer, left);
  const char *line = buffer;
  while (left > 0) {
    struct flow *flow = flow_of(load, client, line, left);
    size_t taken = flow ? arrive(load, flow, client, line, left, now) : 0;
    if (taken == 0 && flow && is_start_of_due(load, flow, client, line, left)) break;
    if (taken == 0) taken = take_aside(load, flow, client, line, left);
    if (taken == 0) break;
    line += taken;
    left -= taken;
  }
  hold(client, line, left);
  if (client->owed_len == 0) return;
  if (client->flow) hand_over(load, client->flow);
  else pay(client);
}

// Who was let go sees it behind all that is on its way.
void count_gone(struct load *load) {
  static char taken[65536];
  uint64_t end = now_ns() + 1500000000ull;
  load->slow_gone = 0;
  while (load->slow_gone < load->slow_count && now_ns() < end) {
    load->slow_gone = 0;
    for (int i = 0; i < load->slow_count; i++) {
      struct client *client = &load->slow[i];
      ssize_t got = client->fd < 0 ? 0 : take(client, taken, sizeof taken, MSG_DONTWAIT);
      if (got > 0 || (got < 0 && errno == EAGAIN)) continue;
      if (client->fd >= 0) disconnect(client);
      load->slow_gone++;
    }
  }
}

// 4 KiB each, ten times a second.
static void read_slowly(struct load *load) {
  char taken[4096];
  for (int i = 0; i < load->slow_count; i++) {
    struct client *client = &load->slow[i];
    if (client->fd < 0) continue;
    ssize_t got = take(client, taken, sizeof taken, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) disconnect(client);
  }
  load->slow_due = now_ns() + 100000000;
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
  if (load->slow_count > 0 && now_ns() > load->slow_due) read_slowly(load);
}

static void give_up_when_silent(const struct load *load) {
  if (load->arrived < load->due && now_ns() > load->last_arrival + PATIENCE_SECONDS * 1000000000ull)
    fail("no line arrived for %d s, %llu of %llu are missing", PATIENCE_SECONDS,
         (unsigned long long)(load->due - load->arrived), (unsigned long long)load->due);
}

void run_load(struct load *load, uint64_t until) {
  while (now_ns() < until && !stopped()) {
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
