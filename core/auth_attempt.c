/* Attempts at what is no account: counted as those at accounts are. */

#include "auth_portal.h"

struct reed_attempt {
	struct reed_portal *portal;
	struct throttle_attempt taken;
	char *what, *name, *address, *door;
};

static void tell(const struct reed_attempt *self, enum reed_err outcome)
{
	struct reed_audit event = reed_audit_of(REED_AUDIT_LOGIN, outcome, self->name);

	event.how = self->what;
	event.address = self->address;
	event.door = self->door;
	reed_portal_tell(self->portal, &event);
}

static void attempt_free(struct reed_attempt *self)
{
	reed_free(self->what);
	reed_free(self->name);
	reed_free(self->address);
	reed_free(self->door);
	reed_free(self);
}

enum reed_err reed_attempt_begin(struct reed_portal *portal, const char *what,
                                 struct reed_slice name, const struct reed_peer *from,
                                 struct reed_attempt **out)
{
	struct reed_attempt *self = reed_alloc(sizeof(*self));

	self->portal = portal;
	self->what = reed_strdup(what);
	self->name = reed_slice_dup(reed_slice_first(name, reed_slice_utf8_border(name, 64)));
	self->address = reed_strdup(from && from->address ? from->address : "");
	self->door = reed_strdup(from && from->door ? from->door : "");
	if (reed_throttle_take(portal->throttle, reed_now(portal->loop), REED_STR(""), from,
	                       &self->taken) > 0) {
		portal->stats.throttled++;
		tell(self, REED_ETHROTTLED);
		attempt_free(self);
		return REED_ETHROTTLED;
	}
	*out = self;
	return REED_OK;
}

void reed_attempt_end(struct reed_attempt *self, enum reed_err outcome)
{
	if (!self)
		return;
	if (outcome == REED_OK)
		reed_throttle_undo(self->portal->throttle, &self->taken);
	else
		self->portal->stats.refused++;
	tell(self, outcome);
	attempt_free(self);
}
