#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>

static const char *value_of(const char *key, size_t len, const struct words *words) {
  const struct { const char *key, *value; } known[] = {
      {"me", words->me}, {"to", words->to}, {"from", words->from}, {"address", words->address}, {"bytes", words->bytes}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strlen(known[i].key) == len && !memcmp(known[i].key, key, len)) return known[i].value;
  return NULL;
}

int expand(char *at, size_t size, const char *form, const struct words *words) {
  size_t len = 0;
  while (*form) {
    const char *brace = *form == '{' ? strchr(form, '}') : NULL;
    const char *value = brace ? value_of(form + 1, (size_t)(brace - form) - 1, words) : NULL;
    size_t more = value ? strlen(value) : 1;
    if (len + more >= size) fail("too long: %.60s", form);
    memcpy(at + len, value ? value : form, more);
    len += more;
    form = value ? brace + 1 : form + 1;
  }
  at[len] = '\0';
  return (int)len;
}

bool is_in(const struct dialect *dialect, const struct client *client, const char *line, size_t len) {
  char in[GREETING_MAX];
  int in_len = expand(in, sizeof in, dialect->in, &(struct words){.me = client->name});
  return memmem(line, len, in, (size_t)in_len) != NULL;
}

bool is_aside(const struct dialect *dialect, struct client *client, const char *line, size_t len) {
  if (dialect->ping && begins(line, len, dialect->ping)) {
    owe(client, dialect->pong);
    return true;
  }
  for (int i = 0; i < dialect->aside_count; i++)
    if (begins(line, len, dialect->asides[i])) return true;
  return false;
}

// ncat puts `<user5> ` before whatever it has read at once, which may be many lines, or a part of one.
size_t without_marks(const struct dialect *dialect, char *at, size_t len) {
  if (!dialect->mark) return len;
  size_t mark_len = strlen(dialect->mark), kept = 0;
  for (size_t i = 0; i < len;) {
    if (len - i > mark_len && !memcmp(at + i, dialect->mark, mark_len)) {
      size_t end = i + mark_len;
      while (end < len && at[end] >= '0' && at[end] <= '9') end++;
      if (end + 1 < len && at[end] == '>' && at[end + 1] == ' ') {
        i = end + 2;
        continue;
      }
    }
    at[kept++] = at[i++];
  }
  return kept;
}

// A line that begins with `stamp` has something there, up to `stamped`, that nobody can know before: a number, the time.
size_t without_stamps(const struct dialect *dialect, char *at, size_t len) {
  if (!dialect->stamp) return len;
  size_t kept = 0, line;
  for (size_t from = 0; from < len; from += line) {
    line = line_in(at + from, len - from);
    if (line == 0) line = len - from;
    size_t head = begins(at + from, line, dialect->stamp) ? strlen(dialect->stamp) : 0;
    const char *rest = head ? memmem(at + from + head, line - head, dialect->stamped, strlen(dialect->stamped)) : NULL;
    if (!rest) head = 0, rest = at + from;
    size_t rest_len = (size_t)(at + from + line - rest);
    memmove(at + kept, at + from, head);
    memmove(at + kept + head, rest, rest_len);
    kept += head + rest_len;
  }
  return kept;
}
