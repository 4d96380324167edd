/*
 * Serial ports: streams over terminal lines, with their speed, parity, flow and
 * modem lines.
 *
 *	struct reed_serial_options options = REED_SERIAL_OPTIONS;
 *
 *	options.baud = 4800;
 *	reed_try(co, reed_serial_open(co->loop, "/dev/ttyUSB0", &options, &self->gps));
 *
 * The bytes are taken as they are: nothing is echoed, edited or translated, and
 * neither ^C nor a break is a signal.  A port is locked against other programs
 * while it is open, and when it is closed what was written leaves first, within
 * five seconds, and its settings become what they were before.
 *
 * A device that is gone (unplugged) breaks the stream with REED_EIO, and
 * reed_stream_why() says so.  A serial line has no end, so there is no REED_EEOF,
 * and reed_shutdown() does nothing.
 *
 * All but reed_serial_open() is for streams made by it: REED_EINVAL for others,
 * REED_ENOTSUP for what a port cannot do (a pseudo terminal has no modem lines),
 * REED_EIO when it is gone.  Under simulation there are no ports: REED_ENOTSUP.
 */

#ifndef REED_SERIAL_H
#define REED_SERIAL_H

#include "reed/stream.h"

REED_BEGIN_DECLS

enum reed_serial_parity {
	REED_PARITY_NONE,
	REED_PARITY_ODD,
	REED_PARITY_EVEN,
	REED_PARITY_MARK,  /* Linux */
	REED_PARITY_SPACE, /* Linux */
};

struct reed_serial_options {
	size_t size;        /* of this struct */
	uint32_t baud;      /* bits a second; any on Linux, elsewhere those of termios */
	unsigned data_bits; /* 5 to 8 */
	unsigned stop_bits; /* 1 or 2 */
	enum reed_serial_parity parity;
	bool rts_cts;       /* flow control by modem lines */
	bool xon_xoff;      /* by ^Q and ^S in the data */
	bool watch_carrier; /* without DCD the port is gone; else DCD means nothing */
	bool hang_up;       /* DTR falls when it is closed */
	bool low_latency;   /* as far as the driver can */
	bool shared;        /* with other programs: no lock */
};

/* 9600 8N1, no flow control */
#define REED_SERIAL_OPTIONS                                                               \
	{                                                                                 \
		.size = sizeof(struct reed_serial_options), .baud = 9600, .data_bits = 8, \
		.stop_bits = 1                                                            \
	}

/*
 * The stream is the caller's when the future has been delivered.  REED_ENOENT,
 * REED_EACCES; REED_EBUSY: another program has it; REED_ENOTSUP: not a terminal, or
 * a setting that it did not take, which the fault names; REED_EINVAL: a setting
 * that makes no sense.
 */
REED_API struct reed_future *reed_serial_open(struct reed_loop *loop, const char *path,
                                              const struct reed_serial_options *options,
                                              struct reed_stream **stream);

/* New settings for what comes and goes from now on; lock and hang_up stay.  fault may be NULL. */
REED_API enum reed_err reed_serial_configure(struct reed_stream *s,
                                             const struct reed_serial_options *options,
                                             struct reed_fault **fault);

/* The line is held low for ms; what was written leaves before.  An interrupt or drop ends it. */
REED_API struct reed_future *reed_serial_break(struct reed_stream *s, int64_t ms);

/* Forgets what has come and was not read, and what was written and has not left. */
REED_API enum reed_err reed_serial_discard(struct reed_stream *s);

enum reed_serial_line {
	REED_SERIAL_DTR = 1,
	REED_SERIAL_RTS = 2,
	REED_SERIAL_CTS = 4,
	REED_SERIAL_DSR = 8,
	REED_SERIAL_DCD = 16,
	REED_SERIAL_RI = 32,
};

/* Which are up, as a set of enum reed_serial_line. */
REED_API enum reed_err reed_serial_lines(struct reed_stream *s, unsigned *lines);

/* Of DTR and RTS: those in up rise, those in down fall. */
REED_API enum reed_err reed_serial_set_lines(struct reed_stream *s, unsigned up, unsigned down);

/*
 * Settles when the lines of the set `which` are not as in seen; *lines is what
 * they are then.  The system tells nobody, so they are looked at every 20 ms;
 * shorter pulses are missed.  The stream must outlive it.
 */
REED_API struct reed_future *reed_serial_lines_change(struct reed_stream *s, unsigned which,
                                                      unsigned seen, unsigned *lines);

REED_END_DECLS

#endif
