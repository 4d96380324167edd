/* Private: listening sockets that the loops of a team share. */

#ifndef REED_TEAM_PRIVATE_H
#define REED_TEAM_PRIVATE_H

#include "os.h"
#include "reed/address.h"

struct reed_sockets; /* of a team */
struct reed_shared;  /* one of them */

struct reed_sockets *reed_sockets_new(void);

/* By the team, at its end: they go when the last listener has given back its own. */
void reed_sockets_leave(struct reed_sockets *sockets);

/* The sockets own fd, which listens there. */
void reed_sockets_add(struct reed_sockets *sockets, const struct reed_address *at, int fd);

typedef int reed_sockets_make_fn(const struct reed_address *at, const struct reed_bind *options,
                                 struct reed_unix_file *file, enum reed_err *err,
                                 struct reed_fault **fault);

/*
 * The socket of that address, which make() makes if there is none that the
 * member has not taken yet; NULL with the error and fault of make().  *fd is the
 * member's own.  It is closed when every taker has given it back.
 */
struct reed_shared *reed_sockets_take(struct reed_sockets *sockets, unsigned member,
                                      const struct reed_address *at,
                                      const struct reed_bind *options, reed_sockets_make_fn *make,
                                      int *fd, enum reed_err *err, struct reed_fault **fault);
void reed_sockets_give(struct reed_shared *shared, unsigned member);

/* They are another process's too: the files of UNIX sockets stay. */
void reed_sockets_shared(struct reed_sockets *sockets);

/* What the loop has inherited becomes the team's. */
void reed_sockets_inherit(struct reed_sockets *sockets, struct reed_loop *loop);

#endif
