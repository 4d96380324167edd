/* The sessions of a server: made, ended, forgotten with their accounts. */

#include "private.h"

enum { DAY_S = 86400, DAYS = 30 };

/* The portal must not be called from here. */
static void forget(struct reed_account_watch *watch, const char *account)
{
	struct reed_web_sessions *self = reed_container_of(watch, struct reed_web_sessions, watch);

	for (int i = 0; i < BUCKETS; i++)
		reed_list_each_safe (link, &self->live[i]) {
			struct reed_web_session *s =
				reed_container_of(link, struct reed_web_session, link);

			if (strcmp(s->row.account, account) == 0)
				s->gone = true;
		}
	stays_forget(self, account);
	sessions_forget(self, account);
}

struct reed_web_sessions *reed_web_sessions_new(struct reed_loop *loop,
                                                const struct reed_web_sessions_options *options)
{
	struct reed_web_sessions *self = reed_alloc(sizeof(*self));
	struct reed_web_sessions_options *o = &self->options;

	if (options)
		memcpy(o, options, options->size < sizeof(*o) ? options->size : sizeof(*o));
	o->idle_s = o->idle_s ? o->idle_s : DAY_S;
	o->life_s = o->life_s ? o->life_s : (int64_t)DAY_S * DAYS;
	self->loop = loop;
	self->store = o->store ? o->store : reed_web_session_memory_new(loop, 0);
	reed_scope_init(&self->writes, loop, NULL, "sessions");
	self->writes.policy = REED_SCOPE_IGNORE; /* the log has it */
	reed_list_init(&self->stay_order);
	for (int i = 0; i < BUCKETS; i++) {
		reed_list_init(&self->live[i]);
		reed_list_init(&self->stays[i]);
	}
	self->watch.forget = forget;
	if (o->portal)
		reed_portal_watch(o->portal, &self->watch);
	if (o->expired && self->store->ops->take_expired)
		self->sweeping = sessions_sweep(self);
	return self;
}

void reed_web_sessions_free(struct reed_web_sessions *self)
{
	if (!self)
		return;
	if (self->options.portal)
		reed_portal_unwatch(&self->watch);
	reed_drop(self->sweeping);
	reed_scope_finish(&self->writes);
	while (!reed_list_empty(&self->stay_order))
		stay_end(self, reed_container_of(self->stay_order.next, struct stay, order));
	self->store->ops->free(self->store);
	reed_free(self);
}

struct reed_future *reed_web_sessions_flush(struct reed_web_sessions *self)
{
	return reed_scope_wait(&self->writes);
}
