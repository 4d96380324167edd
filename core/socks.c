/* SOCKS5 (RFC 1928, 1929) and SOCKS4a, the client's side of the dialogue. */

#include <string.h>

#include "tunnel_private.h"

static void put_port(struct reed_talk *t)
{
	reed_buf_add_char(&t->out, (char)(t->port >> 8));
	reed_buf_add_char(&t->out, (char)t->port);
}

static void put_counted(struct reed_buf *out, struct reed_slice word)
{
	reed_buf_add_char(out, (char)word.n);
	reed_buf_add(out, word);
}

static enum reed_err not_socks(struct reed_fault **fault, struct reed_slice in, const char *version)
{
	*fault = reed_fault(REED_EPROTO, NULL, "its answer begins with byte 0x%02x, which is no %s",
	                    (unsigned)(unsigned char)in.p[0], version);
	return REED_EPROTO;
}

/* ---- SOCKS5 ---- */

enum { METHOD, LOGIN, REPLY };

enum { NO_LOGIN = 0x00, PASSWORD = 0x02, NO_METHOD = 0xff };

enum { BY_IPV4 = 1, BY_NAME = 3, BY_IPV6 = 4 };

enum { ONION = 0xf0 };

static enum reed_err too_long(struct reed_fault **fault, const char *what)
{
	*fault = reed_fault(REED_EINVAL, NULL, "%s has 1 to 255 bytes in SOCKS5", what);
	return REED_EINVAL;
}

static bool fits(const char *word)
{
	return !word || (*word && strlen(word) <= 255);
}

/* RFC 1928 3 */
static enum reed_err socks5_begin(struct reed_talk *t, struct reed_fault **fault)
{
	if (!fits(t->user))
		return too_long(fault, "a user");
	if (!fits(t->password))
		return too_long(fault, "a password");
	reed_buf_add(&t->out, t->user ? REED_STR("\5\2\0\2") : REED_STR("\5\1\0"));
	t->state = METHOD;
	return REED_OK;
}

/* RFC 1928 4: the request */
static void ask(struct reed_talk *t)
{
	reed_buf_add(&t->out, REED_STR("\5\1\0"));
	if (t->address.family == REED_FAMILY_IPV4) {
		reed_buf_add_char(&t->out, BY_IPV4);
		reed_buf_add(&t->out, reed_slice(t->address.ip, 4));
	} else if (t->address.family == REED_FAMILY_IPV6) {
		reed_buf_add_char(&t->out, BY_IPV6);
		reed_buf_add(&t->out, reed_slice(t->address.ip, 16));
	} else {
		reed_buf_add_char(&t->out, BY_NAME);
		put_counted(&t->out, reed_slice_of(t->host));
	}
	put_port(t);
	t->state = REPLY;
}

/* RFC 1929 2; a password may be none */
static void log_in(struct reed_talk *t)
{
	reed_buf_add_char(&t->out, 1);
	put_counted(&t->out, reed_slice_of(t->user));
	put_counted(&t->out, reed_slice_of(t->password));
	t->state = LOGIN;
}

static enum reed_err hear_method(struct reed_talk *t, struct reed_slice in,
                                 struct reed_fault **fault)
{
	unsigned method = (unsigned char)in.p[1];

	if (method == NO_LOGIN) {
		ask(t);
	} else if (method == PASSWORD && t->user) {
		log_in(t);
	} else if (method == NO_METHOD || method == PASSWORD) {
		*fault = reed_fault(REED_EAUTH, NULL, "it wants %s",
		                    t->user ? "another way to log in than user and password"
		                            : "a user and password, or another way to log in");
		return REED_EAUTH;
	} else {
		*fault = reed_fault(REED_EPROTO, NULL,
		                    "it chose a way to log in that was not offered (0x%02x)",
		                    method);
		return REED_EPROTO;
	}
	return REED_OK;
}

static enum reed_err hear_login(struct reed_talk *t, struct reed_slice in,
                                struct reed_fault **fault)
{
	if (in.p[0] != 1)
		return not_socks(fault, in, "answer to a user and password");
	if (in.p[1] != 0) {
		*fault = reed_fault(REED_EAUTH, NULL, "it does not accept this user and password");
		return REED_EAUTH;
	}
	ask(t);
	return REED_OK;
}

/* RFC 1928 6 */
static enum reed_err refusal(unsigned code, struct reed_fault **fault)
{
	static const struct {
		enum reed_err err;
		const char *what;
	} refusals[] = {
		{ REED_EIO, "it failed" },
		{ REED_EACCES, "its rules do not allow this" },
		{ REED_ENETUNREACH, "it cannot reach that network" },
		{ REED_EHOSTUNREACH, "it cannot reach that host" },
		{ REED_EREFUSED, "the host refused the connection" },
		{ REED_ETIMEDOUT, "the time to live ran out on the way" },
		{ REED_ENOTSUP, "it cannot do this" },
		{ REED_ENOTSUP, "it does not know this kind of address" },
	};
	/* tor-spec, socks-extensions: of a SocksPort with ExtendedErrors */
	static const struct {
		enum reed_err err;
		const char *what;
	} onion[] = {
		{ REED_EHOSTUNREACH, "the onion service is not published; it may be down" },
		{ REED_EPROTO, "what the onion service has published is malformed" },
		{ REED_EHOSTUNREACH, "the onion service cannot be introduced to" },
		{ REED_EHOSTUNREACH, "the onion service did not come to the rendezvous" },
		{ REED_EAUTH, "the onion service wants a client's key" },
		{ REED_EAUTH, "the onion service does not accept this client's key" },
		{ REED_ESYNTAX, "this is no address of an onion service" },
		{ REED_ETIMEDOUT, "the introduction to the onion service timed out" },
	};

