#define _GNU_SOURCE
#include "load.h"

#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const char *scenario = "load";
static volatile sig_atomic_t term;

bool stopped(void) { return term; }

static void note_term(int signal) {
  (void)signal;
  term = 1;
}

uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
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
  double seconds, server_cpu, beside_cpu[BESIDE_MAX], own_cpu;
  unsigned long long lines, deliveries;
};

// What happened so far; the difference of two of these is what happened in between.
static struct figures figures_now(const struct options *options, const struct load *load) {
  struct figures figures = {
      .seconds = (double)now_ns() / 1e9,
      .server_cpu = options->server_pid ? server_cpu(options->server_pid) : 0,
      .own_cpu = own_cpu(),
      .lines = load->lines,
      .deliveries = load->arrived,
  };
  for (int i = 0; i < options->beside_count; i++) figures.beside_cpu[i] = server_cpu(options->beside_pids[i]);
  return figures;
}

// Warm-up, the measured seconds, and then the check that nothing was lost.
static struct figures measure(const struct options *options, struct load *load) {
  run_load(load, after(options->warm));
  struct figures begin = figures_now(options, load);
  load->measuring = true;
  run_load(load, after(options->seconds));
  struct figures end = figures_now(options, load);
  // Still measuring: a line that was under way at the end may be the slowest of all.
  drain_load(load);
  struct figures figures = {
      .seconds = end.seconds - begin.seconds,
      .server_cpu = end.server_cpu - begin.server_cpu,
      .own_cpu = end.own_cpu - begin.own_cpu,
      .lines = end.lines - begin.lines,
      .deliveries = end.deliveries - begin.deliveries,
  };
  for (int i = 0; i < options->beside_count; i++) figures.beside_cpu[i] = end.beside_cpu[i] - begin.beside_cpu[i];
  return figures;
}

static void measure_and_print(const struct options *options, struct load *load) {
  struct figures figures = measure(options, load);
  count_gone(load);
  printf("{\"scenario\":\"%s\",\"text\":%d,\"seconds\":%.3f,\"lines\":%llu,\"deliveries\":%llu,\"perSecond\":%.0f,",
         scenario, load->text, figures.seconds, figures.lines, figures.deliveries,
         (double)figures.deliveries / figures.seconds);
  print_latency(&load->latency);
  if (options->server_pid) printf(",\"serverCpu\":%.2f", figures.server_cpu);
  for (int i = 0; i < options->beside_count; i++)
    printf("%s%.2f%s", i ? "," : ",\"besideCpu\":[", figures.beside_cpu[i], i + 1 < options->beside_count ? "" : "]");
  if (load->slow_count > 0) printf(",\"slow\":%d,\"slowGone\":%d", load->slow_count, load->slow_gone);
  printf(",\"loadCpu\":%.2f,\"allLines\":%llu,\"allDeliveries\":%llu,\"errors\":0}\n", figures.own_cpu,
         (unsigned long long)load->lines, (unsigned long long)load->arrived);
}

void say_ready(int clients) {
  printf("{\"scenario\":\"%s\",\"ready\":true,\"clients\":%d}\n", scenario, clients);
  fflush(stdout);
}

static struct client *named(char letter, int count) {
  struct client *clients = need((size_t)count, sizeof *clients);
  for (int i = 0; i < count; i++) name_client(&clients[i], letter, i);
  return clients;
}

static void direct(const struct options *options) {
  struct load load;
  const struct dialect *dialect = &options->dialect;
  int pairs = options->pairs;
  open_load(&load, dialect, 's', options->text, pairs);
  struct client *senders = named('s', pairs), *receivers = named('r', pairs);
  log_in(dialect, senders, pairs, options->port, SENDS);
  log_in(dialect, receivers, pairs, options->there, HEARS);
  for (int i = 0; i < pairs; i++) open_flow(&load, &senders[i], &receivers[i], 1, options->window, true);
  for (int i = 0; i < pairs; i++) watch(&load, &senders[i]), watch(&load, &receivers[i]);
  for (int i = 0; i < pairs; i++) start_flow(&load, &load.flows[i]);
  measure_and_print(options, &load);
}

