/* Names to block: a table of keyed hashes, and the lines they come from. */

#include "filter.h"

#include <stdio.h>

#include "reed/alloc.h"

#include "serve.h"

enum {
	MOST = 4000000,
	SLOTS_LEAST = 1024,
	PIECE = 1 << 16,
	LINE_MOST = 4096,
	/* The two lowest bits of a slot; the others are of the hash.  0 is empty. */
	ONLY_IT = 1,
	AND_BELOW = 2,
	BITS = 3,
};

struct names {
	uint64_t *slots;
	size_t mask, count;
};

struct reed_dns_blocklist {
	uint8_t secret[16];
	struct names blocked, allowed;
	size_t most, left_out;
};

/* ---- names ---- */

static uint64_t *slot_of(const struct names *names, uint64_t hash)
{
	size_t i = (hash >> 8) & names->mask;

	while (names->slots[i] && (names->slots[i] | BITS) != (hash | BITS))
		i = (i + 1) & names->mask;
	return &names->slots[i];
}

static void grow(struct names *names)
{
	struct names before = *names;

	if (names->slots && 2 * names->count <= names->mask)
		return;
	names->mask = names->slots ? 2 * names->mask + 1 : SLOTS_LEAST - 1;
	names->slots = reed_alloc((names->mask + 1) * sizeof(*names->slots));
	for (size_t i = 0; before.slots && i <= before.mask; i++)
		if (before.slots[i])
			*slot_of(names, before.slots[i]) = before.slots[i];
	reed_free(before.slots);
}

static void put(struct names *names, uint64_t hash, unsigned how)
{
	uint64_t *slot;

	grow(names);
	slot = slot_of(names, hash);
	names->count += *slot == 0;
	*slot = *slot ? *slot | how : (hash & ~(uint64_t)BITS) | how;
}

static bool has(const struct names *names, uint64_t hash, unsigned how)
{
	return names->slots && *slot_of(names, hash) & how;
}

static bool has_name(const struct reed_dns_blocklist *self, const struct names *names,
                     const struct reed_dns_name *name)
{
	unsigned how = ONLY_IT | AND_BELOW;

	if (!names->count)
		return false;
	for (size_t at = 0; name->wire[at]; at += 1u + name->wire[at]) {
		if (has(names, dns_siphash(self->secret, name->wire + at, name->n - at), how))
			return true;
		how = AND_BELOW;
	}
	return false;
}

bool reed_dns_blocklist_has(const struct reed_dns_blocklist *self, const struct reed_dns_name *name)
{
	struct reed_dns_name low = *name;

	reed_dns_name_lower(&low);
	return has_name(self, &self->blocked, &low) && !has_name(self, &self->allowed, &low);
}

/* ---- lines ---- */

/* What hosts files have for the machine itself. */
static bool is_own(struct reed_slice name)
{
	static const char *const own[] = {
		"localhost",       "localhost.localdomain", "local",          "broadcasthost",
		"0.0.0.0",         "ip6-localhost",         "ip6-loopback",   "ip6-localnet",
		"ip6-mcastprefix", "ip6-allnodes",          "ip6-allrouters", "ip6-allhosts"
	};

	for (size_t i = 0; i < REED_COUNT(own); i++)
		if (reed_slice_is_nocase(name, own[i]))
			return true;
	return false;
}

static bool is_host(struct reed_slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if ((c | 0x20) < 'a' && !(c >= '0' && c <= '9') && c != '-' && c != '.')
			return false;
		if ((c | 0x20) > 'z' && (unsigned char)c < 0x80)
			return false;
	}
	return text.n > 0;
}

static void take(struct reed_dns_blocklist *self, struct names *names, struct reed_slice text,
                 unsigned how)
{
	struct reed_dns_name name;

	if (is_own(text))
		return;
	if (!is_host(text) || reed_dns_name_parse(text, NULL, &name) || !name.labels ||
	    self->blocked.count + self->allowed.count >= self->most) {
		self->left_out++;
		return;
	}
	reed_dns_name_lower(&name);
	put(names, dns_siphash(self->secret, name.wire, name.n), how);
}

