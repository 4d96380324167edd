#include "proxy.h"

#include "h2_text.h"

/* ---- a server behind it ---- */

struct saying {
	struct reed_co co;
	struct backend *of;
	struct reed_http_request *request;
	struct reed_slice body;
	struct reed_stream *stream;
	int n;
};

static void say_back(struct saying *self)
{
	const struct reed_http_head *h = reed_http_head(self->request);
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_buf out = { .limit = 0 };
	char text[REED_ADDRESS_TEXT];

	reed_http_facts(self->request, &facts);
	reed_buf_printf(&out, "%s heard " REED_FMT " " REED_FMT "\n", self->of->name,
	                REED_ARG(h->method_name), REED_ARG(h->target));
	for (unsigned i = 0; i < h->count; i++)
		reed_buf_printf(&out, REED_FMT ": " REED_FMT "\n", REED_ARG(h->fields[i].name),
		                REED_ARG(h->fields[i].value));
	reed_buf_printf(&out, "facts %s\nbody %zu " REED_FMT "\n",
	                reed_address_host(&facts.peer, text), self->body.n,
	                REED_ARG(reed_slice_first(self->body, 40)));
	reed_http_add(self->request, "X-From", reed_slice_of(self->of->name));
	reed_http_add(self->request, "Connection", REED_STR("X-Secret"));
	reed_http_add(self->request, "X-Secret", REED_STR("of one hop"));
	reed_http_respond(self->request, 200, "text/plain", reed_buf_slice(&out));
	reed_buf_finish(&out);
}

static bool is_path(const struct saying *self, const char *path)
{
	return reed_slice_is(reed_http_head(self->request)->path, path);
}

static void saying_run(struct reed_co *co)
{
	struct saying *self = reed_frame(co, struct saying);
	static char page[65536];

	reed_coroutine (co) {
		if (is_path(self, "/x-never"))
			reed_try(co, reed_forever(co->loop));
		if (is_path(self, "/x-early")) {
			reed_http_respond(self->request, 403, NULL, REED_STR("no"));
			reed_return(co, REED_OK);
		}
		if (is_path(self, "/x-echo")) {
			reed_try(co, reed_yield(co->loop));
			if (reed_http_upgrade(self->request, "echo", &self->stream))
				reed_return(co, REED_EPROTO);
			for (;;) {
				if (reed_peek(self->stream).n > 0) {
					reed_write(self->stream, reed_peek(self->stream));
					reed_skip(self->stream, reed_peek(self->stream).n);
				}
				reed_await(co, reed_more(self->stream));
				if (co->err)
					reed_return(co, REED_OK);
			}
		}
		if (is_path(self, "/x-big")) {
			memset(page, 'x', sizeof(page));
			reed_http_begin(self->request, 200, "text/plain", -1);
			for (self->n = 0; self->n < 64; self->n++) {
				reed_http_write(self->request, reed_slice(page, sizeof(page)));
				reed_try(co, reed_http_drain(self->request));
			}
			reed_http_end(self->request);
			reed_return(co, REED_OK);
		}
		reed_http_body_limit(self->request, 64 << 20);
		reed_try(co, reed_http_read_all(self->request, &self->body));
		say_back(self);
	}
}

static void saying_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct saying)->stream);
}

static const struct reed_co_kind saying_kind = { "saying", sizeof(struct saying), saying_run, NULL,
	                                         saying_end };

static struct reed_future *handle(void *arg, struct reed_http_request *r)
{
	struct saying *self = reed_co_new(reed_http_loop(r), &saying_kind);
	uint64_t mark;

	self->of = arg;
	self->request = r;
	self->of->requests++;
	if (!reed_slice_u64(reed_http_head(r)->query, 255, &mark))
		self->of->marks[mark]++;
	return reed_start(&self->co);
}

void backend_open(struct backend *self, struct reed_sim *sim, const char *name,
                  const char *endpoint)
{
	struct reed_loop *loop = reed_sim_host(sim, name);
	struct reed_http_server_options o = REED_HTTP_SERVER_OPTIONS;

	*self = (struct backend){ .name = name };
	o.handler = handle;
	o.arg = self;
	self->server = reed_http_server_new(loop, &o);
	reed_scope_init(&self->scope, loop, NULL, name);
	self->scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&self->scope, reed_http_serve(self->server, endpoint));
}

