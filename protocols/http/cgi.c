/* Requests that a program answers which is started for each. */

#include "reed/http/cgi.h"

#include "gateway.h"
#include "reed/process.h"

enum {
	GRACE_MS = 1000, /* between a polite end and a rude one */
	END_MS = 1000,   /* from its last word to its end */
	LINE_MOST = 4096,
	TOLD_MOST = 64 << 10, /* bytes of standard error for the log */
};

struct reed_http_cgi {
	struct reed_loop *loop;
	struct reed_http_cgi_options options;
	char *root, *endings;
	struct reed_buf env; /* "NAME=VALUE", each with its NUL */
	size_t env_count;
	unsigned active;
};

struct call {
	struct gateway g;
	struct reed_http_cgi *of;
	struct reed_process *process;
	struct reed_stream *errors;
	struct reed_scope scope; /* of who listens to them */
	struct reed_exit exit;
	int64_t deadline;
	bool over; /* it has said all it had to say */
};

/* ---- its environment ---- */

struct env {
	char **list;
	size_t count, room;
};

static void add_text(struct env *self, char *text)
{
	if (self->count + 1 >= self->room) {
		self->room = self->room ? self->room * 2 : 64;
		self->list = reed_realloc(self->list, self->room * sizeof(*self->list));
	}
	self->list[self->count++] = text;
	self->list[self->count] = NULL;
}

static void add_variable(void *env, struct reed_slice name, struct reed_slice value)
{
	add_text(env, reed_sprintf(REED_FMT "=" REED_FMT, REED_ARG(name), REED_ARG(value)));
}

/* RFC 3875 4.1.6: as if the rest of the path were one of the folder. */
static void add_translated(const struct call *self, struct env *env)
{
	if (self->g.script.info.n > 0)
		add_text(env, reed_sprintf("PATH_TRANSLATED=%s" REED_FMT, self->of->root,
		                           REED_ARG(self->g.script.info)));
}

static struct env environment(const struct call *self)
{
	struct env env = { .count = 0 };
	const char *own = self->of->env_count ? reed_buf_slice(&self->of->env).p : NULL;

	add_text(&env, reed_strdup("PATH=/usr/local/bin:/usr/bin:/bin"));
	for (size_t i = 0; i < self->of->env_count; i++, own += strlen(own) + 1)
		add_text(&env, reed_strdup(own));
	gateway_variables(self->g.request, &self->g.script, add_variable, &env);
	add_translated(self, &env);
	return env;
}

static void env_finish(struct env *self)
{
	for (size_t i = 0; i < self->count; i++)
		reed_free(self->list[i]);
	reed_free(self->list);
}

/* ---- its start ---- */

static struct reed_future *spawn(struct call *self)
{
	struct reed_process_options o = REED_PROCESS_OPTIONS;
	const char *const argv[] = { self->g.script.file, NULL };
	struct env env = environment(self);
	struct reed_future *f;

	o.argv = argv;
	o.in.is = REED_CHILD_READS;
	o.out.is = o.err.is = REED_CHILD_WRITES;
	o.env = (const char *const *)env.list;
	o.clean_env = true;
	o.directory = self->of->root;
	o.grace_ms = GRACE_MS;
	o.sweep = true;
	f = reed_spawn(self->g.co.loop, &o, &self->process);
	env_finish(&env);
	return f;
}

static enum reed_err not_started(struct call *self)
{
	enum reed_err err = self->g.co.err;
	unsigned status = err == REED_ENOENT || err == REED_ENOTDIR ? 404
	                  : err == REED_EACCES                      ? 403
	                                                            : 0;

	if (!status)
		return gateway_fail(&self->g, err, reed_co_why(&self->g.co));
	reed_http_fail(self->g.request, status, NULL);
	return REED_OK;
}

/* ---- what it complains of ---- */

struct listening {
	struct reed_co co;
	struct call *of;
	size_t told;
};

/* Whole lines, or as much as no line has. */
static size_t to_be_told(struct reed_slice all, bool ended)
{
	size_t n = all.n;

	if (ended || n >= LINE_MOST)
		return n;
	while (n > 0 && all.p[n - 1] != '\n')
		n--;
	return n;
}

static void tell(struct listening *self, bool ended)
{
	struct reed_stream *errors = self->of->errors;
	struct reed_slice all = reed_peek(errors);
	size_t n = to_be_told(all, ended);

	if (self->told < TOLD_MOST)
		gateway_complain(&self->of->g, reed_slice_first(all, n));
	if (self->told < TOLD_MOST && self->told + n >= TOLD_MOST)
		gateway_complain(&self->of->g, REED_STR("(and more, which is not kept)"));
	self->told += n;
	reed_skip(errors, n);
}

