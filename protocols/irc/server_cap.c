/* CAP (IRCv3 capability-negotiation): what a client and the server can do beyond RFC 2812. */

#include "irc_server.h"

static const char *const cap_names[] = {
#define X(id, name) [IRC_CAP_INDEX_##id] = name,
	IRC_CAPS(X)
#undef X
};

/* Of a line: what stands before the list may have a long nick and a long name of the server. */
enum { LIST_MOST = 350 };

/* ---- what can be had here and now ---- */

/* Without a mechanism there is nothing to offer (sasl-3.2). */
static bool has_sasl(struct irc_conn *c)
{
	struct reed_buf mechanisms = { .limit = 0 };
	bool has;

	reed_irc_sasl_mechanisms(c, &mechanisms);
	has = reed_buf_held(&mechanisms) > 0;
	reed_buf_finish(&mechanisms);
	return has;
}

static uint64_t caps_offered(struct irc_conn *c)
{
	uint64_t caps = (UINT64_C(1) << IRC_CAP_COUNT) - 1;

	if (!has_sasl(c))
		caps &= ~(uint64_t)IRC_CAP_SASL;
	if (!c->server->portal || !c->server->options.registration)
		caps &= ~(uint64_t)IRC_CAP_REGISTRATION;
	return caps;
}

static void add_value(struct irc_conn *c, int i, struct reed_buf *out)
{
	if (i == IRC_CAP_INDEX_SASL) {
		reed_buf_add_char(out, '=');
		reed_irc_sasl_mechanisms(c, out);
	} else if (i == IRC_CAP_INDEX_REGISTRATION) {
		reed_buf_add_str(out, "=before-connect,custom-account-name");
	}
}

/* ---- lists ---- */

/* A list in as many lines as it needs. */
struct cap_list {
	struct irc_conn *c;
	const char *sub;
	bool stars; /* all lines but the last are marked so: version 302 */
	struct reed_buf words;
};

static void send_line(struct cap_list *list, bool last)
{
	struct irc_line l;

	reed_irc_begin(&l, list->c->server->name, "CAP");
	reed_irc_build_param(&l.b, reed_irc_client_name(list->c));
	reed_irc_build_param(&l.b, reed_slice_of(list->sub));
	if (!last && list->stars)
		reed_irc_build_param(&l.b, REED_STR("*"));
	reed_irc_build_text(&l.b, reed_slice_trim(reed_buf_slice(&list->words)));
	reed_irc_end(list->c, &l);
	reed_buf_clear(&list->words);
}

static void list_add(struct cap_list *list, struct reed_slice word)
{
	size_t held = reed_buf_held(&list->words);

	if (held > 0 && held + word.n > LIST_MOST)
		send_line(list, false);
	reed_buf_add(&list->words, word);
	reed_buf_add_char(&list->words, ' ');
}

static void list_end(struct cap_list *list)
{
	send_line(list, true);
	reed_buf_finish(&list->words);
}

static void send_caps(struct irc_conn *c, const char *sub, uint64_t caps, bool values)
{
	struct cap_list list = { .c = c, .sub = sub, .stars = c->cap_version >= 2 };
	struct reed_buf word = { .limit = 0 };

	for (int i = 0; i < IRC_CAP_COUNT; i++) {
		if (!(caps >> i & 1))
			continue;
		reed_buf_clear(&word);
		reed_buf_add_str(&word, cap_names[i]);
		if (values)
			add_value(c, i, &word);
		list_add(&list, reed_buf_slice(&word));
	}
	list_end(&list);
	reed_buf_finish(&word);
}

/* ---- REQ ---- */

static int cap_index(struct reed_slice name)
{
	for (int i = 0; i < IRC_CAP_COUNT; i++)
		if (reed_slice_is(name, cap_names[i]))
			return i;
	return -1;
}

