#include "tests/protocols/irc/client_peer.h"

enum { PATIENCE_MS = 20000 };

struct reed_irc_client *client;
struct owner running;
struct reed_irc_events events;
int dialled, dial_fails, dial_hangs;
char dialled_to[256];

static struct reed_stream *peer;
static struct owner reading;
static bool over;
static char line[16384];

/* ---- dialling ---- */

static void hang_up(void)
{
	if (peer)
		disown(&reading);
	reed_abort(peer);
	peer = NULL;
}

struct dialling {
	struct reed_co co;
	struct reed_stream **out, *ours, *theirs;
};

static void dialling_run(struct reed_co *co)
{
	struct dialling *self = reed_frame(co, struct dialling);

	reed_coroutine (co) {
		reed_try(co, reed_yield(co->loop));
		if (dial_hangs-- > 0)
			reed_try(co, reed_forever(co->loop));
		if (dial_fails > 0) {
			dial_fails--;
			reed_try(co, reed_failed(co->loop, REED_EREFUSED, "nobody is at home"));
		}
		reed_stream_pair(co->loop, 0, &self->ours, &self->theirs);
	}
}

static void dialling_deliver(struct reed_co *co)
{
	struct dialling *self = reed_frame(co, struct dialling);

	hang_up();
	*self->out = self->theirs;
	peer = self->ours;
	self->theirs = self->ours = NULL;
	over = false;
	reading = (struct owner){ .told = 0 };
}

static void dialling_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct dialling)->ours);
	reed_close(reed_frame(co, struct dialling)->theirs);
}

static const struct reed_co_kind dialling_kind = { .name = "dialling",
	                                           .size = sizeof(struct dialling),
	                                           .run = dialling_run,
	                                           .deliver = dialling_deliver,
	                                           .end = dialling_end };

static struct reed_future *dial(void *arg, struct reed_loop *l, const char *endpoint,
                                struct reed_stream **stream)
{
	struct dialling *self = reed_co_new(l, &dialling_kind);

	(void)arg;
	dialled++;
	snprintf(dialled_to, sizeof(dialled_to), "%s", endpoint);
	self->out = stream;
	return reed_start(&self->co);
}

/* ---- both ---- */

struct reed_irc_client_options peer_options(void)
{
	struct reed_irc_client_options o = REED_IRC_CLIENT_OPTIONS;

	o.endpoint = "tcp:irc.example:6667";
	o.dial = dial;
	o.nick = "joe";
	o.flood_ms = 0;
	o.plain_in_clear = true;
	return o;
}

void begin(const struct reed_irc_client_options *options)
{
	struct reed_irc_client_options o = options ? *options : peer_options();

	dialled = dial_fails = dial_hangs = 0;
	loop->simulated = true; /* keys are derived here, as no clock waits for threads */
	reed_log_set_level(reed_log_of(loop), REED_LOG_CRITICAL);
	client = reed_irc_client_new(loop, &o);
	reed_irc_events_begin(&events, client, 1000);
	own(&running, reed_irc_client_run(client));
}

void begin_online(const struct reed_irc_client_options *options, const char *caps,
                  const char *isupport)
{
	begin(options);
	welcome(caps, isupport);
	check(event_comes("READY joe Test"));
}

void finish(void)
{
	disown(&running);
	reed_irc_events_end(&events);
	reed_irc_client_free(client);
	client = NULL;
	hang_up();
	run();
}

/* ---- the server's side ---- */

static void turn(int64_t until)
{
	int64_t left = until - reed_now(loop);

	reed_loop_turn(loop, left > 0 ? left : 0);
}

static bool take_line(void)
{
	struct reed_slice s;

	if (!peer || !reed_take_line(peer, &s))
		return false;
	check(s.n < sizeof(line));
	reed_slice_copy(line, sizeof(line), s);
	return true;
}

static void read_more(void)
{
	if (!peer || reading.waiter.future || over)
		return;
	if (reading.told && reading.err) {
		over = true;
		return;
	}
	own(&reading, reed_more(peer));
}

const char *hear(int64_t ms)
{
	int64_t until = reed_now(loop) + REED_MS(ms);

	for (;;) {
		if ((!peer || !reading.waiter.future) && take_line())
			return line;
		read_more();
		if (reed_now(loop) >= until && reed_list_empty(&loop->ready))
			break;
		turn(until);
	}
	turns(5);
	return !reading.waiter.future && take_line() ? line : NULL;
}