static void listening_run(struct reed_co *co)
{
	struct listening *self = reed_frame(co, struct listening);

	reed_coroutine (co) {
		do {
			reed_await(co, reed_more(self->of->errors));
			tell(self, co->err != REED_OK);
		} while (!co->err);
		reed_return(co, REED_OK);
	}
}

static const struct reed_co_kind listening_kind = { "cgi errors", sizeof(struct listening),
	                                            listening_run, NULL, NULL };

/* ---- talking to it ---- */

static const struct upload_manner input = { .piece = upload_pass, .over = reed_shutdown };

static void begin(struct call *self)
{
	struct listening *listening = reed_co_new(self->g.co.loop, &listening_kind);

	self->g.stream = reed_process_dialogue(self->process);
	self->errors = reed_process_stream(self->process, 2);
	listening->of = self;
	reed_scope_add(&self->scope, reed_start(&listening->co));
	gateway_send(&self->g, &input);
}

static enum reed_err take(struct call *self)
{
	struct reed_slice all = reed_peek(self->g.stream);
	enum reed_err err = all.n > 0 ? gateway_take(&self->g, all) : REED_OK;

	reed_skip(self->g.stream, all.n);
	return err;
}

/* ---- the whole ---- */

static enum reed_err conclude(struct call *self)
{
	char text[REED_EXIT_TEXT];
	const struct reed_exit *exit = reed_process_exit(self->process);
	bool begun = reed_http_begun(self->g.request);
	char *why = reed_sprintf("it %s%s", exit ? reed_exit_text(exit, text) : "goes on",
	                         begun ? "" : " without an answer");
	enum reed_err err = REED_OK;

	if (begun)
		reed_http_end(self->g.request);
	else
		err = gateway_fail(&self->g, REED_EPROTO, why);
	if (begun && (!exit || !reed_exit_well(exit))) {
		self->g.err = REED_EIO;
		gateway_tell_log(&self->g, why);
	}
	reed_free(why);
	return err;
}

static void call_run(struct reed_co *co)
{
	struct call *self = reed_container_of(co, struct call, g.co);

	reed_coroutine (co) {
		reed_await(co, spawn(self));
		if (co->err)
			reed_return(co, not_started(self));
		begin(self);
		while (!self->over) {
			if (reed_http_must_drain(self->g.request))
				reed_try(co, reed_http_drain(self->g.request));
			reed_await(co, gateway_more(&self->g));
			if (co->err == REED_ETIMEDOUT && !gateway_is_late(&self->g))
				continue;
			self->over = co->err == REED_EEOF;
			if (co->err && !self->over)
				reed_return(co, gateway_fail(&self->g, co->err, reed_co_why(co)));
			if (take(self))
				reed_return(co, gateway_fail(&self->g, REED_EPROTO,
				                             "what it says has no head"));
		}
		reed_await(co, reed_within(END_MS, reed_process_wait(self->process, &self->exit)));
		reed_return(co, conclude(self));
	}
}

static void call_end(struct reed_co *co)
{
	struct call *self = reed_container_of(co, struct call, g.co);

	if (!self->over && self->process && reed_now(co->loop) >= self->deadline) {
		self->g.err = REED_ETIMEDOUT;
		gateway_tell_log(&self->g, "it goes on and on");
	}
	gateway_finish(&self->g);
	reed_scope_finish(&self->scope);
	reed_abort(self->g.stream);
	reed_abort(self->errors);
	reed_process_close(self->process);
	self->of->active--;
}

static const struct reed_co_kind call_kind = { "cgi", sizeof(struct call), call_run, NULL,
	                                       call_end };

/* ---- which program ---- */

static bool has_ending(struct reed_slice name, const char *endings)
{
	struct reed_slice rest = reed_slice_of(endings), ending;

	while (reed_http_list_next(&rest, &ending))
		if (name.n > ending.n + 1 && reed_slice_ends(name, ending) &&
		    name.p[name.n - ending.n - 1] == '.')
			return true;
	return false;
}

/* Where the name of the program ends; 0: there is none. */
static size_t end_of_script(const struct reed_http_cgi *of, struct reed_slice path)
{
	for (size_t at = 0, end; at < path.n; at = end) {
		struct reed_slice name = reed_slice_from(path, at + 1);

		name = reed_slice_first(name, reed_slice_find(name, '/'));
		end = at + 1 + name.n;
		if (!of->endings || has_ending(name, of->endings))
			return end;
	}
	return 0;
}