static void pingpong(const struct options *options) {
  struct load load;
  int players_count = 2 * options->pairs;
  open_load(&load, &options->dialect, 'p', options->text, players_count);
  struct client *players = named('p', players_count);
  log_in_at_two(&options->dialect, players, players_count, options->port, options->there, HEARS);
  for (int i = 0; i < players_count; i++) open_flow(&load, &players[i], &players[i ^ 1], 1, 1, true);
  for (int i = 0; i < players_count; i++) {
    load.flows[i].answer = &load.flows[i ^ 1];
    watch(&load, &players[i]);
  }
  for (int i = 0; i < options->pairs; i++) start_flow(&load, &load.flows[2 * i]);
  measure_and_print(options, &load);
}

// Every line to all recipients, who are named in it or in a room.
static void fan(const struct options *options) {
  struct load load;
  const struct dialect *dialect = &options->dialect;
  open_load(&load, dialect, 's', options->text, options->senders);
  struct client *senders = named('s', options->senders), *recipients = named('r', options->recipients);
  load.slow = named('l', options->slow);
  load.slow_count = options->slow;
  for (int i = 0; i < options->slow; i++) {
    connect_client(&load.slow[i], options->port, SLOW_BUFFER);
    ask_in(dialect, &load.slow[i], HEARS);
    await_in(dialect, &load.slow[i]);
  }
  log_in(dialect, senders, options->senders, options->port, SENDS);
  log_in_at_two(dialect, recipients, options->recipients, options->port, options->there, HEARS);
  for (int i = 0; i < options->senders; i++)
    open_flow(&load, &senders[i], recipients, options->recipients, options->window, true);
  for (int i = 0; i < options->senders; i++) watch(&load, &senders[i]);
  for (int i = 0; i < options->recipients; i++) watch(&load, &recipients[i]);
  for (int i = 0; i < options->senders; i++) start_flow(&load, &load.flows[i]);
  measure_and_print(options, &load);
}

static void idle(const struct options *options) {
  struct client *clients = named('c', options->clients);
  log_in(&options->dialect, clients, options->clients, options->port, HEARS);
  say_ready(options->clients);
  while (!stopped()) pause();
}

// Beside those who are there: one comes, logs in under a name not used for long, says that it is in, hears it, leaves.
static void churn(const struct options *options) {
  const struct dialect *dialect = &options->dialect;
  struct client *clients = named('c', options->clients), comer = {0};
  log_in(dialect, clients, options->clients, options->port, HEARS);
  struct histogram latency = {0};
  uint64_t end = after(options->warm + options->seconds), measured = after(options->warm);
  double cpu = 0, own = 0;
  bool measuring = false;
  for (int i = 0; now_ns() < end; i++) {
    uint64_t begin = now_ns();
    if (!measuring && begin > measured) {
      measuring = true;
      cpu = options->server_pid ? server_cpu(options->server_pid) : 0;
      own = own_cpu();
    }
    name_client(&comer, 'x', i % (36 * 36 * 36));
    connect_client(&comer, options->port, KERNELS);
    ask_in(dialect, &comer, HEARS);
    await_in(dialect, &comer);
    disconnect(&comer);
    if (measuring) record(&latency, now_ns() - begin, 1);
  }
  printf("{\"scenario\":\"churn\",\"seconds\":%.3f,\"deliveries\":%llu,\"perSecond\":%.0f,\"mean\":%.1f,", options->seconds,
         (unsigned long long)latency.count, (double)latency.count / options->seconds, mean_us(&latency));
  print_latency(&latency);
  if (options->server_pid) printf(",\"serverCpu\":%.2f", server_cpu(options->server_pid) - cpu);
  printf(",\"loadCpu\":%.2f,\"errors\":0}\n", own_cpu() - own);
}

// Until SIGTERM. It gets only the time that others leave it, so that who is measured beside it waits for the server.
static void flooding(const struct options *options) {
  sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0});
  uint64_t begin = now_ns();
  struct flooded flooded = flood(options);
  double seconds = (double)(now_ns() - begin) / 1e9;
  if (flooded.of_strangers) {
    printf("{\"scenario\":\"flood\",\"seconds\":%.3f,\"strangers\":%llu,\"errors\":0}\n", seconds,
           (unsigned long long)flooded.replaced);
    return;
  }
  printf("{\"scenario\":\"flood\",\"seconds\":%.3f,\"lines\":%llu,\"deliveries\":%llu,\"answers\":%llu,\"replaced\":%llu,\"errors\":0}\n",
         seconds, (unsigned long long)flooded.lines, (unsigned long long)flooded.deliveries,
         (unsigned long long)flooded.answers, (unsigned long long)flooded.replaced);
}

