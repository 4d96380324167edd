/*
 * One name of an order (RFC 8555 7.5): a challenge is chosen, its proof shown,
 * the authority told to look, and asked until it has; then the proof goes.
 */

#include "private.h"

#include <string.h>

#include "reed/log.h"

enum { FIRST_MS = 250, MOST_MS = 60000 };

struct authorizing {
	struct reed_co co;
	struct reed_acme *acme;
	const struct reed_acme_wish *wish;
	char *url;
	struct reed_http_response *response;
	struct reed_pool pool;
	struct acme_authorization now;
	/* what is shown; of a pool of its own, as now changes */
	const struct reed_acme_solver *solver;
	struct reed_pool kept;
	struct reed_acme_proof proof;
	const char *challenge; /* its URL */
	void *held;
	bool shown;
	int64_t pause; /* ms */
	enum reed_err told;
	struct reed_fault *why; /* told */
};

/* ---- what is asked and answered ---- */

static struct reed_future *look(struct authorizing *self)
{
	return acme_ask(self->acme, self->url, reed_slice(NULL, 0), ACME_BY_ACCOUNT,
	                &self->response);
}

static struct reed_future *tell(struct authorizing *self)
{
	return acme_ask(self->acme, self->challenge, REED_STR("{}"), ACME_BY_ACCOUNT,
	                &self->response);
}

static void forget(struct authorizing *self)
{
	reed_http_response_free(self->response);
	self->response = NULL;
}

static enum reed_err take(struct authorizing *self)
{
	char why[ACME_WORDS];
	enum reed_err err;

	reed_pool_clear(&self->pool);
	err = acme_read_authorization(self->response->body, self->acme->url, &self->pool,
	                              &self->now, why);
	self->pause = acme_retry_after(self->acme, self->response,
	                               self->pause ? self->pause : FIRST_MS, MOST_MS);
	forget(self);
	return err ? reed_because(&self->co, err, "%s: %s", self->url, why) : REED_OK;
}

/* ---- choosing ---- */

static const struct acme_offer *offer_of(const struct acme_authorization *a, const char *kind)
{
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->offers[i].kind, kind) == 0)
			return &a->offers[i];
	return NULL;
}

static void put_kinds(const struct acme_authorization *a, char *into, size_t room)
{
	size_t n = 0;

	*into = '\0';
	for (size_t i = 0; i < a->count && n < room; i++)
		n += (size_t)snprintf(into + n, room - n, "%s%s", i ? ", " : "", a->offers[i].kind);
}

static enum reed_err cannot(struct authorizing *self)
{
	char offered[ACME_WORDS];

	put_kinds(&self->now, offered, sizeof(offered));
	return reed_because(&self->co, REED_EACCES,
	                    "%s%s: the authority wants it proven by one of these: %s; %s",
	                    self->now.wildcard ? "*." : "", self->now.name,
	                    *offered ? offered : "none",
	                    self->now.wildcard ? "dns-01 takes a program, or a name server of ours"
	                                       : "allow one of them");
}

/* RFC 8555 8.1, 8.4 */
static void prepare(struct authorizing *self, const struct acme_offer *offer)
{
	char *answer = reed_sprintf("%s.%s", offer->token, self->acme->key.print);
	char digest[ACME_DIGEST + 1];

	acme_digest(reed_slice_of(answer), digest);
	self->proof = (struct reed_acme_proof){
		.kind = self->solver->kind,
		.name = reed_pool_strdup(&self->kept, reed_slice_of(self->now.name)),
		.token = reed_pool_strdup(&self->kept, reed_slice_of(offer->token)),
		.answer = reed_pool_strdup(&self->kept, reed_slice_of(answer)),
		.digest = reed_pool_strdup(&self->kept, reed_slice_of(digest)),
	};
	self->challenge = reed_pool_strdup(&self->kept, reed_slice_of(offer->url));
	reed_free(answer);
}