void backend_close(struct backend *self)
{
	if (self->server)
		reed_scope_finish(&self->scope);
	reed_http_server_free(self->server);
	self->server = NULL;
}

/* ---- the world ---- */

void world_begin(struct world *w, struct reed_sim *sim)
{
	*w = (struct world){ .sim = sim };
	backend_open(&w->a, w->sim, "a", "tcp:80");
	backend_open(&w->b, w->sim, "b", "tcp:80");
	w->front = reed_sim_host(w->sim, "proxy");
	w->loop = reed_sim_host(w->sim, "client");
}

void world_serve(struct world *w, reed_http_handler_fn *handler, void *arg)
{
	struct reed_http_server_options o = REED_HTTP_SERVER_OPTIONS;

	o.handler = handler;
	o.arg = arg;
	o.limits.body = 64 << 20;
	w->server = reed_http_server_new(w->front, &o);
	reed_scope_init(&w->scope, w->front, NULL, "proxy");
	w->scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&w->scope, reed_http_serve(w->server, "tcp:80"));
	w->client = reed_http_client_new(w->loop, NULL);
}

void world_open(struct world *w, struct reed_http_proxy_options options,
                const struct reed_sim_options *sim)
{
	static const char *const both[] = { "tcp:a:80", "tcp:b:80", NULL };
	struct reed_fault *fault = NULL;

	world_begin(w, reed_sim_new(sim));
	if (!options.upstreams)
		options.upstreams = both;
	check_int(reed_http_proxy_new(w->front, &options, &w->proxy, &fault), REED_OK);
	world_serve(w, reed_http_proxy_handler, w->proxy);
	reed_sim_run_for(w->sim, REED_MS(2));
}

void world_gone(struct world *w)
{
	reed_http_response_free(w->response);
	w->response = NULL;
}

void world_end(struct world *w)
{
	check(!reed_sim_failure(w->sim));
	world_gone(w);
	reed_http_client_free(w->client);
	reed_scope_finish(&w->scope);
	reed_sim_run_for(w->sim, REED_S(10));
	reed_http_server_free(w->server);
	reed_http_proxy_free(w->proxy);
	backend_close(&w->a);
	backend_close(&w->b);
	reed_sim_run_for(w->sim, REED_S(10));
}

void world_close(struct world *w)
{
	world_end(w);
	reed_sim_free(w->sim);
}

unsigned ask(struct world *w, const char *method, const char *path, struct reed_slice body)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	char *url = reed_sprintf("http://proxy%s", path);

	world_gone(w);
	what.url = url;
	what.method = method;
	what.body = body;
	reed_sim_run_until(w->sim, reed_http_fetch(w->client, &what, &w->response), NULL);
	reed_free(url);
	return w->response ? w->response->status : 0;
}

unsigned get(struct world *w, const char *path)
{
	return ask(w, "GET", path, REED_STR(""));
}

bool answer_has(const struct world *w, const char *text)
{
	struct reed_slice body = w->response->body;

	if (reed_slice_search(body, reed_slice_of(text)) < body.n)
		return true;
	fprintf(stderr, "not in the answer: %s\n" REED_FMT "\n", text, REED_ARG(body));
	return false;
}

/* ---- by hand ---- */

struct dialogue {
	struct reed_co co;
	const char *endpoint;
	struct reed_slice bytes;
	int64_t until;
	struct reed_stream *stream;
};

/* What has come of the last one. */
static char said[65536];
static size_t said_bytes;

static void dialogue_run(struct reed_co *co)
{
	struct dialogue *self = reed_frame(co, struct dialogue);
	struct reed_slice all;

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, self->endpoint, &self->stream));
		reed_write(self->stream, self->bytes);
		while (reed_now(co->loop) < self->until) {
			reed_await(co, reed_within((self->until - reed_now(co->loop)) / 1000000 + 1,
			                           reed_more(self->stream)));
			all = reed_peek(self->stream);
			reed_slice_copy(said, sizeof(said), all);
			said_bytes = all.n;
			if (co->err)
				reed_return(co, REED_OK);
		}
	}
}

static void dialogue_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct dialogue)->stream);
}

static const struct reed_co_kind dialogue_kind = { "dialogue", sizeof(struct dialogue),
	                                           dialogue_run, NULL, dialogue_end };

