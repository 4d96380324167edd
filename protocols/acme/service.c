/*
 * The keeper as a service of a daemon: with proofs as its settings have them, and
 * ears at the ports where an authority looks, for as long as it may.
 */

#include "reed/acme_service.h"

#include "reed/acme_keeper.h"
#include "reed/alloc.h"
#include "reed/automatic.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/http/server.h"
#include "reed/log.h"
#include "reed/tls.h"

enum { SOLVERS = 4, HANDSHAKE_MS = 10000, EARS = 2 };

struct acme {
	struct reed_service *service;
	const struct reed_automatic *settings;
	char *folder;
	struct reed_acme_solver solvers[SOLVERS];
	struct reed_acme_command command;
	struct reed_acme_options account;
	struct reed_acme_keeper_options keeper;
	struct reed_http_server *http;
	struct reed_scope ears; /* what listens while the authority may look */
};

/* ---- ears ---- */

static struct reed_future *nothing_here(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_fail(request, 404, "only a certificate authority finds anything here");
	return NULL;
}

/* A connection whose handshake is the whole of it. */
struct meeting {
	struct reed_co co;
	struct reed_stream *stream;
};

static void meeting_run(struct reed_co *co)
{
	struct meeting *self = reed_frame(co, struct meeting);

	reed_coroutine (co) {
		reed_await(co, reed_within(HANDSHAKE_MS, reed_tls_handshake(self->stream)));
		reed_return(co, REED_OK);
	}
}

static void meeting_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct meeting)->stream);
}

static const struct reed_co_kind meeting_kind = { .name = "acme handshake",
	                                          .size = sizeof(struct meeting),
	                                          .run = meeting_run,
	                                          .end = meeting_end };

static struct reed_future *meet(void *arg, struct reed_stream *stream)
{
	struct meeting *self = reed_co_new(stream->loop, &meeting_kind);

	(void)arg;
	self->stream = stream;
	return reed_start(&self->co);
}

/* What is taken already is, as a rule, listened on by ourselves, and does as well. */
struct opening {
	struct reed_co co;
	struct acme *acme;
	char *endpoints[EARS];
	struct reed_listener *listener;
	size_t i;
};

static void serve(struct opening *self)
{
	struct acme *acme = self->acme;
	struct reed_future *f = self->i == 0 ? reed_http_serve_on(acme->http, self->listener)
	                                     : reed_serve(self->listener, meet, NULL, NULL);

	self->listener = NULL;
	reed_scope_add(&acme->ears, f);
}

static void tell(struct opening *self)
{
	if (self->co.err != REED_EADDRINUSE)
		reed_log(self->co.loop, REED_LOG_WARN,
		         "an authority cannot look here endpoint=%s why=%s",
		         self->endpoints[self->i], reed_co_why(&self->co));
}

static void opening_run(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	reed_coroutine (co) {
		for (; self->i < EARS; self->i++) {
			if (!self->endpoints[self->i])
				continue;
			reed_await(co, reed_listen(co->loop, self->endpoints[self->i],
			                           &self->listener));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			if (co->err)
				tell(self);
			else
				serve(self);
		}
		reed_return(co, REED_OK);
	}
}

static void opening_end(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	reed_listener_close(self->listener);
	for (size_t i = 0; i < EARS; i++)
		reed_free(self->endpoints[i]);
}

static const struct reed_co_kind opening_kind = { .name = "acme ears",
	                                          .size = sizeof(struct opening),
	                                          .run = opening_run,
	                                          .end = opening_end };

static bool allows(const struct acme *self, enum reed_automatic_proof proof)
{
	return self->settings->proof == REED_AUTOMATIC_ANY || self->settings->proof == (int)proof;
}

static struct reed_future *begin(void *arg)
{
	struct acme *acme = arg;
	struct opening *self = reed_co_new(acme->service->loop, &opening_kind);
	char *certs = NULL, *quoted = NULL;

	self->acme = acme;
	if (allows(acme, REED_AUTOMATIC_HTTP))
		self->endpoints[0] = reed_strdup(acme->settings->http);
	if (allows(acme, REED_AUTOMATIC_TLS)) {
		certs = reed_sprintf("%s/certs", acme->folder);
		quoted = reed_endpoint_quote(reed_slice_of(certs));
		self->endpoints[1] = reed_sprintf("tls:[%s]:cert=%s", acme->settings->tls, quoted);
	}
	reed_free(certs);
	reed_free(quoted);
	return reed_start(&self->co);
}

static void end(void *arg)
{
	struct acme *acme = arg;

	reed_scope_drop(&acme->ears);
}

/* ---- what is told to the keeper ---- */

static void add(struct acme *self, struct reed_acme_solver solver)
{
	self->solvers[self->keeper.solver_count++] = solver;
}

