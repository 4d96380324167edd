/*
 * The Gopher server in a simulation: what a client gets, byte for byte, and
 * that nothing is left behind wherever the server or its client is disturbed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/log.h>
#include <reed/module.h>
#include <reed/service.h>
#include <reed/settings.h>
#include <reed/sim.h>

extern const struct reed_module reed_module_gopher;

static const struct reed_service_kind *kind(void)
{
	return reed_module_gopher.commands[0].service;
}

/* ---- what is served ---- */

static char root[] = "/tmp/gopher-XXXXXX";

static void put(const char *name, const char *text)
{
	char *path = reed_sprintf("%s/%s", root, name);
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
	reed_free(path);
}

static void make_root(void)
{
	char *path;

	if (!mkdtemp(root))
		abort();
	path = reed_sprintf("%s/mapped", root);
	mkdir(path, 0700);
	reed_free(path);
	put("reed.txt", "Be as the reed,\n.not the oak tree.");
	put("data.bin", "\1\n.\n");
	put(".secret", "hush");
	put("mapped/gophermap", "Welcome.\n1Home\t/\n0Far away\t/x\tfar.example\t7070\n");
}

static void remove_root(void)
{
	static const char *const names[] = { "reed.txt", "data.bin", ".secret",
		                             "mapped/gophermap" };
	char *path;

	for (size_t i = 0; i < REED_COUNT(names); i++) {
		path = reed_sprintf("%s/%s", root, names[i]);
		unlink(path);
		reed_free(path);
	}
	path = reed_sprintf("%s/mapped", root);
	rmdir(path);
	reed_free(path);
	rmdir(root);
}

/* ---- a client asks, and takes all there is ---- */

static const struct {
	const char *ask, *answer;
} dialogue[] = {
	{ "\r\n", "9data.bin\t/data.bin\thole.example\t70\r\n"
	          "1mapped\t/mapped\thole.example\t70\r\n"
	          "0reed.txt\t/reed.txt\thole.example\t70\r\n"
	          ".\r\n" },
	{ "/reed.txt\r\n", "Be as the reed,\r\n..not the oak tree.\r\n.\r\n" },
	{ "/data.bin\r\n", "\1\n.\n" },
	{ "/mapped\r\n", "iWelcome.\t\terror.host\t1\r\n"
	                 "1Home\t/\thole.example\t70\r\n"
	                 "0Far away\t/x\tfar.example\t7070\r\n"
	                 ".\r\n" },
	{ "/reed.txt\twords of a search\r\n", "Be as the reed,\r\n..not the oak tree.\r\n.\r\n" },
	{ "/.secret\r\n", "3There is nothing of that name\t\terror.host\t1\r\n.\r\n" },
	{ "/../../etc/passwd\r\n", "3There is nothing of that name\t\terror.host\t1\r\n.\r\n" },
	{ "/nowhere\r\n", "3There is nothing of that name\t\terror.host\t1\r\n.\r\n" },
};

struct client {
	struct reed_co co;
	struct reed_stream *stream;
	size_t i;
};

static void compare(struct client *self)
{
	struct reed_slice got = reed_peek(self->stream);

	if (!reed_slice_is(got, dialogue[self->i].answer))
		reed_sim_fail(reed_sim_of(self->co.loop), "%s has brought " REED_FMT,
		              dialogue[self->i].ask, REED_ARG(got));
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		for (; self->i < REED_COUNT(dialogue); self->i++) {
			reed_try(co, reed_dial(co->loop, "tcp:hole:70", &self->stream));
			reed_write_str(self->stream, dialogue[self->i].ask);
			do
				reed_await(co, reed_more(self->stream));
			while (!co->err);
			if (co->err != REED_EEOF)
				reed_return(co, co->err);
			compare(self);
			reed_close(self->stream);
			self->stream = NULL;
		}
	}
}

static void client_end(struct reed_co *co)
{
	reed_abort(reed_frame(co, struct client)->stream);
}

static const struct reed_co_kind client_kind = { .name = "client",
	                                         .size = sizeof(struct client),
	                                         .run = client_run,
	                                         .end = client_end };

/* ---- the server, until the client has all ---- */

struct world {
	struct reed_co co;
	struct reed_settings *settings;
	struct reed_service *service;
	struct reed_scope scope;
	struct reed_loop *home;
};

static void world_run(struct reed_co *co)
{
	struct world *self = reed_frame(co, struct world);

	reed_coroutine (co) {
		reed_try(co, reed_service_wait(self->service));
		reed_try(co, reed_start(reed_co_new(co->loop, &client_kind)));
		reed_try(co, reed_scope_stop(&self->scope, 1000));
	}
}

static void world_end(struct reed_co *co)
{
	struct world *self = reed_frame(co, struct world);

	reed_scope_finish(&self->scope);
	reed_service_free(self->service);
	reed_settings_free(self->settings);
}

static const struct reed_co_kind world_kind = { .name = "world",
	                                        .size = sizeof(struct world),
	                                        .run = world_run,
	                                        .end = world_end };

static const struct reed_settings_program *program(void)
{
	static struct reed_settings_part part;
	static struct reed_settings_program program =
		REED_SETTINGS_PROGRAM(.program = "gopher", .parts = &part, .part_count = 1);

	part.schema = kind()->schema;
	return &program;
}

static struct reed_future *begin(void *arg, struct reed_sim *sim)
{
	struct reed_loop *loop = reed_sim_host(sim, "hole");
	struct world *self = reed_co_new(loop, &world_kind);
	struct reed_service_options options = REED_SERVICE_OPTIONS;
	struct reed_log_options log = REED_LOG_OPTIONS;
	static char host[] = "--host=hole.example";

	(void)arg;
	log.to = REED_LOG_TO_NOBODY;
	reed_log_open(reed_log_of(loop), &log, NULL);
	self->settings = reed_settings_new(program());
	reed_settings_flags(self->settings, 4, (char *[]){ "gopher", "--root", root, host, NULL });
	reed_settings_finish(self->settings);
	options.kind = kind();
	options.settings = reed_settings_part(self->settings, 0);
	self->service = reed_service_new(loop, &options);
	reed_scope_init(&self->scope, loop, NULL, "world");
	self->scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&self->scope, reed_service_run(self->service));
	return reed_start(&self->co);
}

int main(void)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;
	struct reed_sim_options world = REED_SIM_OPTIONS;
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_fault *fault = NULL;
	uint64_t points = 0;
	enum reed_err err;

	make_root();
	err = reed_sim_run_until(sim, begin(NULL, sim), &fault);
	if (err)
		printf("%s\n", reed_fault_why(fault, err));
	reed_fault_free(fault);
	reed_sim_free(sim);

	world.lenient = true;
	options.sim = &world;
	options.points = &points;
	if (!err)
		err = reed_sim_each_suspension(begin, NULL, NULL, &options);
	printf("%s, and disturbed at %llu points: %s\n", "served", (unsigned long long)points,
	       err ? "something is left" : "nothing is left");
	remove_root();
	return err ? 1 : 0;
}
