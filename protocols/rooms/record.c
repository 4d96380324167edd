/* Rooms, accounts and bans as records, and records copied. */

#include "private.h"

#include "reed/alloc.h"

/* ---- of the hub ---- */

/* A pool without a limit never says no. */
static void *some(struct reed_pool *pool, size_t count, size_t size)
{
	return reed_pool_alloc(pool, count ? count * size : 1);
}

static struct reed_mask_record *put_masks(struct reed_mask_record *at, unsigned list,
                                          const struct reed_masks *masks)
{
	for (uint32_t i = 0; i < masks->n; i++)
		at[i] = (struct reed_mask_record){
			.list = list,
			.mask = reed_slice_of(masks->p[i].mask),
			.by = reed_slice_of(masks->p[i].by),
			.at = masks->p[i].at,
		};
	return at + masks->n;
}

static struct reed_value_record *values_of(struct reed_pool *pool, const struct reed_values *values)
{
	struct reed_value_record *records = some(pool, values->n, sizeof(*records));

	for (uint32_t i = 0; i < values->n; i++)
		records[i] = (struct reed_value_record){ reed_slice_of(values->p[i].key),
			                                 reed_slice_of(values->p[i].text) };
	return records;
}

static void put_lists(struct reed_pool *pool, struct reed_room_record *r,
                      const struct reed_room *room)
{
	struct reed_mask_record *at;

	for (int i = 0; i < REED_LIST_KINDS; i++)
		r->mask_count += room->lists[i].n;
	r->masks = at = some(pool, r->mask_count, sizeof(*at));
	for (unsigned i = 0; i < REED_LIST_KINDS; i++)
		at = put_masks(at, i, &room->lists[i]);
}

static void put_roles(struct reed_pool *pool, struct reed_room_record *r,
                      const struct reed_room *room)
{
	r->role_count = room->affiliation_count;
	r->roles = some(pool, r->role_count, sizeof(*r->roles));
	for (size_t i = 0; i < r->role_count; i++)
		r->roles[i] = (struct reed_role_record){
			reed_slice_of(room->affiliations[i].account->id.s),
			room->affiliations[i].roles,
		};
}

struct reed_room_record reed_room_record_of(struct reed_pool *pool, const struct reed_room *room)
{
	struct reed_room_record r = {
		.id = reed_slice_of(room->id.s),
		.name = reed_slice_of(room->name),
		.topic = reed_slice_of(room->topic),
		.topic_by = reed_slice_of(room->topic_by),
		.key = reed_slice_of(room->key),
		.founder = reed_slice_of(room->founder ? room->founder->id.s : NULL),
		.created = room->created,
		.topic_at = room->topic_at,
		.flags = room->flags,
		.limit = room->limit,
		.slow = room->slow,
		.value_count = room->values.n,
	};

	r.values = values_of(pool, &room->values);
	put_lists(pool, &r, room);
	put_roles(pool, &r, room);
	return r;
}

/* The name is reserved anyhow. */
static void put_nicks(struct reed_pool *pool, struct reed_account_record *r,
                      const struct reed_account *account)
{
	const char **nicks = some(pool, account->nick_count, sizeof(*nicks));
	size_t n = reed_account_nicks(account, nicks, account->nick_count);

	r->nicks = some(pool, n, sizeof(*r->nicks));
	for (size_t i = 0; i < n; i++)
		if (strcmp(nicks[i], account->name) != 0)
			r->nicks[r->nick_count++] = reed_slice_of(nicks[i]);
}

struct reed_account_record reed_account_record_of(struct reed_pool *pool,
                                                  const struct reed_account *account)
{
	struct reed_account_record r = {
		.id = reed_slice_of(account->id.s),
		.name = reed_slice_of(account->name),
		.created = account->created,
		.seen = account->seen,
		.flags = account->flags,
		.block_count = account->blocks.n,
		.setting_count = account->settings.n,
	};

	r.blocks = some(pool, r.block_count, sizeof(*r.blocks));
	put_masks(r.blocks, 0, &account->blocks);
	r.settings = values_of(pool, &account->settings);
	put_nicks(pool, &r, account);
	return r;
}

