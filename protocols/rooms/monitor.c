/* Watching nicks. */

#include "private.h"

#include "reed/alloc.h"

static struct hub_monitor *hub_monitor(struct reed_monitor *monitor)
{
	return reed_container_of(monitor, struct hub_monitor, monitor);
}

static struct reed_monitor *monitor_of_session(struct reed_list *link)
{
	return reed_container_of(link, struct reed_monitor, of_session);
}

static struct reed_nick_watch *watch_of(struct reed_named *named)
{
	return reed_container_of(named, struct reed_nick_watch, by_nick);
}

static struct reed_nick_watch *watch_ensure(struct reed_hub *hub, struct reed_slice folded)
{
	struct reed_named *named = reed_names_find(&hub->watches, folded);
	struct reed_nick_watch *watch;

	if (named)
		return watch_of(named);
	watch = reed_alloc(sizeof(*watch));
	reed_list_init(&watch->monitors);
	reed_names_add(&hub->watches, &watch->by_nick, folded);
	return watch;
}

static void monitor_free(struct reed_hub *hub, struct reed_monitor *m)
{
	reed_list_remove(&m->of_session);
	reed_list_remove(&m->of_nick);
	m->session->watch_count--;
	if (reed_list_empty(&m->nick->monitors)) {
		reed_names_remove(&hub->watches, &m->nick->by_nick);
		reed_free(m->nick);
	}
	reed_free(hub_monitor(m)->nick);
	reed_free(hub_monitor(m));
}

/* A session watches few nicks, a nick may be watched by very many. */
static struct reed_monitor *find(struct reed_session *session, struct reed_slice folded)
{
	reed_list_each (link, &session->watches) {
		struct reed_named *nick = &monitor_of_session(link)->nick->by_nick;

		if (reed_slice_eq(reed_slice(nick->key, nick->n), folded))
			return monitor_of_session(link);
	}
	return NULL;
}

enum reed_refusal reed_monitor_add(struct reed_session *session, struct reed_slice nick)
{
	struct reed_hub *hub = session->user->hub;
	struct reed_folded folded = reed_fold(hub, nick);
	struct hub_monitor *self;

	reed_hub_calm(hub, __func__);
	if (!reed_nick_ok(hub, nick))
		return REED_REFUSAL_NICK_INVALID;
	if (find(session, reed_folded_slice(&folded)))
		return REED_REFUSAL_ALREADY;
	if (session->watch_count >= hub_limits(hub)->monitor_entries)
		return REED_REFUSAL_LIST_FULL;
	self = reed_alloc(sizeof(*self));
	self->nick = reed_slice_dup(nick);
	self->monitor.session = session;
	self->monitor.nick = watch_ensure(hub, reed_folded_slice(&folded));
	reed_list_append(&session->watches, &self->monitor.of_session);
	reed_list_append(&self->monitor.nick->monitors, &self->monitor.of_nick);
	session->watch_count++;
	return REED_REFUSAL_NONE;
}

enum reed_refusal reed_monitor_remove(struct reed_session *session, struct reed_slice nick)
{
	struct reed_hub *hub = session->user->hub;
	struct reed_folded folded = reed_fold(hub, nick);
	struct reed_monitor *m = find(session, reed_folded_slice(&folded));

	reed_hub_calm(hub, __func__);
	if (!m)
		return REED_REFUSAL_NO_ENTRY;
	monitor_free(hub, m);
	return REED_REFUSAL_NONE;
}

void reed_monitor_clear(struct reed_session *session)
{
	struct reed_hub *hub = session->user->hub;

	reed_hub_calm(hub, __func__);
	while (!reed_list_empty(&session->watches))
		monitor_free(hub, monitor_of_session(session->watches.next));
}

struct reed_slice reed_monitor_nick(const struct reed_monitor *monitor)
{
	return reed_slice_of(hub_monitor((struct reed_monitor *)(uintptr_t)monitor)->nick);
}
