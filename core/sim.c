/* The simulation: who has a turn, and when time moves. */

#include "sim_private.h"

#include <stdlib.h>
#include <string.h>

#define START_OF_2026 REED_S(1767225600)

enum { BUFFER = 64 << 10, BACKLOG = 128, STEPS_KEPT = 1000 };

/* ---- failures ---- */

void reed_sim_fail_with(struct reed_sim *sim, struct reed_fault *fault)
{
	if (sim->failure) {
		reed_fault_free(fault);
		return;
	}
	sim->failure = fault;
	reed_sim_record_fault(sim, "FAILED: %s", fault->sentence);
}

void reed_sim_fail_at(struct reed_sim *sim, const char *file, int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reed_sim_fail_with(sim, reed_fault_new_v(REED_ECORRUPT, NULL, file, line, format, args));
	va_end(args);
}

const struct reed_fault *reed_sim_failure(const struct reed_sim *sim)
{
	return sim->failure;
}

/* ---- the simulation ---- */

static struct reed_sim_options options_of(const struct reed_sim_options *given)
{
	struct reed_sim_options o = REED_SIM_OPTIONS;

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	o.start = o.start ? o.start : START_OF_2026;
	o.send_buffer = o.send_buffer ? o.send_buffer : BUFFER;
	o.receive_buffer = o.receive_buffer ? o.receive_buffer : BUFFER;
	o.backlog = o.backlog ? o.backlog : BACKLOG;
	o.steps_kept = o.steps_kept ? o.steps_kept : STEPS_KEPT;
	return o;
}

struct reed_sim *reed_sim_new(const struct reed_sim_options *given)
{
	struct reed_sim *sim = reed_alloc(sizeof(*sim));

	sim->options = options_of(given);
	assert(sim->options.schedule != REED_SIM_CHOSEN || sim->options.choose);
	sim->now = REED_S(SIM_BEGIN_S);
	sim->chance.state = reed_sim_mix(sim->options.seed, 0);
	reed_sim_entropy_begin();
	reed_list_init(&sim->busy);
	reed_list_init(&sim->owing);
	reed_list_init(&sim->links);
	reed_list_init(&sim->programs);
	reed_sim_set_link(sim, NULL, NULL, sim->options.link);
	reed_sim_record_begin(sim);
	if (sim->options.faults)
		reed_sim_plan_begin(sim, sim->options.faults);
	sim->options.link = NULL; /* the caller's, copied */
	sim->options.faults = NULL;
	return sim;
}

/* What is still to happen and belongs to nobody: packets under way. */
static void forget_packets(struct reed_sim *sim)
{
	struct sim_event *e;

	while ((e = reed_sim_event_first(sim))) {
		reed_sim_event_clear(sim, e);
		reed_free(reed_container_of(e, struct sim_packet, event));
	}
	reed_free(sim->events.heap);
}

void reed_sim_free(struct reed_sim *sim)
{
	struct reed_list *link;

	if (!sim)
		return;
	reed_sim_plan_end(sim);
	for (uint32_t i = 1; i <= sim->host_count; i++) {
		reed_sim_event_clear(sim, &sim->hosts[i]->comes_up);
		if (sim->hosts[i]->loop)
			reed_sim_down(sim->hosts[i]);
	}
	forget_packets(sim);
	while ((link = reed_list_take(&sim->links)))
		reed_free(reed_container_of(link, struct sim_link, all));
	for (uint32_t i = 1; i <= sim->host_count; i++)
		reed_sim_host_free(sim->hosts[i]);
	reed_sim_programs_end(sim);
	reed_sim_record_end(sim);
	reed_sim_entropy_end();
	reed_fault_free(sim->failure);
	reed_free(sim->hosts);
	reed_free(sim);
}

/* ---- turns ---- */

/* Who asks without end for what is ready and takes nothing must not stop time. */
static bool has_news(struct sim_host *h)
{
	if (h->rested.place)
		return false;
	reed_list_each (link, &h->news) {
		struct sim_news *news = reed_container_of(link, struct sim_news, link);

		if (news->wanted(news))
			return true;
	}
	return false;
}

bool reed_sim_has_work(struct sim_host *h)
{
	return reed_loop_deadline(h->loop) <= h->sim->now || has_news(h);
}

/* From outside: who has been given something since, or sits in a turn of its own. */
static void look_at_all(struct reed_sim *sim)
{
	for (uint32_t i = 1; i <= sim->host_count; i++)
		if (sim->hosts[i]->loop && reed_sim_has_work(sim->hosts[i]))
			reed_sim_busy(sim->hosts[i]);
}

static struct sim_host *next_host(struct reed_sim *sim)
{
	struct reed_list *link;

	if (atomic_load_explicit(&sim->woken, memory_order_relaxed)) {
		atomic_store(&sim->woken, false);
		look_at_all(sim);
	}
	if (sim->busy_count == 0)
		return NULL;
	link = sim->busy.next;
	if (sim->busy_count > 1)
		for (size_t n = reed_sim_choose_host(sim, sim->busy_count); n > 0; n--)
			link = link->next;
	return reed_container_of(link, struct sim_host, busy);
}

static void end_if_endless(struct reed_sim *sim)
{
	if (sim->options.most_turns && sim->stats.turns >= sim->options.most_turns)
		reed_sim_fail(sim, "does not end: %llu turns, and there is more to do",
		              (unsigned long long)sim->stats.turns);
}

/* The loop tells of a deadline that has changed, and a pause is in the place of one. */
static void after_turn(struct sim_host *h)
{
	reed_sim_set_deadline(h, h->loop->host_deadline);
	if (has_news(h))
		reed_sim_busy(h);
}

