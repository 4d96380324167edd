/* Proofs that servers of the same loop show: reed/challenge.h. */

#include "private.h"

#include "reed/challenge.h"
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

static struct reed_future *show_dns(void *arg, const struct reed_acme_proof *p, void **held)
{
	char *name = reed_sprintf("_acme-challenge.%s", p->name);

	*held = reed_challenge_new(arg, REED_CHALLENGE_DNS, name, reed_slice_of(p->digest));
	reed_free(name);
	return reed_ready(arg, REED_OK);
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
	return (struct reed_acme_solver){ "dns-01", show_dns, hide, loop };
}
