/* CGI in a simulation: programs that do as they please, and clients that go. */

#include "proxy.h"

#include "reed/http/cgi.h"

static struct reed_http_cgi *cgi;
static int running, ended;

/* ---- a program: says a text, echoes its input, then goes on or ends ---- */

struct manner {
	const char *name, *says, *complains;
	bool echoes, stays;
	int floods; /* KiB after the text */
	int status;
};

static const struct manner manners[] = {
	{ .name = "echo", .says = "Content-Type: text/plain\n\n", .echoes = true },
	{ .name = "deaf", .says = "Status: 201 Made\r\nX-A: b\r\n\r\nmade" },
	{ .name = "moved", .says = "Location: /elsewhere\n\n" },
	{ .name = "flood", .says = "Content-Type: text/plain\n\n", .floods = 4096 },
	{ .name = "nothing", .says = "" },
	{ .name = "no-head", .says = "what is a head?\n\nbody" },
	{ .name = "bad-status", .says = "Status: fine\n\nbody" },
	{ .name = "half", .says = "Content-Length: 10\n\nfive." },
	{ .name = "failed",
	  .says = "Content-Length: 2\n\nok",
	  .complains = "it itches\n",
	  .status = 3 },
	{ .name = "silent", .says = "", .stays = true },
	{ .name = "stuck", .says = "Content-Type: text/plain\n\nbegin", .stays = true },
};

struct program {
	struct reed_co co;
	struct reed_sim_child *child;
	const struct manner *manner;
	int n;
};

static void echo(struct program *self)
{
	struct reed_slice all = reed_peek(self->child->in);

	reed_write(self->child->out, all);
	reed_skip(self->child->in, all.n);
}

static void program_run(struct reed_co *co)
{
	struct program *self = reed_frame(co, struct program);
	static char page[1024];

	reed_coroutine (co) {
		running++;
		reed_write_str(self->child->out, self->manner->says);
		if (self->manner->complains)
			reed_write_str(self->child->err, self->manner->complains);
		while (self->manner->echoes) {
			reed_await(co, reed_more(self->child->in));
			echo(self);
			if (co->err)
				break;
			reed_try(co, reed_drain(self->child->out));
		}
		memset(page, 'x', sizeof(page));
		for (self->n = 0; self->n < self->manner->floods; self->n++) {
			reed_write(self->child->out, reed_slice(page, sizeof(page)));
			reed_try(co, reed_drain(self->child->out));
		}
		if (self->manner->stays)
			reed_try(co, reed_forever(co->loop));
		self->child->status = self->manner->status;
		reed_return(co, REED_OK);
	}
}

static void program_end(struct reed_co *co)
{
	(void)co;
	ended++;
}

static const struct reed_co_kind program_kind = { "program", sizeof(struct program), program_run,
	                                          NULL, program_end };

static struct reed_future *start_program(void *manner, struct reed_sim_child *child)
{
	struct program *self = reed_co_new(child->loop, &program_kind);

	self->child = child;
	self->manner = manner;
	return reed_start(&self->co);
}

/* ---- the world ---- */

static struct reed_http_cgi_options usual(void)
{
	struct reed_http_cgi_options o = REED_HTTP_CGI_OPTIONS;

	o.root = "/srv/cgi";
	o.first_ms = 2000;
	o.silent_ms = 2000;
	o.total_ms = 20000;
	return o;
}

static void serve(struct world *w, struct reed_http_cgi_options o, struct reed_sim *sim)
{
	struct reed_fault *fault = NULL;

	running = ended = 0;
	world_begin(w, sim);
	for (size_t i = 0; i < REED_COUNT(manners); i++) {
		char *path = reed_sprintf("/srv/cgi/%s", manners[i].name);

		reed_sim_program(sim, path, start_program, (void *)(uintptr_t)&manners[i]);
		reed_free(path);
	}
	check_int(reed_http_cgi_new(w->front, &o, &cgi, &fault), REED_OK);
	world_serve(w, reed_http_cgi_handler, cgi);
}

static void open_with(struct world *w, struct reed_http_cgi_options o)
{
	serve(w, o, reed_sim_new(NULL));
	reed_sim_run_for(w->sim, REED_MS(2));
}

/* Nothing is left running. */
static void close_all(struct world *w)
{
	world_end(w);
	check_int(ended, running);
	reed_http_cgi_free(cgi);
	reed_sim_free(w->sim);
}

