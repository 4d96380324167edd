/* A door of one's own: two clients in a room, each with a screen. */

#include <reed/loop.h>
#include <reed/rooms.h>

struct client {
	struct reed_session session;
	const char *screen;
};

static void client_event(struct reed_session *session, const struct reed_hub_event *ev)
{
	struct client *self = reed_container_of(session, struct client, session);

	if (ev->kind == REED_EVENT_JOIN)
		printf("%s: %s is in %s\n", self->screen, ev->actor->nick, ev->room->name);
	else if (ev->kind == REED_EVENT_MESSAGE && ev->origin != session)
		printf("%s: <%s> " REED_FMT "\n", self->screen, ev->actor->nick,
		       REED_ARG(ev->text));
}

static void client_over(struct reed_session *session, struct reed_slice why)
{
	struct client *self = reed_container_of(session, struct client, session);

	printf("%s: good-bye, " REED_FMT "\n", self->screen, REED_ARG(why));
}

static const struct reed_door_ops door = {
	.name = "screen",
	.event = client_event,
	.over = client_over,
};

static struct reed_room *enter(struct reed_hub *hub, struct client *self, const char *nick)
{
	struct reed_newcomer newcomer = REED_NEWCOMER;
	struct reed_member *member = NULL;
	enum reed_refusal refusal;

	self->session.ops = &door;
	newcomer.nick = reed_slice_of(nick);
	refusal = reed_session_attach(hub, &self->session, &newcomer);
	if (!refusal)
		refusal = reed_room_join(&self->session, REED_STR("#reed"), REED_STR(""), &member);
	if (!refusal)
		return member->room;
	printf("%s: %s\n", self->screen, reed_refusal_text(refusal));
	return NULL;
}

int main(void)
{
	struct client ann = { .screen = "left" }, bob = { .screen = "right" },
		      eve = { .screen = "no" };
	struct reed_speech hello = REED_SPEECH;
	struct reed_loop *loop;
	struct reed_hub *hub;
	struct reed_room *room;

	if (reed_loop_new(NULL, &loop))
		return 1;
	hub = reed_hub_new(loop, NULL);
	room = enter(hub, &ann, "ann");
	enter(hub, &bob, "bob");
	enter(hub, &eve, "Ann");
	hello.text = REED_STR("hello");
	reed_room_say(&ann.session, room, &hello);
	reed_hub_free(hub);
	reed_loop_free(loop);
	return 0;
}
