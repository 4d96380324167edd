/* What the files of the service tree share. */

#ifndef REED_SERVICE_PRIVATE_H
#define REED_SERVICE_PRIVATE_H

#include "reed/service.h"

/* Values of settings, and whose they are. */
struct lease {
	const void *values;
	void *holder;
	void (*release)(void *holder); /* NULL: they outlive the service */
};

struct service {
	struct reed_service self;
	struct lease lease, next;            /* of self.settings; of those of the next life */
	struct reed_service_options options; /* without what was copied */
	char *name, *state;                  /* owned */
	char *status;                        /* owned; NULL: it has not said */
	struct reed_door *doors;             /* of this life; with what they point to owned */
	size_t door_count;
	struct reed_list children; /* of this life */
	struct reed_list sibling;
	struct reed_list waits;    /* for it to be ready, or to end */
	struct reed_waiter holder; /* owns the life of a child */
	struct life *life;         /* NULL when it does not run */
	struct reed_fault *fault;  /* why it failed, or was made to; may be NULL */
	enum reed_err err;
	int64_t since; /* reed_now() of its condition */
	int64_t ready_since;
	unsigned failures;     /* in a row */
	bool in_main;          /* its future runs */
	bool said_ready;       /* in this life */
	bool was_ready;        /* in any */
	struct reed_cell open; /* of a root: those that are open, or have sessions still */
};

/* The service around all others. */
struct service *reed_service_root(const struct service *s);

static inline struct service *reed_service_inner(const struct reed_service *self)
{
	return reed_container_of((struct reed_service *)(uintptr_t)self, struct service, self);
}

static inline struct service *reed_service_of_sibling(struct reed_list *link)
{
	return reed_container_of(link, struct service, sibling);
}

/* The one place where a service changes its condition: tells those who wait, and the parent. */
void reed_service_set(struct service *s, enum reed_service_state state);

/* f, which ends well however it ends: for a scope that is not to end with it. */
struct reed_future *reed_service_forgive(struct reed_loop *loop, struct reed_future *f);

/* Its life begins, and belongs to whoever gets the future. */
struct reed_future *reed_service_live(struct service *s);

/* It cannot go on, says somebody else: its future is interrupted.  Takes over the fault. */
void reed_service_blame(struct service *s, struct reed_fault *fault);

/* Settles those who wait for what is the case by now; all of them when it goes. */
void reed_service_tell(struct service *s, bool it_goes);

/* Forgets its doors, whose listeners are gone. */
void reed_service_forget_doors(struct service *s);

/* Frees its children, in reverse order. */
void reed_service_clear(struct service *s);

/* Settings for the next life, if there is one. */
void reed_service_renew(struct reed_service *self, struct lease next);

/* For the life that begins. */
void reed_service_take_settings(struct service *s);

/* What is set of the options. */
int64_t reed_service_grace_ms(const struct service *s);

#endif
