#define _GNU_SOURCE
#include "load.h"

#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *scenario = "load";
static char *failure;
static size_t failure_size;

uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

void fail_into(char *text, size_t size) {
  failure = text;
  failure_size = size;
}

static void print_text(const char *text) {
  putchar('"');
  for (; *text; text++) {
    if ((unsigned char)*text < ' ') putchar(' ');
    else if (*text == '"' || *text == '\\') printf("\\%c", *text);
    else putchar(*text);
  }
  putchar('"');
}

void fail(const char *format, ...) {
  char text[512];
  va_list values;
  va_start(values, format);
  vsnprintf(text, sizeof text, format, values);
  va_end(values);
  if (failure) {
    snprintf(failure, failure_size, "%s", text);
    _exit(1);
  }
  printf("{\"scenario\":\"%s\",\"errors\":1,\"error\":", scenario);
  print_text(text);
  printf("}\n");
  fflush(stdout);
  _exit(1);
}

void *need(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (!memory) fail("out of memory");
  return memory;
}

static double server_cpu(int pid) {
  char path[64], stat[1024];
  unsigned long user = 0, kernel = 0;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *file = fopen(path, "r");
  if (!file) fail("the server (process %d) is gone", pid);
  size_t length = fread(stat, 1, sizeof stat - 1, file);
  fclose(file);
  stat[length] = '\0';
  const char *end = strrchr(stat, ')');
  if (!end || sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
    fail("cannot read %s", path);
  return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static double own_cpu(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static uint64_t after(double seconds) { return now_ns() + (uint64_t)(seconds * 1e9); }

static void print_latency(const struct histogram *latency) {
  printf("\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f", percentile_us(latency, 0.50),
         percentile_us(latency, 0.99), percentile_us(latency, 0.999), (double)latency->max / 1e3);
}

struct figures {
  double seconds, server_cpu, own_cpu;
  unsigned long long lines, deliveries, flood_lines, flood_deliveries;
};

// What happened so far; the difference of two of these is what happened in between.
static struct figures figures_now(const struct options *options, const struct load *load,
                                  const struct shared *flooding) {
  return (struct figures){
      .seconds = (double)now_ns() / 1e9,
      .server_cpu = options->server_pid ? server_cpu(options->server_pid) : 0,
      .own_cpu = own_cpu(),
      .lines = load->lines,
      .deliveries = load->arrived,
      .flood_lines = flooding ? flooding->lines : 0,
      .flood_deliveries = flooding ? flooding->deliveries : 0,
  };
}

// Warm-up, the measured seconds, and then the check that nothing was lost.
static struct figures measure(const struct options *options, struct load *load, const struct shared *flooding) {
  run_load(load, after(options->warm));
  struct figures begin = figures_now(options, load, flooding);
  load->measuring = true;
  run_load(load, after(options->seconds));
  struct figures end = figures_now(options, load, flooding);
  // Still measuring: a line that was under way at the end may be the slowest of all.
  drain_load(load);
  return (struct figures){
      .seconds = end.seconds - begin.seconds,
      .server_cpu = end.server_cpu - begin.server_cpu,
      .own_cpu = end.own_cpu - begin.own_cpu,
      .lines = end.lines - begin.lines,
      .deliveries = end.deliveries - begin.deliveries,
      .flood_lines = end.flood_lines - begin.flood_lines,
      .flood_deliveries = end.flood_deliveries - begin.flood_deliveries,
  };
}

// Leaves the JSON object open for what belongs to one scenario only.
static void print_figures(const struct options *options, const struct load *load, const struct figures *figures) {
  printf("{\"scenario\":\"%s\",\"text\":%d,\"seconds\":%.3f,\"lines\":%llu,\"deliveries\":%llu,\"perSecond\":%.0f,",
         scenario, load->text, figures->seconds, figures->lines, figures->deliveries,
         (double)figures->deliveries / figures->seconds);
  print_latency(&load->latency);
  if (options->server_pid) printf(",\"serverCpu\":%.2f", figures->server_cpu);
  printf(",\"loadCpu\":%.2f,\"allLines\":%llu,\"allDeliveries\":%llu,\"errors\":0", figures->own_cpu,
         (unsigned long long)load->lines, (unsigned long long)load->arrived);
}

static struct client *named(char letter, int count) {
  struct client *clients = need((size_t)count, sizeof *clients);
  for (int i = 0; i < count; i++) name_client(&clients[i], letter, i);
  return clients;
}

static void direct(const struct options *options) {
  struct load load;
  int pairs = options->pairs;
  open_load(&load, &rxchat, 's', options->text, pairs);
  struct client *senders = named('s', pairs), *receivers = named('r', pairs);
  log_in(&rxchat, senders, pairs, options->port, SENDS);
  log_in(&rxchat, receivers, pairs, options->port, HEARS);
  for (int i = 0; i < pairs; i++) open_flow(&load, &senders[i], &receivers[i], 1, options->window, true);
  for (int i = 0; i < pairs; i++) watch(&load, &senders[i]), watch(&load, &receivers[i]);
  for (int i = 0; i < pairs; i++) start_flow(&load, &load.flows[i]);
  struct figures figures = measure(options, &load, NULL);
  print_figures(options, &load, &figures);
  printf(",\"pairs\":%d,\"window\":%d}\n", pairs, options->window);
}

static void play_pairs(struct load *load, const struct options *options, char letter, int pairs) {
  struct client *players = named(letter, 2 * pairs);
  log_in(&rxchat, players, 2 * pairs, options->port, SENDS);
  for (int i = 0; i < 2 * pairs; i++) open_flow(load, &players[i], &players[i ^ 1], 1, 1, true);
  for (int i = 0; i < 2 * pairs; i++) {
    load->flows[i].answer = &load->flows[i ^ 1];
    watch(load, &players[i]);
  }
}

static void pingpong(const struct options *options) {
  struct load load;
  open_load(&load, &rxchat, 's', options->text, 2 * options->pairs);
  play_pairs(&load, options, 's', options->pairs);
  for (int i = 0; i < options->pairs; i++) start_flow(&load, &load.flows[2 * i]);
  struct figures figures = measure(options, &load, NULL);
  print_figures(options, &load, &figures);
  printf(",\"pairs\":%d}\n", options->pairs);
}

static void play_fan(const struct options *options, const struct dialect *dialect, int sender_count) {
  struct load load;
  open_load(&load, dialect, 's', options->text, sender_count);
  struct client *senders = named('s', sender_count), *recipients = named('r', options->recipients);
  log_in(dialect, senders, sender_count, options->port, SENDS);
  log_in(dialect, recipients, options->recipients, options->port, HEARS);
  for (int i = 0; i < sender_count; i++)
    open_flow(&load, &senders[i], recipients, options->recipients, options->window, true);
  for (int i = 0; i < sender_count; i++) watch(&load, &senders[i]);
  for (int i = 0; i < options->recipients; i++) watch(&load, &recipients[i]);
  for (int i = 0; i < sender_count; i++) start_flow(&load, &load.flows[i]);
  struct figures figures = measure(options, &load, NULL);
  print_figures(options, &load, &figures);
  printf(",\"senders\":%d,\"recipients\":%d,\"window\":%d}\n", sender_count, options->recipients, options->window);
}

static void fan(const struct options *options) { play_fan(options, &rxchat, options->senders); }

static const struct dialect *room_of(const char *peer) {
  static const struct dialect *const dialects[] = {&rxchat_room, &nats_room};
  for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
    if (!strcmp(peer, dialects[i]->peer)) return dialects[i];
  fail("nothing is known of how to speak with %s", peer);
}

static void room(const struct options *options) { play_fan(options, room_of(options->peer), 1); }

static void idle(const struct options *options) {
  struct client *clients = named('c', options->clients);
  uint64_t begin = now_ns();
  log_in(&rxchat, clients, options->clients, options->port, HEARS);
  printf("{\"scenario\":\"idle\",\"ready\":true,\"clients\":%d,\"seconds\":%.3f,\"errors\":0}\n", options->clients,
         (double)(now_ns() - begin) / 1e9);
  fflush(stdout);
  char ignored[64];
  while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) continue;
}

// A turn: one client closes, a fresh one connects, logs in under a name never used before and hears itself.
static void leave(const struct options *options) {
  int present = options->clients, turns = options->leavers, warm = turns / 2;
  struct client *clients = named('c', present);
  struct histogram *took = need(1, sizeof *took);
  log_in(&rxchat, clients, present, options->port, HEARS);
  double server = 0;
  for (int turn = -warm; turn < turns; turn++) {
    if (turn == 0 && options->server_pid) server = server_cpu(options->server_pid);
    // A stride spreads the leavers over old and young clients alike.
    struct client *leaver = &clients[(uint64_t)(turn + warm) * 7919 % (uint64_t)present];
    uint64_t begin = now_ns();
    close(leaver->fd);
    name_client(leaver, 'c', present + turn + warm);
    connect_client(leaver, options->port, false);
    ask_in(&rxchat, leaver, HEARS);
    await_in(&rxchat, leaver);
    if (turn >= 0) record(took, now_ns() - begin, 1);
  }
  printf("{\"scenario\":\"leave\",\"clients\":%d,\"leavers\":%d,\"mean\":%.1f,", present, turns, mean_us(took));
  print_latency(took);
  if (options->server_pid) printf(",\"serverCpu\":%.2f", server_cpu(options->server_pid) - server);
  printf(",\"errors\":0}\n");
}

static pid_t start_flood(const struct options *options, struct shared *shared) {
  pid_t parent = getpid(), pid = fork();
  if (pid < 0) fail("fork failed");
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  fail_into(shared->failure, sizeof shared->failure);
  alarm((unsigned)(options->warm + options->seconds) + 120);
  // The flood only gets the time the measured pair leaves, so that what is measured is the server's delay.
  sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0});
  flood(options, shared);
  _exit(0);
}

