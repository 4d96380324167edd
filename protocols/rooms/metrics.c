/* What a hub tells of itself to whoever reads the metrics of its loop. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/metric.h"

/* of struct reed_hub_stats, whether it only rises, what it is */
#define NUMBERS(X)                                                      \
	X(users, false, "Users who are here.")                          \
	X(sessions, false, "Clients that are attached to users.")       \
	X(rooms, false, "Rooms there are.")                             \
	X(registered, false, "Rooms that stay when they are empty.")    \
	X(accounts, false, "Accounts that are known to the rooms.")     \
	X(server_bans, false, "Masks that are banned from the server.") \
	X(unsaved, false, "Changes that wait for the disk.")            \
	X(messages, true, "Messages that were said.")                   \
	X(deliveries, true, "Events that were told, to each who heard.")

enum what {
#define X(name, rises, help) WHAT_##name,
	NUMBERS(X)
#undef X
		WHATS
};

struct number {
	struct reed_metric_source source;
	const struct reed_hub *hub;
	enum what what;
};

static int64_t read_number(struct reed_metric_source *source)
{
	const struct number *self = reed_container_of(source, struct number, source);
	struct reed_hub_stats s = { .size = sizeof(s) };

	reed_hub_stats(self->hub, &s);
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

static void add(struct reed_hub *hub, enum what what, bool rises, const char *name,
                const char *help)
{
	struct number *self = &hub->numbers[what];

	self->source.read = read_number;
	self->hub = hub;
	self->what = what;
	reed_metric_source_add(hub->loop, &self->source, rises, name, help, NULL);
}

void reed_hub_metrics_init(struct reed_hub *hub)
{
	hub->numbers = reed_alloc(WHATS * sizeof(*hub->numbers));
#define X(name, rises, help) add(hub, WHAT_##name, rises, "reed_rooms_" #name, help);
	NUMBERS(X)
#undef X
}

void reed_hub_metrics_finish(struct reed_hub *hub)
{
	for (int i = 0; i < WHATS; i++)
		reed_metric_source_remove(&hub->numbers[i].source);
	reed_free(hub->numbers);
}
