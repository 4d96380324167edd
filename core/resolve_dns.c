/*
 * Questions to the DNS, by c-ares.
 *
 * c-ares is called from the loop only: when a socket is ready, when its time
 * has come, and at the end of the turn, where what was asked leaves together.
 * So none of its callbacks runs under somebody's feet, and in a callback
 * nothing is done but to settle a future.
 *
 * It cannot forget a single query.  One that nobody waits for any more goes on
 * while there are others, and is canceled with the last of them.
 *
 * The numbers of its queries come from a generator of its own, which reads
 * /dev/urandom: a simulation that wants this code too has to rewrite the first
 * two bytes of what its sockets send and receive (os_dns.c).
 */

#include <ares.h>
#include <sys/time.h>

#include "resolve_private.h"

enum {
	AT_ONCE = 100,    /* queries; more wait here and not in full socket buffers */
	EDNS_SIZE = 1232, /* bytes that no path fragments */
	CLASS_IN = 1,
};

struct reed_dns {
	ares_channel channel;
	struct reed_loop *loop;
	struct reed_list link; /* among those retired */
	struct reed_search search;
	struct reed_list sockets; /* struct dns_socket */
	struct reed_list waiting; /* struct query, not yet sent */
	struct reed_timer timer;
	struct reed_last last;
	size_t away;   /* queries that c-ares has */
	size_t wanted; /* those, and those waiting, that somebody waits for */
};

struct dns_socket {
	struct reed_fd_watch watch;
	struct reed_list link;
	struct reed_dns *dns;
};

struct query {
	struct reed_future future;
	struct reed_dns *dns;
	struct reed_list link; /* among those waiting */
	struct reed_answer answer, *out;
	enum reed_record_type type;
	bool away;  /* c-ares has it */
	bool over;  /* settled: nobody waits */
	bool gone;  /* its future is no more */
	bool again; /* sent a second time */
	char name[REED_HOST_NAME_MAX + 1];
};

static struct query *query_of(struct reed_future *f)
{
	return reed_container_of(f, struct query, future);
}

static void query_free(struct query *q)
{
	reed_answer_finish(&q->answer);
	reed_free(q);
}

/* ---- sockets ---- */

static void socket_ready(struct reed_fd_watch *w, unsigned events)
{
	struct reed_dns *dns = reed_container_of(w, struct dns_socket, watch)->dns;
	int fd = w->fd;

	ares_process_fd(dns->channel, events & REED_READ ? fd : ARES_SOCKET_BAD,
	                events & REED_WRITE ? fd : ARES_SOCKET_BAD);
	reed_at_turn_end(dns->loop, &dns->last);
}

static struct dns_socket *socket_of(struct reed_dns *dns, int fd)
{
	struct dns_socket *s;

	reed_list_each (link, &dns->sockets) {
		s = reed_container_of(link, struct dns_socket, link);
		if (s->watch.fd == fd)
			return s;
	}
	s = reed_alloc(sizeof(*s));
	s->watch.loop = dns->loop;
	s->watch.ready = socket_ready;
	s->watch.fd = fd;
	s->dns = dns;
	reed_list_append(&dns->sockets, &s->link);
	return s;
}

static void socket_state(void *arg, ares_socket_t fd, int read, int write)
{
	struct dns_socket *s = socket_of(arg, fd);

	if (read || write) {
		reed_fd_watch(&s->watch, (read ? REED_READ : 0u) | (write ? REED_WRITE : 0u));
		return;
	}
	reed_fd_unwatch(&s->watch);
	reed_list_remove(&s->link);
	reed_free(s);
}

/* ---- the end of the turn ---- */

/* What c-ares rounds down would fire a moment too early, again and again. */
static void set_timer(struct reed_dns *dns)
{
	struct timeval tv;

	if (ares_timeout(dns->channel, NULL, &tv))
		reed_timer_start(dns->loop, &dns->timer,
		                 REED_S(tv.tv_sec) + REED_US(tv.tv_usec) + REED_MS(1));
	else
		reed_timer_stop(&dns->timer);
}

static void time_is_up(struct reed_timer *t)
{
	struct reed_dns *dns = reed_container_of(t, struct reed_dns, timer);

	ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	reed_at_turn_end(dns->loop, &dns->last);
}

static void answered(void *arg, int status, int timeouts, unsigned char *message, int n);