static void await_flood(pid_t pid, struct shared *shared, const atomic_bool *flag, double seconds) {
  uint64_t end = after(seconds);
  int status;
  while (!(flag && *flag)) {
    if (waitpid(pid, &status, WNOHANG) == pid) {
      if (!flag && WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
      fail("the flood ended: %s", shared->failure[0] ? shared->failure : "killed");
    }
    if (now_ns() > end) {
      kill(pid, SIGKILL);
      fail("the flood took longer than %.0f s", seconds);
    }
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
}

static void bystander(const struct options *options) {
  struct shared *shared =
      mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) fail("mmap failed");
  bool flooded = strcmp(options->flood, "none") != 0;
  pid_t pid = flooded ? start_flood(options, shared) : 0;
  if (flooded) await_flood(pid, shared, &shared->ready, 60);

  struct load load;
  open_load(&load, &rxchat, 'b', options->text, 2);
  play_pairs(&load, options, 'b', 1);
  shared->go = true;
  start_flow(&load, &load.flows[0]);
  struct figures figures = measure(options, &load, flooded ? shared : NULL);
  shared->stop = true;
  if (flooded) await_flood(pid, shared, NULL, 60);
  print_figures(options, &load, &figures);
  printf(",\"flood\":\"%s\"", options->flood);
  if (flooded)
    printf(",\"floodLines\":%llu,\"floodDeliveries\":%llu,\"answers\":%llu,\"replaced\":%llu",
           figures.flood_lines, figures.flood_deliveries, (unsigned long long)shared->answers,
           (unsigned long long)shared->replaced);
  printf("}\n");
}

static const struct {
  const char *name, *arguments;
  void (*run)(const struct options *options);
} scenarios[] = {
    {"direct", "--pairs P --window W --text N", direct},
    {"pingpong", "--pairs P --text N", pingpong},
    {"fan", "--recipients N --senders S --window W --text N", fan},
    {"room", "--peer rxchat|nats --recipients N --window W --text N", room},
    {"idle", "--clients N, until stdin ends", idle},
    {"leave", "--clients N --leavers K", leave},
    {"bystander", "--flood none|frozen|fan100|many --text N", bystander},
};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

static _Noreturn void usage(void) {
  fprintf(stderr, "usage: load SCENARIO --port PORT [--warm S] [--seconds S] [--pid SERVER] ...\n");
  for (int i = 0; i < SCENARIOS; i++) fprintf(stderr, "  %-10s %s\n", scenarios[i].name, scenarios[i].arguments);
  exit(2);
}

static double number(const char *name, const char *value, double least, double most) {
  char *end;
  double number = strtod(value, &end);
  if (end == value || *end || !(number >= least && number <= most)) {
    fprintf(stderr, "load: %s takes a number from %g to %g\n", name, least, most);
    exit(2);
  }
  return number;
}

int main(int argc, char **argv) {
  struct options options = {.warm = 1, .seconds = 3, .text = 64, .window = 256, .pairs = 100, .senders = 1,
                            .recipients = 100, .clients = 1000, .leavers = 1000, .flood = "none",
                            .peer = "rxchat"};
  if (argc < 2 || argc % 2) usage();
  for (int i = 2; i < argc; i += 2) {
    const char *name = argv[i], *value = argv[i + 1];
    if (!strcmp(name, "--port")) options.port = (int)number(name, value, 1, 65535);
    else if (!strcmp(name, "--pid")) options.server_pid = (int)number(name, value, 1, 1e9);
    else if (!strcmp(name, "--warm")) options.warm = number(name, value, 0, 600);
    else if (!strcmp(name, "--seconds")) options.seconds = number(name, value, 0.01, 600);
    else if (!strcmp(name, "--text")) options.text = (int)number(name, value, SEQ_LEN, 4000);
    else if (!strcmp(name, "--window")) options.window = (int)number(name, value, 1, 65536);
    else if (!strcmp(name, "--pairs")) options.pairs = (int)number(name, value, 1, 5000);
    else if (!strcmp(name, "--senders")) options.senders = (int)number(name, value, 1, 1000);
    else if (!strcmp(name, "--recipients")) options.recipients = (int)number(name, value, 1, 5000);
    else if (!strcmp(name, "--clients")) options.clients = (int)number(name, value, 1, 19000);
    else if (!strcmp(name, "--leavers")) options.leavers = (int)number(name, value, 1, 20000);
    else if (!strcmp(name, "--flood")) options.flood = value;
    else if (!strcmp(name, "--peer")) options.peer = value;
    else usage();
  }
  if (!options.port) usage();
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  for (int i = 0; i < SCENARIOS; i++) {
    if (strcmp(argv[1], scenarios[i].name)) continue;
    scenario = scenarios[i].name;
    scenarios[i].run(&options);
    return fflush(stdout) == 0 ? 0 : 1;
  }
  usage();
}