static struct reed_future *dialogue(struct world *w, const char *endpoint, struct reed_slice bytes,
                                    int64_t ms)
{
	struct dialogue *self = reed_co_new(w->loop, &dialogue_kind);

	said[0] = '\0';
	said_bytes = 0;
	self->endpoint = endpoint;
	self->bytes = bytes;
	self->until = reed_now(w->loop) + REED_MS(ms);
	return reed_start(&self->co);
}

struct reed_future *talking(struct world *w, const char *endpoint, const char *bytes, int64_t ms)
{
	return dialogue(w, endpoint, reed_slice_of(bytes), ms);
}

const char *talk(struct world *w, const char *endpoint, const char *bytes, int64_t ms)
{
	reed_sim_run_until(w->sim, talking(w, endpoint, bytes, ms), NULL);
	return said;
}

/* Its own words, in place of the bytes. */
static void translate(void)
{
	struct reed_buf text = { .limit = 0 }, line = { .limit = 0 };
	struct reed_slice in = reed_slice(said, said_bytes);
	nghttp2_hd_inflater *inflater;

	check_int(nghttp2_hd_inflate_new(&inflater), 0);
	while (h2_text_take(inflater, &in, &line)) {
		reed_buf_add(&text, reed_buf_slice(&line));
		reed_buf_add_char(&text, '\n');
	}
	nghttp2_hd_inflate_del(inflater);
	reed_slice_copy(said, sizeof(said), reed_buf_slice(&text));
	reed_buf_finish(&text);
	reed_buf_finish(&line);
}

const char *talk_h2(struct world *w, const char *lines, int64_t ms)
{
	struct reed_buf out = { .limit = 0 };

	h2_text_add_all(&out, "PREFACE\nSETTINGS 0\n");
	h2_text_add_all(&out, lines);
	reed_sim_run_until(w->sim, dialogue(w, "tcp:proxy:80", reed_buf_slice(&out), ms), NULL);
	reed_buf_finish(&out);
	translate();
	return said;
}

/* ---- one that says the same to everybody ---- */

struct parrot {
	struct reed_co co;
	struct reed_stream *stream;
	const char *text;
	bool closes;
};

static void parrot_run(struct reed_co *co)
{
	struct parrot *self = reed_frame(co, struct parrot);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_more(self->stream));
			reed_skip(self->stream, reed_peek(self->stream).n);
			reed_write_str(self->stream, self->text);
			if (self->closes)
				reed_return(co, REED_OK);
		}
	}
}

static void parrot_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct parrot)->stream);
}

static const struct reed_co_kind parrot_kind = { "parrot", sizeof(struct parrot), parrot_run, NULL,
	                                         parrot_end };

static struct reed_future *parrot(const char *text, struct reed_stream *stream, bool closes)
{
	struct parrot *self = reed_co_new(stream->loop, &parrot_kind);

	self->stream = stream;
	self->text = text;
	self->closes = closes;
	return reed_start(&self->co);
}

static struct reed_future *says(void *arg, struct reed_stream *stream)
{
	return parrot(arg, stream, false);
}

static struct reed_future *says_and_goes(void *arg, struct reed_stream *stream)
{
	return parrot(arg, stream, true);
}

void speak(struct world *w, const char *host, const char *endpoint, const char *text, bool closes)
{
	reed_sim_add(w->sim, reed_listen_and_serve(reed_sim_host(w->sim, host), endpoint,
	                                           closes ? says_and_goes : says,
	                                           (void *)(uintptr_t)text, NULL));
	reed_sim_run_for(w->sim, REED_MS(1));
}

/* ---- a client that goes ---- */

bool has(const char *text, const char *part)
{
	if (strstr(text, part))
		return true;
	fprintf(stderr, "%s\nis not in\n%s\n", part, text);
	return false;
}

static struct reed_future *leave(void *arg, struct reed_sim *sim)
{
	struct leaving *self = arg;

	self->serve(&self->world, sim);
	return talking(&self->world, "tcp:proxy:80", self->bytes, 500);
}

static void have_left(void *arg, struct reed_sim *sim, const struct reed_sim_suspension *at)
{
	struct leaving *self = arg;

	(void)sim;
	(void)at;
	world_end(&self->world);
	self->gone();
}

void leave_at_each_moment(struct leaving *self, uint64_t more_than)
{
	struct reed_sim_suspension_options o = REED_SIM_SUSPENSION_OPTIONS;
	uint64_t points = 0;

	o.points = &points;
	check_int(reed_sim_each_suspension(leave, have_left, self, &o), REED_OK);
	check(points > more_than);
}
