/*
 * Connections as a loop sees them: streams.
 *
 * Packets arrive at any time; the loop is told in its own turn.  So a socket
 * or listener that is ready, and wanted, is put among the news of its host,
 * and stays there for as long as both is so: readiness is level-triggered.
 */

#include "sim_private.h"

#include <string.h>

#include "reed/folder.h"

/* ---- addresses ---- */

/* RFC 1918 3 and RFC 4193: the number of the host, in 10.0.0.0/8 and fd00::/64. */
void reed_sim_address(const struct sim_host *h, bool ipv6, uint16_t port,
                      struct reed_address *address)
{
	unsigned char *ip;

	*address = (struct reed_address){ .port = port };
	ip = address->ip + (ipv6 ? 12 : 0);
	address->family = ipv6 ? REED_FAMILY_IPV6 : REED_FAMILY_IPV4;
	address->ip[0] = ipv6 ? 0xfd : 10;
	ip[1] = (unsigned char)(h->number >> 16);
	ip[2] = (unsigned char)(h->number >> 8);
	ip[3] = (unsigned char)h->number;
}

bool reed_sim_is_any(const struct reed_address *a)
{
	static const unsigned char zero[16];

	return memcmp(a->ip, zero, sizeof(zero)) == 0;
}

struct sim_host *reed_sim_host_at(struct sim_host *self, const struct reed_address *a, bool *local)
{
	bool ipv6 = a->family == REED_FAMILY_IPV6;
	const unsigned char *ip = a->ip + (ipv6 ? 12 : 0);
	uint32_t number = (uint32_t)ip[1] << 16 | (uint32_t)ip[2] << 8 | ip[3];
	struct reed_address real;

	*local = true;
	if (reed_sim_is_any(a) || reed_address_is_loopback(a))
		return self;
	*local = a->ip[0] == (ipv6 ? 0xfd : 10);
	if (!*local || number == 0 || number > self->sim->host_count)
		return NULL;
	reed_sim_address(self->sim->hosts[number], ipv6, a->port, &real);
	return reed_address_eq(&real, a) ? self->sim->hosts[number] : NULL;
}

/* ---- readiness ---- */

static unsigned ready(const struct sim_socket *s)
{
	uint32_t most = s->host->sim->options.send_buffer;
	unsigned events = 0;

	if (s->state == SIM_DEAD)
		return REED_READ | REED_WRITE;
	if (s->state != SIM_OPEN)
		return 0;
	if (reed_buf_held(&s->in) > 0 || s->ended)
		events |= REED_READ;
	if (most - reed_buf_held(&s->out) > most / 3)
		events |= REED_WRITE;
	return events;
}

void reed_sim_set_news(struct sim_host *h, struct sim_news *news, bool is_news)
{
	if (!is_news) {
		reed_list_unlink(&news->link);
		return;
	}
	if (!reed_linked(&news->link))
		reed_list_append(&h->news, &news->link);
	if (news->wanted(news))
		reed_sim_busy(h);
}

void reed_sim_changed(struct sim_socket *s)
{
	if (s->owner)
		reed_sim_set_news(s->host, &s->news, ready(s) & s->wanted);
}

void reed_sim_want(struct sim_host *h, unsigned *wanted, unsigned events)
{
	if (h->loop) {
		h->loop->watches += events != 0;
		h->loop->watches -= *wanted != 0;
	}
	*wanted = events;
}

/* ---- streams ---- */

struct sim_stream {
	struct reed_stream stream;
	struct sim_socket *socket;
	struct reed_address local, peer;
};

static struct sim_stream *stream_of(struct reed_stream *s)
{
	return reed_container_of(s, struct sim_stream, stream);
}

static struct sim_socket *socket_of_news(struct sim_news *news)
{
	return reed_container_of(news, struct sim_socket, news);
}

/* A read that has settled and is not attended to yet changes nothing by being told again. */
static bool stream_listens(struct sim_news *news)
{
	struct sim_socket *socket = socket_of_news(news);
	const struct reed_stream *s = &((struct sim_stream *)socket->owner)->stream;

	while (s->above)
		s = s->above;
	return ready(socket) & socket->wanted & REED_WRITE || !s->is_reading || !s->reading.settled;
}

static void stream_tell(struct sim_news *news)
{
	struct sim_socket *socket = socket_of_news(news);
	struct sim_stream *self = socket->owner;

	reed_stream_ready(&self->stream, ready(socket) & socket->wanted);
}

/* Now and then less than could be: nobody may count on more. */
static size_t perhaps_less(struct sim_socket *s, size_t n, double chance)
{
	struct sim_host *h = s->host;

	if (n > 1 && reed_sim_chance(&h->io, chance))
		return 1 + reed_sim_below(&h->io, n - 1);
	return n;
}

