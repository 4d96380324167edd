#include "dns_server.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "reed/alloc.h"

struct connection {
	struct reed_fd_watch watch;
	struct reed_list link;
	struct dns_server *server;
	unsigned char p[1024];
	size_t n;
};

/* What goes back, perhaps later. */
struct reply {
	struct reed_timer timer;
	struct reed_list link;
	struct dns_server *server;
	struct connection *connection; /* NULL: by UDP */
	struct sockaddr_in to;
	struct dns_message message;
};

struct asked {
	unsigned id;
	char name[256];
	int type;
	bool edns;
};

/* ---- reading a question ---- */

static unsigned u16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static struct asked read_question(const unsigned char *p, size_t n)
{
	struct asked q = { .id = u16(p), .edns = u16(p + 10) > 0 };
	size_t at = 12, to = 0;

	check(n >= 17 && u16(p + 4) == 1);
	while (p[at]) {
		if (to > 0)
			q.name[to++] = '.';
		for (size_t left = p[at++]; left > 0; left--)
			q.name[to++] = (char)p[at++];
		check(at < n && to < sizeof(q.name) - 64);
	}
	q.type = (int)u16(p + at + 1);
	return q;
}

static const struct dns_rule *rule_of(const struct dns_server *s, const struct asked *q)
{
	static const struct dns_rule good = { NULL, 0, DNS_GOOD, 0 };
	const struct dns_rule *r = s->rules ? s->rules : &good;

	while (r->name && (strcmp(r->name, q->name) != 0 || (r->type && r->type != q->type)))
		r++;
	return r;
}

static void note(struct dns_server *s, const struct asked *q)
{
	size_t n = strlen(s->log);

	snprintf(s->log + n, sizeof(s->log) - n, " %s/%d", q->name, q->type);
}

/* ---- answering it ---- */

static bool add_records(const struct dns_server *s, struct dns_message *m, const char *name,
                        int type)
{
	bool exists = false;

	for (const struct dns_record *r = s->zone; r && r->owner; r++) {
		if (strcmp(r->owner, name) != 0)
			continue;
		exists = true;
		if (r->type == type || r->type == DNS_CNAME)
			dns_add(m, 1, r);
		if (r->type == DNS_CNAME)
			add_records(s, m, r->data, type);
	}
	return exists;
}

static void tell_truth(const struct dns_server *s, struct dns_message *m, const struct asked *q)
{
	bool exists;

	dns_begin(m, q->id, DNS_RESPONSE);
	dns_question(m, q->name, q->type);
	exists = add_records(s, m, q->name, q->type);
	if (m->counts[1] == 0 && s->negative)
		dns_add(m, 2, &(struct dns_record){ "example", DNS_SOA, 1000, s->negative });
	m->p[3] = (unsigned char)(exists ? 0x80 : 0x80 | DNS_NXDOMAIN);
}

static void tell_nothing(struct dns_message *m, const struct asked *q, unsigned flags)
{
	dns_begin(m, q->id, DNS_RESPONSE | flags);
	dns_question(m, q->name, q->type);
}

static void rave(struct dns_message *m, const struct asked *q)
{
	tell_nothing(m, q, 0);
	dns_u16(m, 0xffff);
	dns_u16(m, 0xffff);
	m->counts[1] = 1;
}

static void forge(struct dns_message *m, unsigned id, const char *name, int type)
{
	dns_begin(m, id, DNS_RESPONSE);
	dns_question(m, name, type);
	dns_add(m, 1,
	        &(struct dns_record){ name, type, 300,
	                              type == REED_RECORD_A ? "6.6.6.6" : "::6666" });
}

/* ---- sending it ---- */

static void reply_free(struct reply *r)
{
	reed_timer_stop(&r->timer);
	reed_list_remove(&r->link);
	reed_free(r);
}

static void send_reply(struct reply *r)
{
	struct reed_slice bytes = dns_end(&r->message);
	unsigned char length[2] = { (unsigned char)(bytes.n >> 8), (unsigned char)bytes.n };

	if (r->connection) {
		check_int(send(r->connection->watch.fd, length, 2, MSG_NOSIGNAL), 2);
		check_int(send(r->connection->watch.fd, bytes.p, bytes.n, MSG_NOSIGNAL), bytes.n);
	} else {
		sendto(r->server->udp.fd, bytes.p, bytes.n, 0, (struct sockaddr *)&r->to,
		       sizeof(r->to));
	}
}

static void reply_later(struct reed_timer *t)
{
	struct reply *r = reed_container_of(t, struct reply, timer);

	send_reply(r);
	reply_free(r);
}

/* False: nothing is to be sent. */
static bool compose(struct reply *r, const struct asked *q, enum dns_mood mood)
{
	struct dns_message *m = &r->message;

	switch (mood) {
	case DNS_SILENT:
		return false;
	case DNS_HANGS_UP:
	case DNS_TRUNCATES:
		if (r->connection)
			break;
		tell_nothing(m, q, DNS_TRUNCATED);
		return true;
	case DNS_KNOWS_NO_EDNS:
		if (!q->edns)
			break;
		tell_nothing(m, q, DNS_FORMERR);
		return true;
	case DNS_FAILS:
		tell_nothing(m, q, DNS_SERVFAIL);
		return true;
	case DNS_REFUSES:
		tell_nothing(m, q, DNS_REFUSED);
		return true;
	case DNS_RAVES:
		rave(m, q);
		return true;
	case DNS_MUMBLES:
		tell_nothing(m, q, 0);
		sendto(r->server->udp.fd, m->p, 5, 0, (struct sockaddr *)&r->to, sizeof(r->to));
		return false;
	case DNS_IS_FORGED:
		forge(m, q->id ^ 1, q->name, q->type);
		send_reply(r);
		forge(m, q->id, "other.example", q->type);
		send_reply(r);
		break;
	case DNS_GOOD:
		break;
	}
	tell_truth(r->server, m, q);
	return true;
}

