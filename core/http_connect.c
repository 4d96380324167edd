/* HTTP CONNECT (RFC 9110 9.3.6, RFC 9112), the client's side of the dialogue. */

#include <string.h>

#include "reed/alloc.h"
#include "reed/base64.h"
#include "tunnel_private.h"

enum { INTERIM_MOST = 8, REASON = 80 };

static const struct reed_slice version = { "HTTP/1.", 7 };

/* ---- out ---- */

/* RFC 9110 5.5: none of these may stand in a field; RFC 7617 2: a user has no colon */
static bool has_any_of(const char *word, const char *what)
{
	return word && strpbrk(word, what);
}

static void add_credentials(const struct reed_talk *t, struct reed_buf *out)
{
	char *pair = reed_sprintf("%s:%s", t->user, t->password ? t->password : "");

	reed_buf_add_base64(out, reed_slice_of(pair));
	reed_wipe(pair, strlen(pair));
	reed_free(pair);
}

static enum reed_err connect_begin(struct reed_talk *t, struct reed_fault **fault)
{
	bool brackets = t->address.family == REED_FAMILY_IPV6;
	char *at = reed_sprintf(brackets ? "[%s]:%u" : "%s:%u", t->host, t->port);

	if (has_any_of(t->user, ":\r\n") || has_any_of(t->password, "\r\n")) {
		*fault = reed_fault(REED_EINVAL, NULL,
		                    "a user has no colon, and a password no line breaks, in HTTP");
		reed_free(at);
		return REED_EINVAL;
	}
	reed_buf_printf(&t->out, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", at, at);
	if (t->user) {
		reed_buf_add_str(&t->out, "Proxy-Authorization: Basic ");
		add_credentials(t, &t->out);
		reed_buf_add_str(&t->out, "\r\n");
	}
	reed_buf_add_str(&t->out, "\r\n");
	reed_free(at);
	return REED_OK;
}

/* ---- in ---- */

static enum reed_err wrong(struct reed_fault **fault, const char *what)
{
	*fault = reed_fault(REED_EPROTO, NULL, "its answer %s", what);
	return REED_EPROTO;
}

/* The length of what ends with an empty line; 0: it has not ended. */
static size_t head_length(struct reed_slice in)
{
	size_t at = 0, end;

	while ((end = reed_slice_find(reed_slice_from(in, at), '\n')) < in.n - at) {
		bool empty = end == 0 || (end == 1 && in.p[at] == '\r');

		at += end + 1;
		if (empty)
			return at;
	}
	return 0;
}

/* RFC 9112 4: "HTTP/1.1 200 Connection established" */
static bool take_status(struct reed_slice line, unsigned *status, struct reed_slice *reason)
{
	struct reed_slice code;
	uint64_t number;

	if (line.n < version.n + 5 || line.p[version.n] < '0' || line.p[version.n] > '9' ||
	    line.p[version.n + 1] != ' ')
		return false;
	code = reed_slice_first(reed_slice_from(line, version.n + 2), 3);
	*reason = reed_slice_from(line, version.n + 5);
	if (code.n != 3 || reed_slice_u64(code, 599, &number) || number < 100 ||
	    (reason->n > 0 && reason->p[0] != ' '))
		return false;
	*reason = reed_slice_trim(*reason);
	*status = (unsigned)number;
	return true;
}

static enum reed_err err_of(unsigned status)
{
	switch (status) {
	case 401:
	case 407:
		return REED_EAUTH;
	case 403:
	case 405:
		return REED_EACCES;
	case 502:
	case 503:
		return REED_EHOSTUNREACH;
	case 504:
		return REED_ETIMEDOUT;
	default:
		return REED_EREFUSED;
	}
}

/* Some proxies say what they were told, and logs keep it. */
static bool repeats_secrets(const struct reed_talk *t, struct reed_slice reason)
{
	struct reed_buf code = { 0 };
	bool found;

	if (!t->password || !*t->password)
		return false;
	add_credentials(t, &code);
	found = reed_slice_search(reason, reed_slice_of(t->password)) < reason.n ||
	        reed_slice_search(reason, reed_buf_slice(&code)) < reason.n;
	reed_wipe(code.p, code.size);
	reed_buf_finish(&code);
	return found;
}

/* The reason is the peer's word, and may end up on a terminal. */
static enum reed_err refused(const struct reed_talk *t, unsigned status, struct reed_slice reason,
                             struct reed_fault **fault)
{
	char shown[REASON + 1];
	size_t n = reason.n < REASON ? reason.n : REASON;

	if (repeats_secrets(t, reason))
		n = 0;
	for (size_t i = 0; i < n; i++)
		shown[i] = (char)(reason.p[i] >= ' ' && reason.p[i] < 127 ? reason.p[i] : '?');
	shown[n] = '\0';
	*fault =
		reed_fault(err_of(status), NULL, "it answered %u%s%s", status, n ? " " : "", shown);
	return err_of(status);
}

/* Interim answers may come before the final one; RFC 9110 15.2 */
static enum reed_err take_answer(struct reed_talk *t, unsigned status, struct reed_slice reason,
                                 struct reed_fault **fault)
{
	if (status == 101)
		return wrong(fault, "switches to a protocol that nobody asked for");
	if (status < 200)
		return t->state++ < INTERIM_MOST ? REED_OK
		                                 : wrong(fault, "does not come to an end");
	if (status >= 300)
		return refused(t, status, reason, fault);
	t->done = true;
	return REED_OK;
}

static enum reed_err connect_hear(struct reed_talk *t, struct reed_slice in, size_t *length,
                                  struct reed_fault **fault)
{
	struct reed_slice start = reed_slice_first(in, version.n), rest = in, reason;
	unsigned status;

	if (!reed_slice_eq(start, reed_slice_first(version, start.n)))
		return wrong(fault, "is not of HTTP/1");
	*length = head_length(in);
	if (*length == 0 && in.n < REED_TUNNEL_ANSWER)
		return REED_EAGAIN;
	if (*length == 0 || *length > REED_TUNNEL_ANSWER) {
		*fault = reed_fault(REED_ETOOBIG, NULL, "its answer has more than %d bytes",
		                    REED_TUNNEL_ANSWER);
		return REED_ETOOBIG;
	}
	if (!take_status(reed_slice_trim(reed_slice_cut(&rest, '\n')), &status, &reason))
		return wrong(fault, "has no status that could be understood");
	return take_answer(t, status, reason, fault);
}

const struct reed_talk_ops reed_connect_talk = {
	.name = "HTTP",
	.begin = connect_begin,
	.hear = connect_hear,
};
