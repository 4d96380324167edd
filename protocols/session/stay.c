/* Who has logged in, as the portal knows it. */

#include "private.h"

static struct stay *of(struct reed_list *link)
{
	return reed_container_of(link, struct stay, link);
}

static struct stay *of_order(struct reed_list *link)
{
	return reed_container_of(link, struct stay, order);
}

struct stay *stay_find(struct reed_web_sessions *self, const uint8_t id[REED_WEB_SESSION_ID])
{
	reed_list_each (link, &self->stays[id[0]])
		if (memcmp(of(link)->id, id, REED_WEB_SESSION_ID) == 0)
			return of(link);
	return NULL;
}

void stay_end(struct reed_web_sessions *self, struct stay *stay)
{
	if (!stay)
		return;
	reed_list_remove(&stay->link);
	reed_list_remove(&stay->order);
	self->stay_count--;
	reed_avatar_logout(stay->avatar);
	reed_free(stay);
}

void stays_sweep(struct reed_web_sessions *self)
{
	int64_t since = reed_wall(self->loop) - REED_S(self->options.idle_s);

	while (!reed_list_empty(&self->stay_order)) {
		struct stay *oldest = of_order(self->stay_order.next);

		if (oldest->used >= since && self->stay_count <= STAYS)
			return;
		stay_end(self, oldest);
	}
}

void stay_add(struct reed_web_sessions *self, const uint8_t id[REED_WEB_SESSION_ID],
              const char *account, struct reed_avatar *avatar)
{
	struct stay *stay = reed_alloc(sizeof(*stay));

	memcpy(stay->id, id, REED_WEB_SESSION_ID);
	snprintf(stay->account, sizeof(stay->account), "%s", account);
	stay->avatar = avatar;
	stay->used = reed_wall(self->loop);
	reed_list_append(&self->stays[id[0]], &stay->link);
	reed_list_append(&self->stay_order, &stay->order);
	self->stay_count++;
	stays_sweep(self);
}

void stay_move(struct reed_web_sessions *self, const uint8_t from[REED_WEB_SESSION_ID],
               const uint8_t to[REED_WEB_SESSION_ID])
{
	struct stay *stay = stay_find(self, from);

	if (!stay)
		return;
	memcpy(stay->id, to, REED_WEB_SESSION_ID);
	reed_list_remove(&stay->link);
	reed_list_append(&self->stays[to[0]], &stay->link);
}

void stays_forget(struct reed_web_sessions *self, const char *account)
{
	reed_list_each (link, &self->stay_order)
		if (strcmp(of_order(link)->account, account) == 0)
			of_order(link)->gone = true;
}

void stay_touch(struct reed_web_sessions *self, struct stay *stay)
{
	stay->used = reed_wall(self->loop);
	reed_list_remove(&stay->order);
	reed_list_append(&self->stay_order, &stay->order);
}