/* What an operator has taken pains for goes first. */
static void add_solvers(struct acme *self)
{
	struct reed_loop *loop = self->service->loop;

	self->command = (struct reed_acme_command){ loop, self->settings->program };
	if (allows(self, REED_AUTOMATIC_DNS) && self->settings->program)
		add(self, reed_acme_by_command(&self->command));
	if (allows(self, REED_AUTOMATIC_HTTP))
		add(self, reed_acme_http(loop));
	if (allows(self, REED_AUTOMATIC_TLS))
		add(self, reed_acme_tls(loop));
	if (self->settings->proof == REED_AUTOMATIC_DNS && !self->settings->program)
		add(self, reed_acme_dns(loop));
}

static void fill(struct acme *self)
{
	const struct reed_automatic *s = self->settings;

	self->account = (struct reed_acme_options)REED_ACME_OPTIONS;
	self->account.directory = s->directory;
	self->account.contact = s->contact;
	self->account.ca = s->ca;
	self->account.binding = s->account.id;
	self->account.binding_key = s->account.key;
	self->keeper = (struct reed_acme_keeper_options)REED_ACME_KEEPER_OPTIONS;
	self->keeper.folder = self->folder;
	self->keeper.names = s->names.items;
	self->keeper.name_count = s->names.n;
	self->keeper.account = &self->account;
	self->keeper.solvers = self->solvers;
	self->keeper.begin = begin;
	self->keeper.end = end;
	self->keeper.arg = self;
	add_solvers(self);
}

static void make_server(struct acme *self)
{
	struct reed_http_server_options o = REED_HTTP_SERVER_OPTIONS;

	o.handler = nothing_here;
	self->http = reed_http_server_new(self->service->loop, &o);
}

/* ---- a life ---- */

struct life {
	struct reed_co co;
	struct acme *acme;
};

static struct reed_future *wait_for_others(struct acme *self)
{
	return self->service->parent ? reed_service_wait(self->service->parent)
	                             : reed_ready(self->service->loop, REED_OK);
}

static void keeping_run(struct reed_co *co)
{
	struct acme *self = reed_frame(co, struct life)->acme;

	reed_coroutine (co) {
		if (!self->service->state)
			reed_return(co, reed_because(co, REED_EINVAL,
			                             "certificates are kept in a state directory, "
			                             "and there is none"));
		self->folder = reed_sprintf("%s/" REED_AUTOMATIC, self->service->state);
		fill(self);
		make_server(self);
		reed_try(co, reed_acme_prepare(co->loop, &self->keeper));
		reed_service_ready(self->service);
		reed_try(co, wait_for_others(self));
		reed_try(co, reed_acme_keep(co->loop, &self->keeper));
	}
}

static const struct reed_co_kind keeping_kind = { .name = "certificates",
	                                          .size = sizeof(struct life),
	                                          .run = keeping_run };

static struct reed_future *acme_start(struct reed_service *service)
{
	struct life *life = reed_co_new(service->loop, &keeping_kind);
	struct acme *self = reed_alloc(sizeof(*self));

	self->service = service;
	self->settings = service->settings;
	reed_scope_init(&self->ears, service->loop, NULL, "acme");
	self->ears.policy = REED_SCOPE_IGNORE;
	service->own = life->acme = self;
	return reed_start(&life->co);
}

static void acme_end(struct reed_service *service)
{
	struct acme *self = service->own;

	reed_scope_finish(&self->ears);
	reed_http_server_free(self->http);
	reed_free(self->folder);
	reed_free(self);
	service->own = NULL;
}

const struct reed_service_kind reed_acme_keeper_service =
	REED_SERVICE_KIND(.name = "certificates", .summary = "Gets certificates, and renews them.",
                          .start = acme_start, .end = acme_end);

/* ---- the command: there is a keeper beside it, if there is anything to keep ---- */

struct standing {
	struct reed_co co;
	struct reed_service *service;
};

static void standing_run(struct reed_co *co)
{
	struct reed_service *service = reed_frame(co, struct standing)->service;

	reed_coroutine (co) {
		if (!service->site->certificates)
			reed_return(co, reed_because(co, REED_EINVAL,
			                             "say which names: --acme chat.example.org"));
		printf("Reed keeps certificates in %s, a file for each name.\n",
		       service->site->certificates);
		fflush(stdout);
		reed_service_ready(service);
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind standing_kind = { .name = "acme",
	                                           .size = sizeof(struct standing),
	                                           .run = standing_run };

static struct reed_future *standing_start(struct reed_service *service)
{
	struct standing *self = reed_co_new(service->loop, &standing_kind);

	self->service = service;
	return reed_start(&self->co);
}

const struct reed_service_kind reed_acme_service = REED_SERVICE_KIND(
		.name = "acme",
		.summary = "Gets certificates, and renews them, for other programs to serve.",
		.start = standing_start);
