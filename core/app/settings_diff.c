/* Differences between two settings of one program, for a reload. */

#include "settings_private.h"

static void write_slot(const struct reed_settings *self, const struct slot *slot,
                       enum secrets_shown shown, struct reed_buf *out)
{
	if (!reed_slot_is_unset(slot))
		reed_slot_write(self, slot, shown, out);
}

/* Compared in clear and shown masked: a new password is a change nobody may read. */
static bool differs(const struct reed_settings *before, const struct slot *a,
                    const struct reed_settings *after, const struct slot *b)
{
	struct reed_buf x = { 0 }, y = { 0 };
	bool different;

	write_slot(before, a, SECRETS_REVEALED, &x);
	write_slot(after, b, SECRETS_REVEALED, &y);
	different = !reed_slice_eq(reed_buf_slice(&x), reed_buf_slice(&y));
	if (x.p)
		reed_wipe(x.p, x.size);
	if (y.p)
		reed_wipe(y.p, y.size);
	reed_buf_finish(&x);
	reed_buf_finish(&y);
	return different;
}

static const char *shown(const struct reed_settings *self, const struct slot *slot,
                         struct reed_pool *pool)
{
	struct reed_buf text = { 0 };
	const char *copy;

	write_slot(self, slot, SECRETS_MASKED, &text);
	copy = reed_pool_strdup(pool, reed_buf_slice(&text));
	reed_buf_finish(&text);
	return copy;
}

static struct reed_settings_change *change_of(const struct reed_settings *before,
                                              const struct slot *a,
                                              const struct reed_settings *after,
                                              const struct slot *b, struct reed_pool *pool)
{
	struct reed_settings_change *change = reed_pool_alloc(pool, sizeof(*change));

	if (!change)
		return NULL;
	change->reload = b->setting.reload;
	change->key = reed_pool_strdup(pool, reed_slice_of(b->key));
	change->before = shown(before, a, pool);
	change->after = shown(after, b, pool);
	return change->key && change->before && change->after ? change : NULL;
}

enum reed_err reed_settings_diff(const struct reed_settings *before,
                                 const struct reed_settings *after, struct reed_pool *pool,
                                 const struct reed_settings_change **changes)
{
	size_t n =
		before->table.count < after->table.count ? before->table.count : after->table.count;

	*changes = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct slot *a = &before->table.slots[i], *b = &after->table.slots[i];
		struct reed_settings_change *change;

		if (a->setting.type == REED_SETTING_GROUP || !differs(before, a, after, b))
			continue;
		change = change_of(before, a, after, b, pool);
		if (!change)
			return REED_ETOOBIG;
		*changes = change;
		changes = &change->next;
	}
	return REED_OK;
}
