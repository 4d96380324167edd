/* Files and conversations between two clients, beside the server. */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/irc/dcc.h"
#include "tests/protocols/irc/client_world.h"

enum { BYTES = 300000 };

/* ---- files ---- */

static char above[] = "/tmp/reed-dcc-XXXXXX", sent[64], inbox[64], whole[80], part[80];
static char other[80], other_part[80]; /* "x" */

static char byte_at(size_t i)
{
	return (char)(i * 7 + i / 256);
}

static void write_file(const char *path, size_t from, size_t n)
{
	FILE *f = fopen(path, "wb");

	check(f != NULL);
	for (size_t i = 0; i < n; i++)
		putc(byte_at(from + i), f);
	check(fclose(f) == 0);
}

static long size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

static void is_right(const char *path)
{
	FILE *f = fopen(path, "rb");

	check(f != NULL);
	for (size_t i = 0; i < BYTES; i++)
		check_int(getc(f), (unsigned char)byte_at(i));
	check_int(getc(f), EOF);
	fclose(f);
}

static int first_of(const char *path)
{
	FILE *f = fopen(path, "rb");
	int c = f ? getc(f) : EOF;

	if (f)
		fclose(f);
	return c;
}

static void clean(void)
{
	unlink(whole);
	unlink(part);
	unlink(other);
	unlink(other_part);
}

static void make_folder(void)
{
	check(mkdtemp(above) != NULL);
	snprintf(sent, sizeof(sent), "%s/a file.bin", above);
	snprintf(inbox, sizeof(inbox), "%s/inbox", above);
	snprintf(whole, sizeof(whole), "%s/a file.bin", inbox);
	snprintf(part, sizeof(part), "%s/a file.bin.part", inbox);
	snprintf(other, sizeof(other), "%s/x", inbox);
	snprintf(other_part, sizeof(other_part), "%s/x.part", inbox);
	check(mkdir(inbox, 0700) == 0);
	write_file(sent, 0, BYTES);
}

static void remove_folder(void)
{
	clean();
	check(unlink(sent) == 0 && rmdir(inbox) == 0 && rmdir(above) == 0);
}

/* ---- a play of two ---- */

struct play {
	struct reed_co co;
	struct reed_scope scope;
	struct person ann, bob;
	struct reed_irc_dcc_options gives, takes;
	struct reed_irc_dcc_file out, in;
	struct reed_stream *at_ann, *at_bob;
	struct reed_cell progress;
	struct reed_slice line;
	const char *raw; /* what ann says instead of an offer */
	size_t lie;      /* bytes that come */
	bool chats, lies;
};

struct taking {
	struct reed_co co;
	struct play *play;
};

static void taking_run(struct reed_co *co)
{
	struct play *play = reed_frame(co, struct taking)->play;
	struct person *bob = &play->bob;

	reed_coroutine (co) {
		reed_try(co, hears(bob, REED_IRC_EVENT_CTCP, NULL));
		if (play->chats)
			reed_try(co, reed_irc_dcc_join(bob->client, bob->events.event, &play->takes,
			                               &play->at_bob));
		else
			reed_try(co, reed_irc_dcc_get(bob->client, bob->events.event, &play->takes,
			                              inbox, &play->in));
	}
}

static const struct reed_co_kind taking_kind = { .name = "taking",
	                                         .size = sizeof(struct taking),
	                                         .run = taking_run };

static struct reed_future *take(struct play *play)
{
	struct taking *self = reed_co_new(play->co.loop, &taking_kind);

	self->play = play;
	return reed_start(&self->co);
}

/* Offers 5000 bytes of x, sends as many as it likes, and perhaps stays. */
struct liar {
	struct reed_co co;
	struct play *play;
	struct reed_listener *listener;
	struct reed_stream *stream;
};

