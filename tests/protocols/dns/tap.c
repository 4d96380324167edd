/* dnstap: its bytes, and readers that are slow, go away, or are none, in a simulated world. */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "names.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/scope.h"
#include "reed/sim.h"

#include "protocols/dns/tap.h"

static struct reed_slice of(const struct reed_buf *b)
{
	return reed_buf_slice(b);
}

static void control_frames_are_read_as_they_are_written(void)
{
	struct reed_buf b = { 0 };
	enum dns_control type;
	size_t n;

	for (enum dns_control which = DNS_TAP_ACCEPT; which <= DNS_TAP_FINISH; which++) {
		reed_buf_clear(&b);
		dns_tap_put_control(&b, which);
		for (size_t i = 0; i < of(&b).n; i++)
			check_int(dns_tap_read_control(reed_slice_first(of(&b), i), &type, &n),
			          REED_EAGAIN);
		check_int(dns_tap_read_control(of(&b), &type, &n), REED_OK);
		check_int(type, which);
		check_int(n, of(&b).n);
	}
	reed_buf_finish(&b);
}

static void what_is_no_control_frame_of_dnstap_is_refused(void)
{
	static const struct reed_slice wrong[] = {
		{ "\0\0\0\1x", 5 },                                      /* data */
		{ "\0\0\0\0\0\0\0\3\0\0\1", 11 },                        /* without a type */
		{ "\0\0\0\0\0\0\0\4\0\0\0\11", 12 },                     /* of no type */
		{ "\0\0\0\0\0\0\2\1", 8 },                               /* too large */
		{ "\0\0\0\0\0\0\0\20\0\0\0\1\0\0\0\1\0\0\0\4text", 24 }, /* other content */
		{ "\0\0\0\0\0\0\0\20\0\0\0\1\0\0\0\1\xff\xff\xff\xfftext",
		  24 }, /* longer than it is */
	};
	enum dns_control type;
	size_t n;

	for (size_t i = 0; i < REED_COUNT(wrong); i++)
		check_int(dns_tap_read_control(wrong[i], &type, &n), REED_EPROTO);
}

static void an_event_is_no_larger_than_is_said(void)
{
	struct reed_address v6 = { .family = REED_FAMILY_IPV6, .port = 65535 };
	char identity[255], message[300];
	struct reed_dns_tap_event event = { .kind = REED_DNS_TAP_UPDATE,
		                            .protocol = REED_DNS_TAP_DOH,
		                            .asks = &v6,
		                            .answers = &v6,
		                            .message = { message, sizeof(message) } };
	struct dns_tap_writer w = { .identity = { identity, 255 },
		                    .version = { identity, 255 },
		                    .wall = INT64_MAX };
	struct reed_buf b = { 0 };

	memset(identity, 'i', sizeof(identity));
	memset(message, 'm', sizeof(message));
	dns_tap_put(&b, &w, &event);
	check(of(&b).n <= dns_tap_size(&w, sizeof(message)));
	check_int((unsigned char)of(&b).p[2] << 8 | (unsigned char)of(&b).p[3], of(&b).n - 4);
	reed_buf_finish(&b);
}

/* ---- readers ---- */

enum manners { READS, READS_NOTHING, SAYS_NO };

struct world {
	enum manners manners;
	struct reed_sim *sim;
	unsigned sessions;
	size_t heard; /* bytes behind START */
	struct reed_dns_tap *tap;
	struct reed_dns_tap_stats stats, later;
};

struct reader {
	struct reed_co co;
	struct world *world;
	struct reed_stream *stream;
	size_t n;
	enum dns_control type;
};

static bool take_control(struct reader *self)
{
	if (dns_tap_read_control(reed_peek(self->stream), &self->type, &self->n))
		return false;
	reed_skip(self->stream, self->n);
	return true;
}

