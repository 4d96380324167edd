/* The schemes onion and tor. */

#include <string.h>

#include "private.h"

static char *text_of(const struct reed_endpoint *e, const char *key)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);

	return part ? reed_slice_dup(part->value) : NULL;
}

/* An endpoint in brackets, to be dialled. */
static enum reed_err check_dialled(const struct reed_endpoint *e, const char *key,
                                   struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);

	if (!part)
		return REED_OK;
	if (part->nested)
		return reed_endpoint_check_nested(e, part, REED_ENDPOINT_DIAL, fault);
	*fault = reed_endpoint_fault(e, part,
	                             "an endpoint in brackets must stand here, as in "
	                             "%s=[tcp:127.0.0.1:%s]",
	                             key, strcmp(key, "socks") == 0 ? "9050" : "9051");
	return REED_ESYNTAX;
}

static enum reed_err port_of(const struct reed_endpoint *e, unsigned n, uint16_t *port,
                             struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_arg(e, n);
	enum reed_err err = reed_endpoint_port(e, part, port, fault);

	if (err || *port)
		return err;
	*fault = reed_endpoint_fault(e, part, "a port from 1 to 65535 must stand here");
	return REED_ESYNTAX;
}

/* yes or no; without the key no. */
static enum reed_err flag_of(const struct reed_endpoint *e, const char *key, bool *flag,
                             struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);

	*flag = part && reed_slice_is(part->value, "yes");
	if (!part || *flag || reed_slice_is(part->value, "no"))
		return REED_OK;
	*fault = reed_endpoint_fault(e, part, "yes or no must stand here");
	return REED_ESYNTAX;
}

static bool is_set(const struct reed_endpoint *e, const char *key)
{
	struct reed_fault *fault = NULL;
	bool flag;

	flag_of(e, key, &flag, &fault);
	reed_fault_free(fault);
	return flag;
}

static struct reed_tor_options options_of(const struct reed_endpoint *e)
{
	struct reed_tor_options o = REED_TOR_OPTIONS;

	o.control = text_of(e, "control");
	o.password = text_of(e, "password");
	o.cookie = text_of(e, "cookie");
	return o;
}

/* ---- what a sandbox has to let us do ---- */

static void tell_key(const struct reed_endpoint *e, const char *key, enum reed_scheme_need need,
                     reed_scheme_need_fn *tell, void *arg)
{
	char *text = text_of(e, key);

	if (text)
		tell(arg, need, text);
	reed_free(text);
}

static void tell_control(const struct reed_endpoint *e, reed_scheme_need_fn *tell, void *arg)
{
	if (is_set(e, "launch")) {
		tell(arg, REED_NEED_PROGRAM, "tor");
		return;
	}
	if (reed_endpoint_key(e, "control")) {
		tell_key(e, "control", REED_NEED_ENDPOINT, tell, arg);
	} else {
		tell(arg, REED_NEED_ENDPOINT, "unix:/run/tor/control");
		tell(arg, REED_NEED_ENDPOINT, "tcp:127.0.0.1:9051");
	}
	if (reed_endpoint_key(e, "cookie")) {
		tell_key(e, "cookie", REED_NEED_READ, tell, arg);
		return;
	}
	/* Debian's.  Where tor puts it when nobody says there are keys as well. */
	tell(arg, REED_NEED_READ, "/run/tor/control.authcookie");
}

/* ---- onion ---- */

/* A tor of our own is logged in to in our own way. */
static enum reed_err check_launch(const struct reed_endpoint *e, struct reed_fault **fault)
{
	static const char *const others[] = { "control", "password", "cookie" };
	const struct reed_endpoint_part *part;
	bool launch;
	enum reed_err err = flag_of(e, "launch", &launch, fault);

	for (size_t i = 0; !err && launch && i < REED_COUNT(others); i++) {
		part = reed_endpoint_key(e, others[i]);
		if (!part)
			continue;
		*fault = reed_endpoint_fault(e, part,
		                             "%s= is of a tor that runs already, not of one that "
		                             "launch=yes starts",
		                             others[i]);
		err = REED_ESYNTAX;
	}
	return err;
}

static const char *behind_name(const struct reed_endpoint *e)
{
	return is_set(e, "single-hop") ? "-single-hop" : "";
}

