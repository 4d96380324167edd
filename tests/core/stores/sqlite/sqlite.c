#include "reed/sqlite.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "core/private.h"

/* ---- a file for each test, gone after it ---- */

static char folder[] = "/tmp/reed-sqlite-XXXXXX";
static char path[64];
static struct reed_loop *loop;

static void remove_file(void)
{
	const char *ends[] = { "", "-wal", "-shm", "-journal" };
	char name[96];

	for (size_t i = 0; i < REED_COUNT(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

/* ---- a schema that grows ---- */

static const char *const first[] = {
	"CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL)",
	NULL,
};

static const char *const second[] = {
	"CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL)",
	"CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT);"
	"INSERT INTO owner VALUES (1, 'nobody');"
	"ALTER TABLE pet ADD COLUMN owner INTEGER REFERENCES owner (id);"
	"UPDATE pet SET owner = 1",
	NULL,
};

static const char *const broken[] = {
	"CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL)",
	"DELETE FROM pet; CREATE TABLE pet (it is there already)",
	NULL,
};

static const struct reed_sqlite_schema pets = { "pets", first };
static const struct reed_sqlite_schema pets_and_owners = { "pets", second };
static const struct reed_sqlite_schema pets_broken = { "pets", broken };

static struct reed_sqlite *open_with(const struct reed_sqlite_schema *schema,
                                     const struct reed_sqlite_options *options)
{
	struct reed_sqlite *db;
	struct reed_fault *fault;
	enum reed_err err =
		reed_loop_run_until(loop, reed_sqlite_open(loop, path, schema, options, &db),
	                            &fault);

	if (err)
		fprintf(stderr, "%s\n", reed_fault_why(fault, err));
	check_int(err, REED_OK);
	return db;
}

static void refused_with(const struct reed_sqlite_schema *schema, enum reed_err err,
                         const char *word)
{
	struct reed_sqlite_options options = REED_SQLITE_OPTIONS;
	struct reed_sqlite *db = NULL;
	struct reed_fault *fault;

	options.check = true;
	check_int(reed_loop_run_until(loop, reed_sqlite_open(loop, path, schema, &options, &db),
	                              &fault),
	          err);
	if (!strstr(reed_fault_why(fault, err), word))
		fprintf(stderr, "not \"%s\": %s\n", word, reed_fault_why(fault, err));
	check(strstr(reed_fault_why(fault, err), word));
	check(strstr(reed_fault_why(fault, err), path));
	check(!db);
	reed_fault_free(fault);
}

static void close_db(struct reed_sqlite *db)
{
	check_int(reed_loop_run_until(loop, reed_sqlite_close(db), NULL), REED_OK);
	reed_loop_run(loop);
}

/* ---- jobs: add a pet, count the pets ---- */

struct add {
	struct reed_job job;
	struct reed_sqlite *db;
	char name[4096];
	int64_t *id;
	bool fail;
};

static enum reed_err add_run(struct reed_job *job)
{
	struct add *self = reed_job_frame(job, struct add);
	struct reed_sqlite_work w = reed_sqlite_begin(self->db, job);
	struct sqlite3_stmt *s = reed_sqlite_sql(&w, "INSERT INTO pet (name) VALUES (?)");

	reed_sqlite_bind_text(s, 1, reed_slice_of(self->name));
	reed_sqlite_run(&w, s);
	if (self->fail)
		reed_sqlite_fail(&w, REED_EPERM, "%s is not welcome", self->name);
	return reed_sqlite_end(&w);
}

static const struct reed_job_kind add_kind = { .name = "add",
	                                       .size = sizeof(struct add),
	                                       .run = add_run };

static struct add *add_new(struct reed_sqlite *db, const char *name)
{
	struct add *self = reed_job_new(loop, &add_kind);

	self->db = db;
	snprintf(self->name, sizeof(self->name), "%s", name);
	return self;
}

static enum reed_err add(struct reed_sqlite *db, const char *name, struct reed_fault **fault)
{
	return reed_loop_run_until(loop, reed_sqlite_run_job(db, &add_new(db, name)->job), fault);
}

struct query {
	struct reed_job job;
	struct reed_sqlite *db;
	const char *sql;
	int64_t number, *out;
};

static enum reed_err query_run(struct reed_job *job)
{
	struct query *self = reed_job_frame(job, struct query);
	struct reed_sqlite_work w = reed_sqlite_read(self->db, job);
	struct sqlite3_stmt *s = reed_sqlite_sql(&w, self->sql);

	if (reed_sqlite_row(&w, s))
		self->number = reed_sqlite_int(s, 0);
	return reed_sqlite_end(&w);
}

static void query_deliver(struct reed_job *job)
{
	struct query *self = reed_job_frame(job, struct query);

	*self->out = self->number;
}

static const struct reed_job_kind query_kind = {
	.name = "query",
	.size = sizeof(struct query),
	.run = query_run,
	.deliver = query_deliver,
};

static int64_t ask(struct reed_sqlite *db, const char *sql)
{
	struct query *self = reed_job_new(loop, &query_kind);
	int64_t out = -1;

	self->db = db;
	self->sql = sql;
	self->out = &out;
	check_int(reed_loop_run_until(loop, reed_sqlite_run_job(db, &self->job), NULL), REED_OK);
	return out;
}

#define COUNT "SELECT count(*) FROM pet"

/* Behind the library's back. */
static void meddle(const char *sql)
{
	sqlite3 *handle;

	check_int(sqlite3_open(path, &handle), SQLITE_OK);
	check_int(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
}

/* ---- sentences ---- */

static void what_was_written_is_there_when_opened_again(void)
{
	struct reed_sqlite *db = open_with(&pets, NULL);

	check_int(add(db, "rex", NULL), REED_OK);
	close_db(db);
	db = open_with(&pets, NULL);
	check_int(ask(db, COUNT), 1);
	check_int(add(db, "rex", NULL), REED_EEXIST);
	close_db(db);
}

static void only_the_owner_may_read_a_file(void)
{
	struct reed_sqlite *db = open_with(&pets, NULL);
	char wal[80];
	struct stat st;

	check_int(add(db, "rex", NULL), REED_OK);
	check_int(stat(path, &st), 0);
	check_int(st.st_mode & 0777, 0600);
	snprintf(wal, sizeof(wal), "%s-wal", path);
	check_int(stat(wal, &st), 0);
	check_int(st.st_mode & 0777, 0600);
	close_db(db);
}

static void an_old_file_is_brought_forward(void)
{
	struct reed_sqlite *db = open_with(&pets, NULL);

	check_int(add(db, "rex", NULL), REED_OK);
	close_db(db);
	db = open_with(&pets_and_owners, NULL);
	check_int(ask(db, "SELECT count(*) FROM pet JOIN owner ON owner.id = pet.owner "
	                  "WHERE owner.name = 'nobody' AND pet.name = 'rex'"),
	          1);
	check_int(ask(db, "SELECT version FROM reed_schema WHERE part = 'pets'"), 2);
	check_int(ask(db, "PRAGMA foreign_keys"), 1);
	close_db(db);
}

static void a_migration_that_fails_changes_nothing(void)
{
	struct reed_sqlite *db = open_with(&pets, NULL);

	check_int(add(db, "rex", NULL), REED_OK);
	close_db(db);
	refused_with(&pets_broken, REED_EIO, "already exists");
	db = open_with(&pets, NULL);
	check_int(ask(db, COUNT), 1);
	close_db(db);
}

static void a_file_of_a_newer_program_is_refused(void)
{
	close_db(open_with(&pets_and_owners, NULL));
	refused_with(&pets, REED_ENOTSUP, "pets has schema 2, this one knows 1");
}

static void a_file_of_another_program_is_refused(void)
{
	meddle("CREATE TABLE bookmark (url)");
	refused_with(&pets, REED_ENOTSUP, "another program");
}

static void parts_share_a_file(void)
{
	static const char *const stones[] = { "CREATE TABLE stone (id INTEGER PRIMARY KEY)", NULL };
	static const struct reed_sqlite_schema minerals = { "minerals", stones };
	struct reed_sqlite *db = open_with(&pets_and_owners, NULL);
	struct reed_sqlite *other = open_with(&minerals, NULL);

	check_int(add(db, "rex", NULL), REED_OK);
	check_int(ask(other, "SELECT count(*) FROM stone"), 0);
	check_int(ask(other, "SELECT sum(version) FROM reed_schema"), 3);
	close_db(db);
	close_db(other);
}

static void a_file_that_is_no_database_is_called_damaged(void)
{
	FILE *f = fopen(path, "w");

	for (int i = 0; i < 4096; i++)
		fputs("rubbish ", f);
	fclose(f);
	refused_with(&pets, REED_ECORRUPT, ".recover");
}

static void damage_inside_is_found_when_asked_for(void)
{
	struct reed_sqlite *db = open_with(&pets, NULL);
	char name[2048];
	FILE *f;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (char c = 'a'; c <= 'z'; c++) {
		name[0] = c;
		check_int(add(db, name, NULL), REED_OK);
	}
	close_db(db);
	f = fopen(path, "r+");
	check_int(fseek(f, 4 * 4096, SEEK_SET), 0);
	for (int i = 0; i < 8192; i++)
		fputc(0xff, f);
	fclose(f);
	refused_with(&pets, REED_ECORRUPT, "restore a backup");
}

static void a_full_disk_changes_nothing_and_is_not_the_end(void)
{
	struct reed_sqlite_options options = REED_SQLITE_OPTIONS;
	struct reed_fault *fault = NULL;
	struct reed_sqlite *db;
	enum reed_err err = REED_OK;
	char name[4000];
	int pets_there = 0;

	options.bytes = 64 << 10;
	db = open_with(&pets, &options);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (; pets_there < 100; pets_there++) {
		name[0] = (char)(33 + pets_there);
		err = add(db, name, &fault);
		if (err)
			break;
		reed_fault_free(fault);
	}
	check_int(err, REED_ENOSPC);
	check(strstr(reed_fault_why(fault, err),
	             "the disk is full: nothing was changed; make room there"));
	reed_fault_free(fault);
	check_int(ask(db, COUNT), pets_there);
	close_db(db);
	options.bytes = 0;
	db = open_with(&pets, &options);
	check_int(add(db, name, NULL), REED_OK);
	close_db(db);
}

static void a_failure_undoes_the_whole_transaction(void)
{
	struct reed_sqlite *db = open_with(&pets, NULL);
	struct add *self = add_new(db, "rex");
	struct reed_fault *fault;

	self->fail = true;
	check_int(reed_loop_run_until(loop, reed_sqlite_run_job(db, &self->job), &fault),
	          REED_EPERM);
	check(strstr(reed_fault_why(fault, REED_EPERM), "rex is not welcome"));
	reed_fault_free(fault);
	check_int(ask(db, COUNT), 0);
	check_int(add(db, "tom", NULL), REED_OK);
	close_db(db);
}

static void who_else_writes_is_waited_for_so_long_and_no_longer(void)
{
	struct reed_sqlite_options options = REED_SQLITE_OPTIONS;
	struct reed_sqlite *db;
	struct reed_fault *fault;
	sqlite3 *other;

	options.busy_ms = 20;
	db = open_with(&pets, &options);
	check_int(sqlite3_open(path, &other), SQLITE_OK);
	check_int(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	check_int(add(db, "rex", &fault), REED_EBUSY);
	check(strstr(reed_fault_why(fault, REED_EBUSY), "another process"));
	reed_fault_free(fault);
	check_int(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	check_int(add(db, "rex", NULL), REED_OK);
	close_db(db);
}

static void a_file_in_no_folder_says_so(void)
{
	char before[sizeof(path)];

	strcpy(before, path);
	snprintf(path, sizeof(path), "%s/nowhere/pets.db", folder);
	refused_with(&pets, REED_ENOENT, "nowhere");
	strcpy(path, before);
}

static void an_open_that_is_dropped_closes_the_file_again(void)
{
	struct reed_sqlite *db = NULL;
	struct reed_offload_stats stats = { .size = sizeof(stats) };

	reed_drop(reed_sqlite_open(loop, path, &pets, NULL, &db));
	check_int(reed_loop_run_until(loop,
	                              reed_within(0,
	                                          reed_sqlite_open(loop, path, &pets, NULL, &db)),
	                              NULL),
	          REED_ETIMEDOUT);
	reed_loop_run(loop);
	reed_offload_stats(loop, &stats);
	check_int(stats.under_way, 0);
	check(!db);
}

static void a_close_that_is_dropped_still_closes(void)
{
	struct reed_sqlite *db = open_with(&pets, NULL);
	struct reed_offload_stats stats = { .size = sizeof(stats) };

	reed_background(reed_sqlite_run_job(db, &add_new(db, "rex")->job), NULL, NULL);
	reed_drop(reed_sqlite_close(db));
	reed_loop_run(loop);
	reed_offload_stats(loop, &stats);
	check_int(stats.under_way, 0);
	db = open_with(&pets, NULL);
	check_int(ask(db, COUNT), 1);
	close_db(db);
}

static void run_all(void)
{
	RUN(what_was_written_is_there_when_opened_again);
	remove_file();
	RUN(only_the_owner_may_read_a_file);
	remove_file();
	RUN(an_old_file_is_brought_forward);
	remove_file();
	RUN(a_migration_that_fails_changes_nothing);
	remove_file();
	RUN(a_file_of_a_newer_program_is_refused);
	remove_file();
	RUN(a_file_of_another_program_is_refused);
	remove_file();
	RUN(parts_share_a_file);
	remove_file();
	RUN(a_file_that_is_no_database_is_called_damaged);
	remove_file();
	RUN(damage_inside_is_found_when_asked_for);
	remove_file();
	RUN(a_full_disk_changes_nothing_and_is_not_the_end);
	remove_file();
	RUN(a_failure_undoes_the_whole_transaction);
	remove_file();
	RUN(who_else_writes_is_waited_for_so_long_and_no_longer);
	remove_file();
	RUN(a_file_in_no_folder_says_so);
	remove_file();
	RUN(a_close_that_is_dropped_still_closes);
	remove_file();
}

int main(void)
{
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/pets.db", folder);
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	run_all();
	RUN(an_open_that_is_dropped_closes_the_file_again);
	remove_file();
	loop->simulated = true;
	run_all();
	reed_loop_free(loop);
	rmdir(folder);
	return 0;
}
