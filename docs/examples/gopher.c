/*
 * A Gopher server (RFC 1436) for the program reed, in one file of somebody
 * else's: docs/guide/modules.md tells how it came to be.
 *
 *	cc -shared -fPIC -o gopher.so gopher.c $(pkg-config --cflags --libs reed-app)
 *	reed -m ./gopher.so gopher --root /srv/gopher
 *
 * A folder is a menu, of its files or of what its file gophermap says; nobody
 * sees what begins with a dot or lies outside the root.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/file.h>
#include <reed/log.h>
#include <reed/metric.h>
#include <reed/module.h>
#include <reed/offload.h>
#include <reed/service.h>
#include <reed/settings.h>

enum { REQUEST = 1024, MENU = 1 << 20, CHUNK = 64 << 10 };

/* ---- what an operator may decide ---- */

struct gopher_settings {
	struct reed_texts listen;
	const char *root, *host;
	int port;
	size_t clients;
	int64_t patience;
};

static const struct reed_setting table[] = {
	REED_SETTING_LIST(ENDPOINT, struct gopher_settings, listen, .preset = "tcp:70",
	                  .check = reed_setting_listens, .help = "Where clients are awaited."),
	REED_SETTING(PATH, struct gopher_settings, root, .required = true, .placeholder = "DIR",
	             .help = "The folder that is served."),
	REED_SETTING(STRING, struct gopher_settings, host, .reload = REED_SETTING_LIVE,
	             .help = "The host in menus; the server's name when not given."),
	REED_SETTING(INT, struct gopher_settings, port, .most = "65535",
	             .reload = REED_SETTING_LIVE,
	             .help = "The port in menus; the one a client has reached when not given."),
	REED_SETTING(INT, struct gopher_settings, clients, .preset = "500", .least = "1",
	             .rare = true, .help = "How many are served at a time, for each of listen."),
	REED_SETTING(DURATION, struct gopher_settings, patience, .preset = "30s", .least = "1ms",
	             .reload = REED_SETTING_LIVE,
	             .help = "How long a client may take to ask, or to take what it gets."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct gopher_settings, table, .about = "Serves a folder to Gopher clients.");

struct gopher {
	struct reed_service *service;
	const struct gopher_settings *settings;
	struct reed_stream_limits limits;
	struct reed_list sessions;
};

/* ---- what is at a selector: asked of the disk, in a thread ---- */

struct look {
	struct reed_job job;
	char *root, *selector, *host;
	unsigned port;
	struct answer {
		char type; /* RFC 1436 3.8 */
		int fd;    /* of a file; else -1, and text is all */
		struct reed_buf text;
	} answer, *out;
};

static char type_of(const char *name)
{
	static const char *const types[] = { "0.txt", "0.md",   "0.c",   "0.h",  "g.gif", "I.png",
		                             "I.jpg", "h.html", "s.wav", "9.gz", "9.zip", "9.bin" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < REED_COUNT(types); i++)
		if (strcmp(dot, types[i] + 1) == 0)
			return types[i][0];
	return dot ? '9' : '0';
}

static void refuse(struct look *self, const char *why)
{
	self->answer.type = '3';
	reed_buf_clear(&self->answer.text);
	reed_buf_printf(&self->answer.text, "3%s\t\terror.host\t1\r\n.\r\n", why);
}

static void add_entry(struct look *self, int folder, const char *name)
{
	const char *slash =
		reed_slice_ends(reed_slice_of(self->selector), REED_STR("/")) ? "" : "/";
	struct stat st;

	if (name[0] == '.' || strpbrk(name, "\t\r\n") || fstatat(folder, name, &st, 0) < 0 ||
	    !(S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
		return;
	reed_buf_printf(&self->answer.text, "%c%s\t%s%s%s\t%s\t%u\r\n",
	                S_ISDIR(st.st_mode) ? '1' : type_of(name), name, self->selector, slash,
	                name, self->host, self->port);
}

static void list(struct look *self, const char *path, int folder)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		add_entry(self, folder, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	reed_buf_add_str(&self->answer.text, ".\r\n");
}

/* A line without a tab is a remark; what a line with tabs lacks is filled in. */
static void add_line(struct look *self, struct reed_slice line)
{
	struct reed_buf *out = &self->answer.text;
	struct reed_slice label = reed_slice_cut(&line, '\t');
	struct reed_slice selector = reed_slice_cut(&line, '\t');
	struct reed_slice host = reed_slice_cut(&line, '\t');

	if (selector.n == 0) {
		reed_buf_printf(out, "i" REED_FMT "\t\terror.host\t1\r\n", REED_ARG(label));
		return;
	}
	reed_buf_printf(out, REED_FMT "\t" REED_FMT "\t", REED_ARG(label), REED_ARG(selector));
	if (host.n > 0)
		reed_buf_printf(out, REED_FMT "\t" REED_FMT "\r\n", REED_ARG(host),
		                REED_ARG(line.n > 0 ? line : REED_STR("70")));
	else
		reed_buf_printf(out, "%s\t%u\r\n", self->host, self->port);
}

static bool list_by_map(struct look *self, const char *path)
{
	struct reed_buf map = { .limit = MENU };
	char *file = reed_sprintf("%s/gophermap", path);
	struct reed_file_stamp stamp;
	enum reed_err err = reed_file_read(file, &map, &stamp);
	struct reed_slice rest = reed_buf_slice(&map);

	while (!err && rest.n > 0)
		add_line(self, reed_slice_trim(reed_slice_cut(&rest, '\n')));
	reed_buf_add_str(&self->answer.text, err ? "" : ".\r\n");
	reed_buf_finish(&map);
	reed_free(file);
	return !err;
}

/* Links are followed as long as they lead to something below the root. */
static int open_below(const char *root, const char *selector, char **path)
{
	char *wanted = reed_sprintf("%s/%s", root, selector);
	char *top = realpath(root, NULL), *real = realpath(wanted, NULL);
	size_t n = top ? strlen(top) : 0;
	bool below = top && real && !strstr(wanted + strlen(root), "/.") &&
	             strncmp(top, real, n) == 0 && (real[n] == '/' || !real[n]);
	int fd = below ? open(real, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW) : -1;

	*path = real ? reed_strdup(real) : NULL;
	free(top);
	free(real);
	reed_free(wanted);
	return fd;
}

static enum reed_err look_run(struct reed_job *job)
{
	struct look *self = reed_job_frame(job, struct look);
	struct stat st = { .st_mode = 0 };
	char *path;
	int fd = open_below(self->root, self->selector, &path);

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		self->answer.type = '1';
		if (!list_by_map(self, path))
			list(self, path, fd);
		if (self->answer.text.err)
			refuse(self, "This menu is too long");
	} else if (S_ISREG(st.st_mode)) {
		self->answer.type = type_of(path);
		self->answer.fd = fd;
		fd = -1;
	} else {
		refuse(self, "There is nothing of that name");
	}
	if (fd >= 0)
		close(fd);
	reed_free(path);
	return REED_OK;
}

static void look_deliver(struct reed_job *job)
{
	struct look *self = reed_job_frame(job, struct look);

	*self->out = self->answer;
	self->answer = (struct answer){ .fd = -1 };
}

static void answer_finish(struct answer *answer)
{
	if (answer->fd >= 0)
		close(answer->fd);
	reed_buf_finish(&answer->text);
}

static void look_end(struct reed_job *job)
{
	struct look *self = reed_job_frame(job, struct look);

	answer_finish(&self->answer);
	reed_free(self->root);
	reed_free(self->selector);
	reed_free(self->host);
}

static const struct reed_job_kind look_kind = { .name = "look",
	                                        .size = sizeof(struct look),
	                                        .run = look_run,
	                                        .deliver = look_deliver,
	                                        .end = look_end };

/* ---- the bytes of a file, in a thread too: the answer is away meanwhile ---- */

struct fetch {
	struct reed_job job;
	struct answer answer, *out;
};

static enum reed_err fetch_run(struct reed_job *job)
{
	struct fetch *self = reed_job_frame(job, struct fetch);
	struct reed_buf *text = &self->answer.text;
	ssize_t n;

	reed_buf_clear(text);
	reed_buf_reserve(text, CHUNK);
	n = read(self->answer.fd, text->p + text->end, CHUNK);
	if (n < 0)
		return reed_job_fail(job, reed_err_of(errno), "cannot read it on");
	reed_buf_added(text, (size_t)n);
	return REED_OK;
}

static void fetch_deliver(struct reed_job *job)
{
	struct fetch *self = reed_job_frame(job, struct fetch);

	*self->out = self->answer;
	self->answer = (struct answer){ .fd = -1 };
}

static void fetch_end(struct reed_job *job)
{
	answer_finish(&reed_job_frame(job, struct fetch)->answer);
}

static const struct reed_job_kind fetch_kind = { .name = "fetch",
	                                         .size = sizeof(struct fetch),
	                                         .run = fetch_run,
	                                         .deliver = fetch_deliver,
	                                         .end = fetch_end };

static struct reed_future *fetch(struct reed_loop *loop, struct answer *answer)
{
	struct fetch *self = reed_job_new(loop, &fetch_kind);

	self->answer = *answer;
	self->out = answer;
	*answer = (struct answer){ .type = answer->type, .fd = -1 };
	return reed_offload(&self->job);
}

/* ---- a client ---- */

struct session {
	struct reed_co co;
	struct gopher *gopher;
	struct reed_stream *stream;
	struct reed_list link;
	struct reed_slice line;
	char *selector;
	struct answer answer;
	char last; /* character of a text */
	int64_t since;
};

static struct reed_future *patiently(struct session *self, struct reed_future *f)
{
	return reed_within(self->gopher->settings->patience / 1000000, f);
}

static struct reed_future *look(struct session *self)
{
	const struct gopher_settings *settings = self->gopher->settings;
	const struct gopher_settings *first = self->gopher->service->settings;
	const struct reed_site *site = self->gopher->service->site;
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct look *job = reed_job_new(self->co.loop, &look_kind);

	/* what a client adds behind a tab is for searches and Gopher+ */
	self->selector = reed_slice_dup(reed_slice_cut(&self->line, '\t'));
	reed_stream_facts(self->stream, &facts);
	job->root = reed_strdup(first->root); /* the sandbox lets us see no other */
	job->selector = reed_strdup(self->selector);
	job->host = reed_strdup(settings->host       ? settings->host
	                        : site && site->name ? site->name
	                                             : "localhost");
	job->port = settings->port ? (unsigned)settings->port : facts.local.port;
	job->answer = (struct answer){ .fd = -1, .text = { .limit = MENU } };
	job->out = &self->answer;
	return reed_offload(&job->job);
}

/*
 * RFC 1436 3: lines end with CR LF, and a dot at the beginning of one is
 * doubled.  A CR at the end of a piece may be one half of that.
 */
static void write_text(struct session *self, struct reed_slice text)
{
	if (self->last == '\r' && text.n > 0 && text.p[0] != '\n')
		reed_write_str(self->stream, "\r");
	while (text.n > 0) {
		bool whole = reed_slice_find(text, '\n') < text.n;
		struct reed_slice line = reed_slice_cut(&text, '\n');
		bool cr = line.n > 0 && line.p[line.n - 1] == '\r';

		if (self->last == '\n' && line.n > 0 && line.p[0] == '.')
			reed_write_str(self->stream, ".");
		reed_write(self->stream, reed_slice_first(line, line.n - cr));
		if (whole)
			reed_write_str(self->stream, "\r\n");
		self->last = whole ? '\n' : cr ? '\r' : ' ';
	}
}

static bool is_text(const struct session *self)
{
	return self->answer.fd >= 0 && self->answer.type == '0';
}

static void write_answer(struct session *self)
{
	if (is_text(self))
		write_text(self, reed_buf_slice(&self->answer.text));
	else
		reed_write(self->stream, reed_buf_slice(&self->answer.text));
}

static void account(struct session *self)
{
	const char type[] = { self->answer.type, '\0' };

	reed_counter(self->co.loop, "reed_gopher_answers", "Requests that were answered.",
	             "type=%s", type)
		->value++;
	reed_log(self->co.loop, REED_LOG_INFO, "answered selector=%s type=%s bytes=%llu",
	         self->selector, type, (unsigned long long)self->stream->bytes_out);
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		reed_try(co, patiently(self, reed_read_line(self->stream, &self->line)));
		reed_try(co, look(self));
		if (self->answer.fd < 0)
			write_answer(self);
		while (self->answer.fd >= 0) {
			reed_try(co, fetch(co->loop, &self->answer));
			if (reed_buf_held(&self->answer.text) == 0)
				break;
			write_answer(self);
			reed_try(co, patiently(self, reed_drain(self->stream)));
		}
		if (is_text(self))
			reed_write_str(self->stream, self->last == '\n' ? ".\r\n" : "\r\n.\r\n");
		reed_try(co, patiently(self, reed_flush(self->stream)));
		account(self);
	}
}

static void session_end(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_list_remove(&self->link);
	answer_finish(&self->answer);
	reed_free(self->selector);
	reed_close(self->stream);
}

static const struct reed_co_kind session_kind = { .name = "gopher session",
	                                          .size = sizeof(struct session),
	                                          .run = session_run,
	                                          .end = session_end };

static struct reed_future *session(void *arg, struct reed_stream *stream)
{
	struct session *self = reed_co_new(stream->loop, &session_kind);

	self->gopher = arg;
	self->stream = stream;
	self->since = reed_now(stream->loop);
	self->answer.fd = -1;
	self->last = '\n';
	reed_list_append(&self->gopher->sessions, &self->link);
	return reed_start(&self->co);
}

/* ---- the service ---- */

struct life {
	struct reed_co co;
	struct gopher *gopher;
	size_t i;
};

static struct reed_future *listen_next(struct life *self)
{
	struct reed_serve_options options = REED_SERVE_OPTIONS;
	struct gopher *gopher = self->gopher;

	options.sessions = gopher->settings->clients;
	options.limits = &gopher->limits;
	return reed_service_listen(gopher->service, &gopher->settings->listen.items[self->i],
	                           session, gopher, &options);
}

static void life_run(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);

	reed_coroutine (co) {
		for (; self->i < self->gopher->settings->listen.n; self->i++)
			reed_try(co, listen_next(self));
		reed_service_ready(self->gopher->service);
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind life_kind = { .name = "gopher",
	                                       .size = sizeof(struct life),
	                                       .run = life_run };

static struct reed_future *gopher_start(struct reed_service *service)
{
	struct gopher *gopher = reed_alloc(sizeof(*gopher));
	struct life *life = reed_co_new(service->loop, &life_kind);

	life->gopher = service->own = gopher;
	gopher->service = service;
	gopher->settings = service->settings;
	gopher->limits = (struct reed_stream_limits)REED_STREAM_LIMITS;
	gopher->limits.input = REQUEST;
	reed_list_init(&gopher->sessions);
	return reed_start(&life->co);
}

static void gopher_reload(struct reed_service *service, const void *values)
{
	struct gopher *gopher = service->own;

	gopher->settings = values;
}

static void gopher_conns(struct reed_service *service, reed_conn_fn *each, void *arg)
{
	struct gopher *gopher = service->own;

	reed_list_each (link, &gopher->sessions) {
		struct session *s = reed_container_of(link, struct session, link);
		struct reed_conn conn = REED_CONN;

		conn.stream = s->stream;
		conn.door = "gopher";
		conn.note = s->selector;
		conn.since = s->since;
		if (!each(arg, &conn))
			return;
	}
}

static void gopher_end(struct reed_service *service)
{
	reed_free(service->own);
	service->own = NULL;
}

static const struct reed_service_kind gopher_service =
	REED_SERVICE_KIND(.name = "gopher", .summary = "A Gopher server.", .schema = &schema,
                          .start = gopher_start, .reload = gopher_reload, .conns = gopher_conns,
                          .end = gopher_end);

REED_MODULE(gopher, .summary = "Gopher (RFC 1436).",
            .commands = (const struct reed_command[]){
		    { .name = "gopher",
                      .summary = "Serve a folder to Gopher clients.",
                      .service = &gopher_service },
		    { .name = NULL },
	    });
