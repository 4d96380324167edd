/* Proofs that servers of the same loop show: reed/challenge.h. */

#include "private.h"

#include "reed/challenge.h"
#include "reed/co.h"
#include "reed/random.h"

/* ---- what is shown, and taken away ---- */

static struct reed_future *hide(void *arg, const struct reed_acme_proof *proof, void *held)
{
	(void)proof;
	reed_challenge_free(held);
	return reed_ready(arg, REED_OK);
}

static struct reed_future *show_http(void *arg, const struct reed_acme_proof *p, void **held)
{
	*held = reed_challenge_new(arg, REED_CHALLENGE_HTTP, p->token, reed_slice_of(p->answer));
	return reed_ready(arg, REED_OK);
}

static struct reed_future *show_tls(void *arg, const struct reed_acme_proof *p, void **held)
{
	struct reed_buf pem = { .limit = 0 };

	if (acme_proof_certificate(p->name, p->answer, reed_wall(arg), &pem))
		return reed_failed(arg, REED_EIO, "OpenSSL makes no certificate for %s", p->name);
	*held = reed_challenge_new(arg, REED_CHALLENGE_TLS, p->name, reed_buf_slice(&pem));
	reed_wipe(pem.p, pem.size);
	reed_buf_finish(&pem);
	return reed_ready(arg, REED_OK);
}

/* ---- what a name server publishes ---- */

enum { TRIES = 30 };

struct publishing {
	struct reed_co co;
	char *name, *digest;
	int tries;
};

/* One that has just been started may be reading its zones. */
static bool is_early(const struct publishing *self)
{
	return (self->co.err == REED_ENOENT || self->co.err == REED_EBUSY) && self->tries < TRIES;
}

static void publishing_run(struct reed_co *co)
{
	struct publishing *self = reed_frame(co, struct publishing);

	reed_coroutine (co) {
again:
		self->tries++;
		reed_await(co, reed_challenge_publish(co->loop, self->name, self->digest, true));
		if (is_early(self)) {
			reed_try(co, reed_sleep(co->loop, 1000));
			goto again;
		}
		reed_return(co, co->err);
	}
}

static void publishing_end(struct reed_co *co)
{
	struct publishing *self = reed_frame(co, struct publishing);

	reed_free(self->name);
	reed_free(self->digest);
}

static const struct reed_co_kind publishing_kind = { .name = "acme record",
	                                             .size = sizeof(struct publishing),
	                                             .run = publishing_run,
	                                             .end = publishing_end };

static struct reed_future *show_dns(void *arg, const struct reed_acme_proof *p, void **held)
{
	struct publishing *self = reed_co_new(arg, &publishing_kind);

	*held = NULL;
	self->name = reed_strdup(p->name);
	self->digest = reed_strdup(p->digest);
	return reed_start(&self->co);
}

static struct reed_future *hide_dns(void *arg, const struct reed_acme_proof *p, void *held)
{
	(void)held;
	return reed_challenge_publish(arg, p->name, p->digest, false);
}

struct reed_acme_solver reed_acme_http(struct reed_loop *loop)
{
	return (struct reed_acme_solver){ "http-01", show_http, hide, loop };
}

struct reed_acme_solver reed_acme_tls(struct reed_loop *loop)
{
	return (struct reed_acme_solver){ "tls-alpn-01", show_tls, hide, loop };
}

struct reed_acme_solver reed_acme_dns(struct reed_loop *loop)
{
	return (struct reed_acme_solver){ "dns-01", show_dns, hide_dns, loop };
}
