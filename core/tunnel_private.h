/* Dialogues with proxies, without a stream: bytes in, bytes out. */

#ifndef REED_TUNNEL_PRIVATE_H
#define REED_TUNNEL_PRIVATE_H

#include "reed/address.h"
#include "reed/buf.h"
#include "reed/tunnel.h"

struct reed_talk {
	const struct reed_talk_ops *ops;
	char *host;                  /* A-labels, or digits */
	struct reed_address address; /* of digits; else of no family */
	uint16_t port;
	char *user, *password;
	struct reed_buf out; /* to be said */
	int state;
	bool done;
};

struct reed_talk_ops {
	const char *name;

	/* Says the first words, or *fault why they cannot be said. */
	enum reed_err (*begin)(struct reed_talk *t, struct reed_fault **fault);

	/* Understands *length bytes of what has come.  REED_EAGAIN: there have to be more. */
	enum reed_err (*hear)(struct reed_talk *t, struct reed_slice in, size_t *length,
	                      struct reed_fault **fault);
};

extern const struct reed_talk_ops reed_socks5_talk, reed_socks4a_talk, reed_connect_talk;

/* REED_ESYNTAX: no host.  Finish it in any case. */
enum reed_err reed_talk_init(struct reed_talk *t, const struct reed_talk_ops *ops,
                             const struct reed_tunnel_options *options, struct reed_fault **fault);
void reed_talk_finish(struct reed_talk *t);

#endif
