/* What the schemes of the kernel share. */

#ifndef REED_ENDPOINT_PRIVATE_H
#define REED_ENDPOINT_PRIVATE_H

#include "os.h"
#include "reed/endpoint.h"
#include "reed/resolve.h"

extern const struct reed_scheme reed_tcp_scheme, reed_srv_scheme, reed_udp_scheme, reed_sim_scheme;
extern const struct reed_scheme reed_haproxy_scheme, reed_socks5_scheme, reed_socks4a_scheme;
extern const struct reed_scheme reed_http_connect_scheme;
extern const struct reed_scheme reed_log_scheme, reed_throttle_scheme;

/* By the scheme, under the keys that every endpoint has. */
struct reed_future *reed_endpoint_listen_by(struct reed_loop *loop,
                                            const struct reed_scheme *scheme,
                                            const struct reed_endpoint *e,
                                            struct reed_listener **out);
struct reed_future *reed_endpoint_dial_by(struct reed_loop *loop, const struct reed_scheme *scheme,
                                          const struct reed_endpoint *e, struct reed_stream **out);
extern const struct reed_scheme reed_exec_scheme, reed_serial_scheme, reed_file_endpoint_scheme;

/* Are the keys that every endpoint has as they should be? */
enum reed_err reed_endpoint_check_rules(const struct reed_endpoint *e, struct reed_fault **fault);

/* Of a scheme over TCP too, whose arguments and keys are laid out as tcp's. */
enum reed_err reed_tcp_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                             struct reed_fault **fault);

/* A listener that is there already, for a future that can be dropped. */
struct reed_future *reed_endpoint_listening(struct reed_listener *l, struct reed_listener **out);
struct reed_future *reed_endpoint_listen_on(struct reed_loop *loop, const struct reed_address *at,
                                            const struct reed_bind *bind,
                                            struct reed_listener **out);

/* The path or abstract name that is its first argument. */
enum reed_err reed_endpoint_unix(const struct reed_endpoint *e, struct reed_address *at,
                                 struct reed_fault **fault);

/* Datagrams over a UNIX socket, or over one that was inherited. */
struct reed_future *reed_unix_dgram_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                           struct reed_dgram **out);
struct reed_future *reed_unix_dgram_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                         struct reed_dgram **out);
struct reed_future *reed_endpoint_dgram_of_fd(struct reed_loop *loop, const struct reed_endpoint *e,
                                              const struct reed_endpoint_part *part, int fd,
                                              struct reed_dgram **out);

/* Fails as the descriptor that a part of e names cannot be had: as somebody else has it, or why. */
struct reed_future *reed_endpoint_unfit(struct reed_loop *loop, const struct reed_endpoint *e,
                                        const struct reed_endpoint_part *part, int fd,
                                        enum reed_err err, const char *why);

/* The value of a key, which the caller frees; NULL without it. */
char *reed_endpoint_text(const struct reed_endpoint *e, const char *key);

/* *out stays as it is without the key. */
enum reed_err reed_endpoint_number(const struct reed_endpoint *e, const char *key, uint64_t max,
                                   int base, int *out, struct reed_fault **fault);

/* The keys of those that dial by TCP; the options point to from. */
enum reed_err reed_endpoint_dialling(const struct reed_endpoint *e,
                                     struct reed_connect_options *options,
                                     struct reed_address *from, int *timeout_s,
                                     struct reed_fault **fault);

#endif
