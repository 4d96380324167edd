#include "world.h"

#include "reed/alloc.h"
#include "reed/endpoint.h"
#include "tests/check.h"

/* ---- who talks ---- */

void talker_note(struct talker *self, struct reed_slice text)
{
	size_t n = strlen(self->heard);

	reed_slice_copy(self->heard + n, WORLD_HEARD - n, text);
}

static void hear_bytes(struct talker *self)
{
	talker_note(self, reed_peek(self->stream));
	reed_skip(self->stream, reed_peek(self->stream).n);
}

static void say(struct talker *self)
{
	struct reed_slice piece =
		reed_slice_first(reed_buf_slice(&self->out), self->step ? self->step : SIZE_MAX);

	reed_write(self->stream, piece);
	reed_buf_skip(&self->out, piece.n);
}

static void talker_run(struct reed_co *co)
{
	struct talker *self = reed_frame(co, struct talker);

	reed_coroutine (co) {
		self->began = reed_now(co->loop);
		reed_await(co, reed_dial(co->loop, "tcp:server:80", &self->stream));
		if (co->err) /* there may be no server any more */
			reed_return(co, REED_OK);
		while (reed_buf_held(&self->out) > 0) {
			say(self);
			if (self->step)
				reed_try(co, reed_sleep(co->loop, 1000));
		}
		if (self->shuts)
			reed_shutdown(self->stream);
		if (self->deaf)
			reed_try(co, reed_sleep(co->loop, 1000000));
		for (;;) {
			reed_await(co, reed_more(self->stream));
			if (co->err)
				break;
			self->hear(self);
		}
		if (self->took)
			*self->took = reed_now(co->loop) - self->began;
	}
}

static void talker_end(struct reed_co *co)
{
	struct talker *self = reed_frame(co, struct talker);

	reed_close(self->stream);
	reed_buf_finish(&self->out);
	if (self->end)
		self->end(self);
}

static const struct reed_co_kind talker_kind = { "talker", sizeof(struct talker), talker_run, NULL,
	                                         talker_end };

struct talker *talker_new(struct reed_sim *sim, const char *text, char *heard)
{
	struct talker *self = reed_co_new(reed_sim_host(sim, "client"), &talker_kind);

	reed_buf_add_str(&self->out, text);
	self->hear = hear_bytes;
	self->heard = heard;
	*heard = '\0';
	return self;
}

struct talker *world_talker(struct world *w, const char *text)
{
	struct talker *t = talker_new(w->sim, text, w->heard);

	t->took = &w->took;
	return t;
}

void world_play(struct world *w, struct talker *t)
{
	check_int(reed_sim_run_until(w->sim, reed_start(&t->co), NULL), REED_OK);
}

void world_stop_amid(struct world *w, struct talker *t)
{
	reed_sim_add(w->sim, reed_start(&t->co));
	reed_sim_run_for(w->sim, REED_S(1));
	check_int(w->site.begun, 1);
	reed_scope_interrupt(&w->scope);
	reed_sim_run_for(w->sim, REED_S(3));
	check_int(w->scope.count, 0);
}

/* ---- the world ---- */

static void serve(struct reed_scope *scope, struct site *site, struct reed_loop *loop)
{
	reed_scope_init(scope, loop, NULL, "server");
	scope->policy = REED_SCOPE_IGNORE;
	reed_scope_add(scope, reed_http_serve(site->server, "tcp:80"));
}

void world_open(struct world *w, const struct reed_http_server_options *options)
{
	struct reed_loop *loop;

	*w = (struct world){ .sim = reed_sim_new(NULL) };
	loop = reed_sim_host(w->sim, "server");
	w->loop = reed_sim_host(w->sim, "client");
	site_open(&w->site, loop, options);
	serve(&w->scope, &w->site, loop);
	reed_sim_run_for(w->sim, REED_MS(1));
}

void world_close(struct world *w)
{
	check(!reed_sim_failure(w->sim));
	world_forget(w);
	reed_http_client_free(w->client);
	reed_scope_finish(&w->scope);
	reed_sim_run_for(w->sim, REED_S(10));
	site_close(&w->site);
	reed_sim_free(w->sim);
}

struct reed_http_server_stats world_stats(const struct world *w)
{
	struct reed_http_server_stats stats = { .size = sizeof(stats) };

	reed_http_server_stats(w->site.server, &stats);
	return stats;
}

/* ---- the client ---- */

void world_client(struct world *w, const struct reed_http_client_options *options)
{
	world_forget(w);
	reed_http_client_free(w->client);
	w->client = reed_http_client_new(w->loop, options);
}

enum reed_err world_fetch(struct world *w, const struct reed_http_fetch *what)
{
	if (!w->client)
		world_client(w, NULL);
	world_forget(w);
	return reed_sim_run_until(w->sim, reed_http_fetch(w->client, what, &w->response), NULL);
}

enum reed_err world_get(struct world *w, const char *url)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = url;
	return world_fetch(w, &what);
}

void world_echo(struct world *w, size_t size)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	char *body = reed_alloc(size);

	memset(body, 'x', size);
	what.url = "http://server/pipe";
	what.method = "POST";
	what.body = reed_slice(body, size);
	check_int(world_fetch(w, &what), REED_OK);
	check(reed_slice_eq(w->response->body, what.body));
	reed_free(body);
}

void world_forget(struct world *w)
{
	reed_http_response_free(w->response);
	w->response = NULL;
}

/* ---- a drop at every suspension ---- */

struct plot {
	world_talker_fn *talker;
	const char *text;
	char heard[WORLD_HEARD]; /* by a talker that may outlive the server */
};

struct scenario {
	struct reed_co co;
	struct plot *plot;
	struct site site;
	struct reed_scope server;
	bool open;
};

static void scenario_run(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);
	struct reed_sim *sim = reed_sim_of(co->loop);
	struct talker *t;

	reed_coroutine (co) {
		site_open(&self->site, co->loop, NULL);
		self->open = true;
		serve(&self->server, &self->site, co->loop);
		reed_try(co, reed_sleep(co->loop, 1));
		t = self->plot->talker(sim, self->plot->text, self->plot->heard);
		reed_sim_add(sim, reed_start(&t->co));
		reed_try(co, reed_sleep(co->loop, 100));
		reed_try(co, reed_scope_stop(&self->server, 50));
	}
}

static void scenario_end(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	if (!self->open)
		return;
	reed_scope_finish(&self->server);
	site_close(&self->site);
}

static const struct reed_co_kind scenario_kind = { "scenario", sizeof(struct scenario),
	                                           scenario_run, NULL, scenario_end };

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct scenario *self = reed_co_new(reed_sim_host(sim, "server"), &scenario_kind);

	self->plot = arg;
	return reed_start(&self->co);
}

uint64_t world_drop_everywhere(world_talker_fn *talker, const char *text)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;
	struct plot plot = { .talker = talker, .text = text };
	uint64_t points = 0;

	options.points = &points;
	check_int(reed_sim_each_suspension(scenario, NULL, &plot, &options), REED_OK);
	return points;
}
