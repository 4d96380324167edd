/* What the server tells of itself to whoever reads the metrics of its loop. */

#include "irc_server.h"

#include "reed/metric.h"

/* of struct reed_irc_server_stats, whether it only rises, what it is */
#define NUMBERS(X)                                                                \
	X(connections, false, "Clients there are, with those who are coming in.") \
	X(registered, false, "Clients that are in.")                              \
	X(queued_bytes, false, "What waits for clients to read it.")              \
	X(accepted, true, "Connections that came.")                               \
	X(lines_in, true, "Lines that clients have sent.")                        \
	X(lines_out, true, "Lines that were sent to clients.")                    \
	X(floods, true, "How often a client sent too fast and had to wait.")

enum what {
#define X(name, rises, help) WHAT_##name,
	NUMBERS(X)
#undef X
		WHATS
};

struct number {
	struct reed_metric_source source;
	const struct reed_irc_server *server;
	enum what what;
};

/* Why the server parted with clients. */
struct parting {
	struct reed_metric_source source;
	const uint64_t *count;
};

struct irc_metrics {
	struct number numbers[WHATS];
	struct parting partings[IRC_PARTINGS];
	struct reed_counter *refusals[IRC_REFUSALS]; /* NULL: there was none yet */
};

size_t reed_irc_queued(const struct reed_irc_server *server)
{
	size_t all = 0;

	reed_list_each (link, &server->conns)
		all += reed_queued(reed_container_of(link, struct irc_conn, link)->protocol.stream);
	return all;
}

static int64_t read_number(struct reed_metric_source *source)
{
	const struct number *self = reed_container_of(source, struct number, source);
	struct reed_irc_server_stats s = self->server->stats;

	if (self->what == WHAT_queued_bytes)
		s.queued_bytes = reed_irc_queued(self->server);
	switch (self->what) {
#define X(name, rises, help) \
	case WHAT_##name:    \
		return (int64_t)s.name;
		NUMBERS(X)
#undef X
	case WHATS:
		break;
	}
	return 0;
}

static void add_number(struct reed_irc_server *server, enum what what, bool rises, const char *name,
                       const char *help)
{
	struct number *self = &server->metrics->numbers[what];

	self->source.read = read_number;
	self->server = server;
	self->what = what;
	reed_metric_source_add(server->loop, &self->source, rises, name, help, NULL);
}

static int64_t read_parting(struct reed_metric_source *source)
{
	return (int64_t)*reed_container_of(source, struct parting, source)->count;
}

static void add_parting(struct reed_irc_server *server, enum irc_parting why, const char *reason)
{
	struct parting *self = &server->metrics->partings[why];

	self->source.read = read_parting;
	self->count = &server->partings[why];
	reed_metric_source_add(server->loop, &self->source, true, "reed_irc_sent_away",
	                       "Clients that the server sent away, by reason.", "reason=%s",
	                       reason);
}

void reed_irc_metrics_init(struct reed_irc_server *server)
{
	server->metrics = reed_alloc(sizeof(*server->metrics));
#define X(name, rises, help) add_number(server, WHAT_##name, rises, "reed_irc_" #name, help);
	NUMBERS(X)
#undef X
#define X(name, reason) add_parting(server, IRC_PARTING_##name, reason);
	IRC_PARTING_REASONS(X)
#undef X
}

void reed_irc_metrics_finish(struct reed_irc_server *server)
{
	for (int i = 0; i < WHATS; i++)
		reed_metric_source_remove(&server->metrics->numbers[i].source);
	for (int i = 0; i < IRC_PARTINGS; i++)
		reed_metric_source_remove(&server->metrics->partings[i].source);
	reed_free(server->metrics);
}

/* Most reasons are never met. */
void reed_irc_count_refusal(struct reed_irc_server *server, enum reed_refusal why)
{
	struct reed_counter **counter = &server->metrics->refusals[why];

	if (!*counter)
		*counter = reed_counter(server->loop, "reed_irc_refusals",
		                        "What clients asked for and was refused, by reason.",
		                        "reason=%s", reed_refusal_name(why));
	(*counter)->value++;
}