static enum reed_err choose(struct authorizing *self)
{
	for (size_t i = 0; i < self->wish->solver_count; i++) {
		const struct reed_acme_solver *s = &self->wish->solvers[i];
		const struct acme_offer *offer = offer_of(&self->now, s->kind);

		if (!offer || (self->now.wildcard && strcmp(s->kind, "dns-01") != 0))
			continue;
		self->solver = s;
		prepare(self, offer);
		return REED_OK;
	}
	return cannot(self);
}

/* ---- the outcome ---- */

/* Its challenge says why, when it does. */
static enum reed_err refused(struct authorizing *self)
{
	const struct acme_offer *offer =
		self->solver ? offer_of(&self->now, self->solver->kind) : NULL;

	return reed_because(&self->co, REED_EACCES, "%s%s%s: %s", self->now.name,
	                    self->solver ? ", proven by " : "",
	                    self->solver ? self->solver->kind : "",
	                    offer && offer->error ? offer->error
	                                          : "the authority does not believe it any more");
}

/* The answer to a request that was heard may be lost: what has become of it says more. */
static bool was_heard(const struct authorizing *self)
{
	const struct acme_offer *offer = offer_of(&self->now, self->solver->kind);

	return self->now.status != ACME_PENDING || (offer && offer->status != ACME_PENDING);
}

static void note_telling(struct authorizing *self)
{
	self->told = self->co.err;
	reed_fault_free(self->why);
	self->why = self->co.err ? reed_co_take_fault(&self->co) : NULL;
	forget(self);
}

static enum reed_err not_told(struct authorizing *self)
{
	reed_fault_free(reed_co_take_fault(&self->co));
	self->co.fault = self->why;
	self->why = NULL;
	self->co.err = self->told;
	return self->told;
}

static struct reed_future *hide(struct authorizing *self)
{
	self->shown = false;
	return self->solver->hide(self->solver->arg, &self->proof, self->held);
}

static void authorizing_run(struct reed_co *co)
{
	struct authorizing *self = reed_frame(co, struct authorizing);

	reed_coroutine (co) {
		reed_try(co, look(self));
		if (take(self))
			reed_return(co, co->err);
		if (self->now.status == ACME_VALID)
			reed_return(co, REED_OK);
		if (self->now.status != ACME_PENDING)
			reed_return(co, refused(self));
		if (choose(self))
			reed_return(co, co->err);
		self->shown = true;
		reed_try(co, self->solver->show(self->solver->arg, &self->proof, &self->held));
		reed_await(co, tell(self));
		note_telling(self);
		do {
			reed_try(co, reed_sleep(co->loop, self->pause));
			reed_try(co, look(self));
			self->pause *= 2;
			if (take(self))
				reed_return(co, co->err);
			if (self->told && !was_heard(self))
				reed_return(co, not_told(self));
		} while (self->now.status == ACME_PENDING || self->now.status == ACME_PROCESSING);
		if (self->now.status != ACME_VALID)
			reed_return(co, refused(self));
		reed_await(co, hide(self));
	}
}

static void tell_hidden(void *arg, enum reed_err err, const char *why)
{
	if (err)
		reed_log(arg, REED_LOG_WARN, "a proof could not be taken away why=%s", why);
}

/* However it ends, nothing stays shown; a program may take its time for that. */
static void authorizing_end(struct reed_co *co)
{
	struct authorizing *self = reed_frame(co, struct authorizing);

	if (self->shown)
		reed_background(hide(self), tell_hidden, co->loop);
	forget(self);
	reed_fault_free(self->why);
	reed_pool_finish(&self->pool);
	reed_pool_finish(&self->kept);
	reed_free(self->url);
}

static const struct reed_co_kind authorizing_kind = { .name = "acme authorization",
	                                              .size = sizeof(struct authorizing),
	                                              .run = authorizing_run,
	                                              .end = authorizing_end };

struct reed_future *acme_authorize(struct reed_acme *acme, const char *url,
                                   const struct reed_acme_wish *wish)
{
	struct authorizing *self = reed_co_new(acme->loop, &authorizing_kind);

	self->acme = acme;
	self->wish = wish;
	self->url = reed_strdup(url);
	reed_pool_init(&self->pool, ACME_POOL);
	reed_pool_init(&self->kept, ACME_POOL);
	return reed_start(&self->co);
}
