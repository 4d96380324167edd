/* Capabilities (IRCv3 capability-negotiation 302, with cap-notify). */

#include "client_private.h"

#include <string.h>

static const char *const known[] = {
#define X(name, word) word,
	IRC_KNOWN_CAPS(X)
#undef X
};

static struct irc_cap *cap_at(struct reed_list *link)
{
	return reed_container_of(link, struct irc_cap, link);
}

static uint32_t bit_of(struct reed_slice name)
{
	for (size_t i = 0; i < REED_COUNT(known); i++)
		if (reed_slice_is(name, known[i]))
			return UINT32_C(1) << i;
	return 0;
}

static struct irc_cap *find(const struct reed_irc_client *c, struct reed_slice name)
{
	reed_list_each (link, &c->caps) {
		if (reed_slice_is(name, cap_at(link)->name))
			return cap_at(link);
	}
	return NULL;
}

const struct irc_cap *reed_irc_client_cap(const struct reed_irc_client *c, struct reed_slice name)
{
	return find(c, name);
}

static void free_cap(struct reed_irc_client *c, struct irc_cap *cap)
{
	c->caps_on &= ~cap->bit;
	c->cap_count--;
	reed_list_remove(&cap->link);
	reed_free(cap->name);
	reed_free(cap->value);
	reed_free(cap);
}

void reed_irc_client_forget_caps(struct reed_irc_client *c)
{
	while (!reed_list_empty(&c->caps))
		free_cap(c, cap_at(c->caps.next));
}

/* ---- what we want ---- */

static bool is_in(const char *words, struct reed_slice name)
{
	struct reed_slice rest = reed_slice_of(words);

	while (rest.n > 0)
		if (reed_slice_eq(reed_slice_cut(&rest, ' '), name))
			return true;
	return false;
}

/* What the extension needs, by its own words. */
static bool has_basis(const struct reed_irc_client *c, const struct irc_cap *cap)
{
	bool needs_batch = cap->bit & (IRC_CAP_LABELED_RESPONSE | IRC_CAP_MULTILINE);

	return !needs_batch || (find(c, REED_STR("batch")) &&
	                        !is_in(c->options.not_capabilities, REED_STR("batch")));
}

static bool is_wanted(const struct reed_irc_client *c, const struct irc_cap *cap)
{
	struct reed_slice name = reed_slice_of(cap->name);

	if (is_in(c->options.not_capabilities, name))
		return false;
	if (cap->bit == IRC_CAP_SASL)
		return reed_irc_client_wants_sasl(c);
	return (cap->bit && has_basis(c, cap)) || is_in(c->options.capabilities, name);
}

static void ask(struct reed_irc_client *c, struct reed_buf *names)
{
	if (reed_buf_held(names) == 0)
		return;
	reed_irc_client_tell(c, REED_IRC_AT_ONCE, "CAP", REED_STR("REQ"), reed_buf_slice(names));
	reed_buf_clear(names);
	c->progress.unanswered++;
}

/* In one line as long as it is, because the server answers a line as a whole. */
void reed_irc_client_ask_caps(struct reed_irc_client *c)
{
	struct reed_buf names = { .limit = REED_IRC_LINE_MAX - 16 };

	reed_list_each (link, &c->caps) {
		struct irc_cap *cap = cap_at(link);
		size_t n = strlen(cap->name);

		if (cap->is_on || cap->is_asked || !is_wanted(c, cap))
			continue;
		cap->is_asked = true;
		if (reed_buf_held(&names) + n + 1 > names.limit)
			ask(c, &names);
		if (reed_buf_held(&names) > 0)
			reed_buf_add_char(&names, ' ');
		reed_buf_add_str(&names, cap->name);
	}
	ask(c, &names);
	reed_buf_finish(&names);
}

/* ---- what the server says ---- */

/* "name" or "name=value" */
static void offer(struct reed_irc_client *c, struct reed_slice word)
{
	struct reed_slice name = reed_slice_cut(&word, '=');
	struct irc_cap *cap = find(c, name);

	if (!cap) {
		if (c->cap_count >= IRC_CAPS_MOST)
			return;
		cap = reed_alloc(sizeof(*cap));
		cap->name = reed_slice_dup(name);
		cap->bit = bit_of(name);
		reed_list_append(&c->caps, &cap->link);
		c->cap_count++;
	}
	cap->is_asked = false;
	reed_irc_replace(&cap->value, word);
}

