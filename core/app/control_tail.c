/* The log for an operator who looks on: which records he wants. */

#include "control.h"

#include "daemon_private.h"

static enum reed_err refuse(struct reed_slice word, struct reed_fault **fault)
{
	*fault = reed_fault(REED_EINVAL, NULL, "\"" REED_FMT "\" is not understood: write log %s",
	                    REED_ARG(word), REED_CONTROL_TAIL);
	return REED_EINVAL;
}

static enum reed_err take_level(struct reed_slice word, struct control_tail *tail,
                                struct reed_fault **fault)
{
	if (!reed_log_level_parse(word, &tail->filter.level))
		return REED_OK;
	*fault = reed_control_no_level(word);
	return REED_EINVAL;
}

static enum reed_err take_last(struct reed_slice word, struct control_tail *tail,
                               struct reed_fault **fault)
{
	uint64_t n;

	if (reed_slice_u64(word, SIZE_MAX, &n)) {
		*fault = reed_fault(REED_EINVAL, NULL,
		                    "\"" REED_FMT "\" is no number of records; write --last 20",
		                    REED_ARG(word));
		return REED_EINVAL;
	}
	tail->last = (size_t)n;
	return REED_OK;
}

static enum reed_err take_since(struct reed_slice word, int64_t now, struct control_tail *tail,
                                struct reed_fault **fault)
{
	if (!reed_log_when(word, now, &tail->filter.since))
		return REED_OK;
	*fault = reed_log_no_time(word);
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

/* What begins with a hyphen, and what else there is; *i is moved on over a value. */
static enum reed_err take_word(const struct control_request *r, unsigned *i, int64_t now,
                               struct control_tail *tail, struct reed_fault **fault)
{
	struct reed_slice word = r->args[*i], value;

	if (reed_slice_is(word, "--json"))
		tail->json = true;
	else if (reed_slice_is(word, "--no-follow"))
		tail->ends = true;
	else if (value_of(r, i, "--level", &value))
		return take_level(value, tail, fault);
	else if (value_of(r, i, "--last", &value) || value_of(r, i, "-n", &value))
		return take_last(value, tail, fault);
	else if (value_of(r, i, "--since", &value))
		return take_since(value, now, tail, fault);
	else if (value_of(r, i, "--match", &value))
		tail->filter.match = value;
	else if (value_of(r, i, "--module", &value))
		tail->filter.module = value;
	else if (reed_slice_starts(word, REED_STR("-")))
		return refuse(word, fault);
	else if (*i > 0 || !reed_slice_is(word, "follow"))
		return take_level(word, tail, fault);
	return REED_OK;
}

enum reed_err reed_control_tail(const struct control_request *r, int64_t now,
                                struct control_tail *tail, struct reed_fault **fault)
{
	enum reed_err err = REED_OK;

	*tail = (struct control_tail){ .filter.level = REED_LOG_INFO, .last = REED_CONTROL_LAST };
	for (unsigned i = 0; i < r->count && !err; i++)
		err = take_word(r, &i, now, tail, fault);
	return err;
}
