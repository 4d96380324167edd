/* What os_*.c and drivers/ offer to the rest of the kernel. */

#ifndef REED_OS_H
#define REED_OS_H

#include "reed/listener.h"
#include "reed/stream.h"

struct sockaddr_storage;
struct reed_scheme;

/* What the kernel brings itself; ends with NULL. */
extern const struct reed_scheme *const reed_core_schemes[];

/* How many descriptors from 3 on systemd meant for this process. */
int reed_os_inherited(void);

void reed_address_of_system(const struct sockaddr_storage *from, unsigned n,
                            struct reed_address *to);

/* Connected and non-blocking; owned from here on. */
struct reed_stream *reed_stream_of_socket(struct reed_loop *loop, int fd);
struct reed_stream *reed_stream_of_pipes(struct reed_loop *loop, int in, int out);

/* Whether a write of PIPE_BUF bytes would not block. */
bool reed_os_writable(int fd);

struct reed_bind {
	int backlog;
	bool reuse_port;
	int mode;                       /* of a UNIX socket; -1: as the umask has it */
};

enum reed_err reed_listen_address(struct reed_loop *loop, const struct reed_address *at,
                                  const struct reed_bind *bind, struct reed_listener **out,
                                  struct reed_fault **fault);

/* The same two, through the network of the driver when it has one of its own. */
enum reed_err reed_net_listen(struct reed_loop *loop, const struct reed_address *at,
                              const struct reed_bind *bind, struct reed_listener **out,
                              struct reed_fault **fault);
struct reed_future *reed_net_connect(struct reed_loop *loop, const struct reed_address *to,
                                     const struct reed_address *from, struct reed_stream **out);

/* A listening socket that was inherited; owned from here on. */
enum reed_err reed_listener_of_fd(struct reed_loop *loop, int fd, struct reed_listener **out);

/* from may be NULL. */
struct reed_future *reed_connect_address(struct reed_loop *loop, const struct reed_address *to,
                                         const struct reed_address *from,
                                         struct reed_stream **out);

#endif