/* One at most is woken in single steps, or none while the loop hears the news. */
static void turn(struct sim_host *h)
{
	struct reed_sim *sim = h->sim;

	reed_sim_not_busy(h);
	if (h->paused_until > sim->now) {
		reed_sim_event_set(sim, &h->turn, h->paused_until, SIM_HARD);
		return;
	}
	sim->stats.turns++;
	if (sim->single)
		h->loop->turn_wakes = !reed_list_empty(&h->loop->ready);
	sim->in_turn = h;
	reed_loop_turn(h->loop, 0);
	sim->in_turn = NULL;
	if (h->dying)
		reed_sim_down(h);
	else
		after_turn(h);
	end_if_endless(sim);
}

/* What the hosts have not said along with data is said before time goes on. */
static void acknowledge_all(struct reed_sim *sim)
{
	struct reed_list *link;

	while ((link = reed_list_take(&sim->owing)))
		reed_sim_acknowledge(reed_container_of(link, struct sim_socket, owing));
}

static bool is_worth_it(const struct reed_sim *sim, enum sim_weight least)
{
	for (int weight = least; weight < SIM_WEIGHTS; weight++)
		if (sim->events.weights[weight] > 0)
			return true;
	return false;
}

/* False: there is nothing left until then of this weight. */
static bool time_goes_on(struct reed_sim *sim, int64_t until, enum sim_weight least)
{
	struct sim_event *e;

	acknowledge_all(sim);
	e = reed_sim_event_first(sim);
	if (!e || e->at > until || !is_worth_it(sim, least))
		return false;
	if (e->at > sim->now)
		sim->now = e->at;
	while ((e = reed_sim_event_first(sim)) && e->at <= sim->now) {
		reed_sim_event_clear(sim, e);
		e->fire(e);
	}
	return true;
}

static bool step(struct reed_sim *sim, int64_t until, enum sim_weight least)
{
	struct sim_host *h = next_host(sim);

	if (!h)
		return time_goes_on(sim, until, least);
	turn(h);
	return true;
}

/* ---- running ---- */

static enum reed_err verdict(const struct reed_sim *sim)
{
	return sim->failure ? sim->failure->err : REED_OK;
}

static void begin(struct reed_sim *sim)
{
	assert(!sim->running);
	sim->running = true;
	look_at_all(sim);
}

/* Who was idle has an old time: what the caller starts now must not begin in the past. */
static enum reed_err end(struct reed_sim *sim)
{
	sim->running = false;
	for (uint32_t i = 1; i <= sim->host_count; i++)
		if (sim->hosts[i]->loop)
			sim->hosts[i]->loop->now = sim->now;
	return verdict(sim);
}

enum reed_err reed_sim_run(struct reed_sim *sim)
{
	begin(sim);
	while (!sim->failure && step(sim, REED_NEVER - 1, SIM_HARD))
		continue;
	return end(sim);
}

enum reed_err reed_sim_run_for(struct reed_sim *sim, int64_t ns)
{
	int64_t until = sim->now + ns;

	begin(sim);
	while (!sim->failure && step(sim, until, SIM_IDLE))
		continue;
	if (!sim->failure)
		sim->now = until;
	return end(sim);
}

bool reed_sim_run_turns(struct reed_sim *sim, uint64_t turns, const bool *ended)
{
	bool more = true;

	begin(sim);
	while (!sim->failure && !*ended && sim->stats.turns < turns && more)
		more = step(sim, REED_NEVER - 1, SIM_SOFT);
	end(sim);
	return more;
}

static void give_up(struct reed_sim *sim, struct reed_until *self, struct reed_loop *loop)
{
	char where[SIM_WHERE];

	if (sim->failure) {
		self->err = sim->failure->err;
		self->fault = reed_fault_copy(sim->failure);
	} else {
		reed_sim_where(self->waiter.future, where);
		self->err = REED_ETIMEDOUT;
		self->fault = reed_fault(REED_ETIMEDOUT, NULL, "waits for ever%s", where);
	}
	reed_unwait(loop, &self->waiter);
}

enum reed_err reed_sim_run_until(struct reed_sim *sim, struct reed_future *f,
                                 struct reed_fault **fault)
{
	struct reed_until until = { .waiter.wake = reed_until_wake };
	struct reed_loop *loop = f->loop;

	reed_wait(f, &until.waiter);
	begin(sim);
	while (!until.ended && !sim->failure && step(sim, REED_NEVER - 1, SIM_SOFT))
		continue;
	end(sim);
	if (!until.ended)
		give_up(sim, &until, loop);
	return reed_until_end(&until, fault);
}

/* A loop may also be run by itself, as long as there is something it can wait for. */
void reed_sim_pass(struct sim_host *h, int64_t ns)
{
	struct reed_sim *sim = h->sim;
	int64_t until = ns < REED_NEVER - 1 - sim->now ? sim->now + ns : REED_NEVER - 1;
	bool more = true;

	reed_sim_not_busy(h);
	while (more && sim->now < until && !reed_sim_has_work(h))
		more = step(sim, until, SIM_SOFT);
	if (more || sim->now >= until)
		return;
	if (until < REED_NEVER - 1) {
		sim->now = until;
	} else if (h->loop->stopped) {
		fprintf(stderr, "reed: %s would wait for ever\n", h->name);
		reed_trace_all(stderr, h->loop);
		abort();
	}
	reed_loop_stop(h->loop);
}

int64_t reed_sim_now(const struct reed_sim *sim)
{
	return sim->now - REED_S(SIM_BEGIN_S);
}
