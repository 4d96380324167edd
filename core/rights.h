/* Descriptors that travel over UNIX streams. */

#ifndef REED_RIGHTS_H
#define REED_RIGHTS_H

#include "reed/stream.h"

/* Owned; closed when it is freed. */
struct reed_rights {
	size_t count, room;
	int fds[];
};

struct reed_rights *reed_rights_new(size_t room);
void reed_rights_free(struct reed_rights *r);

/* Duplicates n, closed on exec; NULL with errno. */
struct reed_rights *reed_rights_of(const int *fds, size_t n);

/* Takes the first out; they are the caller's. */
size_t reed_rights_take(struct reed_rights *r, int *fds, size_t n);

/* As sendmsg() and recvmsg(); -1 with errno: EMSGSIZE: there is no room; EMFILE: they are lost. */
ssize_t reed_rights_send(int fd, const struct iovec *iov, int count, const int *fds, size_t n);
ssize_t reed_rights_receive(int fd, char *into, size_t room, struct reed_rights *r);

#endif