static void tend(struct reed_last *last)
{
	struct reed_dns *dns = reed_container_of(last, struct reed_dns, last);

	while (dns->away < AT_ONCE && !reed_list_empty(&dns->waiting)) {
		struct query *q =
			reed_container_of(reed_list_take(&dns->waiting), struct query, link);

		q->away = true;
		dns->away++;
		ares_query(dns->channel, q->name, CLASS_IN, (int)q->type, answered, q);
	}
	if (reed_linked(&dns->link) && dns->away == 0 && reed_list_empty(&dns->waiting))
		reed_dns_free(dns);
	else
		set_timer(dns);
}

/* ---- answers ---- */

static enum reed_err err_of(int status)
{
	switch (status) {
	case ARES_ETIMEOUT:
		return REED_ETIMEDOUT;
	case ARES_EBADNAME:
	case ARES_EBADQUERY:
		return REED_ESYNTAX;
	case ARES_EBADRESP:
		return REED_EPROTO;
	case ARES_ENOMEM:
		return REED_ENOMEM;
	case ARES_ECANCELLED:
	case ARES_EDESTRUCTION:
		return REED_ECANCELED;
	default:
		return REED_EIO;
	}
}

static void fail(struct query *q, int status)
{
	enum reed_err err = err_of(status);

	if (err == REED_ETIMEDOUT)
		reed_fail(&q->future, err, "no name server has answered about %s", q->name);
	else
		reed_fail(&q->future, err, "the name servers do not tell about %s: %s", q->name,
		          ares_strerror(status));
}

static void read_answer(struct query *q, const unsigned char *message, int n)
{
	enum reed_err err =
		reed_message_read(reed_slice(message, (size_t)n), q->name, q->type, &q->answer);

	if (err)
		reed_fail(&q->future, err, "the name server's answer about %s is %s", q->name,
		          err == REED_ETOOBIG ? "too long" : "malformed");
	else
		reed_settle(&q->future, REED_OK);
}

static void conclude(struct query *q, int status, const unsigned char *message, int n)
{
	q->over = true;
	q->dns->wanted--;
	if (status != ARES_SUCCESS && status != ARES_ENODATA && status != ARES_ENOTFOUND) {
		fail(q, status);
	} else if (message) {
		read_answer(q, message, n);
	} else {
		q->answer.no_name = true;
		reed_settle(&q->future, REED_OK);
	}
}

/*
 * A server that knows no EDNS says FORMERR.  c-ares then leaves it away and
 * asks again, but of several queries under way it does so for one only.
 */
static void answered(void *arg, int status, int timeouts, unsigned char *message, int n)
{
	struct query *q = arg;
	struct reed_dns *dns = q->dns;

	(void)timeouts;
	q->away = false;
	dns->away--;
	reed_at_turn_end(dns->loop, &dns->last);
	if (q->gone) {
		query_free(q);
	} else if (!q->over && status == ARES_EFORMERR && !q->again) {
		q->again = true;
		reed_list_append(&dns->waiting, &q->link);
	} else if (!q->over) {
		conclude(q, status, message, n);
	}
}

/* ---- a question's future ---- */

static void query_cancel(struct reed_future *f)
{
	struct query *q = query_of(f);
	struct reed_dns *dns = q->dns;

	q->over = true;
	reed_list_unlink(&q->link);
	if (--dns->wanted == 0 && dns->away > 0)
		ares_cancel(dns->channel);
}

static void query_deliver(struct reed_future *f)
{
	struct query *q = query_of(f);

	if (f->err)
		return;
	*q->out = q->answer;
	q->answer = (struct reed_answer){ .count = 0 };
}

static void query_gone(struct reed_future *f)
{
	query_of(f)->gone = true;
	if (!query_of(f)->away)
		query_free(query_of(f));
}

static const struct reed_future_kind query_kind = {
	.name = "dns",
	.cancel = query_cancel,
	.deliver = query_deliver,
	.free = query_gone,
};

struct reed_future *reed_dns_ask(struct reed_dns *dns, const char *name, enum reed_record_type type,
                                 struct reed_answer *answer)
{
	struct query *q = reed_alloc(sizeof(*q));

