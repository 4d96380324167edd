/*
 * Listening sockets of a team: each member has a descriptor of its own, all of
 * the same socket.  Who gets which connection is os_team_accept.c's.
 */

#include "team.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "private.h"
#include "reed/alloc.h"
#include "reed/list.h"

struct reed_sockets {
	pthread_mutex_t lock;
	struct reed_list all;
	bool left; /* by the team */
};

static struct reed_shared *of_link(struct reed_list *link)
{
	return reed_container_of(link, struct reed_shared, link);
}

struct reed_sockets *reed_sockets_new(void)
{
	struct reed_sockets *self = reed_alloc(sizeof(*self));

	pthread_mutex_init(&self->lock, NULL);
	reed_list_init(&self->all);
	return self;
}

void reed_sockets_lock(struct reed_sockets *self)
{
	pthread_mutex_lock(&self->lock);
}

void reed_sockets_let_go(struct reed_shared *s)
{
	if (s->members || s->stays)
		return;
	reed_unix_remove(&s->file, s->at.path);
	close(s->fd);
	reed_list_remove(&s->link);
	reed_free(s);
}

static void let_go_for_good(struct reed_shared *s)
{
	s->stays = false;
	reed_sockets_let_go(s);
}

/* When the team has left only one thread is left. */
void reed_sockets_unlock(struct reed_sockets *self)
{
	bool over = self->left && reed_list_empty(&self->all);

	pthread_mutex_unlock(&self->lock);
	if (!over)
		return;
	pthread_mutex_destroy(&self->lock);
	reed_free(self);
}

static void let_all_go(struct reed_sockets *self)
{
	reed_list_each_safe (link, &self->all)
		let_go_for_good(of_link(link));
}

void reed_sockets_leave(struct reed_sockets *self)
{
	pthread_mutex_lock(&self->lock);
	let_all_go(self); /* inherited, and not taken */
	self->left = true;
	reed_sockets_unlock(self);
}

size_t reed_sockets_forget(struct reed_sockets *self)
{
	size_t n = 0;

	pthread_mutex_lock(&self->lock);
	reed_list_each_safe (link, &self->all) {
		if (of_link(link)->members)
			continue;
		let_go_for_good(of_link(link));
		n++;
	}
	pthread_mutex_unlock(&self->lock);
	return n;
}

static struct reed_shared *add(struct reed_sockets *self, const struct reed_address *at, int fd)
{
	struct reed_shared *s = reed_alloc(sizeof(*s));

	s->sockets = self;
	s->at = *at;
	s->fd = fd;
	reed_list_init(&s->takers);
	reed_list_append(&self->all, &s->link);
	return s;
}

void reed_sockets_add(struct reed_sockets *self, const struct reed_address *at, int fd, bool stays)
{
	pthread_mutex_lock(&self->lock);
	add(self, at, fd)->stays = stays;
	pthread_mutex_unlock(&self->lock);
}

/* Who listens there twice, as with port 0, means two. */
static struct reed_shared *find(struct reed_sockets *self, const struct reed_address *at,
                                uint64_t member)
{
	reed_list_each (link, &self->all)
		if (!(of_link(link)->members & member) && reed_address_eq(&of_link(link)->at, at))
			return of_link(link);
	return NULL;
}

static struct reed_shared *make_one(struct reed_sockets *self, const struct reed_address *at,
                                    const struct reed_bind *options, reed_sockets_make_fn *make,
                                    enum reed_err *err, struct reed_fault **fault)
{
	struct reed_unix_file file = { .made = false };
	int fd = make(at, options, &file, err, fault);
	struct reed_shared *s;

	if (fd < 0)
		return NULL;
	s = add(self, at, fd);
	s->file = file;
	return s;
}

struct reed_taker *reed_sockets_take(struct reed_sockets *self, struct reed_loop *loop,
                                     const struct reed_address *at, const struct reed_bind *options,
                                     reed_sockets_make_fn *make, int *fd, enum reed_err *err,
                                     struct reed_fault **fault)
{
	uint64_t bit = UINT64_C(1) << loop->member;
	struct reed_taker *taker = NULL;
	struct reed_shared *s;

	reed_sockets_lock(self);
	s = find(self, at, bit);
	if (!s)
		s = make_one(self, at, options, make, err, fault);
	*fd = s ? fcntl(s->fd, F_DUPFD_CLOEXEC, 0) : -1;
	if (*fd >= 0) {
		taker = reed_alloc(sizeof(*taker));
		s->members |= bit;
		reed_taker_init(taker, s, loop, *fd);
	} else if (s) {
		*err = reed_os_fail(fault, at, "no descriptor for");
		reed_sockets_let_go(s);
	}
	reed_sockets_unlock(self);
	return taker;
}

void reed_sockets_let_all_go(struct reed_sockets *self)
{
	pthread_mutex_lock(&self->lock);
	let_all_go(self);
	pthread_mutex_unlock(&self->lock);
}

void reed_sockets_shared(struct reed_sockets *self)
{
	pthread_mutex_lock(&self->lock);
	reed_list_each (link, &self->all)
		of_link(link)->file.made = false;
	pthread_mutex_unlock(&self->lock);
}
