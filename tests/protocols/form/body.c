/* Forms of requests: taken as a whole, their files on disk, and what can go wrong there. */

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/folder.h"
#include "reed/form.h"
#include "reed/http/client.h"
#include "reed/http/server.h"
#include "reed/log.h"
#include "reed/offload.h"
#include "reed/sim.h"
#include "tests/check.h"

/* A disk with room for so many bytes; a real one that is full takes privileges. */
static size_t disk = SIZE_MAX;

__attribute__((visibility("default"))) ssize_t write(int fd, const void *p, size_t n);

ssize_t write(int fd, const void *p, size_t n)
{
	struct stat st;

	if (disk != SIZE_MAX && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (n > disk) {
			errno = ENOSPC;
			return -1;
		}
		disk -= n;
	}
	return syscall(SYS_write, fd, p, n);
}

static char folder[] = "/tmp/reed-form-XXXXXX";
static char kept[64];

static struct {
	struct reed_sim *sim;
	struct reed_loop *loop;
	struct reed_http_server *server;
	struct reed_http_client *client;
	struct reed_http_response *response;
	struct reed_form_options options;
	int ended;
} w;

/* ---- a handler that tells what it got ---- */

struct page {
	struct reed_co co;
	struct reed_http_request *request;
	const struct reed_form *form, *again;
	struct reed_buf text;
};

static void tell(struct page *self)
{
	for (size_t i = 0; i < self->form->count; i++) {
		const struct reed_form_field *f = &self->form->fields[i];
		char first[8] = "";

		reed_buf_printf(&self->text, REED_FMT "=" REED_FMT, REED_ARG(f->name),
		                REED_ARG(f->value));
		if (f->file && reed_form_file_size(f->file) >= 3)
			check_int(reed_folder_read(reed_form_file_fd(f->file), first, 3, 0),
			          REED_OK);
		if (f->file)
			reed_buf_printf(&self->text, "(" REED_FMT " " REED_FMT " %llu %s)",
			                REED_ARG(f->filename), REED_ARG(f->type),
			                (unsigned long long)reed_form_file_size(f->file), first);
		reed_buf_add_char(&self->text, '\n');
	}
	reed_http_respond(self->request, 200, "text/plain", reed_buf_slice(&self->text));
}

static void page_run(struct reed_co *co)
{
	struct page *self = reed_frame(co, struct page);

	reed_coroutine (co) {
		reed_try(co, reed_form_take(self->request, &w.options, &self->form));
		reed_try(co, reed_form_take(self->request, NULL, &self->again));
		check(self->again == self->form);
		if (reed_form_get(self->form, "keep").n > 0)
			reed_try(co, reed_form_file_keep(reed_form_file(self->form, "f"), kept));
		tell(self);
	}
}

static void page_end(struct reed_co *co)
{
	reed_buf_finish(&reed_frame(co, struct page)->text);
	w.ended++;
}

static const struct reed_co_kind page_kind = { "page", sizeof(struct page), page_run, NULL,
	                                       page_end };

static struct reed_future *handler(void *arg, struct reed_http_request *r)
{
	struct page *self = reed_co_new(w.loop, &page_kind);

	(void)arg;
	self->request = r;
	return reed_start(&self->co);
}

/* ---- the world ---- */

static void begin(void)
{
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_client_options client = REED_HTTP_CLIENT_OPTIONS;

	memset(&w, 0, sizeof(w));
	disk = SIZE_MAX;
	w.sim = reed_sim_new(NULL);
	w.loop = reed_sim_host(w.sim, "here");
	w.options = (struct reed_form_options)REED_FORM_OPTIONS;
	w.options.folder = folder;
	server.handler = handler;
	w.server = reed_http_server_new(w.loop, &server);
	client.dial = reed_http_fake_dial;
	client.dial_arg = w.server;
	w.client = reed_http_client_new(w.loop, &client);
}

static void end(void)
{
	struct reed_offload_stats jobs = { .size = sizeof(jobs) };

	reed_http_response_free(w.response);
	reed_http_client_free(w.client);
	reed_sim_run_for(w.sim, REED_S(100));
	check(!reed_sim_failure(w.sim));
	reed_offload_stats(w.loop, &jobs);
	check_int(jobs.under_way, 0);
	reed_http_server_free(w.server);
	reed_sim_free(w.sim);
	check_int(rmdir(folder), 0); /* nothing is left in it */
	check_int(mkdir(folder, 0700), 0);
}

static unsigned post(const char *type, struct reed_slice body)
{
	struct reed_http_field field = { REED_STR("Content-Type"), reed_slice_of(type) };
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = "http://here/";
	what.method = "POST";
	what.fields = &field;
	what.field_count = 1;
	what.body = body;
	reed_http_response_free(w.response);
	w.response = NULL;
	check_int(reed_sim_run_until(w.sim, reed_http_fetch(w.client, &what, &w.response), NULL),
	          REED_OK);
	return w.response->status;
}

#define MULTIPART    "multipart/form-data; boundary=xYz"
#define URLENCODED   "application/x-www-form-urlencoded"
#define says(wanted) check_slice(w.response->body, (wanted))