	if (code <= REED_COUNT(refusals)) {
		*fault = reed_fault(refusals[code - 1].err, NULL, "%s", refusals[code - 1].what);
		return refusals[code - 1].err;
	}
	if (code >= ONION && code - ONION < REED_COUNT(onion)) {
		*fault = reed_fault(onion[code - ONION].err, NULL, "%s", onion[code - ONION].what);
		return onion[code - ONION].err;
	}
	*fault = reed_fault(REED_EPROTO, NULL, "it answered 0x%02x, which means nothing", code);
	return REED_EPROTO;
}

/* The address it connects from is of no use to us, but stands in front of the first byte. */
static enum reed_err hear_reply(struct reed_talk *t, struct reed_slice in, size_t *length,
                                struct reed_fault **fault)
{
	size_t n = 0;

	if (in.p[1] != 0)
		return refusal((unsigned char)in.p[1], fault);
	if (in.n < 5)
		return REED_EAGAIN;
	if (in.p[3] == BY_IPV4)
		n = 4;
	else if (in.p[3] == BY_IPV6)
		n = 16;
	else if (in.p[3] == BY_NAME)
		n = 1 + (size_t)(unsigned char)in.p[4];
	else
		return not_socks(fault, reed_slice_from(in, 3), "kind of address");
	*length = 4 + n + 2;
	if (in.n < *length)
		return REED_EAGAIN;
	t->done = true;
	return REED_OK;
}

static enum reed_err socks5_hear(struct reed_talk *t, struct reed_slice in, size_t *length,
                                 struct reed_fault **fault)
{
	if (in.n > 0 && t->state != LOGIN && in.p[0] != 5)
		return not_socks(fault, in, "SOCKS5");
	if (in.n < 2)
		return REED_EAGAIN;
	*length = 2;
	if (t->state == METHOD)
		return hear_method(t, in, fault);
	if (t->state == LOGIN)
		return hear_login(t, in, fault);
	return hear_reply(t, in, length, fault);
}

const struct reed_talk_ops reed_socks5_talk = {
	.name = "SOCKS5",
	.begin = socks5_begin,
	.hear = socks5_hear,
};

/* ---- SOCKS4a ---- */

enum { GRANTED = 90, IDENT_MISSING = 92, IDENT_OTHER = 93, ANSWER = 8 };

/* An address that cannot be, 0.0.0.x, says that the name follows. */
static enum reed_err socks4a_begin(struct reed_talk *t, struct reed_fault **fault)
{
	bool is_address = t->address.family == REED_FAMILY_IPV4;

	if (t->password) {
		*fault = reed_fault(REED_EINVAL, NULL, "SOCKS4a has no passwords; SOCKS5 has");
		return REED_EINVAL;
	}
	reed_buf_add(&t->out, REED_STR("\4\1"));
	put_port(t);
	reed_buf_add(&t->out, is_address ? reed_slice(t->address.ip, 4) : REED_STR("\0\0\0\1"));
	reed_buf_add(&t->out, reed_slice_of(t->user));
	reed_buf_add_char(&t->out, '\0');
	if (!is_address) {
		reed_buf_add(&t->out, reed_slice_of(t->host));
		reed_buf_add_char(&t->out, '\0');
	}
	return REED_OK;
}

static enum reed_err socks4a_hear(struct reed_talk *t, struct reed_slice in, size_t *length,
                                  struct reed_fault **fault)
{
	unsigned code;

	if (in.n > 0 && in.p[0] != 0)
		return not_socks(fault, in, "SOCKS4a");
	if (in.n < ANSWER)
		return REED_EAGAIN;
	code = (unsigned char)in.p[1];
	if (code == IDENT_MISSING || code == IDENT_OTHER) {
		*fault = reed_fault(REED_EAUTH, NULL, "it does not accept this user");
		return REED_EAUTH;
	}
	if (code != GRANTED) {
		*fault = reed_fault(REED_EREFUSED, NULL, "it refuses, or could not connect (%u)",
		                    code);
		return REED_EREFUSED;
	}
	*length = ANSWER;
	t->done = true;
	return REED_OK;
}

const struct reed_talk_ops reed_socks4a_talk = {
	.name = "SOCKS4a",
	.begin = socks4a_begin,
	.hear = socks4a_hear,
};
