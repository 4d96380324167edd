/*
 * A line from anybody.  What was parsed and formatted is parsed as the same;
 * tags come back from their escapes; nothing crosses the ends of lines.
 */

#include "check.h"
#include "reed/irc/build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_message(const struct reed_irc_message *a, const struct reed_irc_message *b)
{
	check(reed_slice_eq(a->tags, b->tags));
	check(reed_slice_eq(a->source, b->source));
	check(reed_slice_eq(a->verb, b->verb));
	check_int(a->command, b->command);
	check_int(a->numeric, b->numeric);
	check_int(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		check(reed_slice_eq(a->params[i], b->params[i]));
}

/* The colon that a fifteenth parameter gets can be one byte too many. */
static void formatted_and_back(const struct reed_irc_message *m)
{
	char p[REED_IRC_BYTES_MAX];
	struct reed_irc_message again;
	struct reed_slice line;
	enum reed_err err = reed_irc_format(m, p, sizeof(p), &line);

	if (err == REED_ETOOBIG) {
		check(m->count == REED_IRC_PARAMS_MAX && !m->colon);
		return;
	}
	check_int(err, REED_OK);
	check_int(reed_irc_parse(line, NULL, &again), REED_OK);
	same_message(m, &again);
}

static void tags_and_back(struct reed_slice tags)
{
	struct reed_irc_tag tag, again;

	while (reed_irc_tag_next(&tags, &tag)) {
		char one[REED_IRC_BYTES_MAX], two[REED_IRC_BYTES_MAX], three[REED_IRC_BYTES_MAX];
		struct reed_slice value = reed_irc_tag_unescape(tag.value, one), rest;
		struct reed_irc_builder b;

		reed_irc_build(&b, two, sizeof(two));
		reed_irc_build_tag(&b, tag.key, value);
		if (b.err != REED_OK) {
			check_int(b.err, REED_ETOOBIG);
			continue;
		}
		rest = reed_slice(two + 1, b.n - 1);
		check(reed_irc_tag_next(&rest, &again));
		check(reed_slice_eq(tag.key, again.key));
		check(reed_slice_eq(value, reed_irc_tag_unescape(again.value, three)));
		check_int(rest.n, 0);
	}
}

/* What a server passes on has the same text, and no tag that was not for clients. */
static void relayed(const struct reed_irc_message *m)
{
	static const struct reed_slice source = { "n!u@h", 5 }, verb = { "PRIVMSG", 7 };
	char p[REED_IRC_LINE_MAX];
	struct reed_irc_envelope e;
	struct reed_irc_message got;
	struct reed_slice body, rest;
	struct reed_irc_tag tag;
	struct reed_blob *line;

	if (reed_irc_compose(p, source, verb, reed_irc_param(m, 0), reed_irc_text(m), &body))
		return;
	reed_irc_envelope_init(&e, body);
	reed_irc_envelope_client_tags(&e, m->tags, 1);
	line = reed_irc_envelope_line(&e, 1);
	if (line) {
		check_int(reed_irc_parse(reed_blob_slice(line), NULL, &got), REED_OK);
		check(reed_slice_starts(reed_irc_text(m), reed_irc_text(&got)));
		for (rest = got.tags; reed_irc_tag_next(&rest, &tag);)
			check(reed_irc_tag_is_for_clients(tag.key));
	}
	reed_irc_envelope_finish(&e);
}

static void source_has_its_parts(struct reed_slice source)
{
	struct reed_irc_source who = reed_irc_source(source);
	size_t n = who.nick.n + who.user.n + who.host.n;

	check(n <= source.n && source.n <= n + 2);
	check(reed_slice_starts(source, who.nick));
	check(reed_slice_ends(source, who.host));
}

static void time_and_back(struct reed_slice text)
{
	char p[REED_IRC_TIME_SIZE];
	int64_t ms, again;

	if (reed_irc_time_parse(text, &ms))
		return;
	if (ms >= INT64_C(253402300800000)) /* a leap second at the end of time */
		return;
	check_int(reed_irc_time_parse(reed_irc_time_format(ms, p), &again), REED_OK);
	check_int(again, ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice line = { (const char *)data, size };
	struct reed_irc_message m;
	struct reed_slice value;
	enum reed_err err = reed_irc_parse(line, NULL, &m);

	check_int(reed_irc_is_utf8(&m), reed_slice_is_utf8(m.line));
	time_and_back(line);
	if (err != REED_OK)
		return 0;
	if (m.command != REED_IRC_NOTHING)
		formatted_and_back(&m);
	tags_and_back(m.tags);
	relayed(&m);
	source_has_its_parts(m.source);
	if (reed_irc_tag(&m, REED_STR("time"), &value))
		time_and_back(value);
	return 0;
}