/* All of the list or nothing of it; from left to right, so that the last word on one counts. */
static bool parse_request(struct irc_conn *c, struct reed_slice list, uint64_t *caps)
{
	uint64_t offered = caps_offered(c);

	while (list.n > 0) {
		struct reed_slice word = reed_slice_cut(&list, ' ');
		bool off = word.n > 0 && word.p[0] == '-';
		int i;

		if (word.n == 0)
			continue;
		i = cap_index(reed_slice_from(word, off));
		if (i < 0 || !(offered >> i & 1))
			return false;
		/* a client of CAP 302 cannot do without being told of changes */
		if (off && i == IRC_CAP_INDEX_CAP_NOTIFY && c->cap_version >= 2)
			return false;
		*caps = off ? *caps & ~(UINT64_C(1) << i) : *caps | UINT64_C(1) << i;
	}
	return true;
}

/* Nothing changes until the last line of the answer is sent. */
static void cap_request(struct irc_conn *c, struct reed_slice words)
{
	uint64_t caps = c->caps;
	bool granted = parse_request(c, words, &caps);
	struct cap_list list = { .c = c, .sub = granted ? "ACK" : "NAK" };

	c->negotiating |= !c->registered;
	while (words.n > 0) {
		struct reed_slice word = reed_slice_cut(&words, ' ');

		if (word.n > 0)
			list_add(&list, word);
	}
	list_end(&list);
	if (granted)
		c->caps = (uint32_t)caps;
}

/* ---- the command ---- */

static void cap_ls(struct irc_conn *c, const struct reed_irc_message *m)
{
	uint64_t version = 0;

	reed_slice_u64(reed_irc_param(m, 1), UINT64_MAX, &version);
	if (version >= 302) {
		c->cap_version = 2;
		c->caps |= IRC_CAP_CAP_NOTIFY;
	} else if (c->cap_version == 0) {
		c->cap_version = 1;
	}
	c->negotiating |= !c->registered;
	send_caps(c, "LS", caps_offered(c), version >= 302);
}

void reed_irc_cmd_cap(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice sub = m->params[0];

	if (reed_slice_is_nocase(sub, "LS")) {
		cap_ls(c, m);
	} else if (reed_slice_is_nocase(sub, "LIST")) {
		send_caps(c, "LIST", c->caps, false);
	} else if (reed_slice_is_nocase(sub, "REQ")) {
		cap_request(c, reed_irc_param(m, 1));
	} else if (reed_slice_is_nocase(sub, "END")) {
		/* once registered there is nothing to end */
		if (c->registered)
			return;
		c->negotiating = false;
		reed_irc_login_abort(c);
		reed_irc_try_register(c);
	} else {
		reed_irc_tell1(c, REED_IRC_ERR_INVALIDCAPCMD, sub);
	}
}

/* ---- cap-notify ---- */

void reed_irc_caps_changed(struct reed_irc_server *server, const struct irc_cap_state *was)
{
	struct irc_cap_state now = reed_irc_cap_state(server);

	reed_list_each (link, &server->conns) {
		struct irc_conn *c = reed_container_of(link, struct irc_conn, link);
		bool clear = !c->secure && !c->exempt;
		uint64_t fresh = 0, gone = 0;

		if (!irc_has(c, IRC_CAP_CAP_NOTIFY) || c->closing)
			continue;
		if (now.registration != was->registration)
			*(now.registration ? &fresh : &gone) |= IRC_CAP_REGISTRATION;
		if (now.plain_in_clear != was->plain_in_clear && clear && server->portal)
			*(has_sasl(c) ? &fresh : &gone) |= IRC_CAP_SASL;
		if (gone)
			send_caps(c, "DEL", gone, false);
		c->caps &= (uint32_t)~gone;
		if (fresh)
			send_caps(c, "NEW", fresh, c->cap_version >= 2);
	}
}

struct irc_cap_state reed_irc_cap_state(const struct reed_irc_server *server)
{
	return (struct irc_cap_state){ server->portal && server->options.registration,
		                       server->options.plain_in_clear };
}
