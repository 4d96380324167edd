/*
 * Who of a team gets which connection: one of its loops accepts for all and hands
 * them over in turn.
 *
 * That is more even than letting all of them accept, where whoever is awake gets
 * most, and unlike sockets of their own (SO_REUSEPORT) it does for sockets that
 * were made by others, and loses nothing when one of the loops ends; it costs
 * no more (tests/bench/team.sh).
 *
 * Whoever has enough is passed over.  When all have, nobody accepts, and the
 * system's queue fills.  What one has not taken when it ends the others get.
 */

#include "team.h"

#include <errno.h>
#include <unistd.h>

#include "private.h"
#include "reed/alloc.h"

enum { BATCH = 64, REST_MS = 100 };

static struct reed_taker *of_link(struct reed_list *link)
{
	return reed_container_of(link, struct reed_taker, link);
}

/* ---- telling, under the lock ---- */

static void tell(struct reed_taker *t)
{
	if (t->posted)
		return;
	t->posted = true;
	reed_post(t->loop, &t->post);
}

static bool has_room(const struct reed_taker *t)
{
	return !t->ended && t->count < REED_TAKER_ROOM;
}

/* Somebody would take one. */
static void resume(struct reed_shared *s)
{
	if (!s->paused || !s->acceptor)
		return;
	s->paused = false;
	tell(s->acceptor);
}

/* Its next turn comes after all others. */
static void give(struct reed_taker *t, int fd)
{
	t->fds[(t->first + t->count++) % REED_TAKER_ROOM] = fd;
	reed_list_remove(&t->link);
	reed_list_append(&t->shared->takers, &t->link);
}

static struct reed_taker *next_of(struct reed_shared *s)
{
	reed_list_each (link, &s->takers)
		if (of_link(link)->wanted && has_room(of_link(link)))
			return of_link(link);
	return NULL;
}

/* ---- the one that accepts ---- */

