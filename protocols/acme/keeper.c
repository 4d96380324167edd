/* Keeping certificates: what is due, and what becomes of it. */

#include "reed/acme_keeper.h"

#include <string.h>

#include "keep.h"
#include "private.h"
#include "reed/log.h"
#include "reed/random.h"
#include "reed/tls.h"

enum {
	FIRST_WAIT_S = 120,
	DOUBLINGS = 9,
	LONGEST_WAIT_S = 12 * 3600,
	LOOK_S = 6 * 3600, /* clocks jump, and authorities change their minds */
	ASK_S = 24 * 3600, /* how they do is asked for that often */
};

struct kept {
	struct acme_facts facts;
	int64_t due, asked; /* reed_wall(); when the authority was asked for the former */
	unsigned failures;
};

struct keeper {
	struct reed_co co;
	struct reed_acme_keeper_options options;
	struct reed_acme *acme;
	struct acme_place place;
	struct reed_buf account;
	struct acme_facts *facts;
	struct kept *names;
	bool began;
	enum reed_err last;
	/* of the attempt under way */
	size_t i;
	struct reed_buf key, chain;
	char *order;
	const char *wanted[2];
	struct reed_acme_solver *solvers;
	struct reed_acme_wish wish;
	int64_t wished; /* renewal, by the authority */
};

static const char *name_of(const struct keeper *self)
{
	return self->options.names[self->i];
}

/* ---- when ---- */

/* By chance up to n earlier. */
static int64_t earlier(struct reed_loop *loop, int64_t when, int64_t n)
{
	return n > 0 ? when - (int64_t)reed_random_below(loop, (uint64_t)n) : when;
}

static void plan(struct keeper *self, struct kept *name)
{
	int64_t life = name->facts.to - name->facts.from;

	name->failures = 0;
	name->asked = 0;
	name->due = name->facts.foreign
	                    ? reed_wall(self->co.loop)
	                    : earlier(self->co.loop, name->facts.from + life / 3 * 2, life / 20);
}

static void plan_again(struct keeper *self, struct kept *name)
{
	unsigned doublings = name->failures < DOUBLINGS ? name->failures : DOUBLINGS;
	int64_t wait = REED_S((int64_t)FIRST_WAIT_S << doublings);
	int64_t now = reed_wall(self->co.loop), rest = self->acme ? reed_acme_rest(self->acme) : 0;

	if (wait > REED_S(LONGEST_WAIT_S))
		wait = REED_S(LONGEST_WAIT_S);
	name->failures++;
	name->due = earlier(self->co.loop, now + wait + wait / 10, wait / 10);
	for (size_t i = 0; i < self->options.name_count; i++) /* an account is one for all names */
		if (self->names[i].due < rest)
			self->names[i].due = rest;
}

/* The one that is due first. */
static void choose(struct keeper *self)
{
	self->i = 0;
	for (size_t i = 1; i < self->options.name_count; i++)
		if (self->names[i].due < self->names[self->i].due)
			self->i = i;
}

/* ns until then, but not for so long that a clock that was set, or an end, goes unnoticed. */
static int64_t wait_of(const struct keeper *self)
{
	int64_t now = reed_wall(self->co.loop), until = self->names[self->i].due;

	if (until > now + REED_S(LOOK_S))
		until = now + REED_S(LOOK_S);
	for (size_t i = 0; i < self->options.name_count; i++)
		if (self->names[i].facts.to < until)
			until = self->names[i].facts.to;
	return until > now ? until - now : 0;
}

/* ---- an attempt ---- */

static enum reed_err open_account(struct keeper *self)
{
	struct reed_acme_options options = *self->options.account;
	struct reed_fault *fault = NULL;
	enum reed_err err;