static void liar_run(struct reed_co *co)
{
	struct liar *self = reed_frame(co, struct liar);
	static char bytes[10000];

	reed_coroutine (co) {
		check_int(reed_sim_listen(co->loop, 4000, &self->listener), REED_OK);
		reed_try(co, reed_irc_ctcp_ask(self->play->ann.client, S("bob"), S("DCC"),
		                               S("SEND x 167772161 4000 5000")));
		reed_try(co, reed_accept(self->listener, &self->stream));
		reed_write(self->stream, reed_slice(bytes, self->play->lie));
		if (self->play->lie == 0)
			reed_try(co, reed_forever(co->loop));
		reed_close(self->stream);
		self->stream = NULL;
	}
}

static void liar_end(struct reed_co *co)
{
	reed_listener_close(reed_frame(co, struct liar)->listener);
	reed_close(reed_frame(co, struct liar)->stream);
}

static const struct reed_co_kind liar_kind = {
	.name = "liar",
	.size = sizeof(struct liar),
	.run = liar_run,
	.end = liar_end,
};

static struct reed_future *lie(struct play *play)
{
	struct liar *self = reed_co_new(play->co.loop, &liar_kind);

	self->play = play;
	return reed_start(&self->co);
}

static struct reed_future *give(struct play *self)
{
	if (self->lies)
		return lie(self);
	if (self->raw)
		return reed_irc_ctcp_ask(self->ann.client, S("bob"), S("DCC"), S(self->raw));
	return self->chats
	               ? reed_irc_dcc_chat(self->ann.client, S("bob"), &self->gives, &self->at_ann)
	               : reed_irc_dcc_send(self->ann.client, S("bob"), sent, &self->gives,
	                                   &self->out);
}

static struct reed_future *ready(struct play *self)
{
	return reed_all(reed_irc_ready(self->ann.client), reed_irc_ready(self->bob.client));
}

static void play_run(struct reed_co *co)
{
	struct play *self = reed_frame(co, struct play);

	reed_coroutine (co) {
		reed_try(co, ready(self));
		reed_try(co, reed_all(give(self), take(self)));
		if (!self->chats)
			break;
		reed_printf(self->at_ann, "hello bob\r\n");
		reed_try(co, reed_read_line(self->at_bob, &self->line));
		check_slice(self->line, "hello bob");
		reed_printf(self->at_bob, "hello ann\n");
		reed_try(co, reed_read_line(self->at_ann, &self->line));
		check_slice(self->line, "hello ann");
	}
}

static void play_end(struct reed_co *co)
{
	struct play *self = reed_frame(co, struct play);

	reed_close(self->at_ann);
	reed_close(self->at_bob);
	reed_irc_dcc_file_finish(&self->out);
	reed_irc_dcc_file_finish(&self->in);
	reed_scope_finish(&self->scope);
	go(&self->ann);
	go(&self->bob);
}

static const struct reed_co_kind play_kind = { .name = "play",
	                                       .size = sizeof(struct play),
	                                       .run = play_run,
	                                       .end = play_end };

/* Without accounts, whose passwords take their time. */
static struct reed_future *server(void *arg, struct reed_loop *loop)
{
	(void)arg;
	reed_log_set_level(reed_log_of(loop), REED_LOG_CRITICAL);
	return reed_irc_server_run(loop, NULL, "sim:irc:6667");
}

static struct play *play_new(struct reed_sim *sim)
{
	struct reed_loop *loop = reed_sim_host(sim, "home");
	struct play *self = reed_co_new(loop, &play_kind);
	const struct reed_irc_dcc_options options = REED_IRC_DCC_OPTIONS;
	struct reed_irc_client_options ann = options_of("ann"), bob = options_of("bob");

	reed_sim_boot(sim, "irc", server, NULL);
	reed_scope_init(&self->scope, loop, NULL, "people");
	self->scope.policy = REED_SCOPE_IGNORE;
	come(&self->ann, loop, &self->scope, &ann);
	come(&self->bob, loop, &self->scope, &bob);
	self->gives = self->takes = options;
	return self;
}

/* ---- alone ---- */

struct stage {
	struct reed_sim *sim;
	struct play *play;
	char why[300];
};

