/*
 * Masks and packed tags.  The input is a mask, a line feed, and a text: the
 * glob has to agree with one that is slow and plain, and what unpacks as tags
 * has to pack into the same bytes again.
 */

#include <stdlib.h>

#include "reed/alloc.h"
#include "reed/loop.h"
#include "reed/rooms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static size_t character(struct reed_slice text)
{
	size_t n = 1;

	while (n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static bool plain(struct reed_slice pattern, struct reed_slice text)
{
	if (pattern.n == 0)
		return text.n == 0;
	if (pattern.p[0] == '*')
		return plain(reed_slice_from(pattern, 1), text) ||
		       (text.n > 0 && plain(pattern, reed_slice_from(text, 1)));
	if (text.n == 0)
		return false;
	if (pattern.p[0] == '?')
		return plain(reed_slice_from(pattern, 1), reed_slice_from(text, character(text)));
	return lower(pattern.p[0]) == lower(text.p[0]) &&
	       plain(reed_slice_from(pattern, 1), reed_slice_from(text, 1));
}

static size_t stars(struct reed_slice pattern)
{
	size_t n = 0;

	for (size_t i = 0; i < pattern.n; i++)
		n += pattern.p[i] == '*';
	return n;
}

/* Text that begins inside a character is not what masks are for. */
static void compare_globs(struct reed_slice mask, struct reed_slice text)
{
	bool matches = reed_glob(mask, text);

	if (stars(mask) > 4 || text.n > 64 || !reed_slice_is_utf8(mask) ||
	    !reed_slice_is_utf8(text))
		return;
	if (matches != plain(mask, text))
		abort();
}

static void event(struct reed_session *session, const struct reed_hub_event *ev)
{
	(void)session;
	(void)ev;
}

static void over(struct reed_session *session, struct reed_slice why)
{
	(void)session;
	(void)why;
}

static const struct reed_door_ops door = { .name = "fuzz", .event = event, .over = over };

/* Somebody whom the mask may mean; here for as long as the program runs. */
static struct reed_session *somebody(void)
{
	static struct reed_session session;
	struct reed_newcomer n = REED_NEWCOMER;
	struct reed_loop *loop;

	if (session.user)
		return &session;
	if (reed_loop_new(NULL, &loop))
		abort();
	session.ops = &door;
	n.nick = n.username = n.account = REED_STR("somebody");
	n.host = REED_STR("host.example");
	n.address = REED_STR("2001:db8::7");
	if (reed_session_attach(reed_hub_new(loop, NULL), &session, &n))
		abort();
	return &session;
}

static void unpack_and_pack(struct reed_slice packed)
{
	struct reed_pool pool = { 0 };
	size_t count, size;
	struct reed_tag *tags = reed_tags_unpack(&pool, packed, &count);
	char *again;

	size = reed_tags_packed_size(tags, count);
	if (size > packed.n)
		abort();
	again = reed_alloc(size);
	reed_tags_pack(again, tags, count);
	if (!reed_slice_eq(reed_slice(again, size), reed_slice_first(packed, size)))
		abort();
	reed_free(again);
	reed_pool_finish(&pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice text = reed_slice(data, size), mask = reed_slice_cut(&text, '\n');
	struct reed_user *user = somebody()->user;

	compare_globs(mask, text);
	reed_match_default(user->hub, mask, user, NULL);
	unpack_and_pack(reed_slice(data, size));
	return 0;
}
