#include "reed/doors.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/own_cert.h"

struct opening {
	struct reed_co co;
	struct reed_service *service;
	struct reed_doors *doors;
	char *complete; /* the endpoint with its certificate; NULL: as it was given */
	const char *text;
	size_t i;
};

static bool needs_own(const struct opening *self)
{
	const struct reed_doors *d = self->doors;
	bool needs = false;

	if (*d->cert || !self->service->state || self->service->site->certificates)
		return false;
	for (size_t i = 0; i < d->endpoints->n && !needs; i++) {
		char *complete = reed_own_cert_complete(d->endpoints->items[i], "x");

		needs = complete != NULL;
		reed_free(complete);
	}
	return needs;
}

/* Consumes what there is of it already, NULL: the text as it was given. */
static char *with_alpn(char *complete, const char *given, const char *alpn)
{
	const char *text = complete ? complete : given;
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;
	char *more = NULL;

	if (!reed_endpoint_parse(reed_slice_of(text), &e, &fault) &&
	    reed_slice_is(e.scheme, "tls") && !reed_endpoint_key(&e, "alpn"))
		more = reed_sprintf("%s:alpn=%s", text, alpn);
	reed_fault_free(fault); /* who listens will find the same and say where it stands */
	reed_endpoint_finish(&e);
	if (!more)
		return complete;
	reed_free(complete);
	return more;
}

static struct reed_future *open_next(struct opening *self)
{
	const struct reed_doors *d = self->doors;
	const char *const *endpoint = &d->endpoints->items[self->i];
	const char *cert = *d->cert ? *d->cert : d->own;

	reed_free(self->complete);
	self->complete = cert ? reed_own_cert_complete(*endpoint, cert) : NULL;
	if (d->alpn)
		self->complete = with_alpn(self->complete, *endpoint, d->alpn);
	if (self->complete) {
		self->text = self->complete;
		endpoint = &self->text;
	}
	return reed_service_listen(self->service, endpoint, d->session, d->arg, d->options);
}

/* Whether it is the certificate that will not do, which a setting of its own has named. */
static bool blames_cert(const struct opening *self)
{
	switch ((int)self->co.err) {
	case REED_ECERT:
	case REED_ENOENT:
	case REED_ESYNTAX:
	case REED_EACCES:
	case REED_EAUTH:
		return *self->doors->cert != NULL;
	default:
		return false;
	}
}

/* Who listens knows the place only of a text that stands in the settings. */
static enum reed_err explain(struct opening *self)
{
	const struct reed_doors *d = self->doors;
	const void *member = blames_cert(self) ? (const void *)d->cert
	                                       : (const void *)&d->endpoints->items[self->i];
	const char *origin = self->complete ? reed_service_origin(self->service, member) : NULL;

	return origin ? reed_because(&self->co, self->co.err, "%s", origin) : self->co.err;
}

static void opening_run(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);
	struct reed_doors *d = self->doors;

	reed_coroutine (co) {
		if (needs_own(self)) {
			d->own = reed_sprintf("%s/cert.pem", self->service->state);
			reed_try(co, reed_own_cert(co->loop, d->own, self->service->site->name));
		}
		for (; self->i < d->endpoints->n; self->i++) {
			reed_await(co, open_next(self));
			if (co->err)
				reed_return(co, explain(self));
		}
	}
}

static void opening_end(struct reed_co *co)
{
	reed_free(reed_frame(co, struct opening)->complete);
}

static const struct reed_co_kind opening_kind = { .name = "doors",
	                                          .size = sizeof(struct opening),
	                                          .run = opening_run,
	                                          .end = opening_end };

struct reed_future *reed_doors_open(struct reed_service *service, struct reed_doors *doors)
{
	struct opening *self = reed_co_new(service->loop, &opening_kind);

	self->service = service;
	self->doors = doors;
	return reed_start(&self->co);
}

void reed_doors_finish(struct reed_doors *doors)
{
	reed_free(doors->own);
	doors->own = NULL;
}
