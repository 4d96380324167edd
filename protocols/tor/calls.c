/* The commands that have a call of their own. */

#include <string.h>

#include "private.h"

enum { COMMAND = 64 << 10 };

/* NULL with *failed: it cannot be said. */
static char *line_of(struct reed_tor *tor, struct reed_buf *b, struct reed_future **failed)
{
	enum reed_err err = b->err;
	char *line = err ? NULL : reed_buf_take(b);

	*failed = line ? NULL : reed_failed(tor->loop, err, "a command of tor that is too long");
	if (b->p)
		reed_wipe(b->p, b->size);
	reed_buf_finish(b);
	return line;
}

static struct reed_future *order(struct reed_tor *tor, struct reed_buf *b,
                                 struct reed_tor_reply *reply)
{
	struct reed_future *failed;
	char *line = line_of(tor, b, &failed);

	return line ? reed_tor_do(tor, line, reply) : failed;
}

/* Names and words that go into a command as they are. */
static bool is_word(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == '"' || *text == 0x7f)
			return false;
	return true;
}

static struct reed_future *no_word(struct reed_tor *tor, const char *text)
{
	return reed_failed(tor->loop, REED_EINVAL, "\"%s\" is no word that tor could know", text);
}

/* ---- a value out of the reply ---- */

typedef enum reed_err take_fn(const struct reed_tor_reply *reply, const char *key, void *out);

struct call {
	struct reed_co co;
	struct reed_future *asking;
	struct reed_tor_reply reply;
	char *key;
	take_fn *take;
	void *out;
};

static struct reed_future *asking(struct call *self)
{
	struct reed_future *f = self->asking;

	self->asking = NULL;
	return f;
}

static void call_run(struct reed_co *co)
{
	struct call *self = reed_frame(co, struct call);

	reed_coroutine (co) {
		reed_try(co, asking(self));
		if (self->take(&self->reply, self->key, NULL))
			reed_try(co, reed_failed(co->loop, REED_EPROTO,
			                         "tor has answered without %s", self->key));
	}
}

static void call_deliver(struct reed_co *co)
{
	struct call *self = reed_frame(co, struct call);

	self->take(&self->reply, self->key, self->out);
}

static void call_end(struct reed_co *co)
{
	struct call *self = reed_frame(co, struct call);

	reed_drop(self->asking);
	reed_tor_reply_finish(&self->reply);
	reed_free(self->key);
}

static const struct reed_co_kind call_kind = {
	.name = "tor call",
	.size = sizeof(struct call),
	.run = call_run,
	.deliver = call_deliver,
	.end = call_end,
};

static struct reed_future *call(struct reed_tor *tor, struct reed_buf *b, const char *key,
                                take_fn *take, void *out)
{
	struct call *self;
	struct reed_future *failed;
	char *line = line_of(tor, b, &failed);

	if (!line)
		return failed;
	self = reed_co_new(tor->loop, &call_kind);
	self->key = reed_strdup(key);
	self->take = take;
	self->out = out;
	self->asking = reed_tor_do(tor, line, &self->reply);
	return reed_start(&self->co);
}

/* ---- values and settings ---- */

static enum reed_err take_text(const struct reed_tor_reply *reply, const char *key, void *out)
{
	struct reed_slice value;

	if (!reed_tor_reply_value(reply, key, 0, &value))
		return REED_EPROTO;
	if (out)
		*(char **)out = reed_slice_dup(value);
	return REED_OK;
}

struct reed_future *reed_tor_get_info(struct reed_tor *tor, const char *key, char **value)
{
	struct reed_buf b = { .limit = COMMAND };

	if (!is_word(key))
		return no_word(tor, key);
	reed_buf_printf(&b, "GETINFO %s", key);
	return call(tor, &b, key, take_text, value);
}

struct reed_future *reed_tor_get_conf(struct reed_tor *tor, const char *key,
                                      struct reed_tor_reply *reply)
{
	struct reed_buf b = { .limit = COMMAND };

	if (!is_word(key))
		return no_word(tor, key);
	reed_buf_printf(&b, "GETCONF %s", key);
	return order(tor, &b, reply);
}

struct reed_future *reed_tor_set_conf(struct reed_tor *tor, const char *key, const char *value)
{
	struct reed_buf b = { .limit = COMMAND };

	if (!is_word(key) || strchr(key, '='))
		return no_word(tor, key);
	reed_buf_printf(&b, "%s %s", value ? "SETCONF" : "RESETCONF", key);
	if (value)
		reed_buf_add_char(&b, '=');
	if (value && reed_tor_quote(&b, reed_slice_of(value))) {
		reed_buf_finish(&b);
		return reed_failed(tor->loop, REED_EINVAL, "a value of %s with a line end in it",
		                   key);
	}
	return order(tor, &b, NULL);
}

struct reed_future *reed_tor_signal(struct reed_tor *tor, const char *name)
{
	struct reed_buf b = { .limit = COMMAND };