	assert(!reed_linked(&dns->link));
	reed_future_init(&q->future, dns->loop, &query_kind);
	q->dns = dns;
	q->type = type;
	q->out = answer;
	snprintf(q->name, sizeof(q->name), "%s", name);
	dns->wanted++;
	reed_list_append(&dns->waiting, &q->link);
	reed_at_turn_end(dns->loop, &dns->last);
	return &q->future;
}

/* ---- the channel ---- */

static enum reed_err wrong(struct reed_fault **fault, const char *what, int status)
{
	enum reed_err err = status == ARES_ENOMEM ? REED_ENOMEM : REED_EIO;

	*fault = reed_fault(err, NULL, "no DNS: %s: %s", what, ares_strerror(status));
	return err;
}

/* The search list as c-ares read it from resolv.conf. */
static int read_search(struct reed_dns *dns)
{
	struct ares_options options = { .flags = 0 };
	int mask = 0, status = ares_save_options(dns->channel, &options, &mask);

	if (status != ARES_SUCCESS)
		return status;
	dns->search.ndots = options.ndots;
	dns->search.count = options.ndomains;
	dns->search.domains = reed_alloc(((size_t)options.ndomains + 1) * sizeof(char *));
	for (int i = 0; i < options.ndomains; i++)
		dns->search.domains[i] = reed_strdup(options.domains[i]);
	ares_destroy_options(&options);
	return ARES_SUCCESS;
}

static int open_channel(struct reed_dns *dns, const struct reed_resolver_options *given)
{
	int mask = ARES_OPT_FLAGS | ARES_OPT_SOCK_STATE_CB | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS |
	           ARES_OPT_TRIES;
	char *path = given->resolv_conf ? reed_strdup(given->resolv_conf) : NULL;
	struct ares_options options = {
		.flags = ARES_FLAG_EDNS | ARES_FLAG_NOALIASES,
		.ednspsz = EDNS_SIZE,
		.timeout = given->timeout_ms > 0 ? given->timeout_ms : 2000,
		.tries = given->tries > 0 ? given->tries : 3,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = dns,
		.resolvconf_path = path,
	};
	int status = ares_init_options(&dns->channel, &options,
	                               path ? mask | ARES_OPT_RESOLVCONF : mask);

	reed_free(path);
	return status;
}

static enum reed_err open_dns(struct reed_dns *dns, const struct reed_resolver_options *options,
                              struct reed_fault **fault)
{
	int status = open_channel(dns, options);

	if (status != ARES_SUCCESS) {
		dns->channel = NULL;
		return wrong(fault, "resolv.conf", status);
	}
	ares_set_socket_functions(dns->channel, &reed_dns_sockets, NULL);
	if (options->servers)
		status = ares_set_servers_ports_csv(dns->channel, options->servers);
	if (status != ARES_SUCCESS)
		return wrong(fault, options->servers, status);
	status = read_search(dns);
	return status == ARES_SUCCESS ? REED_OK : wrong(fault, "the search list", status);
}

struct reed_dns *reed_dns_new(struct reed_loop *loop, const struct reed_resolver_options *options,
                              struct reed_fault **fault)
{
	struct reed_dns *dns = reed_alloc(sizeof(*dns));

	dns->loop = loop;
	dns->timer.fire = time_is_up;
	dns->last.run = tend;
	reed_list_init(&dns->sockets);
	reed_list_init(&dns->waiting);
	if (!open_dns(dns, options, fault))
		return dns;
	reed_dns_free(dns);
	return NULL;
}

void reed_dns_retire(struct reed_dns *dns, struct reed_list *retired)
{
	if (!dns)
		return;
	reed_list_append(retired, &dns->link);
	reed_at_turn_end(dns->loop, &dns->last);
}

void reed_dns_free(struct reed_dns *dns)
{
	if (!dns)
		return;
	if (dns->channel)
		ares_destroy(dns->channel);
	reed_timer_stop(&dns->timer);
	reed_list_unlink(&dns->last.link);
	reed_list_unlink(&dns->link);
	for (int i = 0; i < dns->search.count; i++)
		reed_free(dns->search.domains[i]);
	reed_free(dns->search.domains);
	reed_free(dns);
}

void reed_dns_free_all(struct reed_list *retired)
{
	while (!reed_list_empty(retired))
		reed_dns_free(reed_container_of(retired->next, struct reed_dns, link));
}

const struct reed_search *reed_dns_search(const struct reed_dns *dns)
{
	return &dns->search;
}