static unsigned post_file(size_t n, const char *more)
{
	struct reed_buf body = { .limit = 0 };
	unsigned status;

	reed_buf_add_str(&body, "--xYz\r\nContent-Disposition: form-data; name=f; filename=big\r\n"
	                        "Content-Type: x/y\r\n\r\n");
	for (size_t i = 0; i < n; i++)
		reed_buf_add_char(&body, (char)('a' + i % 26));
	reed_buf_printf(&body, "\r\n--xYz%s--", more);
	status = post(MULTIPART, reed_buf_slice(&body));
	reed_buf_finish(&body);
	return status;
}

#define KEEP "\r\nContent-Disposition: form-data; name=keep\r\n\r\nyes\r\n--xYz"

/* ---- tests ---- */

static void a_form_is_taken_as_a_whole(void)
{
	begin();
	check_int(post(URLENCODED, REED_STR("a=1&b=two+words")), 200);
	says("a=1\nb=two words\n");
	check_int(post(URLENCODED, REED_STR("")), 200);
	says("");
	check_int(post_file(5, ""), 200);
	says("f=(big x/y 5 abc)\n");
	end();
}

static void a_large_file_goes_to_disk_and_may_stay_there(void)
{
	struct stat st;

	begin();
	w.options.body = 4 << 20;
	check_int(post_file(3000000, ""), 200);
	says("f=(big x/y 3000000 abc)\n");
	check_int(post_file(700000, KEEP), 200);
	check_int(stat(kept, &st), 0);
	check_int(st.st_size, 700000);
	check_int(st.st_mode & 0777, 0640);
	check_int(post_file(7, KEEP), 500); /* the name is taken */
	check_int(stat(kept, &st), 0);
	check_int(st.st_size, 700000);
	check_int(unlink(kept), 0);
	end();
}

static void no_file_chosen_is_an_empty_value(void)
{
	begin();
	check_int(post(MULTIPART, REED_STR("--xYz\r\nContent-Disposition: form-data; name=f; "
	                                   "filename=\"\"\r\n\r\n\r\n--xYz--")),
	          200);
	says("f=\n");
	w.options.folder = NULL;
	check_int(post_file(5, ""), 400);
	says("400 Bad Request: no files are taken here\n");
	end();
}

static void what_is_refused_is_answered_with_the_reason(void)
{
	begin();
	check_int(post("text/plain", REED_STR("a=1")), 415);
	says("415 Unsupported Media Type: a form is application/x-www-form-urlencoded or "
	     "multipart/form-data\n");
	check_int(post(URLENCODED, REED_STR("a=%")), 400);
	check_int(post(MULTIPART, REED_STR("--xYz\r\n")), 400);
	says("400 Bad Request: a form that ends halfway\n");
	w.options.limits.fields = 1;
	check_int(post(URLENCODED, REED_STR("a=1&b=2")), 413);
	says("413 Content Too Large: a form with too many fields\n");
	w.options.body = 10;
	check_int(post(URLENCODED, REED_STR("abcdefghijklmn")), 413);
	says("413 Content Too Large: the body of the form is too large\n");
	end();
}

static void a_full_disk_is_told(void)
{
	begin();
	reed_log_set_level(reed_log_of(w.loop), REED_LOG_CRITICAL);
	disk = 300000;
	check_int(post_file(900000, ""), 507);
	check_int(post_file(900000, KEEP), 507);
	disk = SIZE_MAX;
	w.options.folder = "/nowhere/at/all";
	check_int(post_file(900, ""), 404);
	end();
}

static void unheard(void *arg, enum reed_err err, const char *why)
{
	(void)arg;
	(void)err; /* it is the client that has gone */
	(void)why;
}

/* A client that stops in the middle and goes, after each of so many bytes. */
static void whoever_goes_leaves_nothing_behind(void)
{
	static const char head[] = "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n"
				   "Content-Type: " MULTIPART "\r\n\r\n--xYz\r\n"
				   "Content-Disposition: form-data; name=f; filename=b\r\n\r\n";
	static char bytes[600000];
	struct reed_stream *ours, *theirs;

	begin();
	memset(bytes, 'x', sizeof(bytes));
	for (int i = 0; i < 40; i++) {
		reed_stream_pair(w.loop, 0, &ours, &theirs);
		reed_background(reed_http_session(w.server, theirs), unheard, NULL);
		reed_write(ours, reed_slice_of(head));
		reed_write(ours, reed_slice(bytes, sizeof(bytes) / 40 * (size_t)i));
		reed_sim_run_for(w.sim, REED_MS(i % 4));
		reed_abort(ours);
		reed_sim_run_for(w.sim, REED_MS(1));
		check_int(w.ended, i + 1);
	}
	end();
}

int main(void)
{
	check(mkdtemp(folder));
	snprintf(kept, sizeof(kept), "%s/kept", folder);
	RUN(a_form_is_taken_as_a_whole);
	RUN(a_large_file_goes_to_disk_and_may_stay_there);
	RUN(no_file_chosen_is_an_empty_value);
	RUN(what_is_refused_is_answered_with_the_reason);
	RUN(a_full_disk_is_told);
	RUN(whoever_goes_leaves_nothing_behind);
	check_int(rmdir(folder), 0);
	return 0;
}