	if (!is_word(name))
		return no_word(tor, name);
	reed_buf_printf(&b, "SIGNAL %s", name);
	return order(tor, &b, NULL);
}

struct reed_future *reed_tor_set_events(struct reed_tor *tor, const char *names)
{
	struct reed_buf b = { .limit = COMMAND };

	reed_buf_add_str(&b, "SETEVENTS");
	if (*names)
		reed_buf_printf(&b, " %s", names);
	return order(tor, &b, NULL);
}

/* ---- onion services ---- */

static enum reed_err take_onion(const struct reed_tor_reply *reply, const char *key, void *out)
{
	struct reed_tor_onion *onion = out;
	struct reed_slice address;

	if (!reed_tor_reply_value(reply, key, 0, &address) || !reed_tor_is_address(address))
		return REED_EPROTO;
	if (onion)
		reed_slice_copy(onion->address, sizeof(onion->address), address);
	return REED_OK;
}

static void put_flags(struct reed_buf *b, const struct reed_tor_onion_options *o)
{
	const char *const flags[] = { o->key ? NULL : "DiscardPK",
		                      o->client_count > 0 ? "V3Auth" : NULL,
		                      o->single_hop ? "NonAnonymous" : NULL };
	const char *before = " Flags=";

	for (size_t i = 0; i < REED_COUNT(flags); i++) {
		if (!flags[i])
			continue;
		reed_buf_printf(b, "%s%s", before, flags[i]);
		before = ",";
	}
}

/* control-spec 3.27 */
static enum reed_err put_onion(struct reed_buf *b, const struct reed_tor_onion_options *o)
{
	if (!o->port || !o->target || !is_word(o->target) || (o->key && !is_word(o->key)))
		return REED_EINVAL;
	reed_buf_printf(b, "ADD_ONION %s", o->key ? o->key : "NEW:ED25519-V3");
	put_flags(b, o);
	if (o->streams)
		reed_buf_printf(b, " MaxStreams=%u", o->streams);
	reed_buf_printf(b, " Port=%u,%s", o->port, o->target);
	for (size_t i = 0; i < o->client_count; i++) {
		if (!reed_tor_is_client_key(reed_slice_of(o->clients[i])))
			return REED_EINVAL;
		reed_buf_printf(b, " ClientAuthV3=%s", o->clients[i]);
	}
	return REED_OK;
}

struct reed_future *reed_tor_add_onion(struct reed_tor *tor,
                                       const struct reed_tor_onion_options *given,
                                       struct reed_tor_onion *onion)
{
	struct reed_tor_onion_options o = REED_TOR_ONION_OPTIONS;
	struct reed_buf b = { .limit = COMMAND };

	memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	if (!put_onion(&b, &o))
		return call(tor, &b, "ServiceID", take_onion, onion);
	if (b.p)
		reed_wipe(b.p, b.size);
	reed_buf_finish(&b);
	return reed_failed(tor->loop, REED_EINVAL,
	                   "an onion service needs a port, a target, and of its clients "
	                   "x25519 keys in base32 (52 characters)");
}

/* Without ".onion", which people put behind it. */
static struct reed_slice bare(const char *address)
{
	struct reed_slice s = reed_slice_of(address);

	return reed_slice_ends(s, REED_STR(".onion")) ? reed_slice_first(s, s.n - 6) : s;
}

static struct reed_future *about_address(struct reed_tor *tor, const char *command,
                                         const char *address, const char *rest)
{
	struct reed_buf b = { .limit = COMMAND };

	if (!reed_tor_is_address(bare(address)))
		return reed_failed(tor->loop, REED_EINVAL,
		                   "\"%s\" is no address of an onion service of version 3",
		                   address);
	reed_buf_printf(&b, "%s " REED_FMT "%s", command, REED_ARG(bare(address)), rest);
	return order(tor, &b, NULL);
}

struct reed_future *reed_tor_del_onion(struct reed_tor *tor, const char *address)
{
	return about_address(tor, "DEL_ONION", address, "");
}

struct reed_future *reed_tor_add_client_auth(struct reed_tor *tor, const char *address,
                                             const char *key)
{
	char secret[REED_TOR_KEY], rest[REED_TOR_KEY + 16];
	struct reed_future *f;

	if (!reed_tor_client_secret(reed_slice_of(key), secret))
		return reed_failed(tor->loop, REED_EINVAL,
		                   "the key of a client of an onion service is 32 bytes of x25519, "
		                   "in base64 or base32");
	snprintf(rest, sizeof(rest), " x25519:%s", secret);
	f = about_address(tor, "ONION_CLIENT_AUTH_ADD", address, rest);
	reed_wipe(secret, sizeof(secret));
	reed_wipe(rest, sizeof(rest));
	return f;
}

struct reed_future *reed_tor_remove_client_auth(struct reed_tor *tor, const char *address)
{
	return about_address(tor, "ONION_CLIENT_AUTH_REMOVE", address, "");
}