static const struct {
  const char *name, *arguments;
  void (*run)(const struct options *options);
} scenarios[] = {
    {"direct", "--pairs P --window W --text N", direct},
    {"pingpong", "--pairs P --text N", pingpong},
    {"fan", "--recipients N --senders S --window W --text N --slow L", fan},
    {"idle", "--clients N, until SIGTERM", idle},
    {"churn", "--clients N", churn},
    {"flood", "--flood frozen|fan|many|silent|greeting, until SIGTERM", flooding},
};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

static _Noreturn void usage(void) {
  fprintf(stderr, "usage: load SCENARIO --port PORT [--there PORT] [--warm S] [--seconds S] [--pid SERVER] [--beside PID] ...\n"
                  "                          [--carrier plain|websocket|tls] [DIALECT] ...\n");
  for (int i = 0; i < SCENARIOS; i++) fprintf(stderr, "  %-10s %s\n", scenarios[i].name, scenarios[i].arguments);
  fprintf(stderr, "DIALECT is what bench/peers.js has of a server: --greet FORM --line FORM --said FORM --in TEXT ...\n");
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

static bool read_dialect(struct dialect *dialect, const char *name, const char *value) {
  const struct { const char *name, **part; } parts[] = {
      {"--greet", &dialect->greet}, {"--greet-sender", &dialect->greet_sender}, {"--after", &dialect->after},
      {"--enter", &dialect->enter}, {"--in", &dialect->in},         {"--refused", &dialect->refused},
      {"--line", &dialect->line},   {"--said", &dialect->said},     {"--end", &dialect->end},
      {"--ping", &dialect->ping},   {"--pong", &dialect->pong},     {"--mark", &dialect->mark},
      {"--room", &dialect->room},   {"--said-end", &dialect->said_end}, {"--stamp", &dialect->stamp},
      {"--stamped", &dialect->stamped},
  };
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (strcmp(name, parts[i].name)) continue;
    *parts[i].part = value;
    return true;
  }
  if (strcmp(name, "--aside") || dialect->aside_count == ASIDES_MAX) return false;
  dialect->asides[dialect->aside_count++] = value;
  return true;
}

int main(int argc, char **argv) {
  struct options options = {.warm = 1, .seconds = 3, .text = 64, .window = 256, .pairs = 100, .senders = 1,
                            .recipients = 100, .clients = 1000, .flood = "frozen"};
  if (argc < 2 || argc % 2) usage();
  for (int i = 2; i < argc; i += 2) {
    const char *name = argv[i], *value = argv[i + 1];
    if (!strcmp(name, "--port")) options.port = (int)number(name, value, 1, 65535);
    else if (!strcmp(name, "--there")) options.there = (int)number(name, value, 1, 65535);
    else if (!strcmp(name, "--beside") && options.beside_count < BESIDE_MAX)
      options.beside_pids[options.beside_count++] = (int)number(name, value, 1, 1e9);
    else if (!strcmp(name, "--pid")) options.server_pid = (int)number(name, value, 1, 1e9);
    else if (!strcmp(name, "--warm")) options.warm = number(name, value, 0, 600);
    else if (!strcmp(name, "--seconds")) options.seconds = number(name, value, 0.01, 600);
    else if (!strcmp(name, "--text")) options.text = (int)number(name, value, NAME_LEN + SEQ_LEN, 4096);
    else if (!strcmp(name, "--window")) options.window = (int)number(name, value, 1, 65536);
    else if (!strcmp(name, "--pairs")) options.pairs = (int)number(name, value, 1, 5000);
    else if (!strcmp(name, "--senders")) options.senders = (int)number(name, value, 1, 1000);
    else if (!strcmp(name, "--recipients")) options.recipients = (int)number(name, value, 1, 15000);
    else if (!strcmp(name, "--slow")) options.slow = (int)number(name, value, 0, 1000);
    else if (!strcmp(name, "--clients")) options.clients = (int)number(name, value, 1, 19000);
    else if (!strcmp(name, "--flood")) options.flood = value;
    else if (!strcmp(name, "--carrier") && carry_by(value)) continue;
    else if (!read_dialect(&options.dialect, name, value)) usage();
  }
  struct dialect *dialect = &options.dialect;
  if (!options.there) options.there = options.port;
  if (!dialect->said_end) dialect->said_end = dialect->end;
  if (!options.port || !dialect->greet || !dialect->in || !dialect->line || !dialect->said || !dialect->end) usage();
  sigaction(SIGTERM, &(struct sigaction){.sa_handler = note_term}, NULL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
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