static void answer(struct dns_server *s, struct connection *c, const struct sockaddr_in *to,
                   const unsigned char *p, size_t n)
{
	struct asked q = read_question(p, n);
	const struct dns_rule *rule = rule_of(s, &q);
	struct reply *r = reed_alloc(sizeof(*r));

	note(s, &q);
	r->server = s;
	r->connection = c;
	r->timer.fire = reply_later;
	if (to)
		r->to = *to;
	reed_list_append(&s->replies, &r->link);
	if (!compose(r, &q, rule->mood)) {
		reply_free(r);
	} else if (rule->delay_ms) {
		reed_timer_start(s->loop, &r->timer, REED_MS(rule->delay_ms));
	} else {
		send_reply(r);
		reply_free(r);
	}
}

static void udp_ready(struct reed_fd_watch *w, unsigned events)
{
	struct dns_server *s = reed_container_of(w, struct dns_server, udp);
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	unsigned char p[1024];
	ssize_t n;

	(void)events;
	while ((n = recvfrom(w->fd, p, sizeof(p), MSG_DONTWAIT, (struct sockaddr *)&from, &size)) >
	       0) {
		s->by_udp++;
		answer(s, NULL, &from, p, (size_t)n);
	}
}

/* ---- TCP ---- */

static void connection_free(struct connection *c)
{
	reed_fd_unwatch(&c->watch);
	close(c->watch.fd);
	reed_list_remove(&c->link);
	reed_free(c);
}

static void connection_ready(struct reed_fd_watch *w, unsigned events)
{
	struct connection *c = reed_container_of(w, struct connection, watch);
	ssize_t n = recv(w->fd, c->p + c->n, sizeof(c->p) - c->n, 0);
	struct asked q;
	size_t size;

	(void)events;
	if (n <= 0) {
		connection_free(c);
		return;
	}
	c->n += (size_t)n;
	while (c->n >= 2 && c->n >= (size = u16(c->p)) + 2) {
		q = read_question(c->p + 2, size);
		c->server->by_tcp++;
		if (rule_of(c->server, &q)->mood == DNS_HANGS_UP) {
			connection_free(c);
			return;
		}
		answer(c->server, c, NULL, c->p + 2, size);
		c->n -= size + 2;
		memmove(c->p, c->p + 2 + size, c->n);
	}
}

static void tcp_ready(struct reed_fd_watch *w, unsigned events)
{
	struct dns_server *s = reed_container_of(w, struct dns_server, tcp);
	struct connection *c = reed_alloc(sizeof(*c));

	(void)events;
	c->server = s;
	c->watch.loop = s->loop;
	c->watch.idle = true;
	c->watch.ready = connection_ready;
	c->watch.fd = accept(w->fd, NULL, NULL);
	check(c->watch.fd >= 0);
	reed_list_append(&s->connections, &c->link);
	reed_fd_watch(&c->watch, REED_READ);
}

/* ---- both ---- */

static void watch(struct dns_server *s, struct reed_fd_watch *w, int fd,
                  void (*ready)(struct reed_fd_watch *, unsigned))
{
	*w = (struct reed_fd_watch){ .loop = s->loop, .fd = fd, .ready = ready, .idle = true };
	reed_fd_watch(w, REED_READ);
}

/* One port for both: the next one when the first is taken by somebody's TCP. */
void dns_server_open(struct dns_server *s, struct reed_loop *loop)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	int udp, tcp;

	*s = (struct dns_server){ .loop = loop };
	reed_list_init(&s->connections);
	reed_list_init(&s->replies);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (;;) {
		udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		at.sin_port = 0;
		check_int(bind(udp, (struct sockaddr *)&at, sizeof(at)), 0);
		check_int(getsockname(udp, (struct sockaddr *)&at, &size), 0);
		if (bind(tcp, (struct sockaddr *)&at, sizeof(at)) == 0)
			break;
		close(udp);
		close(tcp);
	}
	check_int(listen(tcp, 16), 0);
	snprintf(s->address, sizeof(s->address), "127.0.0.1:%d", ntohs(at.sin_port));
	watch(s, &s->udp, udp, udp_ready);
	watch(s, &s->tcp, tcp, tcp_ready);
}

void dns_server_close(struct dns_server *s)
{
	while (!reed_list_empty(&s->replies))
		reply_free(reed_container_of(s->replies.next, struct reply, link));
	while (!reed_list_empty(&s->connections))
		connection_free(reed_container_of(s->connections.next, struct connection, link));
	reed_fd_unwatch(&s->udp);
	reed_fd_unwatch(&s->tcp);
	close(s->udp.fd);
	close(s->tcp.fd);
}