static void reader_run(struct reed_co *co)
{
	struct reader *self = reed_frame(co, struct reader);
	struct reed_buf accept = { 0 };

	reed_coroutine (co) {
		self->world->sessions++;
		while (!take_control(self))
			reed_try(co, reed_more(self->stream));
		check_int(self->type, DNS_TAP_READY);
		dns_tap_put_control(&accept, self->world->manners == SAYS_NO ? DNS_TAP_FINISH
		                                                             : DNS_TAP_ACCEPT);
		reed_write(self->stream, reed_buf_slice(&accept));
		reed_buf_finish(&accept);
		while (!take_control(self))
			reed_try(co, reed_more(self->stream));
		check_int(self->type, DNS_TAP_START);
		if (self->world->manners == READS_NOTHING)
			reed_try(co, reed_forever(co->loop));
		for (;;) {
			self->world->heard += reed_peek(self->stream).n;
			reed_skip(self->stream, reed_peek(self->stream).n);
			reed_try(co, reed_more(self->stream));
		}
	}
}

static void reader_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct reader)->stream);
}

static const struct reed_co_kind reader_kind = {
	.name = "reader",
	.size = sizeof(struct reader),
	.run = reader_run,
	.end = reader_end,
};

static struct reed_future *reader(void *arg, struct reed_stream *stream)
{
	struct world *world = arg;
	struct reader *self = reed_co_new(reed_sim_host(world->sim, "reader"), &reader_kind);

	self->world = world;
	self->stream = stream;
	return reed_start(&self->co);
}

static struct reed_future *reader_boot(void *arg, struct reed_loop *loop)
{
	return reed_listen_and_serve(loop, "tcp:6000", reader, arg, NULL);
}

/* Adds messages, some each 100 ms. */
struct adding {
	struct reed_co co;
	struct world *world;
	struct reed_scope scope;
	int i;
};

static void add_some(struct adding *self)
{
	static char message[1000];
	struct reed_dns_tap_event event = { .kind = REED_DNS_TAP_AUTH,
		                            .protocol = REED_DNS_TAP_UDP,
		                            .message = { message, sizeof(message) } };

	for (int i = 0; i < 100; i++)
		reed_dns_tap_add(self->world->tap, &event);
}

static void adding_run(struct reed_co *co)
{
	struct adding *self = reed_frame(co, struct adding);
	struct world *world = self->world;

	reed_coroutine (co) {
		for (self->i = 0; self->i < 100; self->i++) {
			if (self->i == 50)
				reed_sim_crash(world->sim, "reader");
			if (self->i == 55)
				reed_sim_restart(world->sim, "reader");
			add_some(self);
			reed_dns_tap_stats(world->tap,
			                   self->i < 50 ? &world->stats : &world->later);
			check(world->later.waiting <= 65536 && world->stats.waiting <= 65536);
			reed_try(co, reed_sleep(co->loop, 100));
		}
		reed_scope_interrupt(&self->scope);
		reed_try(co, reed_scope_wait(&self->scope));
	}
}

static void adding_end(struct reed_co *co)
{
	struct adding *self = reed_frame(co, struct adding);

	reed_scope_finish(&self->scope);
	reed_dns_tap_free(self->world->tap);
}

static const struct reed_co_kind adding_kind = {
	.name = "adding",
	.size = sizeof(struct adding),
	.run = adding_run,
	.end = adding_end,
};

static struct world live(enum manners manners)
{
	struct world world = { .manners = manners,
		               .stats = { .size = sizeof(world.stats) },
		               .later = { .size = sizeof(world.later) } };
	struct reed_dns_tap_options o = REED_DNS_TAP_OPTIONS;
	struct reed_loop *loop;
	struct adding *self;

	world.sim = reed_sim_new(NULL);
	loop = reed_sim_host(world.sim, "server");
	reed_sim_boot(world.sim, "reader", reader_boot, &world);
	self = reed_co_new(loop, &adding_kind);
	self->world = &world;
	o.endpoint = "tcp:reader:6000";
	o.most = 65536;
	world.tap = reed_dns_tap_new(loop, &o);
	reed_scope_init(&self->scope, loop, NULL, "tap");
	reed_scope_add(&self->scope, reed_dns_tap_run(world.tap));
	check_int(reed_sim_run_until(world.sim, reed_start(&self->co), NULL), REED_OK);
	reed_sim_free(world.sim);
	return world;
}

