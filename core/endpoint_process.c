/* The schemes exec and serial. */

#include <string.h>

#include "endpoint_private.h"
#include "private.h"
#include "process_private.h"
#include "reed/serial.h"

/* ---- exec ---- */

enum { WORDS = 64 };

struct words {
	char *text; /* all of them, with NULs between */
	char *word[WORDS + 1];
	size_t count;
};

/*
 * Blanks part words, but for those in quotes, single or double.  *at says where it
 * is wrong.
 */
static const char *split(struct words *w, struct reed_slice from, size_t *at)
{
	char *out = w->text = reed_alloc(from.n + 1);
	char quote = '\0';
	bool inside = false;

	for (size_t i = 0; i < from.n; i++) {
		char c = from.p[i];

		if (!quote && (c == ' ' || c == '\t')) {
			if (inside)
				*out++ = '\0';
			inside = false;
			continue;
		}
		if (!inside && w->count == WORDS)
			return "more than 64 words";
		if (!inside)
			w->word[w->count++] = out;
		inside = true;
		if (!quote && (c == '\'' || c == '"')) {
			quote = c;
			*at = i;
		} else if (c == quote) {
			quote = '\0';
		} else {
			*out++ = c;
		}
	}
	if (!quote)
		return w->count > 0 ? NULL : "a program must stand here";
	return "this quote is never closed";
}

struct exec {
	struct reed_co co;
	struct reed_future *spawning;
	struct reed_process *process;
	struct reed_stream *stream, **out;
};

static struct reed_future *exec_spawning(struct exec *self)
{
	struct reed_future *f = self->spawning;

	self->spawning = NULL;
	return f;
}

static void exec_run(struct reed_co *co)
{
	struct exec *self = reed_frame(co, struct exec);

	reed_coroutine (co) {
		reed_try(co, exec_spawning(self));
		self->stream = reed_process_dialogue(self->process);
		reed_process_give(self->process, self->stream);
		self->process = NULL;
	}
}

static void exec_deliver(struct reed_co *co)
{
	struct exec *self = reed_frame(co, struct exec);

	*self->out = self->stream;
	self->stream = NULL;
}

static void exec_end(struct reed_co *co)
{
	struct exec *self = reed_frame(co, struct exec);

	reed_drop(self->spawning);
	reed_abort(self->stream);
	reed_process_close(self->process);
}

static const struct reed_co_kind exec_kind = {
	.name = "exec",
	.size = sizeof(struct exec),
	.run = exec_run,
	.deliver = exec_deliver,
	.end = exec_end,
};

static struct reed_fault *exec_errors(const struct reed_endpoint *e,
                                      struct reed_process_options *options)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "stderr");

	if (!part || reed_slice_is(part->value, "inherit"))
		options->err.is = REED_CHILD_INHERITS;
	else if (reed_slice_is(part->value, "output"))
		options->err = (struct reed_child_fd){ .is = REED_CHILD_SAME, .of = 1 };
	else if (!reed_slice_is(part->value, "null"))
		return reed_endpoint_fault(e, part, "inherit, output or null must stand here");
	return NULL;
}

static struct reed_future *exec_start(struct reed_loop *loop, const struct reed_endpoint *e,
                                      const struct words *words, struct reed_stream **out)
{
	const struct reed_endpoint_part *directory = reed_endpoint_key(e, "directory");
	char *folder = directory ? reed_slice_dup(directory->value) : NULL;
	struct reed_process_options options = REED_PROCESS_OPTIONS;
	struct reed_fault *fault = exec_errors(e, &options);
	struct exec *self;

	if (fault) {
		reed_free(folder);
		return reed_failed_with(loop, fault);
	}
	options.argv = (const char *const *)words->word;
	options.in.is = REED_CHILD_READS;
	options.out.is = REED_CHILD_WRITES;
	options.directory = folder;
	self = reed_co_new(loop, &exec_kind);
	self->out = out;
	self->spawning = reed_spawn(loop, &options, &self->process);
	reed_free(folder);
	return reed_start(&self->co);
}

static struct reed_future *exec_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                     struct reed_stream **out)
{
	struct reed_endpoint_part part = *reed_endpoint_arg(e, 0);
	struct words words = { .count = 0 };
	struct reed_future *f;
	size_t at = 0;
	const char *wrong = split(&words, part.value, &at);

	part.column += (unsigned)at;
	f = wrong ? reed_failed_with(loop, reed_endpoint_fault(e, &part, "%s", wrong))
	          : exec_start(loop, e, &words, out);
	reed_free(words.text);
	return f;
}

