/* What the control socket understands. */

#include "control.h"

#include <string.h>

#include "reed/err.h"

#define WORDS(X)                                                                                  \
	X("/healthz", "", "\"alive\", for monitors", CONTROL_HEALTHZ, 0)                          \
	X("/metrics", "", "all metrics as OpenMetrics text", CONTROL_METRICS, 0)                  \
	X("/readyz", "", "\"ready\", or what is not", CONTROL_READYZ, 0)                          \
	X("accounts", "WHAT...",                                                                  \
	  "list, add, remove, ...: those who may come in; \"accounts\" tells all",                \
	  CONTROL_ACCOUNTS, 4)                                                                    \
	X("blame", "[MOST]", "which tasks held the loop, and how long", CONTROL_BLAME, 1)         \
	X("conns", "[MOST]", "connections: who, from where, since when", CONTROL_CONNS, 1)        \
	X("hand-over", "", "give the next process what listens, and stop", CONTROL_HAND_OVER, 0)  \
	X("help", "", "this", CONTROL_HELP, 0)                                                    \
	X("level", "[LEVEL]", "the least that the log has; sets it", CONTROL_LEVEL, 1)            \
	X("log", "[LEVEL]", "what is logged from now on, of that level at least", CONTROL_LOG, 1) \
	X("reload", "", "read the settings anew", CONTROL_RELOAD, 0)                              \
	X("services", "", "services, their state and what they do", CONTROL_SERVICES, 0)          \
	X("stats", "", "metrics that are not zero", CONTROL_STATS, 0)                             \
	X("stop", "", "stop in good order", CONTROL_STOP, 0)                                      \
	X("tasks", "", "what every task waits for, and how long already", CONTROL_TASKS, 0)

#define X(name, args, help, what, most) { name, args, help, what, most },
const struct control_word reed_control_words[] = { WORDS(X){ NULL, NULL, NULL, CONTROL_HELP, 0 } };
#undef X

#define X(name, args, help, what, most) { name, args, help },
const struct reed_settings_verb reed_control_verbs[] = { WORDS(X){ NULL, NULL, NULL } };
#undef X

void reed_control_help_line(struct reed_buf *out, const char *name, const char *args,
                            const char *help)
{
	int rest = 17 - (int)strlen(name) - (*args ? 1 : 0);

	reed_buf_printf(out, "%s%s%-*s %s\n", name, *args ? " " : "", rest > 0 ? rest : 0, args,
	                help);
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

static struct reed_slice next_word(struct reed_slice *rest)
{
	while (rest->n > 0 && rest->p[0] == ' ')
		*rest = reed_slice_from(*rest, 1);
	return reed_slice_cut(rest, ' ');
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
	word = next_word(&rest);
	request->word = find(word);
	if (word.n == 0)
		return wrong(fault, reed_fault(REED_EINVAL, NULL,
		                               "an empty request; \"help\" lists what there is"));
	if (!request->word)
		return unknown(word, fault);
	while ((word = next_word(&rest)).n > 0) {
		if (request->count == request->word->most)
			return wrong(fault,
			             reed_fault(REED_EINVAL, NULL, "too many words: write %s%s%s",
			                        request->word->name,
			                        *request->word->args ? " " : "",
			                        request->word->args));
		request->args[request->count++] = word;
	}
	return REED_OK;
}
