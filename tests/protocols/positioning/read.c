/* A receiver and a gpsd at the other end of a simulated network. */

#include "notes.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/positioning/gpsd.h"
#include "reed/sim.h"

/* ---- a script: what is said, and after which time ---- */

struct line {
	int64_t after_ms;
	const char *text;
};

struct talk {
	struct reed_co co;
	struct reed_listener *listener;
	struct reed_stream *stream;
	const struct line *lines;
	bool awaits_watch;
	struct reed_slice line;
};

static void talk_run(struct reed_co *co)
{
	struct talk *self = reed_frame(co, struct talk);

	reed_coroutine (co) {
		reed_try(co, reed_accept(self->listener, &self->stream));
		if (self->awaits_watch) {
			reed_write_str(self->stream,
			               "{\"class\":\"VERSION\",\"release\":\"3.22\"}\r\n");
			reed_await(co, reed_read_line(self->stream, &self->line));
			if (co->err) /* who listened has gone */
				reed_return(co, REED_OK);
			check_slice(self->line, "?WATCH={\"enable\":true,\"json\":true};");
		}
		for (; self->lines->text; self->lines++) {
			reed_try(co, reed_sleep(co->loop, self->lines->after_ms));
			reed_write_str(self->stream, self->lines->text);
		}
	}
}

static void talk_end(struct reed_co *co)
{
	struct talk *self = reed_frame(co, struct talk);

	reed_close(self->stream);
	reed_listener_close(self->listener);
}

static const struct reed_co_kind talk_kind = { .name = "receiver",
	                                       .size = sizeof(struct talk),
	                                       .run = talk_run,
	                                       .end = talk_end };

static void say(struct reed_sim *sim, const struct line *lines, bool is_gpsd)
{
	struct reed_loop *loop = reed_sim_host(sim, "boat");
	struct talk *self = reed_co_new(loop, &talk_kind);

	self->lines = lines;
	self->awaits_watch = is_gpsd;
	check_int(reed_sim_listen(loop, 2947, &self->listener), REED_OK);
	reed_sim_add(sim, reed_start(&self->co));
}

/* ---- who listens ---- */

struct hear {
	struct reed_co co;
	struct notes notes;
	struct reed_stream *stream;
	struct reed_positioning_options options;
	struct reed_buf *text;
};

static void hear_run(struct reed_co *co)
{
	struct hear *self = reed_frame(co, struct hear);
	struct reed_stream *stream;

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, "tcp:boat:2947", &self->stream));
		stream = self->stream;
		self->stream = NULL;
		reed_try(co,
		         reed_positioning_read(stream, &self->notes.positioning, &self->options));
	}
}

static void hear_end(struct reed_co *co)
{
	struct hear *self = reed_frame(co, struct hear);

	if (self->text)
		reed_buf_add(self->text, reed_buf_slice(&self->notes.text));
	notes_finish(&self->notes);
	reed_close(self->stream);
}

static const struct reed_co_kind hear_kind = { .name = "listener",
	                                       .size = sizeof(struct hear),
	                                       .run = hear_run,
	                                       .end = hear_end };

static struct hear *listen_to(struct reed_sim *sim)
{
	struct hear *self = reed_co_new(reed_sim_host(sim, "shore"), &hear_kind);

	notes_init(&self->notes);
	self->options = (struct reed_positioning_options)REED_POSITIONING_OPTIONS;
	return self;
}

static struct reed_fault *fault;

/* All that is told, and how it ends. */
static enum reed_err hear_all(const struct line *lines, bool is_gpsd,
                              const struct reed_positioning_options *options, const char *wanted)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_buf text = { .limit = 0 };
	struct hear *self;
	enum reed_err err;

	say(sim, lines, is_gpsd);
	self = listen_to(sim);
	if (options)
		self->options = *options;
	self->text = &text;
	reed_fault_free(fault);
	fault = NULL;
	err = reed_sim_run_until(sim, reed_start(&self->co), &fault);
	reed_buf_add_char(&text, '\0');
	check_str(reed_buf_slice(&text).p, wanted);
	reed_buf_finish(&text);
	reed_sim_free(sim);
	return err;
}

#define ONE "$GPGLL,4807.038,N,01131.000,E,123519,A*25\r\n"
#define TWO "$GPGLL,4807.100,N,01131.000,E,123520,A*25\r\n"

static void a_moment_is_over_when_nothing_more_comes(void)
{
	static const struct line lines[] = { { 0, ONE },
		                             { 100, "$HEHDT,80.0,T*17\r\n" },
		                             { 900, TWO },
		                             { 0, NULL } };

	check_int(hear_all(lines, false, NULL,
	                   "position 48.1173 11.5167\nheading 80.0\nfix plain 48.1173\n"
	                   "position 48.1183 11.5167\nfix plain 48.1183\n"),
	          REED_OK);
}

static void lines_come_in_any_pieces(void)
{
	static const struct line lines[] = { { 0, "47*33\r\n$GPGLL,4807.0" },
		                             { 300, "38,N,01131.000,E,123519,A*25" },
		                             { 300, "\n\r\n\n" },
		                             { 0, NULL } };

	check_int(hear_all(lines, false, NULL,
	                   "rejected 47*33: this is no sentence of NMEA 0183\n"
	                   "position 48.1173 11.5167\nfix plain 48.1173\n"),
	          REED_OK);
}

