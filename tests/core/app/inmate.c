/*
 * It knows one request a line: "read PATH", "write PATH", "bind PORT" and so
 * on, see the table.  "thread" in front does it in a thread of the pool.  The
 * answer is "ok" or the name of the error, as the system has it.
 */

#include "inmate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/needs.h"
#include "reed/offload.h"
#include "reed/resolve.h"
#include "reed/settings.h"

struct inmate_settings {
	struct reed_texts listen;
	const char *reads, *writes, *runs, *dials, *word, *servers;
	uint32_t wants;
};

static const struct reed_setting table[] = {
	REED_SETTING_LIST(ENDPOINT, struct inmate_settings, listen,
	                  .preset = "tcp:0:interface=127.0.0.1", .check = reed_setting_listens,
	                  .help = "Where orders come in."),
	REED_SETTING(PATH, struct inmate_settings, reads, .reload = REED_SETTING_LIVE,
	             .help = "A path that is read."),
	REED_SETTING(STRING, struct inmate_settings, writes, .help = "A folder that is written."),
	REED_SETTING(STRING, struct inmate_settings, runs, .help = "A program that is run."),
	REED_SETTING(ENDPOINT, struct inmate_settings, dials, .help = "What is dialled."),
	REED_SETTING(STRING, struct inmate_settings, servers,
	             .help = "Which name servers are asked."),
	REED_SETTING(SECRET, struct inmate_settings, word, .reload = REED_SETTING_LIVE,
	             .help = "A secret."),
	REED_SETTING(INT, struct inmate_settings, wants, .help = "How many files it opens."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct inmate_settings, table, .about = "Does what it is told.");

static void inmate_needs(const void *values, struct reed_needs *needs)
{
	const struct inmate_settings *settings = values;

	if (settings->writes)
		reed_needs_write(needs, settings->writes);
	if (settings->runs)
		reed_needs_program(needs, settings->runs);
	reed_needs_descriptors(needs, settings->wants);
}

/* ---- what it can be told to do: 0 or an errno ---- */

static int outcome(int result)
{
	int err = errno;

	if (result >= 0)
		close(result);
	return result < 0 ? err : 0;
}

static int do_read(const char *path)
{
	return outcome(open(path, O_RDONLY | O_CLOEXEC));
}

static int do_write(const char *path)
{
	return outcome(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int do_remove(const char *path)
{
	return unlink(path) < 0 ? errno : 0;
}

static int on_port(const char *port, int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_port = htons((uint16_t)atoi(port)),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, err;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	err = call(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? errno : 0;
	close(fd);
	return err;
}

static int do_bind(const char *port)
{
	return on_port(port, bind);
}

static int do_dial(const char *port)
{
	return on_port(port, connect);
}

/* "17" is packets; "2:3" raw ones of IPv4; "16:3:15" netlink of the kernel's events. */
static int do_socket(const char *what)
{
	int n[3] = { 0, SOCK_STREAM, 0 };

	for (int i = 0; i < 3 && *what; i++) {
		n[i] = (int)strtol(what, NULL, 10);
		what += strcspn(what, ":");
		what += *what == ':';
	}
	return outcome(socket(n[0], n[1] | SOCK_CLOEXEC, n[2]));
}

static int do_abstract(const char *name)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	memcpy(to.sun_path + 1, name, strlen(name));
	err = connect(fd, (struct sockaddr *)&to, n) < 0 ? errno : 0;
	close(fd);
	return err;
}

static int do_signal(const char *pid)
{
	return kill(atoi(pid), 0) < 0 ? errno : 0;
}

/* What goes wrong comes back as the exit code. */
static int do_run(const char *program)
{
	char *argv[] = { (char *)(uintptr_t)program, NULL };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execv(program, argv);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WEXITSTATUS(status);
}

static int do_mount(const char *path)
{
	return mount("none", path, "tmpfs", 0, NULL) < 0 ? errno : 0;
}

static int do_code(const char *nothing)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err = mprotect(page, 4096, PROT_READ | PROT_EXEC) < 0 ? errno : 0;

	(void)nothing;
	munmap(page, 4096);
	return err;
}

static int do_type(const char *letter)
{
	return ioctl(0, TIOCSTI, letter) < 0 ? errno : 0;
}

static int do_user(const char *uid)
{
	return setuid((uid_t)atoi(uid)) < 0 ? errno : 0;
}

/* EFAULT: there is such a call. */
static int do_ring(const char *nothing)
{
	(void)nothing;
#ifdef SYS_io_uring_setup
	return outcome((int)syscall(SYS_io_uring_setup, 1, NULL));
#else
	return ENOSYS;
#endif
}

/* Whether it is as it has to be, EINVAL else. */
static int do_secret(const char *nothing)
{
	struct rlimit core;

	(void)nothing;
	getrlimit(RLIMIT_CORE, &core);
	return core.rlim_max == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	                       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
	               ? 0
	               : EINVAL;
}

static const struct {
	const char *name;
	int (*act)(const char *argument);
} deeds[] = {
	{ "read", do_read },         { "write", do_write },   { "remove", do_remove },
	{ "bind", do_bind },         { "dial", do_dial },     { "socket", do_socket },
	{ "abstract", do_abstract }, { "signal", do_signal }, { "run", do_run },
	{ "mount", do_mount },       { "code", do_code },     { "type", do_type },
	{ "user", do_user },         { "secret", do_secret }, { "ring", do_ring },
};

static int act(const char *name, const char *argument)
{
	for (size_t i = 0; i < REED_COUNT(deeds); i++)
		if (strcmp(deeds[i].name, name) == 0)
			return deeds[i].act(argument);
	return ENOSYS;
}

/* ---- in a thread ---- */

struct deed {
	struct reed_job job;
	char *name, *argument;
	int err, *out;
};

static enum reed_err deed_run(struct reed_job *job)
{
	struct deed *self = reed_job_frame(job, struct deed);

	self->err = act(self->name, self->argument);
	return REED_OK;
}

static void deed_deliver(struct reed_job *job)
{
	struct deed *self = reed_job_frame(job, struct deed);

	*self->out = self->err;
}

static void deed_end(struct reed_job *job)
{
	struct deed *self = reed_job_frame(job, struct deed);

	reed_free(self->name);
	reed_free(self->argument);
}

static const struct reed_job_kind deed_kind = { .name = "deed",
	                                        .size = sizeof(struct deed),
	                                        .run = deed_run,
	                                        .deliver = deed_deliver,
	                                        .end = deed_end };

/* ---- a client ---- */

struct client {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_addresses found;
	char *name, *argument;
	bool threaded;
	int err;
};

static void take_order(struct client *self, struct reed_slice line)
{
	struct reed_slice word = reed_slice_cut(&line, ' ');

	self->threaded = reed_slice_is(word, "thread");
	if (self->threaded)
		word = reed_slice_cut(&line, ' ');
	reed_free(self->name);
	reed_free(self->argument);
	self->name = reed_slice_dup(word);
	self->argument = reed_slice_dup(line);
}

static struct reed_future *obey(struct client *self)
{
	struct deed *deed;

	reed_addresses_finish(&self->found);
	if (strcmp(self->name, "name") == 0)
		return reed_resolve(self->co.loop, reed_slice_of(self->argument), 1, &self->found);
	if (!self->threaded) {
		self->err = act(self->name, self->argument);
		return reed_ready(self->co.loop, REED_OK);
	}
	deed = reed_job_new(self->co.loop, &deed_kind);
	deed->name = reed_strdup(self->name);
	deed->argument = reed_strdup(self->argument);
	deed->out = &self->err;
	return reed_offload(&deed->job);
}

static void answer(struct client *self)
{
	if (self->co.err)
		reed_printf(self->stream, "%s\n", reed_co_why(&self->co));
	else
		reed_printf(self->stream, "%s\n", self->err ? strerrorname_np(self->err) : "ok");
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);
	struct reed_slice line;

	reed_coroutine (co) {
		for (;;) {
			while (reed_take_line(self->stream, &line)) {
				take_order(self, line);
				self->err = 0;
				reed_await(co, obey(self));
				answer(self);
			}
			reed_try(co, reed_more(self->stream));
		}
	}
}

static void client_end(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_addresses_finish(&self->found);
	reed_free(self->name);
	reed_free(self->argument);
	reed_close(self->stream);
}

static const struct reed_co_kind client_kind = { .name = "orders",
	                                         .size = sizeof(struct client),
	                                         .run = client_run,
	                                         .end = client_end };

static struct reed_future *client(void *arg, struct reed_stream *stream)
{
	struct client *self = reed_co_new(stream->loop, &client_kind);

	(void)arg;
	self->stream = stream;
	return reed_start(&self->co);
}

/* ---- the service ---- */

struct inmate {
	struct reed_co co;
	struct reed_service *service;
	size_t i;
};

static void inmate_run(struct reed_co *co)
{
	struct inmate *self = reed_frame(co, struct inmate);
	const struct inmate_settings *settings = self->service->settings;

	reed_coroutine (co) {
		for (; self->i < settings->listen.n; self->i++)
			reed_try(co, reed_service_listen(self->service,
			                                 &settings->listen.items[self->i], client,
			                                 NULL, NULL));
		reed_service_ready(self->service);
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind inmate_kind = { .name = "inmate",
	                                         .size = sizeof(struct inmate),
	                                         .run = inmate_run };

static struct reed_future *inmate_start(struct reed_service *service)
{
	struct inmate *self = reed_co_new(service->loop, &inmate_kind);
	struct reed_resolver_options options = REED_RESOLVER_OPTIONS;
	const struct inmate_settings *settings = service->settings;

	self->service = service;
	options.servers = settings->servers;
	reed_resolver_configure(service->loop, &options);
	return reed_start(&self->co);
}

static void inmate_reload(struct reed_service *service, const void *values)
{
	(void)service;
	(void)values;
}

const struct reed_service_kind inmate_service =
	REED_SERVICE_KIND(.name = "inmate", .summary = "Does what it is told.", .schema = &schema,
                          .start = inmate_start, .reload = inmate_reload, .needs = inmate_needs);