/* All endpoints of a service share a tor, but those of one kind not with those of the other. */
static char *folder_of(const struct reed_loop *loop, const struct reed_endpoint *e)
{
	return reed_sprintf("%s/tor%s", reed_endpoint_state(loop), behind_name(e));
}

static enum reed_err onion_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                                 struct reed_fault **fault)
{
	enum reed_err err;
	uint16_t port;
	bool flag;

	(void)use;
	err = port_of(e, 0, &port, fault);
	if (!err)
		err = flag_of(e, "single-hop", &flag, fault);
	if (!err)
		err = check_launch(e, fault);
	return err ? err : check_dialled(e, "control", fault);
}

/*
 * The file of the key: as it is said, or in the state directory; NULL: nowhere.
 * What has been at one hop once is no secret any more, so it has a key of its own.
 */
static char *key_of(const struct reed_loop *loop, const struct reed_endpoint *e, uint16_t port)
{
	const char *state = reed_endpoint_state(loop);
	char *key = text_of(e, "key");

	return key || !state ? key : reed_sprintf("%s/onion-%u%s.key", state, port, behind_name(e));
}

static struct reed_future *listen_with(struct reed_loop *loop, const struct reed_endpoint *e,
                                       struct reed_onion_options *o,
                                       struct reed_listener **listener)
{
	char *key = key_of(loop, e, o->port), *clients = text_of(e, "clients");
	struct reed_tor_options tor = options_of(e);
	struct reed_future *f;

	o->key = key;
	o->clients = clients;
	o->single_hop = is_set(e, "single-hop");
	o->tor = &tor;
	if (is_set(e, "launch"))
		tor.launch = folder_of(loop, e);
	f = reed_onion_listen(loop, o, listener, NULL);
	reed_free(key);
	reed_free(clients);
	reed_tor_options_finish(&tor);
	return f;
}

static struct reed_future *onion_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                        struct reed_listener **listener)
{
	struct reed_onion_options o = REED_ONION_OPTIONS;
	struct reed_fault *fault = NULL;

	if (port_of(e, 0, &o.port, &fault))
		return reed_failed_with(loop, fault);
	if (is_set(e, "launch") && !reed_endpoint_state(loop))
		return reed_failed(loop, REED_EINVAL,
		                   "launch=yes keeps tor's data in the state directory, and there "
		                   "is none");
	return listen_with(loop, e, &o, listener);
}

/* A key that is made lies in a folder which is the service's own, unless it is said otherwise. */
static void onion_needs(const struct reed_endpoint *e, reed_scheme_need_fn *tell, void *arg)
{
	char *key = text_of(e, "key");
	char *slash = key ? strrchr(key, '/') : NULL;

	tell(arg, REED_NEED_ENDPOINT, "tcp:0");
	tell_control(e, tell, arg);
	tell_key(e, "clients", REED_NEED_READ, tell, arg);
	if (slash && slash != key)
		*slash = '\0';
	if (key)
		tell(arg, REED_NEED_WRITE, slash ? (slash == key ? "/" : key) : ".");
	reed_free(key);
}

static const struct reed_scheme_key onion_keys[] = {
	{ "key", "file with the service's key, made when it is not there; onion-PORT.key in the "
	         "state directory" },
	{ "clients", "file with the public keys of those who may come in, one a line" },
	{ "launch", "yes: start a tor of our own, whose data is in the state directory" },
	{ "single-hop", "yes: quicker, and hides the clients only; needs a tor for such services" },
	{ "control", "tor's control port, in brackets; [unix:/run/tor/control], then "
	             "[tcp:127.0.0.1:9051]" },
	{ "password", "for the control port, never shown" },
	{ "cookie", "file that proves who we are; where tor says it is" },
	{ NULL, NULL },
};

const struct reed_scheme reed_onion_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "onion",
	.listen_usage = "onion:PORT[:key=FILE][:clients=FILE][:launch=yes][:single-hop=yes]",
	.help = "A service at an onion address, which tor publishes; the log says its address.",
	.listen_args = { 1, 1 },
	.keys = onion_keys,
	.listen = onion_listen,
	.check = onion_check,
	.needs = onion_needs,
};

/* ---- tor ---- */

