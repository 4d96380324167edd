/* What os_*.c and drivers/ offer to the rest of the kernel. */

#ifndef REED_OS_H
#define REED_OS_H

#include <sys/types.h>

#include "reed/buf.h"
#include "reed/listener.h"
#include "reed/stream.h"

struct sockaddr_storage;
struct reed_dgram;
struct reed_dgram_options;
struct reed_scheme;

/* What the kernel brings itself; ends with NULL. */
extern const struct reed_scheme *const reed_core_schemes[];
extern const struct reed_scheme reed_tls_scheme;

/* How many descriptors from 3 on systemd meant for this process. */
int reed_os_inherited(void);

unsigned reed_address_to_system(const struct reed_address *from, struct sockaddr_storage *to);
void reed_address_of_system(const struct sockaddr_storage *from, unsigned n,
                            struct reed_address *to);

/* Connected and non-blocking; owned from here on. */
struct reed_stream *reed_stream_of_socket(struct reed_loop *loop, int fd);
struct reed_stream *reed_stream_of_pipes(struct reed_loop *loop, int in, int out);

/* To read what is in it.  REED_EISDIR, REED_ENOENT, ... */
struct reed_future *reed_file_dial(struct reed_loop *loop, const char *path,
                                   struct reed_stream **out);

/* One more descriptor of it, for a process that knows nothing of us; both block then. */
enum reed_err reed_os_share_blocking(int fd, int *copy);

/* To a non-blocking socket, as send() does; more: something follows at once. */
ssize_t reed_os_send(int fd, const struct iovec *iov, int count, bool more);

/* What a pipe or terminal reads from; -1 for streams of other kinds. */
int reed_stream_fd(struct reed_stream *s);

/* A file or folder, which no loop can wait for. */
bool reed_os_is_file(int fd);

/* Whether a write of PIPE_BUF bytes would not block. */
bool reed_os_writable(int fd);

/* ---- os_sendfile_*.c ---- */

/* Of a file into a socket.  0: the file ends there; REED_ENOTSUP: read and write it. */
ssize_t reed_os_sendfile(int out, int in, uint64_t offset, size_t n);

/* Whether the byte there can be read without waiting for a disk. */
bool reed_os_is_at_hand(int fd, uint64_t offset);

/* ---- os_sigpipe.c ---- */

/* A call that writes and may raise SIGPIPE, which nobody hears of; returns what it did. */
typedef ssize_t reed_os_call_fn(const void *arg);
ssize_t reed_os_without_sigpipe(reed_os_call_fn *call, const void *arg);

struct reed_bind {
	int backlog;
	bool reuse_port;
	int mode;                 /* of a UNIX socket; -1: as the umask has it */
	const char *user, *group; /* names or numbers; NULL: those of the process */
};

/* Non-blocking, closed on exec; -1 with errno. */
int reed_os_socket(const struct reed_address *at, int type);

/* As accept(2); non-blocking, and closed on exec. */
int reed_os_accept(int fd);

/*
 * What every TCP connection has: small writes leave at once, as streams merge what
 * belongs together; a peer that is gone without a word is noticed in the end.
 */
void reed_os_tune_tcp(int fd, enum reed_family family);

/* Of errno: "WHAT ADDRESS: why" */
enum reed_err reed_os_fail(struct reed_fault **fault, const struct reed_address *at,
                           const char *what);

/* The file of a UNIX socket that we made: only that is removed. */
struct reed_unix_file {
	dev_t dev;
	ino_t ino;
	bool made;
};

/* A stream socket listens then. */
enum reed_err reed_unix_bind(int fd, const struct reed_address *at, int type, int backlog,
                             const struct reed_bind *bind, struct reed_unix_file *file,
                             struct reed_fault **fault);
/* Could a socket be made there?  Nothing is. */
enum reed_err reed_unix_probe(const char *path, struct reed_fault **fault);

void reed_unix_remove(const struct reed_unix_file *file, const char *path);

/* That of a socket which was inherited: it is its last process's to remove. */
struct reed_unix_file reed_unix_file_of(const struct reed_address *at);

/* ---- what waits for somebody to listen, or receive, on its address (os_listener.c) ---- */

void reed_inherited_add(struct reed_loop *loop, int type, const struct reed_address *at, int fd,
                        bool stays);

/* -1: there is none of that type and address. */
int reed_inherited_take(struct reed_loop *loop, int type, const struct reed_address *at,
                        bool *stays);

/* The datagram sockets' part of the calls of reed/handover.h (os_dgram.c). */
size_t reed_receiving(struct reed_loop *loop, int *fds, size_t n);
void reed_receiving_shared(struct reed_loop *loop);
void reed_receiving_let_go(struct reed_loop *loop);

enum reed_err reed_listen_address(struct reed_loop *loop, const struct reed_address *at,
                                  const struct reed_bind *bind, struct reed_listener **out,
                                  struct reed_fault **fault);

/* The same two, through the network of the driver when it has one of its own. */
enum reed_err reed_net_listen(struct reed_loop *loop, const struct reed_address *at,
                              const struct reed_bind *bind, struct reed_listener **out,
                              struct reed_fault **fault);
struct reed_future *reed_net_connect(struct reed_loop *loop, const struct reed_address *to,
                                     const struct reed_address *from, struct reed_stream **out);

/* A datagram socket of the system; at or to may be NULL, and options. */
enum reed_err reed_os_dgram(struct reed_loop *loop, const struct reed_address *at,
                            const struct reed_address *to, const struct reed_dgram_options *options,
                            struct reed_dgram **out, struct reed_fault **fault);

/* A descriptor that somebody has named by its number; whoever closes it unlinks this. */
struct reed_named_fd {
	struct reed_list link;
	int fd;
};

void reed_fd_name(struct reed_loop *loop, struct reed_named_fd *named, int fd);
bool reed_fd_is_named(const struct reed_loop *loop, int fd);

/*
 * A listening socket that was inherited; owned from here on.  REED_EBUSY: somebody else of the
 * loop has named it; REED_EINVAL: it is none.
 */
enum reed_err reed_listener_of_fd(struct reed_loop *loop, int fd, struct reed_listener **out);

/* Where the system would send from to get there; false: it would not. */
bool reed_os_source(const struct reed_address *to, struct reed_address *from);

/* from may be NULL. */
struct reed_future *reed_connect_address(struct reed_loop *loop, const struct reed_address *to,
                                         const struct reed_address *from, struct reed_stream **out);

/* ---- whole files; these block, and are for start, reload and worker threads ---- */

/* Adds to into, whose limit holds: REED_ETOOBIG, REED_ENOENT, REED_EACCES, ...  fault may be NULL. */
enum reed_err reed_os_read_file(const char *path, struct reed_buf *into, struct reed_fault **fault);
bool reed_os_is_directory(const char *path);

/* The paths of the files in it whose names end in suffix, sorted; dot files are left out. */
enum reed_err reed_os_list(const char *path, const char *suffix, char ***names, size_t *count,
                           struct reed_fault **fault);
void reed_os_list_free(char **names, size_t count);

/* Replaces the file, whole or not at all. */
enum reed_err reed_os_write_file(const char *path, struct reed_slice bytes, unsigned mode,
                                 struct reed_fault **fault);

#endif