static ssize_t stream_read(struct reed_stream *stream, char *into, size_t room)
{
	struct sim_socket *s = stream_of(stream)->socket;
	struct reed_slice in = reed_slice_first(reed_buf_slice(&s->in), room);

	if (in.n == 0 && s->ended)
		return REED_EEOF;
	if (in.n == 0)
		return s->state == SIM_DEAD ? (ssize_t)s->err : (ssize_t)REED_EAGAIN;
	in.n = perhaps_less(s, in.n, s->host->sim->options.partial_reads);
	memcpy(into, in.p, in.n);
	reed_sim_take(&s->in, in.n);
	reed_sim_window(s);
	reed_sim_changed(s);
	return (ssize_t)in.n;
}

static size_t total(const struct iovec *iov, int count)
{
	size_t n = 0;

	for (int i = 0; i < count; i++)
		n += iov[i].iov_len;
	return n;
}

static ssize_t stream_write(struct reed_stream *stream, const struct iovec *iov, int count)
{
	struct sim_socket *s = stream_of(stream)->socket;
	size_t n, room = s->host->sim->options.send_buffer - reed_buf_held(&s->out), left;

	if (s->state == SIM_DEAD)
		return s->err;
	if (s->fin)
		return REED_EPIPE;
	if (room == 0)
		return REED_EAGAIN;
	n = total(iov, count);
	n = perhaps_less(s, n < room ? n : room, s->host->sim->options.partial_writes);
	for (left = n; left > 0; iov++) {
		size_t part = iov->iov_len < left ? iov->iov_len : left;

		reed_buf_add(&s->out, reed_slice(iov->iov_base, part));
		left -= part;
	}
	reed_sim_output(s);
	reed_sim_changed(s);
	return (ssize_t)n;
}

/* As the system does: what fits, or less, and nothing behind the end of the file. */
static ssize_t stream_send(struct reed_stream *stream, int file, uint64_t offset, size_t n)
{
	struct sim_socket *s = stream_of(stream)->socket;
	size_t room = s->host->sim->options.send_buffer - reed_buf_held(&s->out);
	struct iovec iov = { NULL, n < room ? n : room };
	ssize_t went = REED_EAGAIN;

	if (s->state == SIM_DEAD || s->fin || iov.iov_len == 0)
		return stream_write(stream, &iov, 0);
	iov.iov_base = reed_alloc_raw(iov.iov_len);
	went = reed_folder_read(file, iov.iov_base, iov.iov_len, offset);
	if (!went)
		went = stream_write(stream, &iov, 1);
	reed_free(iov.iov_base);
	return went;
}

static void stream_want(struct reed_stream *stream, unsigned events)
{
	struct sim_socket *s = stream_of(stream)->socket;

	reed_sim_want(s->host, &s->wanted, events);
	reed_sim_changed(s);
}

static void stream_shutdown(struct reed_stream *stream)
{
	struct sim_socket *s = stream_of(stream)->socket;

	s->fin = true;
	reed_sim_output(s);
}

static void stream_close(struct reed_stream *stream)
{
	struct sim_socket *s = stream_of(stream)->socket;

	reed_sim_want(s->host, &s->wanted, 0);
	reed_sim_socket_close(s, stream->aborted);
}

static void stream_facts(struct reed_stream *stream, struct reed_stream_facts *facts)
{
	facts->local = stream_of(stream)->local;
	facts->peer = stream_of(stream)->peer;
}

static size_t stream_on_the_way(struct reed_stream *stream)
{
	const struct sim_socket *s = stream_of(stream)->socket;

	return s->err ? 0 : reed_buf_held(&s->out) + (s->fin && !s->fin_acked);
}

static const struct reed_stream_ops stream_ops = {
	.name = "sim",
	.read = stream_read,
	.write = stream_write,
	.want = stream_want,
	.shutdown = stream_shutdown,
	.close = stream_close,
	.facts = stream_facts,
	.send = stream_send,
	.on_the_way = stream_on_the_way,
};

struct reed_stream *reed_sim_stream(struct sim_socket *s)
{
	struct sim_stream *self = reed_alloc(sizeof(*self));

	reed_stream_init(&self->stream, s->host->loop, &stream_ops);
	self->socket = s;
	reed_sim_address(s->host, s->ipv6, s->port, &self->local);
	reed_sim_address(s->link->to, s->ipv6, s->peer_port, &self->peer);
	s->owner = self;
	s->news.wanted = stream_listens;
	s->news.tell = stream_tell;
	s->heard_at = s->host->sim->now;
	reed_sim_output(s); /* an owned one has keep-alives */
	return &self->stream;
}
