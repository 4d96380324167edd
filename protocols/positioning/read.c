/* Lines of a stream, told as they come: sentences of a receiver, or objects of gpsd. */

#include "private.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/positioning/gpsd.h"
#include "reed/positioning/nmea.h"

#define QUIET REED_MS(200)

struct read {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_positioning *positioning;
	struct reed_positioning_options options;
	struct reed_slice line;
	struct reed_position_report report;
	char *refused;        /* by gpsd; owned */
	int64_t began, clock; /* of a replay: our time, and that of its last report */
	int64_t replayed;
	bool has_clock, at_end;
};

static const struct reed_stream_limits limits = { .size = sizeof(struct reed_stream_limits),
	                                          .input = REED_POSITIONING_LINE,
	                                          .output = REED_POSITIONING_LINE,
	                                          .high = 4096,
	                                          .low = 1024,
	                                          .linger_ms = 1000 };

static struct reed_future *next_line(struct read *self)
{
	struct reed_future *f = reed_read_line(self->stream, &self->line);

	return self->positioning->collecting ? reed_within(self->options.quiet / REED_MS(1), f) : f;
}

/* ---- what a line is ---- */

static void reject(struct read *self, const char *why)
{
	struct reed_positioning *p = self->positioning;

	p->rejected++;
	if (p->ops->rejected)
		p->ops->rejected(p, self->line, why);
}

static void reject_field(struct read *self, const struct reed_nmea *s, unsigned field)
{
	char why[80];

	snprintf(why, sizeof(why), "field %u of " REED_FMT " is not as it should be", field,
	         REED_ARG(s->type));
	reject(self, why);
}

/* True when the report tells something. */
static bool read_sentence(struct read *self)
{
	struct reed_nmea s;
	unsigned field = 0;
	enum reed_err err = reed_nmea_parse(self->line, &s);

	if (err == REED_EPROTO)
		reject(self, "its checksum is another, so it was damaged on the way");
	else if (err)
		reject(self, "this is no sentence of NMEA 0183");
	else if (!s.checked && self->options.strict)
		reject(self, "it has no checksum");
	else
		err = reed_nmea_report(&s, &self->report, &field);
	if (field)
		reject_field(self, &s, field);
	self->positioning->unknown += err == REED_ENOTSUP;
	return !err && (s.checked || !self->options.strict);
}

static bool read_object(struct read *self)
{
	enum reed_gpsd_class what;

	if (reed_gpsd_read(self->line, &what, &self->report, &self->refused)) {
		reject(self, "this is nothing that gpsd says");
		return false;
	}
	if (what == REED_GPSD_VERSION && !self->options.listens)
		reed_write_str(self->stream, REED_GPSD_WATCH);
	if (what == REED_GPSD_TPV || what == REED_GPSD_SKY)
		return true;
	self->positioning->unknown++;
	return false;
}

static bool read_line(struct read *self)
{
	self->line = reed_slice_trim(self->line);
	if (self->line.n == 0)
		return false;
	return self->line.p[0] == '{' ? read_object(self) : read_sentence(self);
}

/* ---- as fast as it was recorded ---- */

/* How long to wait before the report, in ms. */
static int64_t early(struct read *self)
{
	int64_t by = self->report.clock - self->clock;

	if (self->options.pace <= 0 || !(self->report.told & REED_TOLD_CLOCK))
		return 0;
	if (!self->has_clock)
		self->began = reed_now(self->co.loop);
	else
		self->replayed += by < 0 ? by + NS_PER_DAY : by;
	self->has_clock = true;
	self->clock = self->report.clock;
	return (self->began + (int64_t)((double)self->replayed / self->options.pace) -
	        reed_now(self->co.loop)) /
	       REED_MS(1);
}

static void tell(struct read *self)
{
	self->positioning->reports++;
	reed_positioning_tell(self->positioning, &self->report);
}

/* What stands behind the last end of a line is one too. */
static bool has_rest(struct read *self)
{
	if (self->co.err != REED_EEOF || reed_peek(self->stream).n == 0)
		return false;
	self->line = reed_peek(self->stream);
	self->at_end = true;
	return true;
}

static enum reed_err end_of(struct read *self)
{
	reed_positioning_settle(self->positioning);
	if (self->co.err == REED_ETOOBIG)
		return reed_because(
			&self->co, REED_ETOOBIG,
			"no end of a line in %d bytes: is that a receiver, at its speed?",
			REED_POSITIONING_LINE);
	return self->co.err == REED_EEOF ? REED_OK : self->co.err;
}

static void read_run(struct reed_co *co)
{
	struct read *self = reed_frame(co, struct read);

	reed_coroutine (co) {
		while (!self->at_end) {
			if (!reed_take_line(self->stream, &self->line)) {
				reed_await(co, next_line(self));
				if (co->err == REED_ETIMEDOUT && self->positioning->collecting) {
					reed_positioning_settle(self->positioning);
					continue;
				}
				if (co->err && !has_rest(self))
					reed_return(co, end_of(self));
			}
			if (!read_line(self)) {
				if (self->refused)
					reed_return(co,
					            reed_because(co, REED_EPROTO, "gpsd says: %s",
					                         self->refused));
				continue;
			}
			while (early(self) > 0)
				reed_try(co, reed_sleep(co->loop, early(self)));
			tell(self);
		}
		reed_positioning_settle(self->positioning);
	}
}

static void read_end(struct reed_co *co)
{
	struct read *self = reed_frame(co, struct read);

	reed_close(self->stream);
	reed_free(self->refused);
}

static const struct reed_co_kind read_kind = { .name = "positioning",
	                                       .size = sizeof(struct read),
	                                       .run = read_run,
	                                       .end = read_end };

struct reed_future *reed_positioning_read(struct reed_stream *stream,
                                          struct reed_positioning *positioning,
                                          const struct reed_positioning_options *options)
{
	struct read *self = reed_co_new(stream->loop, &read_kind);
	size_t size = sizeof(self->options);

	if (options)
		memcpy(&self->options, options, options->size < size ? options->size : size);
	if (self->options.quiet <= 0)
		self->options.quiet = QUIET;
	self->stream = stream;
	stream->limits = &limits;
	self->positioning = positioning;
	return reed_start(&self->co);
}