static struct stage *begin(void)
{
	static struct stage stage;

	clean();
	stage = (struct stage){ .sim = reed_sim_new(NULL) };
	stage.play = play_new(stage.sim);
	return &stage;
}

static enum reed_err ends(struct stage *stage)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_sim_run_until(stage->sim, reed_start(&stage->play->co), &fault);

	snprintf(stage->why, sizeof(stage->why), "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	reed_sim_free(stage->sim);
	return err;
}

static void comes_whole(struct stage *stage)
{
	check_int(ends(stage), REED_OK);
	is_right(whole);
	check_int(size_of(part), -1);
}

static void a_file_goes_from_one_to_the_other(void)
{
	comes_whole(begin());
}

static void it_goes_when_the_other_has_to_listen(void)
{
	struct stage *stage = begin();

	stage->play->gives.passive = true;
	comes_whole(stage);
}

static void it_goes_on_from_where_it_ended(void)
{
	for (int passive = 0; passive < 2; passive++) {
		struct stage *stage = begin();

		/* what is there is not sent again: these are not its bytes */
		write_file(part, 1, 100000);
		stage->play->gives.passive = passive;
		check_int(ends(stage), REED_OK);
		check_int(size_of(whole), BYTES);
		check_int(size_of(part), -1);
		check_int(first_of(whole), (unsigned char)byte_at(1));
	}
}

static void it_begins_anew_where_that_is_wished_or_makes_no_sense(void)
{
	struct stage *stage = begin();

	write_file(part, 1, 100000);
	stage->play->takes.no_resume = true;
	comes_whole(stage);
	stage = begin();
	write_file(part, 1, BYTES + 10);
	comes_whole(stage);
}

static void an_empty_file_comes_too(void)
{
	struct stage *stage = begin();

	write_file(sent, 0, 0);
	write_file(part, 0, 10);
	check_int(ends(stage), REED_OK);
	check_int(size_of(whole), 0);
	write_file(sent, 0, BYTES);
}

static void what_is_there_is_not_replaced_unless_it_may_be(void)
{
	struct stage *stage = begin();

	write_file(whole, 5, 10);
	stage->play->gives.accept_ms = 1000;
	check_int(ends(stage), REED_EEXIST);
	check_int(size_of(whole), 10);
	stage = begin();
	write_file(whole, 5, 10);
	stage->play->takes.replace = true;
	comes_whole(stage);
}

static void a_file_that_is_too_long_is_refused(void)
{
	struct stage *stage = begin();

	stage->play->takes.bytes_most = BYTES - 1;
	check_int(ends(stage), REED_ETOOBIG);
	check_str(stage->why, "a file.bin has 300000 bytes, and 299999 are taken");
	check_int(size_of(part), -1);
}

static void an_offer_that_nobody_takes_ends(void)
{
	struct stage *stage = begin();

	stage->play->raw = "SEND x 167772162 4000 5"; /* where nobody listens */
	check_int(ends(stage), REED_EREFUSED);
	stage = begin();
	stage->play->raw = "SEND x 0 0 5 token";
	stage->play->takes.accept_ms = 5000;
	check_int(ends(stage), REED_ETIMEDOUT);
}

static void what_is_cut_off_is_kept_for_the_next_time(void)
{
	struct stage *stage = begin();

	stage->play->lies = true;
	stage->play->lie = 1000;
	check_int(ends(stage), REED_EEOF);
	check_str(stage->why, "x ended after 1000 bytes: end of stream");
	check_int(size_of(other_part), 1000);
	check_int(size_of(other), -1);
}

static void more_than_was_offered_is_not_taken(void)
{
	struct stage *stage = begin();

	stage->play->lies = true;
	stage->play->lie = 6000;
	check_int(ends(stage), REED_OK);
	check_int(size_of(other), 5000);
}

static void who_sends_nothing_is_not_waited_for_forever(void)
{
	struct stage *stage = begin();

	stage->play->lies = true;
	stage->play->takes.stall_ms = 5000;
	check_int(ends(stage), REED_ETIMEDOUT);
}

