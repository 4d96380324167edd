/*
 * What root binds before it becomes somebody else: UNIX sockets in folders of its own.
 *
 * Ports need no such thing, as the right to bind those of the settings stays.  A
 * folder that others may write to is for the user to bind in: there a name could
 * be made to lead elsewhere between two looks of root's.  What cannot be bound
 * now is not told: who listens there later tells it, or was handed that socket.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confine.h"
#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/endpoint.h"
#include "reed/handover.h"
#include "reed/own_cert.h"
#include "settings_private.h"

struct early {
	struct daemon *daemon;
	const struct run_as *who;
	struct reed_loop *loop; /* NULL: nothing was to be bound so far */
};

/* ---- whose is the folder? ---- */

static bool is_roots(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_uid == 0 &&
	       (S_ISLNK(st.st_mode) || (st.st_mode & (S_IWGRP | S_IWOTH)) == 0);
}

/* With all that it lies in, as it is written. */
static bool is_roots_way(const char *path)
{
	char *way = reed_strdup(path);
	bool good = true;

	for (char *slash = way; good && slash; slash = strchr(slash + 1, '/')) {
		char *end = slash == way ? slash + 1 : slash, kept = *end;

		*end = '\0';
		good = is_roots(way);
		*end = kept;
	}
	good = good && is_roots(way);
	reed_free(way);
	return good;
}

static bool only_root_writes_beside(const char *path)
{
	char *folder = reed_slice_dup(reed_slice(path, (size_t)(strrchr(path, '/') - path)));
	char *real = *folder ? realpath(folder, NULL) : NULL;
	bool good = real && is_roots_way(folder) && is_roots_way(real);

	free(real);
	reed_free(folder);
	return good;
}

/* ---- binding ---- */

/* It is the user's as if he had made it. */
static char *complete(const struct reed_endpoint *e, const struct run_as *who)
{
	struct reed_buf text = { 0 };

	reed_buf_add(&text, e->text);
	if (!reed_endpoint_key(e, "user"))
		reed_buf_printf(&text, ":user=%u", who->uid);
	if (!reed_endpoint_key(e, "group"))
		reed_buf_printf(&text, ":group=%u", who->gid);
	return reed_buf_take(&text);
}

static void keep(struct daemon *d, int fd)
{
	d->early = reed_realloc(d->early, (d->early_count + 1) * sizeof(*d->early));
	d->early[d->early_count++] = fd;
}

/* The loop is for this only: that of the process has threads, and comes when it is the user. */
static void bind_now(struct early *self, const struct reed_endpoint *e)
{
	char *endpoint = complete(e, self->who);
	struct reed_listener *listener = NULL;
	struct reed_fault *fault = NULL;
	int fd;

	if (!self->loop && reed_loop_new(NULL, &self->loop))
		self->loop = NULL;
	else if (!reed_loop_run_until(self->loop, reed_listen(self->loop, endpoint, &listener),
	                              &fault) &&
	         reed_listening(self->loop, &fd, 1) == 1)
		keep(self->daemon, fcntl(fd, F_DUPFD_CLOEXEC, 0));
	if (listener)
		reed_listening_shared(self->loop); /* the file stays */
	reed_listener_close(listener);
	reed_fault_free(fault);
	reed_free(endpoint);
}

/* Of unix:PATH, and of what others stand around. */
static void look_at(struct early *self, struct reed_slice text)
{
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;
	char *path;

	if (reed_endpoint_parse(text, &e, &fault)) {
		reed_fault_free(fault);
	} else if (reed_slice_is(e.scheme, "unix") && e.count > 0) {
		path = reed_slice_dup(e.args[0].value);
		if (path[0] == '/' && only_root_writes_beside(path))
			bind_now(self, &e);
		reed_free(path);
	} else {
		for (unsigned i = 0; i < e.count; i++)
			if (e.args[i].nested && e.args[i].key.n == 0)
				look_at(self, e.args[i].value);
	}
	reed_endpoint_finish(&e);
}

static bool is_listened_on(const struct reed_setting *s)
{
	return s->type == REED_SETTING_ENDPOINT &&
	       (s->check == reed_setting_listens || s->check == reed_own_cert_listens ||
	        s->check == reed_own_cert_awaits);
}

static void look_at_setting(void *arg, const struct reed_setting *s, const char *text)
{
	if (is_listened_on(s))
		look_at(arg, reed_slice_of(text));
}

void reed_daemon_bind_early(struct daemon *d, const struct run_as *who)
{
	const struct reed_settings *settings = d->first->settings;
	struct early self = { .daemon = d, .who = who };

	if (!who->given || who->uid == 0 || geteuid() != 0)
		return;
	for (size_t i = 0; i < settings->table.count; i++)
		reed_slot_texts(&settings->table.slots[i], look_at_setting, &self);
	reed_loop_free(self.loop);
}

void reed_daemon_inherit_early(struct daemon *d)
{
	for (size_t i = 0; i < d->early_count; i++)
		reed_inherit_for_good(d->loop, d->early[i]);
	d->early_count = 0;
}

void reed_daemon_forget_early(struct daemon *d)
{
	while (d->early_count > 0)
		close(d->early[--d->early_count]);
	reed_free(d->early);
	d->early = NULL;
}