/* ||name^ and ||name^$important; other rules are about more than names. */
static void take_rule(struct reed_dns_blocklist *self, struct names *names, struct reed_slice rule)
{
	struct reed_slice name = reed_slice_cut(&rule, '^');

	if (rule.n && !reed_slice_is(rule, "$important"))
		self->left_out++;
	else
		take(self, names, name, AND_BELOW);
}

/* In "example.com##.ad" it is none: that is a rule about what is on a page. */
static struct reed_slice without_comment(struct reed_slice line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '#' && (i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			return reed_slice_first(line, i);
	return line;
}

static void take_line(struct reed_dns_blocklist *self, struct reed_slice line)
{
	struct reed_slice rest = reed_slice_trim(line), word;
	struct reed_address address;

	if (!rest.n || rest.p[0] == '!' || rest.p[0] == '[')
		return;
	if (reed_slice_starts(rest, REED_STR("||"))) {
		take_rule(self, &self->blocked, reed_slice_from(rest, 2));
		return;
	}
	if (reed_slice_starts(rest, REED_STR("@@||"))) {
		take_rule(self, &self->allowed, reed_slice_from(rest, 4));
		return;
	}
	rest = without_comment(rest);
	word = reed_slice_word(&rest);
	if (!word.n)
		return;
	if (reed_address_parse(word, 0, &address)) {
		if (reed_slice_starts(word, REED_STR("*.")))
			word = reed_slice_from(word, 2);
		take(self, &self->blocked, rest.n ? REED_STR("") : word, AND_BELOW);
		return;
	}
	while ((word = reed_slice_word(&rest)).n)
		take(self, &self->blocked, word, ONLY_IT);
}

void reed_dns_blocklist_add(struct reed_dns_blocklist *self, struct reed_slice text)
{
	while (text.n)
		take_line(self, reed_slice_cut(&text, '\n'));
}

/* ---- a life ---- */

struct reed_dns_blocklist *reed_dns_blocklist_new(const uint8_t secret[16], size_t most)
{
	struct reed_dns_blocklist *self = reed_alloc(sizeof(*self));

	memcpy(self->secret, secret, sizeof(self->secret));
	self->most = most ? most : MOST;
	return self;
}

void reed_dns_blocklist_free(struct reed_dns_blocklist *self)
{
	if (!self)
		return;
	reed_free(self->blocked.slots);
	reed_free(self->allowed.slots);
	reed_free(self);
}

void reed_dns_blocklist_facts(const struct reed_dns_blocklist *self,
                              struct reed_dns_blocklist_facts *facts)
{
	struct reed_dns_blocklist_facts now = { .names = self->blocked.count,
		                                .allowed = self->allowed.count,
		                                .left_out = self->left_out };
	size_t size = facts->size;

	now.bytes = (self->blocked.slots ? self->blocked.mask + 1 : 0) * sizeof(uint64_t) +
	            (self->allowed.slots ? self->allowed.mask + 1 : 0) * sizeof(uint64_t);
	memcpy(facts, &now, size < sizeof(now) ? size : sizeof(now));
	facts->size = size;
}

/* Whole lines of what is held; a line that does not end is cut into some that mean nothing. */
static void add_lines(struct reed_dns_blocklist *self, struct reed_buf *held, bool last)
{
	struct reed_slice here = reed_buf_slice(held);
	size_t n = here.n;

	while (!last && n && here.p[n - 1] != '\n')
		n--;
	if (!n && here.n > LINE_MOST)
		n = here.n;
	reed_dns_blocklist_add(self, reed_slice_first(here, n));
	reed_buf_skip(held, n);
}

enum reed_err reed_dns_blocklist_load(struct reed_dns_blocklist *self, const char *path,
                                      struct reed_fault **fault)
{
	struct reed_buf held = { 0 };
	FILE *file = fopen(path, "rb");
	enum reed_err err = file ? REED_OK : reed_err_of(errno);
	size_t n = 1;

	while (!err && n) {
		reed_buf_reserve(&held, PIECE);
		n = fread(held.p + held.end, 1, PIECE, file);
		reed_buf_added(&held, n);
		err = ferror(file) ? reed_err_of(errno) : REED_OK;
		add_lines(self, &held, n == 0);
	}
	if (file)
		fclose(file);
	reed_buf_finish(&held);
	if (err && fault)
		*fault = reed_fault(err, NULL, "%s: %s", path, reed_strerror(err));
	return err;
}
