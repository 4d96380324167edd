/* What the control socket understands. */

#include "control.h"

#include <string.h>

#include "reed/err.h"

#define WORDS(X)                                                                                   \
	X("/healthz", "", "\"alive\", for monitors", HEALTHZ, 0, 0)                                \
	X("/metrics", "", "all metrics as OpenMetrics text", METRICS, 0, 0)                        \
	X("/readyz", "", "\"ready\", or what is not", READYZ, 0, 0)                                \
	X("accounts", "WHAT...",                                                                   \
	  "list, add, remove, ...: those who may come in; \"accounts\" tells all", ACCOUNTS, 0, 4) \
	X("blame", "[--json] [MOST]", "which tasks held the loop, and how long", BLAME, 0, 2)      \
	X("conns", "[--json] [KEY=VALUE]... [MOST]",                                               \
	  "connections: who, from where, since when, how many bytes", CONNS, 0, 8)                 \
	X("drain", "", "let nobody in any more; stop when all have left", DRAIN, 0, 0)             \
	X("hand-over", "", "give the next process what listens, and stop", HAND_OVER, 0, 0)        \
	X("help", "", "this", HELP, 0, 0)                                                          \
	X("kill", "CONN", "end a connection, by its number", KILL, 1, 1)                           \
	X("level", "[LEVEL | MODULE=LEVEL]",                                                       \
	  "the least that the log has, or a part of it; sets it", LEVEL, 0, 1)                     \
	X("log", REED_CONTROL_TAIL, "the last records, and what is logged from now on", LOG, 0,    \
	  REED_CONTROL_ARGS)                                                                       \
	X("reload", "", "read the settings anew", RELOAD, 0, 0)                                    \
	X("services", "[--json]", "services, their state and what they do", SERVICES, 0, 1)        \
	X("stats", "[--json]", "metrics that are not zero", STATS, 0, 1)                           \
	X("stop", "", "stop in good order", STOP, 0, 0)                                            \
	X("tasks", "[--json]", "what every task waits for, and how long already", TASKS, 0, 1)     \
	X("top", "", "figures for \"reed top\", a line each, between tabs", TOP, 0, 0)

#define X(name, args, help, what, least, most) { name, args, help, CONTROL_##what, least, most },
const struct control_word reed_control_words[] = { WORDS(X){ NULL, NULL, NULL, CONTROL_HELP, 0,
	                                                     0 } };
#undef X

#define X(name, args, help, what, least, most) { name, args, help },
const struct reed_settings_verb reed_control_verbs[] = { WORDS(X){ NULL, NULL, NULL } };
#undef X

enum { COLUMN = 17 };

void reed_control_help_line(struct reed_buf *out, const char *name, const char *args,
                            const char *help)
{
	size_t n = strlen(name) + (*args != '\0') + strlen(args);

	reed_buf_printf(out, "%s%s%s", name, *args ? " " : "", args);
	if (n > COLUMN)
		reed_buf_printf(out, "\n%*s", COLUMN, "");
	else
		reed_buf_printf(out, "%*s", (int)(COLUMN - n), "");
	reed_buf_printf(out, " %s\n", help);
}

void reed_control_help(struct reed_buf *out)
{
	for (const struct control_word *w = reed_control_words; w->name; w++)
		reed_control_help_line(out, w->name, w->args, w->help);
}

static enum reed_err wrong(struct reed_fault **fault, struct reed_fault *why)
{
	*fault = why;
	return REED_EINVAL;
}

static const struct control_word *find(struct reed_slice name)
{
	for (const struct control_word *w = reed_control_words; w->name; w++)
		if (reed_slice_is(name, w->name))
			return w;
	return NULL;
}

static const char *nearest(struct reed_slice name)
{
	enum { FAR = 3 };
	const char *best = NULL;
	size_t least = FAR;

	for (const struct control_word *w = reed_control_words; w->name; w++) {
		size_t distance = reed_slice_distance(name, reed_slice_of(w->name), FAR);

		if (distance < least) {
			least = distance;
			best = w->name;
		}
	}
	return best;
}

static enum reed_err unknown(struct reed_slice name, struct reed_fault **fault)
{
	const char *meant = nearest(name);

	name = reed_slice_first(name, reed_slice_utf8_border(name, 32));
	if (meant)
		return wrong(fault,
		             reed_fault(REED_EINVAL, NULL,
		                        "\"" REED_FMT "\" is not understood; did you mean %s?",
		                        REED_ARG(name), meant));
	return wrong(fault, reed_fault(REED_EINVAL, NULL,
	                               "\"" REED_FMT "\" is not understood; \"help\" lists what is",
	                               REED_ARG(name)));
}

/* What is shown to others must not move their cursor. */
bool reed_control_is_printable(struct reed_slice line)
{
	for (size_t i = 0; i < line.n; i++)
		if ((unsigned char)line.p[i] < 0x20 || line.p[i] == 0x7f)
			return false;
	return reed_slice_is_utf8(line);
}

struct reed_slice reed_control_next_word(struct reed_slice *rest)
{
	while (rest->n > 0 && rest->p[0] == ' ')
		*rest = reed_slice_from(*rest, 1);
	if (rest->n == 0 || rest->p[0] != '"')
		return reed_slice_cut(rest, ' ');
	*rest = reed_slice_from(*rest, 1);
	return reed_slice_cut(rest, '"');
}

static enum reed_err wrong_count(struct control_request *request, const char *why,
                                 struct reed_fault **fault)
{
	const struct control_word *word = request->word;

	request->misused = true;
	return wrong(fault, reed_fault(REED_EINVAL, NULL, "too %s words: write %s%s%s", why,
	                               word->name, *word->args ? " " : "", word->args));
}

enum reed_err reed_control_parse(struct reed_slice line, struct control_request *request,
                                 struct reed_fault **fault)
{
	struct reed_slice rest = line, word;

	*request = (struct control_request){ 0 };
	if (line.n > REED_CONTROL_LINE)
		return wrong(fault, reed_fault(REED_EINVAL, NULL, "a request has at most %d bytes",
		                               REED_CONTROL_LINE));
	if (!reed_control_is_printable(line))
		return wrong(fault, reed_fault(REED_EINVAL, NULL,
		                               "a request is UTF-8 without control characters"));
	word = reed_control_next_word(&rest);
	request->word = find(word);
	if (word.n == 0)
		return wrong(fault, reed_fault(REED_EINVAL, NULL,
		                               "an empty request; \"help\" lists what there is"));
	request->misused = !request->word;
	if (request->misused)
		return unknown(word, fault);
	while ((word = reed_control_next_word(&rest)).n > 0) {
		if (request->count == request->word->most)
			return wrong_count(request, "many", fault);
		request->args[request->count++] = word;
	}
	return request->count < request->word->least ? wrong_count(request, "few", fault) : REED_OK;
}