/* "-name" takes it back, in an ACK */
static void acknowledge(struct reed_irc_client *c, struct reed_slice word)
{
	bool off = reed_slice_starts(word, REED_STR("-"));
	struct irc_cap *cap;

	cap = find(c, off ? reed_slice_from(word, 1) : word);
	if (!cap)
		return;
	cap->is_on = !off;
	if (off)
		c->caps_on &= ~cap->bit;
	else
		c->caps_on |= cap->bit;
}

/* The policy of STS stays whatever the server takes back. */
static void withdraw(struct reed_irc_client *c, struct reed_slice word)
{
	struct irc_cap *cap = find(c, word);

	if (cap)
		free_cap(c, cap);
}

/* One that was refused together with others may be had alone. */
static void try_alone(struct reed_irc_client *c, struct reed_slice word)
{
	if (!find(c, word))
		return;
	reed_irc_client_tell(c, REED_IRC_AT_ONCE, "CAP", REED_STR("REQ"), word);
	c->progress.unanswered++;
}

typedef void each_word(struct reed_irc_client *c, struct reed_slice word);

static size_t for_each_word(struct reed_irc_client *c, struct reed_slice words, each_word *each)
{
	size_t n = 0;

	while (words.n > 0) {
		struct reed_slice word = reed_slice_cut(&words, ' ');

		if (word.n == 0)
			continue;
		each(c, word);
		n++;
	}
	return n;
}

static void answered(struct reed_irc_client *c)
{
	if (c->progress.unanswered > 0)
		c->progress.unanswered--;
}

static void on_refusal(struct reed_irc_client *c, struct reed_slice words)
{
	struct reed_slice rest = reed_slice_trim(words);

	answered(c);
	if (reed_slice_find(rest, ' ') < rest.n)
		for_each_word(c, words, try_alone);
}

/* cap-notify: those that are new are asked for, and SASL begins anew. */
static void on_new(struct reed_irc_client *c, struct irc_box *box, struct reed_slice words)
{
	for_each_word(c, words, offer);
	reed_irc_client_heed_sts(c);
	reed_irc_client_ask_caps(c);
	box->event.kind = REED_IRC_EVENT_CAPABILITIES;
	box->event.text = words;
	box->event.subject = REED_STR("");
}

static void on_ack(struct reed_irc_client *c, struct reed_slice words)
{
	bool had_sasl = irc_is_on(c, IRC_CAP_SASL);

	for_each_word(c, words, acknowledge);
	answered(c);
	if (!had_sasl && irc_is_on(c, IRC_CAP_SASL) && reed_irc_client_is_online(c) &&
	    !c->sasl.is_running && !*c->account)
		reed_scope_add(&c->scope, reed_irc_client_authenticate_late(c));
}

/* CAP client sub [*] :words, where the star says that more will follow */
void reed_irc_client_on_cap(struct reed_irc_client *c, struct irc_box *box)
{
	const struct reed_irc_message *m = &box->message;
	struct reed_slice sub = reed_irc_param(m, 1), words = reed_irc_text(m);
	bool more = m->count > 3 && reed_slice_is(reed_irc_param(m, 2), "*");

	box->event.kind = REED_IRC_EVENT_RAW;
	if (m->count < 3)
		return;
	if (reed_slice_is_nocase(sub, "LS")) {
		for_each_word(c, words, offer);
		c->progress.has_caps = true;
		c->progress.has_listed |= !more;
	} else if (reed_slice_is_nocase(sub, "ACK")) {
		on_ack(c, words);
	} else if (reed_slice_is_nocase(sub, "NAK")) {
		on_refusal(c, words);
	} else if (reed_slice_is_nocase(sub, "NEW")) {
		on_new(c, box, words);
	} else if (reed_slice_is_nocase(sub, "DEL")) {
		for_each_word(c, words, withdraw);
		box->event.kind = REED_IRC_EVENT_CAPABILITIES;
		box->event.subject = words;
		box->event.text = REED_STR("");
	}
	reed_irc_client_progress(c);
}

/* 421 CAP, or 451: a server from before there were any. */
void reed_irc_client_on_no_cap(struct reed_irc_client *c, struct irc_box *box)
{
	bool is_cap = reed_slice_is_nocase(reed_irc_param(&box->message, 1), "CAP");
	bool is_451 = box->message.numeric == REED_IRC_ERR_NOTREGISTERED;

	if (c->progress.has_welcomed || !(is_cap || is_451))
		return;
	c->progress.has_listed = true;
	c->progress.unanswered = 0;
	reed_irc_client_progress(c);
}
