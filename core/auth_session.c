/* Sessions: avatars that are in. */

#include "auth_portal.h"

/* Appends text with its NUL; returns where it stands. */
static char *append(char **at, const char *text)
{
	char *start = *at;
	size_t n = strlen(text) + 1;

	memcpy(start, text, n);
	*at += n;
	return start;
}

static void copy_facts(struct reed_avatar *avatar, const struct reed_principal *account,
                       const struct reed_avatar *facts)
{
	size_t n = strlen(account->name) + strlen(account->roles) + strlen(facts->interface) +
	           strlen(facts->door) + strlen(facts->address) + strlen(facts->token) + 6;
	char *at = reed_alloc(n);

	avatar->text = at;
	avatar->account = append(&at, account->name);
	avatar->roles = append(&at, account->roles);
	avatar->interface = append(&at, facts->interface);
	avatar->door = append(&at, facts->door);
	avatar->address = append(&at, facts->address);
	avatar->token = append(&at, facts->token);
	avatar->how = facts->how;
	avatar->anonymous = account->anonymous;
}

void reed_portal_enter(struct reed_portal *portal, struct reed_avatar *avatar,
                       const struct reed_principal *account, const struct reed_avatar *facts)
{
	copy_facts(avatar, account, facts);
	avatar->portal = portal;
	avatar->id = ++portal->last_session;
	avatar->since = reed_wall(portal->loop);
	reed_list_append(&portal->sessions, &avatar->link);
	portal->stats.sessions++;
}

void reed_avatar_discard(struct reed_avatar *avatar)
{
	char *text;

	if (!avatar)
		return;
	text = avatar->text;
	if (avatar->ops->logout)
		avatar->ops->logout(avatar);
	else
		reed_free(avatar);
	reed_free(text);
}

static void tell(struct reed_portal *portal, const struct reed_avatar *avatar,
                 enum reed_audit_what what)
{
	struct reed_audit event = reed_audit_of(what, REED_OK, avatar->account);

	event.how = avatar->how;
	event.interface = avatar->interface;
	event.door = avatar->door;
	event.address = avatar->address;
	reed_portal_tell(portal, &event);
}

void reed_avatar_logout(struct reed_avatar *avatar)
{
	struct reed_portal *portal = avatar ? avatar->portal : NULL;

	if (portal) {
		reed_list_remove(&avatar->link);
		portal->stats.sessions--;
		avatar->portal = NULL;
		tell(portal, avatar, REED_AUDIT_LOGOUT);
	}
	reed_avatar_discard(avatar);
}

const struct reed_list *reed_portal_sessions(const struct reed_portal *portal)
{
	return &portal->sessions;
}

static size_t revoke(struct reed_portal *portal, struct reed_avatar *avatar)
{
	if (avatar->revoked.value)
		return 0;
	tell(portal, avatar, REED_AUDIT_REVOKED);
	reed_cell_set(&avatar->revoked, 1);
	return 1;
}

enum reed_err reed_portal_revoke(struct reed_portal *portal, uint64_t id)
{
	reed_list_each (link, &portal->sessions) {
		struct reed_avatar *avatar = reed_container_of(link, struct reed_avatar, link);

		if (avatar->id != id)
			continue;
		revoke(portal, avatar);
		return REED_OK;
	}
	return REED_ENOENT;
}

size_t reed_portal_revoke_all(struct reed_portal *portal, const char *account)
{
	size_t n = 0;

	reed_list_each (link, &portal->sessions) {
		struct reed_avatar *avatar = reed_container_of(link, struct reed_avatar, link);

		if (strcmp(avatar->account, account) == 0)
			n += revoke(portal, avatar);
	}
	return n;
}

size_t reed_portal_revoke_token(struct reed_portal *portal, const char *account, const char *id)
{
	size_t n = 0;

	reed_list_each (link, &portal->sessions) {
		struct reed_avatar *avatar = reed_container_of(link, struct reed_avatar, link);

		if (strcmp(avatar->account, account) == 0 && strcmp(avatar->token, id) == 0)
			n += revoke(portal, avatar);
	}
	return n;
}
