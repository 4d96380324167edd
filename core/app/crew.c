/* The crew, as the first loop sees it. */

#include "crew.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/mailbox.h"
#include "service_private.h"

/* ---- who can be sharded ---- */

unsigned reed_loops_wanted(const struct daemon_settings *settings)
{
	return settings->loops > 0 ? (unsigned)settings->loops : reed_team_processors();
}

const char *reed_loops_why_not(const struct plan *plan, const struct reed_settings *settings,
                               size_t i)
{
	const struct reed_service_kind *kind = plan->services[i].kind;
	size_t known = offsetof(struct reed_service_kind, one_loop) + sizeof(kind->one_loop);

	if (kind->size < known || !kind->one_loop)
		return "it was written for one loop";
	return kind->one_loop(reed_settings_part(settings, PARTS_BEFORE + i));
}

enum reed_err reed_loops_check(const struct plan *plan, const struct reed_settings *settings,
                               struct reed_fault **fault)
{
	const struct daemon_settings *daemon = reed_settings_part(settings, 1);
	const char *why = NULL, *origin = reed_settings_origin_of(settings, &daemon->loops);

	if (daemon->loops == 1)
		return REED_OK;
	for (size_t i = 0; i < plan->count; i++) {
		const char *reason = reed_loops_why_not(plan, settings, i);

		if (!reason)
			return REED_OK;
		why = why ? why : reason;
	}
	*fault = reed_fault(REED_ENOTSUP, NULL,
	                    "%s cannot be spread over several loops: %s; leave out %s",
	                    plan->services[0].name, why, origin ? origin : "--loops");
	return REED_ENOTSUP;
}

/* ---- what hands say ---- */

struct word {
	struct reed_post post;
	struct hand *hand;
	enum crew_word word;
	struct reed_mailbox *box;
};

static void add(struct reed_cell *cell, int change)
{
	reed_cell_set(cell, cell->value + change);
}

static void word_arrives(struct reed_post *post)
{
	struct word *self = reed_container_of(post, struct word, post);
	struct crew *crew = self->hand->crew;

	switch (self->word) {
	case HAND_PRESENT:
		self->hand->box = self->box;
		add(&crew->present, 1);
		break;
	case HAND_READY:
		add(&crew->ready, 1);
		break;
	case HAND_GONE:
		add(&crew->working, -1);
		break;
	}
	reed_free(self);
}

void reed_hand_says(struct hand *hand, enum crew_word word, struct reed_mailbox *box)
{
	struct word *self = reed_alloc(sizeof(*self));

	self->post.run = word_arrives;
	self->hand = hand;
	self->word = word;
	self->box = box;
	reed_post(hand->crew->daemon->loop, &self->post);
}

/* ---- its life ---- */

struct muster {
	struct reed_co co;
	struct crew *crew;
	struct reed_service *root;
	struct reed_future *team; /* until it is waited for */
};

static struct reed_future *team_of(struct muster *self)
{
	struct reed_future *team = self->team;

	self->team = NULL;
	return team;
}

/* Who of the crew fails takes the process along, as a service of the first loop does. */
static void muster_run(struct reed_co *co)
{
	struct muster *self = reed_frame(co, struct muster);

	reed_coroutine (co) {
		reed_await(co, team_of(self));
		if (co->err && co->err != REED_ECANCELED)
			reed_service_blame(reed_service_inner(self->root),
			                   reed_fault(co->err, reed_co_take_fault(co),
			                              "one of the loops"));
	}
}

static void muster_end(struct reed_co *co)
{
	reed_drop(reed_frame(co, struct muster)->team);
}

static const struct reed_co_kind muster_kind = { .name = "loops",
	                                         .size = sizeof(struct muster),
	                                         .run = muster_run,
	                                         .end = muster_end };

static struct crew *crew_new(struct daemon *d, unsigned loops)
{
	struct crew *crew = reed_alloc(sizeof(*crew) + loops * sizeof(crew->hands[0]));

	crew->daemon = d;
	crew->count = loops - 1;
	crew->working.value = crew->count;
	for (unsigned i = 0; i < crew->count; i++)
		crew->hands[i] = (struct hand){ .crew = crew, .number = i + 1 };
	return crew;
}

/* The team is there before anybody listens: all that its members listen on they share. */
void reed_loops_start(struct daemon *d, struct reed_service *root, unsigned loops)
{
	const struct daemon_settings *settings = reed_generation_daemon(d->first);
	struct muster *self = reed_co_new(d->loop, &muster_kind);
	struct reed_team_options options = REED_TEAM_OPTIONS;
	struct reed_loop_options loop = REED_LOOP_OPTIONS;

	loop.driver = reed_daemon_driver(settings);
	options.loops = loops;
	options.loop = &loop;
	d->site.loops = loops;
	self->crew = d->crew = crew_new(d, loops);
	self->root = root;
	self->team = reed_team(d->loop, &options, reed_hand_work, self->crew);
	reed_scope_add(&root->scope, reed_start(&self->co));
}

struct beginning {
	struct reed_co co;
	struct daemon *daemon;
	struct crew_wish wish;
};

static struct reed_future *ask_to_begin(struct beginning *self)
{
	self->wish = (struct crew_wish){ .what = CREW_BEGIN, .generation = self->daemon->latest };
	return reed_loops_ask(self->daemon, &self->wish, NULL);
}

static void beginning_run(struct reed_co *co)
{
	struct beginning *self = reed_frame(co, struct beginning);
	struct crew *crew = self->daemon->crew;

	reed_coroutine (co) {
		while (crew->present.value < (intptr_t)crew->count)
			reed_try(co,
			         reed_cell_changed(co->loop, &crew->present, crew->present.count));
		reed_loops_tell_level(self->daemon);
		reed_try(co, ask_to_begin(self));
		while (crew->ready.value < (intptr_t)crew->count)
			reed_try(co, reed_cell_changed(co->loop, &crew->ready, crew->ready.count));
	}
}

static const struct reed_co_kind beginning_kind = { .name = "begin on all loops",
	                                            .size = sizeof(struct beginning),
	                                            .run = beginning_run };

struct reed_future *reed_loops_begin(struct daemon *d)
{
	struct beginning *self;

	if (!d->crew)
		return reed_ready(d->loop, REED_OK);
	self = reed_co_new(d->loop, &beginning_kind);
	self->daemon = d;
	return reed_start(&self->co);
}

bool reed_loops_is_ready(const struct daemon *d)
{
	return !d->crew || d->crew->ready.value == (intptr_t)d->crew->count;
}

struct reed_cell *reed_loops_working(struct daemon *d)
{
	return &d->crew->working;
}

void reed_loops_free(struct crew *crew)
{
	if (!crew)
		return;
	for (unsigned i = 0; i < crew->count; i++)
		if (crew->hands[i].box)
			reed_mailbox_release(crew->hands[i].box);
	reed_free(crew);
}