void pass(int64_t ms)
{
	int64_t until = reed_now(loop) + REED_MS(ms);

	while (reed_now(loop) < until)
		turn(until);
	turns(5);
}

bool is_silent(int64_t ms)
{
	const char *heard = hear(ms);

	if (heard)
		fprintf(stderr, "the client says: %s\n", heard);
	return !heard;
}

void peer_writes(const char *bytes, size_t n)
{
	check(peer != NULL);
	reed_write(peer, reed_slice(bytes, n));
}

static void say(struct reed_slice text)
{
	reed_write(peer, text);
	reed_write(peer, REED_STR("\r\n"));
}

static void expect(struct reed_slice text)
{
	const char *heard = hear(PATIENCE_MS);

	if (heard && reed_slice_is(text, heard))
		return;
	fprintf(stderr, "the client says: %s\nand not:         " REED_FMT "\n",
	        heard ? heard : "(nothing)", REED_ARG(text));
	check(!"as in the transcript");
}

void play(const char *transcript)
{
	struct reed_slice rest = reed_slice_of(transcript);

	while (rest.n > 0) {
		struct reed_slice one = reed_slice_cut(&rest, '\n');

		if (reed_slice_starts(one, REED_STR("> ")))
			expect(reed_slice_from(one, 2));
		else if (reed_slice_starts(one, REED_STR("< ")))
			say(reed_slice_from(one, 2));
		else
			check(!"a line of a transcript begins with > or <");
	}
	settle_down();
}

void peer_closes(void)
{
	hang_up();
	settle_down();
}

bool peer_is_over(void)
{
	while (hear(100))
		continue;
	return over;
}

void welcome(const char *caps, const char *isupport)
{
	char text[1024];

	play("> CAP LS 302\n> NICK joe\n> USER joe 0 * joe\n");
	if (caps) {
		snprintf(text, sizeof(text), "< :irc CAP * LS :%s\n", caps);
		play(text);
		check(strncmp(hear(1000), "CAP REQ :", 9) == 0 ||
		      strncmp(line, "CAP REQ ", 8) == 0);
		snprintf(text, sizeof(text), "< :irc CAP joe ACK :%.900s\n> CAP END\n",
		         line + (line[8] == ':' ? 9 : 8));
		play(text);
	} else {
		play("< :irc 421 * CAP :Unknown command\n");
	}
	snprintf(text, sizeof(text),
	         "< :irc 001 joe :Welcome joe!~joe@host.example\n"
	         "< :irc 005 joe NETWORK=Test %s :are supported by this server\n"
	         "< :irc 422 joe :MOTD File is missing\n",
	         isupport ? isupport : "CASEMAPPING=ascii");
	play(text);
}

void peer_shuts_down(void)
{
	reed_shutdown(peer);
	settle_down();
}

/* ---- the client's side ---- */

void settle_down(void)
{
	turns(12);
}

static void add(char *text, size_t room, struct reed_slice s)
{
	size_t n = strlen(text);

	if (s.n > 0)
		snprintf(text + n, room - n, " " REED_FMT, REED_ARG(s));
}

const char *event(void)
{
	static char text[70000];
	const struct reed_irc_event *e;

	if (reed_irc_events_try(&events))
		return "(none)";
	e = events.event;
	snprintf(text, sizeof(text), "%s", reed_irc_event_name(e->kind));
	add(text, sizeof(text), e->who.nick);
	add(text, sizeof(text), e->target);
	add(text, sizeof(text), e->subject);
	add(text, sizeof(text), e->text);
	return text;
}

bool event_comes(const char *text)
{
	for (;;) {
		const char *one = event();

		if (strcmp(one, text) == 0)
			return true;
		if (strcmp(one, "(none)") == 0)
			return false;
	}
}

bool ends_well(struct reed_future *f)
{
	struct owner o;
	int64_t until = reed_now(loop) + REED_MS(PATIENCE_MS);

	own(&o, f);
	while (!o.told && reed_now(loop) < until)
		turn(until);
	if (!o.told || o.err)
		fprintf(stderr, "it ends so: %s\n", o.told ? o.why : "not at all");
	disown(&o);
	return o.told && !o.err;
}
