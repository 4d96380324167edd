/* Hubs: what holds everything together, and finding things in it. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/random.h"

/* ---- names by default ---- */

static bool has_control(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool has_any(struct reed_slice s, const char *of)
{
	for (; *of; of++)
		if (reed_slice_find(s, *of) < s.n)
			return true;
	return false;
}

static bool default_nick_ok(struct reed_slice nick)
{
	return !has_control(nick) && reed_slice_is_utf8(nick) && !has_any(nick, ",*?!@:");
}

static bool default_room_ok(struct reed_slice name)
{
	return !has_control(name) && reed_slice_is_utf8(name) && !has_any(name, ",");
}

bool reed_nick_ok(const struct reed_hub *hub, struct reed_slice nick)
{
	return nick.n > 0 && nick.n <= hub_limits(hub)->nick_bytes && hub->options.nick_ok(nick) &&
	       reed_fold(hub, nick).n > 0;
}

bool reed_room_name_ok(const struct reed_hub *hub, struct reed_slice name)
{
	return name.n > 0 && name.n <= hub_limits(hub)->room_name_bytes &&
	       hub->options.room_ok(name) && reed_fold(hub, name).n > 0;
}

/* ---- making and ending ---- */

static void fill_options(struct reed_hub_options *o, const struct reed_hub_options *given)
{
	if (given)
		memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	o->size = sizeof(*o);
	o->name = reed_strdup(o->name ? o->name : "reed");
	reed_rooms_limits_fill(&o->limits);
	o->fold = o->fold ? o->fold : reed_fold_ascii;
	o->nick_ok = o->nick_ok ? o->nick_ok : default_nick_ok;
	o->room_ok = o->room_ok ? o->room_ok : default_room_ok;
	o->matches = o->matches ? o->matches : reed_match_default;
	if (!o->room_flags)
		o->room_flags = REED_ROOM_TOPIC_LOCKED | REED_ROOM_NO_OUTSIDE;
	if (!o->creator_roles)
		o->creator_roles = REED_ROLE_OP;
}

struct reed_hub *reed_hub_new(struct reed_loop *loop, const struct reed_hub_options *options)
{
	struct reed_hub *hub = reed_alloc(sizeof(*hub));

	fill_options(&hub->options, options);
	hub->loop = loop;
	hub->seed = reed_random(loop);
	hub->nicks.seed = hub->rooms.seed = hub->accounts.seed = hub->claims.seed = hub->seed;
	hub->room_ids.seed = hub->account_ids.seed = hub->watches.seed = hub->seed;
	reed_list_init(&hub->all_users);
	reed_list_init(&hub->all_rooms);
	reed_list_init(&hub->all_accounts);
	reed_list_init(&hub->all_bans);
	reed_list_init(&hub->endings);
	hub->leavings.run = reed_hub_leavings;
	reed_saver_init(hub);
	reed_hub_metrics_init(hub);
	return hub;
}

/* Histories and stores stay as they are: nobody leaves for good because a server stops. */
static void end_everything(struct reed_hub *hub)
{
	struct reed_slice reason = REED_STR("the server stops");

	hub->options.keep = NULL;
	hub->options.store = NULL;
	while (!reed_list_empty(&hub->all_users)) {
		struct reed_user *user =
			reed_container_of(hub->all_users.next, struct reed_user, link);

		if (user->sessions)
			reed_session_end(user->sessions, reason);
		else
			reed_user_quit(user, reason);
	}
	hub->options.history = NULL;
	while (!reed_list_empty(&hub->all_rooms))
		reed_room_free(reed_container_of(hub->all_rooms.next, struct reed_room, link));
	while (!reed_list_empty(&hub->all_accounts))
		reed_account_free(
			reed_container_of(hub->all_accounts.next, struct reed_account, link));
	while (!reed_list_empty(&hub->all_bans))
		reed_server_ban_free(hub, reed_container_of(hub->all_bans.next, struct hub_ban,
		                                            ban.link));
}

void reed_hub_free(struct reed_hub *hub)
{
	if (!hub)
		return;
	reed_hub_calm(hub, __func__);
	reed_hub_metrics_finish(hub);
	reed_saver_finish(hub);
	end_everything(hub);
	reed_list_unlink(&hub->leavings.link);
	reed_whowas_finish(hub);
	reed_hash_finish(&hub->nicks.table);
	reed_hash_finish(&hub->rooms.table);
	reed_hash_finish(&hub->accounts.table);
	reed_hash_finish(&hub->claims.table);
	reed_hash_finish(&hub->room_ids.table);
	reed_hash_finish(&hub->account_ids.table);
	reed_hash_finish(&hub->watches.table);
	reed_hash_finish(&hub->members);
	reed_free((char *)(uintptr_t)hub->options.name);
	reed_free(hub);
}

const struct reed_hub_options *reed_hub_options(const struct reed_hub *hub)
{
	return &hub->options;
}

/* The ring of those who left has the size it began with. */
void reed_hub_set_limits(struct reed_hub *hub, const struct reed_rooms_limits *limits)
{
	hub->options.limits = *limits;
	reed_rooms_limits_fill(&hub->options.limits);
}

void reed_hub_stats(const struct reed_hub *hub, struct reed_hub_stats *stats)
{
	struct reed_hub_stats all = {
		.size = stats->size,
		.users = hub->user_count,
		.invisible = hub->invisible_count,
		.operators = hub->operator_count,
		.kept = hub->kept_count,
		.sessions = hub->session_count,
		.rooms = hub->room_count,
		.registered = hub->registered_count,
		.accounts = hub->account_count,
		.server_bans = hub->ban_count,
		.most_users = hub->most_users,
		.messages = hub->messages,
		.deliveries = hub->deliveries,
		.unsaved = hub->unsaved_count + (hub->saver.future != NULL),
	};

	memcpy(stats, &all, stats->size < sizeof(all) ? stats->size : sizeof(all));
}

/* ---- finding ---- */

static struct reed_named *find(const struct reed_hub *hub, const struct reed_names *names,
                               struct reed_slice name)
{
	struct reed_folded folded = reed_fold(hub, name);

	return folded.n ? reed_names_find(names, reed_folded_slice(&folded)) : NULL;
}

struct reed_user *reed_user_find(const struct reed_hub *hub, struct reed_slice nick)
{
	struct reed_named *named = find(hub, &hub->nicks, nick);

	return named ? &reed_container_of(named, struct hub_user, by_nick)->user : NULL;
}

struct reed_room *reed_room_find(const struct reed_hub *hub, struct reed_slice name)
{
	struct reed_named *named = find(hub, &hub->rooms, name);

	return named ? &reed_container_of(named, struct hub_room, by_name)->room : NULL;
}

struct reed_room *reed_room_by_id(const struct reed_hub *hub, struct reed_slice id)
{
	struct reed_named *named = reed_names_find(&hub->room_ids, id);

	return named ? &reed_container_of(named, struct hub_room, by_id)->room : NULL;
}

static struct reed_account *unless_pending(struct hub_account *self)
{
	return self->pending ? NULL : &self->account;
}

struct reed_account *reed_account_find(const struct reed_hub *hub, struct reed_slice name)
{
	struct reed_named *named = find(hub, &hub->accounts, name);

	return named ? unless_pending(reed_container_of(named, struct hub_account, by_name)) : NULL;
}

struct reed_account *reed_account_by_id(const struct reed_hub *hub, struct reed_slice id)
{
	struct reed_named *named = reed_names_find(&hub->account_ids, id);

	return named ? unless_pending(reed_container_of(named, struct hub_account, by_id)) : NULL;
}

/* What comes after link, which is in the list or is NULL: the beginning. */
static struct reed_list *next_of(const struct reed_list *list, const struct reed_list *link)
{
	struct reed_list *next = link ? link->next : list->next;

	return next == list ? NULL : next;
}

struct reed_user *reed_user_next(const struct reed_hub *hub, const struct reed_user *user)
{
	struct reed_list *next = next_of(&hub->all_users, user ? &user->link : NULL);

	return next ? reed_container_of(next, struct reed_user, link) : NULL;
}

struct reed_user *reed_user_after(const struct reed_hub *hub, uint64_t serial)
{
	struct reed_user *user = reed_user_next(hub, NULL);

	while (user && user->serial <= serial)
		user = reed_user_next(hub, user);
	return user;
}

struct reed_room *reed_room_next(const struct reed_hub *hub, const struct reed_room *room)
{
	struct reed_list *next = next_of(&hub->all_rooms, room ? &room->link : NULL);

	return next ? reed_container_of(next, struct reed_room, link) : NULL;
}

struct reed_room *reed_room_after(const struct reed_hub *hub, uint64_t serial)
{
	struct reed_room *room = reed_room_next(hub, NULL);

	while (room && room->serial <= serial)
		room = reed_room_next(hub, room);
	return room;
}

struct reed_account *reed_account_next(const struct reed_hub *hub,
                                       const struct reed_account *account)
{
	struct reed_list *next = account ? account->link.next : hub->all_accounts.next;

	for (; next != &hub->all_accounts; next = next->next) {
		struct reed_account *found = reed_container_of(next, struct reed_account, link);

		if (!hub_account(found)->pending)
			return found;
	}
	return NULL;
}