	options.key = reed_buf_slice(&self->account);
	err = reed_acme_new(self->co.loop, &options, &self->acme, &fault);
	if (err)
		reed_because(&self->co, err, "the account in %s: %s", self->place.folder,
		             reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

static struct reed_future *placed(void *arg, const char *order)
{
	struct keeper *self = arg;

	return acme_keep_order(self->co.loop, self->place, name_of(self), order);
}

/* Another kind of proof each time, as one may be out of the authority's reach here. */
static void turn_solvers(struct keeper *self)
{
	size_t n = self->options.solver_count;

	for (size_t i = 0; i < n; i++)
		self->solvers[i] = self->options.solvers[(i + self->names[self->i].failures) % n];
}

static struct reed_future *obtain(struct keeper *self)
{
	turn_solvers(self);
	self->wanted[0] = name_of(self);
	self->wish = (struct reed_acme_wish)REED_ACME_WISH;
	self->wish.names = self->wanted;
	self->wish.key = reed_buf_slice(&self->key);
	self->wish.solvers = self->solvers;
	self->wish.solver_count = self->options.solver_count;
	self->wish.order = self->order;
	self->wish.placed = placed;
	self->wish.arg = self;
	reed_buf_clear(&self->chain);
	return reed_acme_obtain(self->acme, &self->wish, &self->chain);
}

static struct reed_future *begin(struct keeper *self)
{
	reed_log(self->co.loop, REED_LOG_INFO, "asking for a certificate name=%s authority=%s",
	         name_of(self), self->place.directory);
	self->began = true;
	return self->options.begin ? self->options.begin(self->options.arg)
	                           : reed_ready(self->co.loop, REED_OK);
}

static void end(struct keeper *self)
{
	if (self->began && self->options.end)
		self->options.end(self->options.arg);
	self->began = false;
	reed_free(self->order);
	self->order = NULL;
	if (self->key.p)
		reed_wipe(self->key.p, self->key.size);
	reed_buf_clear(&self->key);
}

static struct reed_future *install(struct keeper *self)
{
	return acme_keep_install(self->co.loop, self->place, name_of(self), self->i == 0,
	                         reed_buf_slice(&self->key), reed_buf_slice(&self->chain),
	                         &self->names[self->i].facts);
}

/* RFC 9773 4.3.2: what is not told, or not understood, is no reason to worry. */
static struct reed_future *ask_renewal(struct keeper *self)
{
	struct kept *name = &self->names[self->i];

	self->wished = 0;
	name->asked = reed_wall(self->co.loop);
	return acme_ask_renewal(self->acme, name->facts.id, &self->wished);
}

static void take_renewal(struct keeper *self)
{
	if (!self->co.err && self->wished > 0)
		self->names[self->i].due = self->wished;
}

/* RFC 9773 4.3: asked again and again, as one that is revoked is wanted back early. */
static bool choose_to_ask(struct keeper *self)
{
	int64_t now = reed_wall(self->co.loop);

	for (self->i = 0; self->i < self->options.name_count; self->i++) {
		const struct kept *name = &self->names[self->i];

		if (!name->facts.foreign && name->facts.id[0] && name->failures == 0 &&
		    (!name->asked || now - name->asked >= REED_S((int64_t)ASK_S)))
			return true;
	}
	return false;
}

static struct reed_future *load(struct keeper *self)
{
	return acme_keep_begin(self->co.loop, self->place, name_of(self), &self->key, &self->order);
}

/* Another attempt has to begin with a new order. */
static bool is_over(enum reed_err err)
{
	return err == REED_ENOENT || err == REED_EACCES || err == REED_EPROTO || err == REED_ECERT;
}

static struct reed_future *forget(struct keeper *self)
{
	return acme_keep_forget(self->co.loop, self->place, name_of(self));
}

static void tell_failed(struct keeper *self)
{
	struct kept *name = &self->names[self->i];

	self->last = self->co.err;
	plan_again(self, name);
	reed_log(self->co.loop, REED_LOG_WARN, "no certificate yet name=%s again_in_s=%lld why=%s",
	         name_of(self), (long long)((name->due - reed_wall(self->co.loop)) / REED_S(1)),
	         reed_co_why(&self->co));
}

static void tell_got(struct keeper *self)
{
	struct kept *name = &self->names[self->i];

	if (self->co.err)
		reed_log(self->co.loop, REED_LOG_ERROR, "a certificate stays as it was why=%s",
		         reed_co_why(&self->co));
	plan(self, name);
	reed_log(self->co.loop, REED_LOG_INFO, "a new certificate is served name=%s days=%lld",
	         name_of(self),
	         (long long)((name->facts.to - reed_wall(self->co.loop)) / REED_S(86400)));
}

/* ---- an attempt, as a task of its own, so that its failure is the keeper's to judge ---- */

struct attempt {
	struct reed_co co;
	struct keeper *keeper;
};

static void attempt_run(struct reed_co *co)
{
	struct keeper *self = reed_frame(co, struct attempt)->keeper;

	reed_coroutine (co) {
		reed_try(co, load(self));
		reed_try(co, begin(self));
		reed_await(co, obtain(self));
		if (self->order && is_over(co->err)) { /* in the time of another process */
			reed_free(self->order);
			self->order = NULL;
			reed_await(co, obtain(self));
		}
		if (co->err)
			reed_return(co, co->err);
		reed_try(co, install(self));
	}
}

static const struct reed_co_kind attempt_kind = { .name = "acme attempt",
	                                          .size = sizeof(struct attempt),
	                                          .run = attempt_run };

static struct reed_future *attempt(struct keeper *keeper)
{
	struct attempt *self = reed_co_new(keeper->co.loop, &attempt_kind);

	self->keeper = keeper;
	return reed_start(&self->co);
}

/* ---- for ever ---- */

static struct reed_future *prepare(struct keeper *self)
{
	reed_buf_clear(&self->account);
	return acme_keep_prepare(self->co.loop, self->place, self->options.names,
	                         self->options.name_count, &self->account, self->facts);
}

/* With one such file in it a listener would not read the folder, nor what is new there. */
static bool any_out_of_date(const struct keeper *self)
{
	int64_t now = reed_wall(self->co.loop);

	for (size_t i = 0; i < self->options.name_count; i++)
		if (now >= self->names[i].facts.to)
			return true;
	return false;
}

static void take_facts(struct keeper *self)
{
	for (size_t i = 0; i < self->options.name_count; i++)
		self->names[i].facts = self->facts[i];
}

static void plan_all(struct keeper *self)
{
	take_facts(self);
	for (size_t i = 0; i < self->options.name_count; i++)
		plan(self, &self->names[i]);
}

static void keeper_run(struct reed_co *co)
{
	struct keeper *self = reed_frame(co, struct keeper);

	reed_coroutine (co) {
		reed_try(co, prepare(self));
		plan_all(self);
		if (open_account(self))
			reed_return(co, co->err);
		for (;;) {
			if (choose_to_ask(self)) {
				reed_await(co, ask_renewal(self));
				if (co->err == REED_ECANCELED)
					reed_return(co, co->err);
				take_renewal(self);
				continue;
			}
			choose(self);
			if (any_out_of_date(self)) {
				reed_try(co, prepare(self));
				take_facts(self);
				reed_await(co, reed_tls_reload(co->loop));
			}
			if (wait_of(self) > 0) {
				reed_try(co, reed_sleep_ns(co->loop, wait_of(self)));
				continue;
			}
			reed_await(co, attempt(self));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			if (co->err) {
				tell_failed(self);
				end(self);
				if (is_over(self->last))
					reed_await(co, forget(self));
				continue;
			}
			reed_await(co, reed_tls_reload(co->loop));
			tell_got(self);
			end(self);
		}
	}
}

static void keeper_end(struct reed_co *co)
{
	struct keeper *self = reed_frame(co, struct keeper);

	end(self);
	reed_acme_free(self->acme);
	if (self->account.p)
		reed_wipe(self->account.p, self->account.size);
	reed_buf_finish(&self->account);
	reed_buf_finish(&self->key);
	reed_buf_finish(&self->chain);
	reed_free(self->facts);
	reed_free(self->names);
	reed_free(self->solvers);
}

static const struct reed_co_kind keeper_kind = { .name = "acme keeper",
	                                         .size = sizeof(struct keeper),
	                                         .run = keeper_run,
	                                         .end = keeper_end };

static enum reed_err judge(const struct reed_acme_keeper_options *o)
{
	return o->folder && o->account && o->account->directory && o->name_count > 0 &&
	                       o->name_count <= ACME_NAMES && o->solver_count > 0
	               ? REED_OK
	               : REED_EINVAL;
}

struct reed_future *reed_acme_keep(struct reed_loop *loop,
                                   const struct reed_acme_keeper_options *options)
{
	struct keeper *self;

	if (judge(options))
		return reed_failed(loop, REED_EINVAL,
		                   "a keeper of certificates wants a folder, an account, a way to "
		                   "prove names, and 1 to %d names",
		                   ACME_NAMES);
	self = reed_co_new(loop, &keeper_kind);
	memcpy(&self->options, options,
	       options->size < sizeof(self->options) ? options->size : sizeof(self->options));
	self->place = (struct acme_place){ options->folder, options->account->directory };
	self->names = reed_alloc((options->name_count + 1) * sizeof(self->names[0]));
	self->facts = reed_alloc((options->name_count + 1) * sizeof(self->facts[0]));
	self->solvers = reed_alloc((options->solver_count + 1) * sizeof(self->solvers[0]));
	return reed_start(&self->co);
}

/* ---- before anything listens ---- */

struct preparing {
	struct reed_co co;
	struct acme_place place;
	const struct reed_acme_keeper_options *options;
	struct reed_buf account;
	struct acme_facts *facts;
};

static void preparing_run(struct reed_co *co)
{
	struct preparing *self = reed_frame(co, struct preparing);

	reed_coroutine (co) {
		reed_try(co,
		         acme_keep_prepare(co->loop, self->place, self->options->names,
		                           self->options->name_count, &self->account, self->facts));
	}
}

static void preparing_end(struct reed_co *co)
{
	struct preparing *self = reed_frame(co, struct preparing);

	if (self->account.p)
		reed_wipe(self->account.p, self->account.size);
	reed_buf_finish(&self->account);
	reed_free(self->facts);
}

static const struct reed_co_kind preparing_kind = { .name = "acme preparation",
	                                            .size = sizeof(struct preparing),
	                                            .run = preparing_run,
	                                            .end = preparing_end };

struct reed_future *reed_acme_prepare(struct reed_loop *loop,
                                      const struct reed_acme_keeper_options *options)
{
	struct preparing *self = reed_co_new(loop, &preparing_kind);

	self->options = options;
	self->place = (struct acme_place){ options->folder, options->account->directory };
	self->facts = reed_alloc((options->name_count + 1) * sizeof(self->facts[0]));
	return reed_start(&self->co);
}
