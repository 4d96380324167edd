/* Asks an upstream from time to time whether it is well. */

#include "relay.h"

#include "reed/log.h"

struct check {
	struct reed_co co;
	struct upstream *of;
	struct reed_http_response *response;
};

static void judge(struct check *self, enum reed_err err)
{
	struct upstream *u = self->of;
	const struct reed_http_proxy *p = u->proxy;
	bool well = !err && self->response->status < 400;
	bool was_ill = u->ill;

	u->bad_checks = well ? 0 : u->bad_checks + 1;
	u->ill = u->ill ? !well : u->bad_checks >= p->options.check_bad;
	if (u->ill && !was_ill)
		reed_log(p->loop, REED_LOG_ERROR, "an upstream is ill upstream=%s status=%u why=%s",
		         u->shown, err ? 0 : self->response->status,
		         err ? reed_co_why(&self->co) : "its check was answered so");
	if (was_ill && !u->ill) {
		upstream_well(u);
		reed_log(p->loop, REED_LOG_INFO, "an upstream is well again upstream=%s", u->shown);
	}
}

static struct reed_future *ask(struct check *self)
{
	const struct upstream *u = self->of;
	const struct reed_http_proxy *p = u->proxy;
	struct reed_http_fetch what = REED_HTTP_FETCH;
	bool secure = reed_slice_starts(reed_slice_of(u->dialled), REED_STR("tls:"));
	char *url = reed_sprintf("http%s://%s%s", secure ? "s" : "",
	                         p->host ? p->host : "localhost", p->check);
	struct reed_future *f;

	what.url = url;
	what.endpoint = u->announced ? u->announced : u->dialled;
	f = reed_http_fetch(p->checker, &what, &self->response);
	reed_free(url);
	return reed_within(p->options.check_ms, f);
}

static void check_run(struct reed_co *co)
{
	struct check *self = reed_frame(co, struct check);

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, ask(self));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			judge(self, co->err);
			reed_http_response_free(self->response);
			self->response = NULL;
			reed_try(co, reed_sleep(co->loop, self->of->proxy->options.check_ms));
		}
	}
}

static void check_end(struct reed_co *co)
{
	reed_http_response_free(reed_frame(co, struct check)->response);
}

static const struct reed_co_kind check_kind = { "upstream check", sizeof(struct check), check_run,
	                                        NULL, check_end };

void upstream_watch(struct upstream *u)
{
	struct check *self = reed_co_new(u->proxy->loop, &check_kind);

	self->of = u;
	reed_scope_add(&u->proxy->checks, reed_start(&self->co));
}
