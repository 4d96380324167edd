/* Where the log of a process is shipped to, as its settings have it. */

#include "daemon_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/ship.h"

enum { LAST_WORDS_MS = 3000 };

struct entry {
	struct reed_ship_options options; /* strings of the settings, or ours */
	struct generation *of;            /* the settings */
	struct reed_ship *ship;           /* NULL: another entry has it now */
};

struct ships {
	struct entry *items, *leaving; /* leaving: with their last words, since the last reload */
	size_t count, leaving_count;
	char *host, *app;
};

static struct reed_ship_options options_of(const struct daemon *d, const char *endpoint,
                                           enum reed_ship_format format)
{
	const struct daemon_settings *s = reed_generation_daemon(d->latest);
	struct reed_ship_options o = REED_SHIP_OPTIONS;

	o.endpoint = endpoint;
	o.format = format;
	o.level = (enum reed_log_level)s->log.ship.level;
	o.facility = s->log.ship.facility;
	o.room = (size_t)s->log.ship.room;
	o.host = d->ships->host;
	o.app = d->ships->app;
	o.pid = reed_own_pid();
	o.id = s->log.ship.id;
	return o;
}

static bool is_same(const struct reed_ship_options *a, const struct reed_ship_options *b)
{
	return strcmp(a->endpoint, b->endpoint) == 0 && a->format == b->format &&
	       a->level == b->level && a->facility == b->facility && a->room == b->room &&
	       strcmp(a->id, b->id) == 0;
}

/* One of before that goes on, or a new one. */
static struct reed_ship *ship_for(struct daemon *d, struct entry *before, size_t n,
                                  const struct reed_ship_options *o)
{
	struct reed_ship *ship;

	for (size_t i = 0; i < n; i++) {
		if (!before[i].ship || !is_same(&before[i].options, o))
			continue;
		ship = before[i].ship;
		before[i].ship = NULL;
		return ship;
	}
	return reed_ship_new(d->loop, o);
}

static void free_entries(struct entry *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		reed_ship_free(items[i].ship);
		reed_generation_release(items[i].of);
	}
	reed_free(items);
}

static void let_go(struct ships *self, struct entry *items, size_t n)
{
	free_entries(self->leaving, self->leaving_count);
	self->leaving = items;
	self->leaving_count = n;
	for (size_t i = 0; i < n; i++)
		if (items[i].ship)
			reed_ship_last_words(items[i].ship);
}

static void add(struct daemon *d, struct reed_texts peers, enum reed_ship_format format,
                struct entry *before, size_t n)
{
	for (size_t i = 0; i < peers.n; i++) {
		struct entry *e = &d->ships->items[d->ships->count++];

		e->options = options_of(d, peers.items[i], format);
		e->of = reed_generation_share(d->latest);
		e->ship = ship_for(d, before, n, &e->options);
	}
}

void reed_daemon_ship(struct daemon *d)
{
	const struct daemon_settings *s = reed_generation_daemon(d->latest);
	const struct reed_settings_program *program = &d->plan->program;
	struct entry *before;
	size_t n;

	if (!d->ships) {
		d->ships = reed_alloc(sizeof(*d->ships));
		d->ships->host = reed_host_name();
		d->ships->app = program->command
		                        ? reed_sprintf("%s-%s", program->program, program->command)
		                        : reed_strdup(program->program);
	}
	before = d->ships->items;
	n = d->ships->count;
	d->ships->items = reed_alloc((s->log.ship.syslog.n + s->log.ship.json.n + 1) *
	                             sizeof(*d->ships->items));
	d->ships->count = 0;
	add(d, s->log.ship.syslog, REED_SHIP_SYSLOG, before, n);
	add(d, s->log.ship.json, REED_SHIP_JSON, before, n);
	let_go(d->ships, before, n);
}

void reed_daemon_ship_rest(struct daemon *d)
{
	for (size_t i = 0; i < d->ships->count; i++)
		reed_ship_rest(d->ships->items[i].ship);
}

static bool all_done(const struct ships *self)
{
	for (size_t i = 0; i < self->count; i++)
		if (!reed_ship_is_done(self->items[i].ship))
			return false;
	return true;
}

/* A second signal has no time for that. */
void reed_daemon_ship_end(struct daemon *d)
{
	int64_t until = reed_now(d->loop) + REED_MS(LAST_WORDS_MS);

	for (size_t i = 0; i < d->ships->count; i++)
		reed_ship_last_words(d->ships->items[i].ship);
	while (!d->signo && !all_done(d->ships) && reed_now(d->loop) < until)
		reed_loop_turn(d->loop, until - reed_now(d->loop));
	free_entries(d->ships->items, d->ships->count);
	free_entries(d->ships->leaving, d->ships->leaving_count);
	reed_free(d->ships->host);
	reed_free(d->ships->app);
	reed_free(d->ships);
	d->ships = NULL;
}
