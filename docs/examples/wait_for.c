/*
 * Prints each change of a file, which need not be there yet, until it is deleted:
 *
 *	wait_for FILE
 */

#include <stdio.h>

#include <reed/co.h>
#include <reed/watch.h>

struct wait_for {
	struct reed_co co;
	struct reed_file_watch *watch;
	struct reed_file_change change;
	const char *path;
};

static void tell(const struct reed_file_change *change)
{
	static const char *const words[] = {
		[REED_FILE_CREATED] = "created", [REED_FILE_MODIFIED] = "modified",
		[REED_FILE_WRITTEN] = "written", [REED_FILE_DELETED] = "deleted",
		[REED_FILE_MOVED] = "moved",     [REED_FILE_LOST] = "lost",
	};

	printf("%s %s\n", words[change->kind], change->path);
	fflush(stdout);
}

static struct reed_future *open_watch(struct wait_for *self)
{
	struct reed_fault *fault;

	if (reed_file_watch_new(self->co.loop, self->path, NULL, &self->watch, &fault))
		return reed_failed_with(self->co.loop, fault);
	return reed_ready(self->co.loop, REED_OK);
}

static void wait_for_run(struct reed_co *co)
{
	struct wait_for *self = reed_frame(co, struct wait_for);

	reed_coroutine (co) {
		reed_try(co, open_watch(self));
		do {
			reed_try(co, reed_file_watch_next(self->watch, &self->change));
			tell(&self->change);
		} while (self->change.kind != REED_FILE_DELETED);
	}
}

static void wait_for_end(struct reed_co *co)
{
	reed_file_watch_free(reed_frame(co, struct wait_for)->watch);
}

static const struct reed_co_kind wait_for_kind = {
	.name = "wait_for",
	.size = sizeof(struct wait_for),
	.run = wait_for_run,
	.end = wait_for_end,
};

static struct reed_future *begin(struct reed_loop *loop, int argc, char **argv)
{
	struct wait_for *self;

	if (argc != 2)
		return reed_failed(loop, REED_EINVAL, "wait_for FILE");
	self = reed_co_new(loop, &wait_for_kind);
	self->path = argv[1];
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, begin);
}
