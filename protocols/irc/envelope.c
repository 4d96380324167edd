/* One message, many recipients: a line for each set of tags that somebody takes. */

#include "reed/irc/build.h"

#include "bytes.h"

void reed_irc_envelope_init(struct reed_irc_envelope *e, struct reed_slice body)
{
	e->body = body;
	e->bits = e->client.bits = 0;
	e->n_tags = e->n_lines = e->next = 0;
	e->err = REED_OK;
}

static void forget_lines(struct reed_irc_envelope *e)
{
	for (unsigned i = 0; i < e->n_lines; i++)
		reed_blob_release(e->lines[i].line);
	e->n_lines = 0;
}

void reed_irc_envelope_finish(struct reed_irc_envelope *e)
{
	forget_lines(e);
}

void reed_irc_envelope_tag(struct reed_irc_envelope *e, struct reed_slice key,
                           struct reed_slice value, uint64_t bits)
{
	forget_lines(e);
	if (e->n_tags == REED_IRC_ENVELOPE_TAGS) {
		e->err = REED_ETOOBIG;
		return;
	}
	e->tags[e->n_tags].key = key;
	e->tags[e->n_tags].value = value;
	e->tags[e->n_tags].bits = bits;
	e->n_tags++;
	e->bits |= bits;
}

static bool has_client_tags(struct reed_slice tags)
{
	struct reed_irc_tag tag;

	while (reed_irc_tag_next(&tags, &tag))
		if (reed_irc_tag_is_for_clients(tag.key))
			return true;
	return false;
}

void reed_irc_envelope_client_tags(struct reed_irc_envelope *e, struct reed_slice tags,
                                   uint64_t bits)
{
	forget_lines(e);
	e->client.bits = 0;
	if (has_client_tags(tags)) {
		e->client.tags = tags;
		e->client.bits = bits;
		e->bits |= bits;
	}
}

/* From the key to the end of the value, as the client wrote it. */
static struct reed_slice whole_tag(const struct reed_irc_tag *tag)
{
	return reed_slice(tag->key.p, (size_t)(tag->value.p + tag->value.n - tag->key.p));
}

static void put_tags(const struct reed_irc_envelope *e, uint64_t bits, struct reed_irc_builder *b)
{
	struct reed_slice rest = e->client.tags;
	struct reed_irc_tag tag;

	for (unsigned i = 0; i < e->n_tags; i++)
		if (e->tags[i].bits & bits)
			reed_irc_build_tag(b, e->tags[i].key, e->tags[i].value);
	/* message-tags: those of the server first, lest they be pushed over the limit */
	if (e->client.bits & bits)
		while (reed_irc_tag_next(&rest, &tag))
			if (reed_irc_tag_is_for_clients(tag.key))
				reed_irc_build_tags(b, whole_tag(&tag));
}

static struct reed_blob *join(struct reed_slice tags, struct reed_slice body)
{
	size_t n = tags.n + (tags.n > 0) + body.n;
	struct reed_blob *blob = reed_blob_alloc(n);

	memcpy(blob->bytes + n - body.n, body.p, body.n);
	if (tags.n > 0) {
		memcpy(blob->bytes, tags.p, tags.n);
		blob->bytes[tags.n] = ' ';
	}
	return blob;
}

/* The place of the oldest line is taken when there is none free. */
static void keep(struct reed_irc_envelope *e, uint64_t bits, struct reed_blob *line)
{
	unsigned at = e->n_lines;

	if (at < REED_IRC_ENVELOPE_LINES) {
		e->n_lines++;
	} else {
		at = e->next;
		e->next = (uint8_t)((at + 1) % REED_IRC_ENVELOPE_LINES);
		reed_blob_release(e->lines[at].line);
	}
	e->lines[at].bits = bits;
	e->lines[at].line = line;
}

struct reed_blob *reed_irc_envelope_make_line(struct reed_irc_envelope *e, uint64_t bits)
{
	char tags[REED_IRC_TAGS_MAX + 1]; /* the builder keeps room for CR LF */
	struct reed_irc_builder b;
	struct reed_blob *line;

	reed_irc_build(&b, tags, sizeof(tags));
	put_tags(e, bits, &b);
	if (e->err == REED_OK)
		e->err = b.err;
	if (e->err != REED_OK)
		return NULL;
	line = join(reed_slice(tags, b.n), e->body);
	keep(e, bits & e->bits, line);
	return line;
}