static enum reed_err exec_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                                struct reed_fault **fault)
{
	struct reed_endpoint_part part = *reed_endpoint_arg(e, 0);
	struct reed_process_options options = REED_PROCESS_OPTIONS;
	struct words words = { .count = 0 };
	size_t at = 0;
	const char *wrong = split(&words, part.value, &at);

	(void)use;
	part.column += (unsigned)at;
	*fault = wrong ? reed_endpoint_fault(e, &part, "%s", wrong) : exec_errors(e, &options);
	reed_free(words.text);
	return *fault ? (*fault)->err : REED_OK;
}

static const struct reed_scheme_key exec_keys[] = {
	{ "directory", "to start the program in" },
	{ "stderr", "what it says there: inherit (ours, the default), output, null" },
	{ NULL, NULL },
};

const struct reed_scheme reed_exec_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "exec",
	.dial_usage = "exec:PROGRAM ARGUMENTS[:directory=PATH][:stderr=WHERE]",
	.help = "Standard input and output of a program; quotes hold words with blanks.",
	.dial_args = { 1, 1 },
	.keys = exec_keys,
	.dial = exec_dial,
	.check = exec_check,
};

/* ---- serial ---- */

static enum reed_err one_of(const struct reed_endpoint *e, const char *key,
                            const char *const *words, unsigned *which, struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);
	struct reed_buf all = { .limit = 0 };
	char *text;

	if (!part)
		return REED_OK;
	for (unsigned i = 0; words[i]; i++) {
		if (!reed_slice_is(part->value, words[i]))
			continue;
		*which = i;
		return REED_OK;
	}
	for (unsigned i = 0; words[i]; i++)
		reed_buf_printf(&all, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
	text = reed_buf_take(&all);
	*fault = reed_endpoint_fault(e, part, "%s must stand here", text);
	reed_free(text);
	return REED_ESYNTAX;
}

static enum reed_err serial_options(const struct reed_endpoint *e, struct reed_serial_options *o,
                                    struct reed_fault **fault)
{
	static const char *const parities[] = { "none", "odd", "even", "mark", "space", NULL };
	static const char *const flows[] = { "none", "rtscts", "xonxoff", NULL };
	static const char *const bits[] = { "5", "6", "7", "8", NULL };
	static const char *const stops[] = { "1", "2", NULL };
	unsigned parity = 0, flow = 0, bit = 3, stop = 0;
	int baud = 9600;

	if (reed_endpoint_number(e, "baud", 100000000, 10, &baud, fault) ||
	    one_of(e, "parity", parities, &parity, fault) ||
	    one_of(e, "flow", flows, &flow, fault) || one_of(e, "bits", bits, &bit, fault) ||
	    one_of(e, "stop", stops, &stop, fault))
		return REED_ESYNTAX;
	o->baud = (uint32_t)baud;
	o->parity = (enum reed_serial_parity)parity;
	o->rts_cts = flow == 1;
	o->xon_xoff = flow == 2;
	o->data_bits = bit + 5;
	o->stop_bits = stop + 1;
	return REED_OK;
}

static struct reed_future *serial_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                       struct reed_stream **out)
{
	struct reed_serial_options options = REED_SERIAL_OPTIONS;
	struct reed_fault *fault = NULL;
	struct reed_future *f;
	char *path;

	if (serial_options(e, &options, &fault))
		return reed_failed_with(loop, fault);
	path = reed_slice_dup(reed_endpoint_arg(e, 0)->value);
	f = reed_serial_open(loop, path, &options, out);
	reed_free(path);
	return f;
}

static enum reed_err serial_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                                  struct reed_fault **fault)
{
	struct reed_serial_options options = REED_SERIAL_OPTIONS;

	(void)use;
	return serial_options(e, &options, fault);
}

static const struct reed_scheme_key serial_keys[] = {
	{ "baud", "bits a second; 9600" },
	{ "bits", "5 to 8 of data; 8" },
	{ "parity", "none, odd, even, mark or space; none" },
	{ "stop", "1 or 2 stop bits; 1" },
	{ "flow", "control of the flow: none, rtscts or xonxoff; none" },
	{ NULL, NULL },
};

const struct reed_scheme reed_serial_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "serial",
	.dial_usage = "serial:PATH[:baud=NUMBER]",
	.help = "A serial port, such as serial:/dev/ttyUSB0:baud=4800.",
	.dial_args = { 1, 1 },
	.keys = serial_keys,
	.dial = serial_dial,
	.check = serial_check,
};