/* ---- what programs say ---- */

static void a_body_goes_in_and_comes_back(void)
{
	static char large[40000];
	struct world w;

	open_with(&w, usual());
	check_int(ask(&w, "POST", "/echo/info?a=b", REED_STR("a body")), 200);
	check_slice(w.response->body, "a body");
	memset(large, 'y', sizeof(large));
	check_int(ask(&w, "POST", "/echo", reed_slice(large, sizeof(large))), 200);
	check_int(w.response->body.n, sizeof(large));
	check_int(get(&w, "/echo"), 200);
	check_int(w.response->body.n, 0);
	close_all(&w);
}

static void a_head_says_what_the_answer_is(void)
{
	static char large[1 << 20];
	struct world w;

	open_with(&w, usual());
	check_int(get(&w, "/deaf"), 201);
	check_slice(w.response->body, "made");
	check_slice(reed_http_response_field(w.response, "x-a"), "b");
	check_int(ask(&w, "POST", "/deaf", reed_slice(large, sizeof(large))), 201);
	check(strstr(talk(&w, "tcp:proxy:80", "GET /moved HTTP/1.1\r\nHost: h\r\n\r\n", 500),
	             "HTTP/1.1 302 Found\r\n") != NULL);
	check_int(get(&w, "/failed"), 200);
	check_int(get(&w, "/flood"), 200);
	check_int(w.response->body.n, 4 << 20);
	close_all(&w);
}

static void who_says_no_head_is_a_bad_gateway(void)
{
	struct world w;

	open_with(&w, usual());
	check_int(get(&w, "/nothing"), 502);
	check_int(get(&w, "/no-head"), 502);
	check_int(get(&w, "/bad-status"), 502);
	check_int(get(&w, "/half"), 0); /* broken off */
	check_int(get(&w, "/"), 404);
	check_int(get(&w, "/.hidden"), 404);
	check_int(get(&w, "/%2e%2e/echo"), 400);
	check_int(get(&w, "/echo/../echo"), 400);
	check_int(ask(&w, "TRACE", "/echo", REED_STR("")), 405);
	close_all(&w);
}

/* ---- how long, and how many ---- */

static void who_never_ends_is_ended(void)
{
	struct reed_http_cgi_options o = usual();
	struct world w;

	open_with(&w, o);
	check_int(get(&w, "/silent"), 504);
	check_int(get(&w, "/stuck"), 0);
	close_all(&w);
	o.total_ms = 1000;
	open_with(&w, o);
	check_int(get(&w, "/silent"), 504);
	check_int(get(&w, "/stuck"), 0);
	close_all(&w);
}

static void there_is_a_most_at_a_time(void)
{
	struct reed_http_cgi_options o = usual();
	struct reed_future *first;
	struct world w;

	o.most = 1;
	open_with(&w, o);
	first = talking(&w, "tcp:proxy:80", "GET /stuck HTTP/1.1\r\nHost: h\r\n\r\n", 10000);
	reed_sim_run_for(w.sim, REED_MS(100));
	check_int(get(&w, "/echo"), 503);
	check_slice(reed_http_response_field(w.response, "retry-after"), "1");
	reed_drop(first);
	reed_sim_run_for(w.sim, REED_S(1));
	check_int(get(&w, "/echo"), 200);
	close_all(&w);
}

/* ---- a client that goes at each moment ---- */

static void serve_usual(struct world *w, struct reed_sim *sim)
{
	serve(w, usual(), sim);
}

static void gone(void)
{
	check_int(ended, running);
	reed_http_cgi_free(cgi);
}

static void a_client_may_go_at_any_moment(void)
{
	static const char *const said[] = {
		"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody",
		"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nbody",
		"GET /stuck HTTP/1.1\r\nHost: h\r\n\r\n"
	};

	for (size_t i = 0; i < REED_COUNT(said); i++) {
		struct leaving leaving = { .serve = serve_usual, .gone = gone, .bytes = said[i] };

		leave_at_each_moment(&leaving, 3);
	}
}

int main(void)
{
	RUN(a_body_goes_in_and_comes_back);
	RUN(a_head_says_what_the_answer_is);
	RUN(who_says_no_head_is_a_bad_gateway);
	RUN(who_never_ends_is_ended);
	RUN(there_is_a_most_at_a_time);
	RUN(a_client_may_go_at_any_moment);
	return 0;
}