static void nothing_of_this_machine_is_dialled(void)
{
	static const char *const offers[] = {
		"SEND x 2130706433 4000 5",                             /* 127.0.0.1 */
		"SEND x 167772162 25 5",                                /* a port of the system's */
		"SEND x 2851995904 4000 5",                             /* 169.254.0.0 */
		"SEND x 0 4000 5",          "SEND x 4026531841 4000 5", /* 240.0.0.1 */
		"SEND x ::1 4000 5",        "SEND x ::ffff:127.0.0.1 4000 5",
		"SEND x fe80::1 4000 5",    "SEND x ff02::1 4000 5",
	};

	for (size_t i = 0; i < REED_COUNT(offers); i++) {
		struct stage *stage = begin();

		stage->play->raw = offers[i];
		check_int(ends(stage), REED_EPERM);
	}
}

static void what_is_no_offer_is_taken_for_none(void)
{
	struct stage *stage = begin();

	stage->play->raw = "XMIT x 1 2 3";
	check_int(ends(stage), REED_ESYNTAX);
	stage = begin();
	stage->play->raw = "CHAT chat 167772162 4000";
	check_int(ends(stage), REED_ESYNTAX);
}

static void a_file_that_is_not_there_is_not_offered(void)
{
	struct stage *stage = begin();

	check(unlink(sent) == 0);
	check_int(ends(stage), REED_ENOENT);
	write_file(sent, 0, BYTES);
}

static void two_talk_without_the_server(void)
{
	for (int passive = 0; passive < 2; passive++) {
		struct stage *stage = begin();

		stage->play->chats = true;
		stage->play->gives.passive = passive;
		check_int(ends(stage), REED_OK);
	}
}

/* ---- at each suspension ---- */

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	const bool *modes = arg;
	struct play *self = play_new(sim);

	clean();
	write_file(sent, 0, 3000);
	if (modes[1])
		write_file(part, 0, 1000);
	self->gives.passive = modes[0];
	self->chats = modes[2];
	return reed_start(&self->co);
}

static void ends_well(void *arg, struct reed_sim *sim, const struct reed_sim_suspension *at)
{
	(void)arg;
	if (at->finished && at->err)
		reed_sim_fail(sim, "undisturbed it ends as %s", reed_err_name(at->err));
}

static void it_may_end_at_any_suspension(void)
{
	static bool modes[][3] = { { false, true, false },
		                   { true, true, false },
		                   { true, false, true } };

	for (size_t i = 0; i < REED_COUNT(modes); i++) {
		struct reed_sim_suspension_options o = REED_SIM_SUSPENSION_OPTIONS;
		uint64_t points = 0;

		o.points = &points;
		check_int(reed_sim_each_suspension(scenario, ends_well, modes[i], &o), REED_OK);
		printf("%llu suspensions\n", (unsigned long long)points);
		check(points > 50);
	}
	write_file(sent, 0, BYTES);
}

int main(void)
{
	make_folder();
	RUN(a_file_goes_from_one_to_the_other);
	RUN(it_goes_when_the_other_has_to_listen);
	RUN(it_goes_on_from_where_it_ended);
	RUN(it_begins_anew_where_that_is_wished_or_makes_no_sense);
	RUN(an_empty_file_comes_too);
	RUN(what_is_there_is_not_replaced_unless_it_may_be);
	RUN(a_file_that_is_too_long_is_refused);
	RUN(an_offer_that_nobody_takes_ends);
	RUN(what_is_cut_off_is_kept_for_the_next_time);
	RUN(more_than_was_offered_is_not_taken);
	RUN(who_sends_nothing_is_not_waited_for_forever);
	RUN(nothing_of_this_machine_is_dialled);
	RUN(what_is_no_offer_is_taken_for_none);
	RUN(a_file_that_is_not_there_is_not_offered);
	RUN(two_talk_without_the_server);
	RUN(it_may_end_at_any_suspension);
	remove_folder();
	return 0;
}
