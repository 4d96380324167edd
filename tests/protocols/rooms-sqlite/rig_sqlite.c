#include "tests/protocols/rooms/rig.h"

#include <unistd.h>

#include "check.h"
#include "reed/loop.h"
#include "reed/rooms-sqlite.h"

static char folder[] = "/tmp/reed-rooms-XXXXXX";
static char path[64];

static void remove_file(void)
{
	const char *ends[] = { "", "-wal", "-shm" };
	char name[96];

	for (size_t i = 0; i < REED_COUNT(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

static void open_file(struct rig *rig)
{
	struct reed_rooms_sqlite *db;

	check_int(reed_loop_run_until(rig->loop, reed_rooms_sqlite_open(rig->loop, path, NULL, &db),
	                              NULL),
	          REED_OK);
	rig->own = db;
	rig->store = reed_rooms_sqlite_store(db);
	rig->history = reed_rooms_sqlite_history(db);
}

static void close_file(struct rig *rig)
{
	check_int(reed_loop_run_until(rig->loop, reed_rooms_sqlite_close(rig->own), NULL), REED_OK);
	reed_loop_run(rig->loop);
}

void rig_open(struct rig *rig, struct reed_loop *loop)
{
	rig->loop = loop;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/rooms.db", folder);
	open_file(rig);
}

void rig_reopen(struct rig *rig)
{
	close_file(rig);
	open_file(rig);
}

void rig_close(struct rig *rig)
{
	close_file(rig);
	remove_file();
	rmdir(folder);
}