struct reed_ban_record reed_ban_record_of(const struct reed_server_ban *ban)
{
	return (struct reed_ban_record){
		.mask = reed_slice_of(ban->mask),
		.by = reed_slice_of(ban->by),
		.reason = reed_slice_of(ban->reason),
		.at = ban->at,
		.expires = ban->expires,
	};
}

/* ---- copies ---- */

static bool copy(struct reed_pool *pool, struct reed_slice *s)
{
	*s = reed_pool_copy(pool, *s);
	return s->p != NULL;
}

static bool copy_masks(struct reed_pool *pool, struct reed_mask_record **masks, size_t count)
{
	struct reed_mask_record *to = some(pool, count, sizeof(*to));
	bool ok = to != NULL;

	for (size_t i = 0; ok && i < count; i++) {
		to[i] = (*masks)[i];
		ok = copy(pool, &to[i].mask) && copy(pool, &to[i].by);
	}
	*masks = to;
	return ok;
}

static bool copy_values(struct reed_pool *pool, struct reed_value_record **values, size_t count)
{
	struct reed_value_record *to = some(pool, count, sizeof(*to));
	bool ok = to != NULL;

	for (size_t i = 0; ok && i < count; i++) {
		to[i] = (*values)[i];
		ok = copy(pool, &to[i].key) && copy(pool, &to[i].text);
	}
	*values = to;
	return ok;
}

static bool copy_roles(struct reed_pool *pool, struct reed_role_record **roles, size_t count)
{
	struct reed_role_record *to = some(pool, count, sizeof(*to));
	bool ok = to != NULL;

	for (size_t i = 0; ok && i < count; i++) {
		to[i] = (*roles)[i];
		ok = copy(pool, &to[i].account);
	}
	*roles = to;
	return ok;
}

static bool copy_nicks(struct reed_pool *pool, struct reed_slice **nicks, size_t count)
{
	struct reed_slice *to = some(pool, count, sizeof(*to));
	bool ok = to != NULL;

	for (size_t i = 0; ok && i < count; i++) {
		to[i] = (*nicks)[i];
		ok = copy(pool, &to[i]);
	}
	*nicks = to;
	return ok;
}

bool reed_room_record_copy(struct reed_pool *pool, struct reed_room_record *into,
                           const struct reed_room_record *from)
{
	*into = *from;
	return copy(pool, &into->id) && copy(pool, &into->name) && copy(pool, &into->topic) &&
	       copy(pool, &into->topic_by) && copy(pool, &into->key) &&
	       copy(pool, &into->founder) && copy_masks(pool, &into->masks, into->mask_count) &&
	       copy_roles(pool, &into->roles, into->role_count) &&
	       copy_values(pool, &into->values, into->value_count);
}

bool reed_account_record_copy(struct reed_pool *pool, struct reed_account_record *into,
                              const struct reed_account_record *from)
{
	*into = *from;
	return copy(pool, &into->id) && copy(pool, &into->name) &&
	       copy_nicks(pool, &into->nicks, into->nick_count) &&
	       copy_masks(pool, &into->blocks, into->block_count) &&
	       copy_values(pool, &into->settings, into->setting_count);
}

bool reed_ban_record_copy(struct reed_pool *pool, struct reed_ban_record *into,
                          const struct reed_ban_record *from)
{
	*into = *from;
	return copy(pool, &into->mask) && copy(pool, &into->by) && copy(pool, &into->reason);
}

void reed_rooms_snapshot_finish(struct reed_rooms_snapshot *snapshot)
{
	reed_pool_finish(&snapshot->pool);
	*snapshot = (struct reed_rooms_snapshot){ 0 };
}