static void the_last_line_needs_no_end(void)
{
	static const struct line lines[] = { { 0, "$GPGLL,4807.038,N,01131.000,E,123519,A*25" },
		                             { 0, NULL } };

	check_int(hear_all(lines, false, NULL, "position 48.1173 11.5167\nfix plain 48.1173\n"),
	          REED_OK);
}

static void damage_is_told_and_left_out(void)
{
	static const struct line lines[] = { { 0, "$GPGLL,4807.038,N,01131.000,E,123518,A*2B\n" },
		                             { 0, "$GPGLL,4907.038,N,01131.000,E,123519,A\n" },
		                             { 0, "$GPGLL,4967.038,N,01131.000,E,123519,A\n" },
		                             { 0, "$PUBX,00,1\n" },
		                             { 0, "{\"class\":\n" },
		                             { 0, NULL } };
	struct reed_positioning_options strict = REED_POSITIONING_OPTIONS;

	check_int(hear_all(lines, false, NULL,
	                   "rejected $GPGLL: its checksum is another, so it was damaged on the "
	                   "way\nposition 49.1173 11.5167\n"
	                   "rejected $GPGLL: field 2 of GLL is not as it should be\n"
	                   "rejected {\"clas: this is nothing that gpsd says\n"
	                   "fix plain 49.1173\n"),
	          REED_OK);
	strict.strict = true;
	check_int(hear_all(lines, false, &strict,
	                   "rejected $GPGLL: its checksum is another, so it was damaged on the "
	                   "way\nrejected $GPGLL: it has no checksum\n"
	                   "rejected $GPGLL: it has no checksum\n"
	                   "rejected $PUBX,: it has no checksum\n"
	                   "rejected {\"clas: this is nothing that gpsd says\n"),
	          REED_OK);
}

static void rubbish_without_an_end_has_one(void)
{
	static char rubbish[REED_POSITIONING_LINE + 2];
	const struct line lines[] = { { 0, rubbish }, { 0, NULL } };

	memset(rubbish, 0xfe, sizeof(rubbish) - 1);
	check_int(hear_all(lines, false, NULL, ""), REED_ETOOBIG);
	check(strstr(fault->sentence, "is that a receiver, at its speed?"));
}

static void gpsd_is_asked_to_watch(void)
{
	static const struct line lines[] = {
		{ 0, "{\"class\":\"DEVICES\",\"devices\":[]}\r\n" },
		{ 10,
		  "{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-22T10:36:01Z\",\"lat\":46.5,"
		  "\"lon\":7.25,\"altMSL\":5,\"climb\":-1.5}\r\n" },
		{ 0,
		  "{\"class\":\"SKY\",\"satellites\":[{\"gnssid\":2,\"svid\":7,\"used\":true}]}\r\n" },
		{ 0, NULL }
	};

	check_int(hear_all(lines, true, NULL,
	                   "time 2026-11-22 10:36:01\nposition 46.5000 7.2500\naltitude 5.0\n"
	                   "climb -1.5\nsatellites Galileo-7*\nfix plain at 38161 46.5000 1/1\n"),
	          REED_OK);
}

static void what_gpsd_refuses_is_told(void)
{
	static const struct line lines[] = {
		{ 0, "{\"class\":\"ERROR\",\"message\":\"no more subscribers\"}\n" },
		{ 0, NULL }
	};

	check_int(hear_all(lines, true, NULL, ""), REED_EPROTO);
	check_str(fault->sentence, "gpsd says: no more subscribers");
}

static void a_replay_takes_as_long_as_the_journey(void)
{
	static const struct line lines[] = { { 0, ONE TWO ONE }, { 0, NULL } };
	struct reed_positioning_options slow = REED_POSITIONING_OPTIONS;
	struct reed_sim *sim = reed_sim_new(NULL);
	struct hear *self;
	int64_t began;

	say(sim, lines, false);
	self = listen_to(sim);
	slow.pace = 2;
	self->options = slow;
	began = reed_sim_now(sim);
	check_int(reed_sim_run_until(sim, reed_start(&self->co), NULL), REED_OK);
	/* half a second for the next one, and half a day for that of the day after */
	check((reed_sim_now(sim) - began) / REED_S(1) == 43200);
	reed_sim_free(sim);
}

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	static const struct line lines[] = { { 0, ONE },
		                             { 500, "rubbish\r\n" },
		                             { 1, TWO },
		                             { 0, NULL } };
	struct hear *self = listen_to(sim);

	(void)arg;
	say(sim, lines, true);
	self->options.pace = 10;
	return reed_start(&self->co);
}

static void whoever_stops_listening_leaves_nothing(void)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;
	struct reed_sim_options world = REED_SIM_OPTIONS;
	uint64_t points = 0;

	world.lenient = true;
	options.sim = &world;
	options.points = &points;
	check_int(reed_sim_each_suspension(scenario, NULL, NULL, &options), REED_OK);
	check(points > 10);
}

int main(void)
{
	RUN(a_moment_is_over_when_nothing_more_comes);
	RUN(lines_come_in_any_pieces);
	RUN(the_last_line_needs_no_end);
	RUN(damage_is_told_and_left_out);
	RUN(rubbish_without_an_end_has_one);
	RUN(gpsd_is_asked_to_watch);
	RUN(what_gpsd_refuses_is_told);
	RUN(a_replay_takes_as_long_as_the_journey);
	RUN(whoever_stops_listening_leaves_nothing);
	reed_fault_free(fault);
	return 0;
}
