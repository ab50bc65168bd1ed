// Lines through TLS 1.3, by OpenSSL. Nobody asks whose certificate it is.
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

enum { RECORD = 16 * 1024 };          // the longest content of one (RFC 8446, 5.1)

static SSL_CTX *context(void) {
  static SSL_CTX *context;
  if (context) return context;
  context = SSL_CTX_new(TLS_client_method());
  if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION)) fail("there is no TLS 1.3");
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  signal(SIGPIPE, SIG_IGN);           // it writes without MSG_NOSIGNAL
  return context;
}

static SSL *need_ssl(void) {
  SSL *tls = SSL_new(context());
  if (!tls) fail("out of memory");
  return tls;
}

void open_tls(struct client *client) {
  client->tls = need_ssl();
  if (SSL_set_fd(client->tls, client->fd) != 1 || SSL_connect(client->tls) != 1)
    fail("%s cannot shake hands: %s", client->name, errno ? strerror(errno) : "no TLS");
  // From here on it waits where it is told to, by await_tls().
  if (fcntl(client->fd, F_SETFL, fcntl(client->fd, F_GETFL) | O_NONBLOCK) < 0) fail("fcntl: %s", strerror(errno));
}

void close_tls(struct client *client) {
  SSL_free(client->tls);
  client->tls = NULL;
}

// Says, after a call that gave `result`, whether to call again; otherwise `result` is what send() and recv() give.
static bool await_tls(struct client *client, int flags, ssize_t *result) {
  int why = SSL_get_error(client->tls, (int)*result);
  if (why == SSL_ERROR_ZERO_RETURN) {
    *result = 0;
    return false;
  }
  *result = -1;
  if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
    if (why != SSL_ERROR_SYSCALL || errno == 0) errno = EPROTO;
    return false;
  }
  struct pollfd fd = {.fd = client->fd, .events = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT};
  if (!(flags & MSG_DONTWAIT) && poll(&fd, 1, PATIENCE_SECONDS * 1000) == 1) return true;
  errno = EAGAIN;
  return false;
}

ssize_t give_records(struct client *client, const char *lines, size_t len, int flags) {
  for (;;) {
    ssize_t sent = SSL_write(client->tls, lines, len < INT_MAX ? (int)len : INT_MAX);
    if (sent > 0 || !await_tls(client, flags, &sent)) return sent;
  }
}

// Whole records, as far as there is room, so that nothing is left for which the kernel would not call again.
ssize_t take_records(struct client *client, char *bytes, size_t size, int flags) {
  size_t have = 0;
  for (;;) {
    ssize_t got = SSL_read(client->tls, bytes + have, (int)(size - have));
    if (got > 0) have += (size_t)got;
    if (have > 0 && (got < RECORD || size - have < RECORD)) return (ssize_t)have;
    if (got <= 0 && !await_tls(client, flags, &got)) return got;
  }
}

// How a client begins, without anybody to answer it.
size_t client_hello(char *at, size_t size) {
  SSL *tls = need_ssl();
  BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
  SSL_set_bio(tls, in, out);
  SSL_connect(tls);
  int len = BIO_read(out, at, (int)size);
  SSL_free(tls);
  if (len <= 0) fail("TLS says nothing");
  return (size_t)len;
}