/* What begins with a dot is nobody's. */
static bool is_nobodys(struct reed_slice path)
{
	reed_slice_cut(&path, '/');
	do {
		struct reed_slice name = reed_slice_cut(&path, '/');

		if (name.n == 0 || name.p[0] == '.')
			return true;
	} while (path.n > 0);
	return false;
}

bool reed_http_cgi_has(const struct reed_http_cgi *of, struct reed_slice path)
{
	return end_of_script(of, path) > 0;
}

static bool find_script(const struct reed_http_cgi *of, struct reed_http_request *r,
                        struct reed_slice mount, struct reed_slice path,
                        struct gateway_script *script)
{
	size_t end = end_of_script(of, path);
	char *name, *file;

	if (end == 0 || is_nobodys(reed_slice_first(path, end)))
		return false;
	name = reed_sprintf(REED_FMT REED_FMT, REED_ARG(mount), REED_ARG(path));
	file = reed_sprintf("%s" REED_FMT, of->root, REED_ARG(reed_slice_first(path, end)));
	script->root = of->root;
	script->file = reed_pool_strdup(&r->pool, reed_slice_of(file));
	path = reed_pool_copy(&r->pool, reed_slice_of(name));
	script->name = reed_slice_first(path, mount.n + end);
	script->info = reed_slice_from(path, mount.n + end);
	reed_free(file);
	reed_free(name);
	return true;
}

static struct reed_future *start(struct reed_http_cgi *of, struct reed_http_request *r,
                                 const struct gateway_script *script)
{
	struct call *self = reed_co_new(of->loop, &call_kind);

	gateway_init(&self->g, r);
	self->g.kind = "cgi";
	self->g.shown = of->root;
	self->g.first_ms = of->options.first_ms;
	self->g.silent_ms = of->options.silent_ms;
	self->g.script = *script;
	self->of = of;
	self->deadline = reed_now(of->loop) + REED_MS((int64_t)of->options.total_ms);
	reed_scope_init(&self->scope, of->loop, NULL, "cgi");
	of->active++;
	return reed_within(of->options.total_ms, reed_start(&self->g.co));
}

struct reed_future *reed_http_cgi_answer(struct reed_http_cgi *of, struct reed_http_request *r,
                                         struct reed_slice mount, struct reed_slice path)
{
	struct gateway_script script;

	if (!gateway_accepts(r, path, of->options.body))
		return NULL;
	if (!find_script(of, r, mount, path, &script)) {
		reed_http_fail(r, 404, NULL);
		return NULL;
	}
	if (of->active >= of->options.most) {
		reed_http_add(r, "Retry-After", REED_STR("1"));
		reed_http_fail(r, 503, NULL);
		return NULL;
	}
	return start(of, r, &script);
}

struct reed_future *reed_http_cgi_handler(void *cgi, struct reed_http_request *r)
{
	return reed_http_cgi_answer(cgi, r, REED_STR(""), reed_http_path(r));
}

/* ---- from its options ---- */

enum reed_err reed_http_cgi_new(struct reed_loop *loop, const struct reed_http_cgi_options *options,
                                struct reed_http_cgi **cgi, struct reed_fault **fault)
{
	struct reed_http_cgi *self;
	struct reed_http_cgi_options o = REED_HTTP_CGI_OPTIONS;

	memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
	if (!o.root || o.root[0] != '/') {
		*fault =
			reed_fault_new(REED_EINVAL, NULL, __FILE__, __LINE__,
		                       "programs are in a folder: give its path, from the root on");
		return REED_EINVAL;
	}
	self = reed_alloc(sizeof(*self));
	self->loop = loop;
	self->options = o;
	self->options.body = o.body ? o.body : 64 << 20;
	self->options.most = or_else(o.most, 16);
	self->options.first_ms = or_else(o.first_ms, 60000);
	self->options.silent_ms = or_else(o.silent_ms, 60000);
	self->options.total_ms = or_else(o.total_ms, 300000);
	self->root = reed_strdup(o.root);
	self->endings = reed_strdup(o.endings);
	for (; o.env && o.env[self->env_count]; self->env_count++)
		reed_buf_add(&self->env, reed_slice(o.env[self->env_count],
		                                    strlen(o.env[self->env_count]) + 1));
	self->options.env = NULL;
	*cgi = self;
	return REED_OK;
}

void reed_http_cgi_free(struct reed_http_cgi *self)
{
	if (!self)
		return;
	reed_buf_finish(&self->env);
	reed_free(self->root);
	reed_free(self->endings);
	reed_free(self);
}