static enum reed_err timeout_of(const struct reed_endpoint *e, int64_t *ms,
                                struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "timeout");
	uint64_t seconds;

	if (!part)
		return REED_OK;
	if (reed_slice_u64(part->value, 86400, &seconds)) {
		*fault = reed_endpoint_fault(e, part, "a number up to 86400 must stand here");
		return REED_ESYNTAX;
	}
	*ms = (int64_t)seconds * 1000;
	return REED_OK;
}

static enum reed_err check_isolate(const struct reed_endpoint *e, struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "isolate");

	if (!part || (part->value.n > 0 && part->value.n <= 255))
		return REED_OK;
	*fault = reed_endpoint_fault(e, part, "a word of up to 255 bytes must stand here, or *");
	return REED_ESYNTAX;
}

static enum reed_err check_auth(const struct reed_endpoint *e, struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "auth");

	if (!part || reed_slice_ends(reed_endpoint_arg(e, 0)->value, REED_STR(".onion")))
		return REED_OK;
	*fault = reed_endpoint_fault(e, part, "only an onion service can want a client's key");
	return REED_ESYNTAX;
}

static enum reed_err tor_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                               struct reed_fault **fault)
{
	enum reed_err err;
	uint16_t port;
	int64_t ms;

	(void)use;
	err = port_of(e, 1, &port, fault);
	if (!err)
		err = check_dialled(e, "socks", fault);
	if (!err)
		err = check_dialled(e, "control", fault);
	if (!err)
		err = timeout_of(e, &ms, fault);
	if (!err)
		err = check_isolate(e, fault);
	return err ? err : check_auth(e, fault);
}

static struct reed_future *tor_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                    struct reed_stream **stream)
{
	struct reed_tor_dial_options o = REED_TOR_DIAL_OPTIONS;
	struct reed_tor_options tor = options_of(e);
	char *host = reed_slice_dup(reed_endpoint_arg(e, 0)->value);
	char *socks = text_of(e, "socks"), *isolate = text_of(e, "isolate");
	char *auth = text_of(e, "auth");
	struct reed_fault *fault = NULL;
	struct reed_future *f;

	o.host = host;
	o.socks = socks;
	o.isolate = isolate && strcmp(isolate, "*") == 0 ? "" : isolate;
	o.auth = auth;
	o.tor = &tor;
	if (port_of(e, 1, &o.port, &fault) || timeout_of(e, &o.timeout_ms, &fault))
		f = reed_failed_with(loop, fault);
	else
		f = reed_tor_dial(loop, &o, stream);
	reed_free(host);
	reed_free(socks);
	reed_free(isolate);
	reed_free(auth);
	reed_tor_options_finish(&tor);
	return f;
}

static void tor_needs(const struct reed_endpoint *e, reed_scheme_need_fn *tell, void *arg)
{
	if (reed_endpoint_key(e, "socks"))
		tell_key(e, "socks", REED_NEED_ENDPOINT, tell, arg);
	else
		tell(arg, REED_NEED_ENDPOINT, "tcp:127.0.0.1:9050");
	if (!reed_endpoint_key(e, "auth"))
		return;
	tell_key(e, "auth", REED_NEED_READ, tell, arg);
	tell_control(e, tell, arg);
}

static const struct reed_scheme_key tor_keys[] = {
	{ "isolate", "a word: connections with another one never share a circuit, * for each by "
	             "itself; host and port" },
	{ "auth", "file with our key for an onion service that wants one" },
	{ "socks", "where tor takes connections, in brackets; [tcp:127.0.0.1:9050]" },
	{ "timeout", "seconds for tor to connect us, 0 for as long as it takes; 120" },
	{ "control", "tor's control port, in brackets, for auth= only" },
	{ "password", "for the control port, never shown" },
	{ "cookie", "file that proves who we are to the control port" },
	{ NULL, NULL },
};

const struct reed_scheme reed_tor_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "tor",
	.dial_usage = "tor:HOST:PORT[:isolate=WORD][:auth=FILE]",
	.help = "Through tor, which resolves the name; onion addresses too.",
	.dial_args = { 2, 2 },
	.dial_host = 1,
	.keys = tor_keys,
	.dial = tor_dial,
	.check = tor_check,
	.needs = tor_needs,
};
