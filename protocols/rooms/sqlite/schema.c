/*
 * The schema.  Once released a migration is never changed: another is added.
 *
 * A message is found by conversation and id, or by conversation and time; ids
 * sort as they were made, so the primary key is the order of the talk.
 */

#include "private.h"

static const char *const migrations[] = {
	"CREATE TABLE account ("
	"  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL,"
	"  seen INTEGER NOT NULL, flags INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE account_nick ("
	"  account TEXT NOT NULL REFERENCES account ON DELETE CASCADE, n INTEGER NOT NULL,"
	"  nick TEXT NOT NULL, PRIMARY KEY (account, n)) WITHOUT ROWID;"
	"CREATE TABLE account_block ("
	"  account TEXT NOT NULL REFERENCES account ON DELETE CASCADE, n INTEGER NOT NULL,"
	"  mask TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL,"
	"  PRIMARY KEY (account, n)) WITHOUT ROWID;"
	"CREATE TABLE account_setting ("
	"  account TEXT NOT NULL REFERENCES account ON DELETE CASCADE, n INTEGER NOT NULL,"
	"  key TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (account, n)) WITHOUT ROWID;"

	"CREATE TABLE room ("
	"  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, topic TEXT NOT NULL,"
	"  topic_by TEXT NOT NULL, topic_at INTEGER NOT NULL, key TEXT NOT NULL,"
	"  founder TEXT REFERENCES account ON DELETE SET NULL, created INTEGER NOT NULL,"
	"  flags INTEGER NOT NULL, member_limit INTEGER NOT NULL, slow INTEGER NOT NULL)"
	"  WITHOUT ROWID;"
	"CREATE INDEX room_founder ON room (founder);"
	"CREATE TABLE room_mask ("
	"  room TEXT NOT NULL REFERENCES room ON DELETE CASCADE, n INTEGER NOT NULL,"
	"  list INTEGER NOT NULL, mask TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL,"
	"  PRIMARY KEY (room, n)) WITHOUT ROWID;"
	"CREATE TABLE room_role ("
	"  room TEXT NOT NULL REFERENCES room ON DELETE CASCADE, n INTEGER NOT NULL,"
	"  account TEXT NOT NULL REFERENCES account ON DELETE CASCADE, roles INTEGER NOT NULL,"
	"  PRIMARY KEY (room, n)) WITHOUT ROWID;"
	"CREATE INDEX room_role_account ON room_role (account);"
	"CREATE TABLE room_value ("
	"  room TEXT NOT NULL REFERENCES room ON DELETE CASCADE, n INTEGER NOT NULL,"
	"  key TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (room, n)) WITHOUT ROWID;"

	"CREATE TABLE ban ("
	"  n INTEGER PRIMARY KEY, mask TEXT NOT NULL UNIQUE, by TEXT NOT NULL,"
	"  reason TEXT NOT NULL, at INTEGER NOT NULL, expires INTEGER NOT NULL);"

	"CREATE TABLE talk ("
	"  n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, a TEXT NOT NULL, b TEXT NOT NULL,"
	"  count INTEGER NOT NULL, last TEXT NOT NULL, last_time INTEGER NOT NULL);"
	"CREATE INDEX talk_a ON talk (a, last_time) WHERE a <> '';"
	"CREATE INDEX talk_b ON talk (b, last_time) WHERE b <> '';"
	"CREATE TABLE message ("
	"  talk INTEGER NOT NULL REFERENCES talk ON DELETE CASCADE, id TEXT NOT NULL,"
	"  time INTEGER NOT NULL, kind INTEGER NOT NULL, manner INTEGER NOT NULL,"
	"  flags INTEGER NOT NULL, nick TEXT NOT NULL, username TEXT NOT NULL,"
	"  host TEXT NOT NULL, account TEXT NOT NULL, text TEXT NOT NULL, ref TEXT NOT NULL,"
	"  target TEXT NOT NULL, tags BLOB NOT NULL, PRIMARY KEY (talk, id)) WITHOUT ROWID;"
	"CREATE INDEX message_time ON message (talk, time);"
	"CREATE INDEX message_ref ON message (talk, ref) WHERE ref <> '';",
	NULL,
};

const struct reed_sqlite_schema reed_rooms_sqlite_schema = { "rooms", migrations };