static bool is_exhausted(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static bool is_broken(int error)
{
	return error == EBADF || error == EINVAL || error == ENOTSOCK;
}

/* Its own listener tells people. */
static void refuse(struct reed_taker *t, int error)
{
	t->refused = error;
	reed_fd_unwatch(&t->watch);
	if (is_exhausted(error))
		reed_timer_start(t->loop, &t->rest, REED_MS(REST_MS));
	reed_listener_ready(t->listener);
}

/* Under the lock.  errno, or 0. */
static int accept_for(struct reed_taker *t, struct reed_taker *to)
{
	int fd = reed_os_accept(t->watch.fd);

	if (fd < 0)
		return errno;
	give(to, fd);
	if (to != t)
		tell(to);
	return 0;
}

/* Returns false when there is no more to accept in this turn. */
static bool accept_one(struct reed_taker *t)
{
	struct reed_shared *s = t->shared;
	struct reed_taker *to;
	int error = EAGAIN;

	reed_sockets_lock(s->sockets);
	to = next_of(s);
	s->paused = !to;
	if (to)
		error = accept_for(t, to);
	reed_sockets_unlock(s->sockets);
	if (!to)
		reed_fd_unwatch(&t->watch);
	if (!is_exhausted(error) && !is_broken(error))
		return error != EAGAIN; /* else it is what befell one peer only */
	refuse(t, error);
	return false;
}

static bool has_some(struct reed_taker *t)
{
	bool has;

	reed_sockets_lock(t->shared->sockets);
	has = t->count > 0;
	reed_sockets_unlock(t->shared->sockets);
	return has;
}

static void can_accept(struct reed_fd_watch *w, unsigned events)
{
	struct reed_taker *t = reed_container_of(w, struct reed_taker, watch);

	(void)events;
	for (int i = 0; i < BATCH && accept_one(t); i++)
		continue;
	if (has_some(t))
		reed_listener_ready(t->listener);
}

static void rest_fire(struct reed_timer *timer)
{
	struct reed_taker *t = reed_container_of(timer, struct reed_taker, rest);

	reed_fd_watch(&t->watch, REED_READ);
}

/* ---- news ---- */

static void look(struct reed_taker *t)
{
	bool accepts;

	reed_sockets_lock(t->shared->sockets);
	t->posted = false;
	accepts = t->shared->acceptor == t && !t->shared->paused;
	reed_sockets_unlock(t->shared->sockets);
	if (accepts && !reed_timer_running(&t->rest))
		reed_fd_watch(&t->watch, REED_READ);
	if (has_some(t))
		reed_listener_ready(t->listener);
}

static void news(struct reed_post *post)
{
	struct reed_taker *t = reed_container_of(post, struct reed_taker, post);

	if (t->listener)
		look(t);
	else
		reed_free(t);
}

/* ---- takers ---- */

void reed_taker_init(struct reed_taker *t, struct reed_shared *s, struct reed_loop *loop, int fd)
{
	t->shared = s;
	t->loop = loop;
	t->watch = (struct reed_fd_watch){ .loop = loop, .ready = can_accept, .fd = fd };
	t->rest.fire = rest_fire;
	t->post.run = news;
	reed_list_append(&s->takers, &t->link);
	if (s->acceptor)
		return;
	s->acceptor = t;
	s->paused = true;
}

void reed_taker_serve(struct reed_taker *t, struct reed_listener *listener)
{
	t->listener = listener;
}

void reed_taker_want(struct reed_taker *t, bool wanted)
{
	struct reed_shared *s = t->shared;

	reed_sockets_lock(s->sockets);
	t->wanted = wanted;
	if (wanted && t->count > 0)
		tell(t);
	if (wanted)
		resume(s);
	reed_sockets_unlock(s->sockets);
}

int reed_taker_accept(struct reed_taker *t)
{
	struct reed_shared *s = t->shared;
	int fd = -1;

	reed_sockets_lock(s->sockets);
	if (t->count > 0) {
		fd = t->fds[t->first];
		t->first = (t->first + 1) % REED_TAKER_ROOM;
		t->count--;
		resume(s);
	}
	reed_sockets_unlock(s->sockets);
	errno = t->refused ? t->refused : EAGAIN;
	if (fd < 0)
		t->refused = 0;
	return fd;
}

/* Under the lock. */
static struct reed_taker *another(struct reed_shared *s)
{
	reed_list_each (link, &s->takers)
		if (!of_link(link)->ended)
			return of_link(link);
	return NULL;
}

void reed_taker_end(struct reed_taker *t)
{
	struct reed_shared *s = t->shared;

	reed_sockets_lock(s->sockets);
	t->ended = true;
	if (s->acceptor == t) {
		s->acceptor = another(s);
		s->paused = true;
		resume(s);
	}
	reed_sockets_unlock(s->sockets);
	reed_timer_stop(&t->rest);
	reed_fd_unwatch(&t->watch);
}

/* Under the lock: to whoever has room, wanted or not, as they are accepted already. */
static void pass_on(struct reed_taker *t)
{
	for (; t->count > 0; t->count--, t->first = (t->first + 1) % REED_TAKER_ROOM) {
		struct reed_taker *to = NULL;

		reed_list_each (link, &t->shared->takers)
			if (!to && has_room(of_link(link)))
				to = of_link(link);
		if (!to) {
			close(t->fds[t->first]);
			continue;
		}
		give(to, t->fds[t->first]);
		tell(to);
	}
}

void reed_taker_give_back(struct reed_taker *t)
{
	struct reed_shared *s = t->shared;
	struct reed_sockets *sockets = s->sockets;
	bool posted;

	reed_taker_end(t);
	reed_sockets_lock(sockets);
	pass_on(t);
	reed_list_remove(&t->link);
	s->members &= ~(UINT64_C(1) << t->loop->member);
	t->listener = NULL;
	close(t->watch.fd);
	posted = t->posted;
	reed_sockets_let_go(s);
	reed_sockets_unlock(sockets);
	if (!posted)
		reed_free(t);
}
