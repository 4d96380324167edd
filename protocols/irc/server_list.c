/* LIST, with the filters of ELIST=CMNTU. */

#include "irc_server.h"

struct filter {
	struct reed_slice masks[REED_IRC_LIST_MASKS], not_masks[REED_IRC_LIST_MASKS];
	unsigned n_masks, n_not;
	uint32_t more_than, fewer_than;        /* members */
	int64_t created_before, created_after; /* wall clock; 0: any */
	int64_t topic_before, topic_after;
};

static int64_t minutes_ago(struct irc_conn *c, struct reed_slice text)
{
	uint64_t minutes = 0;

	reed_slice_u64(text, 100000000, &minutes);
	return reed_wall(c->server->loop) - (int64_t)minutes * 60 * 1000000000;
}

static void add_time_filter(struct irc_conn *c, struct filter *f, struct reed_slice word)
{
	bool topic = word.p[0] == 'T', after = word.p[1] == '<';
	int64_t at = minutes_ago(c, reed_slice_from(word, 2));

	/* C<10: created less than 10 minutes ago */
	if (topic)
		*(after ? &f->topic_after : &f->topic_before) = at;
	else
		*(after ? &f->created_after : &f->created_before) = at;
}

/* False: there are too many masks already. */
static bool add_mask(struct reed_slice *masks, unsigned *n, struct reed_slice mask)
{
	if (*n == REED_IRC_LIST_MASKS)
		return false;
	masks[(*n)++] = mask;
	return true;
}

static bool is_time_filter(struct reed_slice word)
{
	return word.n > 2 && (word.p[0] == 'C' || word.p[0] == 'T') &&
	       (word.p[1] == '<' || word.p[1] == '>');
}

static bool add_filter(struct irc_conn *c, struct filter *f, struct reed_slice word)
{
	uint64_t n = 0;

	if (word.n > 1 && (word.p[0] == '<' || word.p[0] == '>')) {
		reed_slice_u64(reed_slice_from(word, 1), UINT32_MAX, &n);
		*(word.p[0] == '<' ? &f->fewer_than : &f->more_than) = (uint32_t)n;
	} else if (is_time_filter(word)) {
		add_time_filter(c, f, word);
	} else if (word.n > 1 && word.p[0] == '!') {
		return add_mask(f->not_masks, &f->n_not, reed_slice_from(word, 1));
	} else if (word.n > 0) {
		return add_mask(f->masks, &f->n_masks, word);
	}
	return true;
}

static bool any_matches(const struct reed_slice *masks, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (reed_irc_match(REED_IRC_CASEMAP_ASCII, masks[i], reed_slice_of(name)))
			return true;
	return false;
}

static bool between(int64_t at, int64_t after, int64_t before)
{
	return (!after || at > after) && (!before || (at && at < before));
}

static bool passes(const struct filter *f, const struct reed_room *room)
{
	if (f->n_masks > 0 && !any_matches(f->masks, f->n_masks, room->name))
		return false;
	if (any_matches(f->not_masks, f->n_not, room->name))
		return false;
	if (f->fewer_than && room->count >= f->fewer_than)
		return false;
	if (f->more_than && room->count <= f->more_than)
		return false;
	return between(room->created, f->created_after, f->created_before) &&
	       between(room->topic ? room->topic_at : 0, f->topic_after, f->topic_before);
}

/* ---- the list ---- */

struct list {
	struct irc_pace pace;
	struct filter filter; /* its masks are in the pool */
	struct reed_id last;  /* room that was looked at, and when it was made: */
	uint64_t serial;
	uint32_t left; /* replies that may still be given */
};

static void list_one(struct irc_conn *c, const struct reed_room *room)
{
	struct irc_line l;

	reed_irc_begin_numeric(c, &l, REED_IRC_RPL_LIST);
	reed_irc_build_param(&l.b, reed_slice_of(room->name));
	reed_irc_build_u64(&l.b, room->count);
	reed_irc_build_text_cut(&l.b, reed_slice_of(room->topic));
	reed_irc_end(c, &l);
}

/* NULL: that was the last.  The one looked at last may be gone by now. */
static struct reed_room *next_room(struct irc_conn *c, const struct list *self)
{
	const struct reed_hub *hub = c->server->hub;
	struct reed_room *last = reed_room_by_id(hub, reed_slice_of(self->last.s));

	return last ? reed_room_next(hub, last) : reed_room_after(hub, self->serial);
}

static bool list_more(struct irc_conn *c, struct irc_pace *pace)
{
	struct list *self = reed_container_of(pace, struct list, pace);
	struct reed_room *room = next_room(c, self);

	for (; room && self->left > 0; room = reed_room_next(c->server->hub, room)) {
		if (!reed_irc_pace_goes_on(c, pace))
			return false;
		self->last = room->id;
		self->serial = room->serial;
		if (!reed_room_visible(room, irc_user(c)) || !passes(&self->filter, room))
			continue;
		list_one(c, room);
		self->left--;
	}
	if (room)
		reed_irc_tell1(c, REED_IRC_ERR_TOOMANYMATCHES, REED_STR("LIST"));
	reed_irc_tell(c, REED_IRC_RPL_LISTEND);
	return true;
}

static const struct irc_pace_kind list_kind = {
	.size = sizeof(struct list),
	.more = list_more,
};

void reed_irc_cmd_list(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct list *self = reed_irc_pace_new(&list_kind);
	struct reed_slice words = reed_pool_copy(&self->pace.pool, reed_irc_param(m, 0)), word;

	self->left = c->server->options.limits.list_replies;
	while (words.n > 0) {
		word = reed_slice_cut(&words, ',');
		if (!add_filter(c, &self->filter, word))
			reed_irc_tell1(c, REED_IRC_ERR_TOOMANYTARGETS, word);
	}
	reed_irc_tell1(c, REED_IRC_RPL_LISTSTART, REED_STR("Channel"));
	reed_irc_pace(c, &self->pace);
}
