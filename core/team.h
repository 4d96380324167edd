/* Private: listening sockets that the loops of a team share. */

#ifndef REED_TEAM_PRIVATE_H
#define REED_TEAM_PRIVATE_H

#include "os.h"
#include "reed/address.h"
#include "reed/listener.h"

struct reed_sockets; /* of a team */
struct reed_taker;   /* what one member has of one of them */

struct reed_sockets *reed_sockets_new(void);

/* By the team, at its end: they go when the last listener has given back its own. */
void reed_sockets_leave(struct reed_sockets *sockets);

/* The sockets own fd, which listens there; stays: also when nobody has it any more. */
void reed_sockets_add(struct reed_sockets *sockets, const struct reed_address *at, int fd,
                      bool stays);

/* Nothing stays any more. */
void reed_sockets_let_all_go(struct reed_sockets *sockets);

typedef int reed_sockets_make_fn(const struct reed_address *at, const struct reed_bind *options,
                                 struct reed_unix_file *file, enum reed_err *err,
                                 struct reed_fault **fault);

/*
 * Of the socket of that address, which make() makes if there is none that the
 * loop has not taken yet; NULL with the error and fault of make().  *fd is the
 * taker's own.  The socket is closed when every taker has been given back.
 */
struct reed_taker *reed_sockets_take(struct reed_sockets *sockets, struct reed_loop *loop,
                                     const struct reed_address *at, const struct reed_bind *options,
                                     reed_sockets_make_fn *make, int *fd, enum reed_err *err,
                                     struct reed_fault **fault);

/* They are another process's too: the files of UNIX sockets stay. */
void reed_sockets_shared(struct reed_sockets *sockets);

/* What the loop has inherited becomes the team's. */
void reed_sockets_inherit(struct reed_sockets *sockets, struct reed_loop *loop);

/* Closes those that nobody has taken; says how many. */
size_t reed_sockets_forget(struct reed_sockets *sockets);

/* ---- in the loop of the taker ---- */

/* Once; the listener is told when there is something to accept. */
void reed_taker_serve(struct reed_taker *taker, struct reed_listener *listener);
void reed_taker_want(struct reed_taker *taker, bool wanted);

/* As accept(2), errno too. */
int reed_taker_accept(struct reed_taker *taker);

/* It gets no more, but what it has got. */
void reed_taker_end(struct reed_taker *taker);

/* What it has not accepted goes to the others.  Closes its descriptor. */
void reed_taker_give_back(struct reed_taker *taker);

/* ---- between the two files ---- */

enum { REED_TAKER_ROOM = 256 };

struct reed_shared {
	struct reed_sockets *sockets;
	struct reed_list link;
	struct reed_address at; /* as it was asked for */
	struct reed_unix_file file;
	uint64_t members;            /* who have taken it, a bit each */
	struct reed_list takers;     /* whose turn it is first */
	struct reed_taker *acceptor; /* NULL: none of them accepts any more */
	bool stays;                  /* it can be bound only once */
	bool paused;                 /* the acceptor does not watch: nobody would take */
	int fd;
};

/* All but what is said to be the loop's is under the lock of the sockets. */
struct reed_taker {
	struct reed_shared *shared;
	struct reed_list link;
	struct reed_loop *loop;
	struct reed_listener *listener; /* the loop's; NULL: given back */
	struct reed_fd_watch watch;     /* the loop's; of the acceptor */
	struct reed_timer rest;         /* the same; the system has no descriptors */
	struct reed_post post;
	int refused; /* the loop's: errno to be told; 0: none */
	int fds[REED_TAKER_ROOM];
	unsigned first, count;
	bool posted, wanted, ended;
};

void reed_sockets_lock(struct reed_sockets *sockets);
void reed_sockets_unlock(struct reed_sockets *sockets);
void reed_sockets_let_go(
	struct reed_shared *shared); /* under the lock: if nobody has it any more */
void reed_taker_init(struct reed_taker *taker, struct reed_shared *shared, struct reed_loop *loop,
                     int fd);

#endif