static void a_reader_that_comes_back_is_written_to_again(void)
{
	struct world world = live(READS);

	check(world.stats.taken > 2000);
	check(world.sessions >= 2);
	check(world.later.taken > world.stats.taken + 1000);
	check(world.heard > 2000 * 1000);
	check_int(world.later.taken + world.later.dropped, 100 * 100);
}

static void who_reads_nothing_is_dropped_from_and_nothing_grows(void)
{
	struct world world = live(READS_NOTHING);

	check(world.stats.open);
	check(world.stats.taken > 0 && world.stats.dropped > world.stats.taken);
	check_int(world.later.taken + world.later.dropped, 100 * 100);
}

static void who_speaks_something_else_is_written_nothing(void)
{
	struct world world = live(SAYS_NO);

	check(!world.later.open);
	check_int(world.later.taken, 0);
	check_int(world.heard, 0);
	check(world.sessions >= 2);
}

/* ---- a file ---- */

static bool is_open(const char *path)
{
	struct stat file, other;

	if (stat(path, &file) < 0)
		return false;
	for (int fd = 0; fd < 256; fd++)
		if (fstat(fd, &other) == 0 && other.st_dev == file.st_dev &&
		    other.st_ino == file.st_ino)
			return true;
	return false;
}

static off_t size_of(const char *path)
{
	struct stat file;

	return stat(path, &file) < 0 ? 0 : file.st_size;
}

static struct reed_dns_tap *tap_to(struct reed_loop *loop, char *path)
{
	struct reed_dns_tap_options o = REED_DNS_TAP_OPTIONS;
	int fd = mkstemp(path);

	check(fd >= 0);
	close(fd);
	o.file = path;
	return reed_dns_tap_new(loop, &o);
}

/* The number would be somebody else's by the time the thread writes to it. */
static void who_drops_it_leaves_a_thread_the_file_it_writes_to(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	char path[] = "/tmp/reed-tap-XXXXXX", message[1000] = { 0 };
	struct reed_dns_tap_event event = { .kind = REED_DNS_TAP_AUTH,
		                            .protocol = REED_DNS_TAP_UDP,
		                            .message = { message, sizeof(message) } };
	struct reed_dns_tap_stats stats = { .size = sizeof(stats) };
	struct reed_scope scope;
	struct reed_dns_tap *tap;
	struct reed_sim *sim;

	options.job_mean = REED_MS(10);
	sim = reed_sim_new(&options);
	tap = tap_to(reed_sim_host(sim, "server"), path);
	reed_scope_init(&scope, reed_sim_host(sim, "server"), NULL, "tap");
	reed_scope_add(&scope, reed_dns_tap_run(tap));
	for (; !stats.open; reed_dns_tap_stats(tap, &stats))
		check_int(reed_sim_run_for(sim, REED_US(100)), REED_OK);
	reed_dns_tap_add(tap, &event);
	while (size_of(path) < 1000)
		check_int(reed_sim_run_for(sim, REED_US(100)), REED_OK);
	reed_scope_finish(&scope);
	reed_dns_tap_free(tap);
	check(is_open(path)); /* it has not come home */
	check_int(reed_sim_run(sim), REED_OK);
	check(!is_open(path));
	reed_sim_free(sim);
	unlink(path);
}

int main(void)
{
	RUN(control_frames_are_read_as_they_are_written);
	RUN(what_is_no_control_frame_of_dnstap_is_refused);
	RUN(an_event_is_no_larger_than_is_said);
	RUN(a_reader_that_comes_back_is_written_to_again);
	RUN(who_reads_nothing_is_dropped_from_and_nothing_grows);
	RUN(who_speaks_something_else_is_written_nothing);
	RUN(who_drops_it_leaves_a_thread_the_file_it_writes_to);
	return 0;
}
