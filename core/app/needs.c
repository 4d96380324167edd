/* What a process asks of the system: a list without doubles. */

#include "needs.h"

#include <string.h>

#include "reed/alloc.h"

enum { FIRST_SLOTS = 32 };

static bool is_same(const struct need *a, enum need_kind kind, const char *path, uint16_t port)
{
	return a->kind == kind && a->port == port &&
	       (path ? a->path && strcmp(a->path, path) == 0 : !a->path);
}

/* Where it is, or would be: a server of ten thousand zones has as many files. */
static uint32_t *place(const struct reed_needs *self, enum need_kind kind, const char *path,
                       uint16_t port)
{
	uint64_t seed = (uint64_t)kind << 16 | port;
	size_t at = reed_slice_hash(reed_slice_of(path ? path : ""), seed) & self->mask;

	while (self->slots[at] && !is_same(&self->items[self->slots[at] - 1], kind, path, port))
		at = (at + 1) & self->mask;
	return &self->slots[at];
}

static bool has(const struct reed_needs *self, enum need_kind kind, const char *path, uint16_t port)
{
	return self->slots && *place(self, kind, path, port);
}

/* Half of the slots are free, so that one is found soon; there are as many items. */
static void grow(struct reed_needs *self)
{
	size_t slots = self->mask ? 2 * (self->mask + 1) : FIRST_SLOTS;

	reed_free(self->slots);
	self->slots = reed_alloc(slots * sizeof(*self->slots));
	self->mask = slots - 1;
	self->items = reed_realloc(self->items, slots / 2 * sizeof(*self->items));
	for (size_t i = 0; i < self->count; i++) {
		const struct need *n = &self->items[i];

		*place(self, n->kind, n->path, n->port) = (uint32_t)i + 1;
	}
}

static void add(struct reed_needs *self, enum need_kind kind, const char *path, uint16_t port)
{
	if (has(self, kind, path, port))
		return;
	if (!self->mask || self->count == (self->mask + 1) / 2)
		grow(self);
	self->items[self->count] = (struct need){ kind, reed_strdup(path), port, self->own };
	*place(self, kind, path, port) = (uint32_t)++self->count;
}

void reed_needs_read(struct reed_needs *self, const char *path)
{
	add(self, NEED_READ, path, 0);
}

void reed_needs_write(struct reed_needs *self, const char *folder)
{
	add(self, NEED_WRITE, folder, 0);
}

void reed_needs_append(struct reed_needs *self, const char *file)
{
	add(self, NEED_APPEND, file, 0);
}

void reed_needs_socket(struct reed_needs *self, const char *path)
{
	add(self, NEED_SOCKET, path, 0);
}

void reed_needs_device(struct reed_needs *self, const char *path)
{
	add(self, NEED_DEVICE, path, 0);
}

void reed_needs_program(struct reed_needs *self, const char *program)
{
	add(self, NEED_PROGRAM, program, 0);
}

void reed_needs_listen(struct reed_needs *self, uint16_t port)
{
	add(self, NEED_LISTEN, NULL, port);
}

void reed_needs_dial(struct reed_needs *self, uint16_t port)
{
	add(self, NEED_DIAL, NULL, port);
}

void reed_needs_listen_anywhere(struct reed_needs *self)
{
	self->listens_anywhere = true;
}

void reed_needs_dial_anywhere(struct reed_needs *self)
{
	self->dials_anywhere = true;
}

void reed_needs_everything(struct reed_needs *self)
{
	self->everything = true;
}

void reed_needs_descriptors(struct reed_needs *self, uint64_t count)
{
	self->descriptors += count;
}

void reed_needs_finish(struct reed_needs *self)
{
	for (size_t i = 0; i < self->count; i++)
		reed_free(self->items[i].path);
	reed_free(self->items);
	reed_free(self->slots);
	*self = (struct reed_needs){ 0 };
}

bool reed_needs_programs(const struct reed_needs *self)
{
	for (size_t i = 0; i < self->count; i++)
		if (self->items[i].kind == NEED_PROGRAM)
			return true;
	return false;
}

bool reed_needs_low_ports(const struct reed_needs *self)
{
	for (size_t i = 0; i < self->count; i++) {
		const struct need *n = &self->items[i];

		if (n->kind == NEED_LISTEN && n->port > 0 && n->port < NEED_LOW_PORTS)
			return true;
	}
	return self->listens_anywhere || self->low_udp;
}

/* ---- what a reload would need ---- */

static bool covers(const struct reed_needs *self, const struct need *n)
{
	if (n->kind == NEED_LISTEN && self->listens_anywhere)
		return true;
	if (n->kind == NEED_DIAL && self->dials_anywhere)
		return true;
	return has(self, n->kind, n->path, n->port);
}

static char *in_words(const struct need *n)
{
	static const char *const words[] = {
		[NEED_READ] = "to read",        [NEED_WRITE] = "to write to",
		[NEED_APPEND] = "to append to", [NEED_SOCKET] = "to make a socket at",
		[NEED_DEVICE] = "to speak to",  [NEED_PROGRAM] = "to run",
		[NEED_LISTEN] = "to listen on", [NEED_DIAL] = "to dial",
	};

	if (n->path)
		return reed_sprintf("%s %s", words[n->kind], n->path);
	return reed_sprintf("%s TCP port %u", words[n->kind], (unsigned)n->port);
}

char *reed_needs_beyond(const struct reed_needs *self, const struct reed_needs *more)
{
	for (size_t i = 0; i < more->count; i++)
		if (!covers(self, &more->items[i]))
			return in_words(&more->items[i]);
	if (more->listens_anywhere && !self->listens_anywhere)
		return reed_strdup("to listen on any TCP port");
	if (more->dials_anywhere && !self->dials_anywhere)
		return reed_strdup("to dial any TCP port");
	return NULL;
}
