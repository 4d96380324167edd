/* The log for an operator who looks on: which records he wants. */

#include "control.h"

#include "daemon_private.h"

static enum reed_err refuse(struct reed_slice word, struct reed_fault **fault)
{
	*fault = reed_fault(REED_EINVAL, NULL,
	                    "\"" REED_FMT "\" is not understood: write log follow [--level LEVEL] "
	                    "[--match TEXT] [--json]",
	                    REED_ARG(word));
	return REED_EINVAL;
}

static enum reed_err take_level(struct reed_slice word, struct control_tail *tail,
                                struct reed_fault **fault)
{
	if (!reed_log_level_parse(word, &tail->level))
		return REED_OK;
	*fault = reed_control_no_level(word);
	return REED_EINVAL;
}

/* "--level=warn" and "--level" "warn" are the same; false: it is another flag. */
static bool value_of(const struct control_request *r, unsigned *i, const char *flag,
                     struct reed_slice *value)
{
	struct reed_slice rest = r->args[*i], name = reed_slice_cut(&rest, '=');

	if (!reed_slice_is(name, flag))
		return false;
	if (name.n < r->args[*i].n)
		*value = rest;
	else if (*i + 1 < r->count)
		*value = r->args[++*i];
	else
		return false;
	return true;
}

enum reed_err reed_control_tail(const struct control_request *r, struct control_tail *tail,
                                struct reed_fault **fault)
{
	struct reed_slice value;

	*tail = (struct control_tail){ .level = REED_LOG_INFO };
	for (unsigned i = 0; i < r->count; i++) {
		enum reed_err err = REED_OK;

		if (reed_slice_is(r->args[i], "--json"))
			tail->json = true;
		else if (value_of(r, &i, "--level", &value))
			err = take_level(value, tail, fault);
		else if (value_of(r, &i, "--match", &value))
			tail->match = value;
		else if (reed_slice_starts(r->args[i], REED_STR("--")))
			err = refuse(r->args[i], fault);
		else if (i > 0 || !reed_slice_is(r->args[i], "follow"))
			err = take_level(r->args[i], tail, fault);
		if (err)
			return err;
	}
	return REED_OK;
}

static char folded(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins(const char *p, struct reed_slice match)
{
	for (size_t i = 0; i < match.n; i++)
		if (folded(p[i]) != folded(match.p[i]))
			return false;
	return true;
}

bool reed_control_tail_wants(const struct control_tail *tail, struct reed_slice line)
{
	for (size_t i = 0; i + tail->match.n <= line.n; i++)
		if (begins(line.p + i, tail->match))
			return true;
	return false;
}
