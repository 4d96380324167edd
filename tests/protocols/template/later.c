/* Data that comes later: what was written by then, how it fails, and a drop at every suspension. */

#include "lab.h"

#include "reed/co.h"
#include "reed/http/server.h"
#include "reed/sim.h"
#include "tests/core/sim_each.h"

/* ---- values that take their time ---- */

struct late {
	struct reed_co co;
	struct reed_template_value *value;
	const char *text;
};

static void late_run(struct reed_co *co)
{
	struct late *self = reed_frame(co, struct late);

	reed_coroutine (co) {
		reed_try(co, reed_sleep(co->loop, 1000));
		if (!self->text)
			reed_try(co, reed_failed(co->loop, REED_EIO, "the table is gone"));
	}
}

static void late_deliver(struct reed_co *co)
{
	struct late *self = reed_frame(co, struct late);

	*self->value = reed_template_text(reed_slice_of(self->text));
}

static const struct reed_co_kind late_kind = { "late", sizeof(struct late), late_run, late_deliver,
	                                       NULL };

static struct reed_future *late(void *arg, struct reed_loop *loop,
                                struct reed_template_value *value)
{
	struct late *self = reed_co_new(loop, &late_kind);

	self->value = value;
	self->text = arg;
	return reed_start(&self->co);
}

static struct reed_future *at_once(void *arg, struct reed_loop *loop,
                                   struct reed_template_value *value)
{
	(void)loop;
	*value = reed_template_text(reed_slice_of(arg));
	return NULL;
}

/* ---- a list whose items take theirs ---- */

struct row {
	struct reed_template_list list;
	struct reed_template_pairs item;
	struct reed_template_pair pair;
	struct reed_template_data **to;
	char text[8];
	int count, ended;
};

static struct reed_future *row_came(void *arg, enum reed_err err)
{
	struct row *self = arg;

	if (err || self->count++ == 3)
		return NULL;
	snprintf(self->text, sizeof(self->text), "<%d>", self->count);
	self->pair.name = "n";
	self->pair.value = reed_template_text(reed_slice_of(self->text));
	*self->to = reed_template_pairs(&self->item, &self->pair, 1);
	return NULL;
}

static struct reed_future *row_next(struct reed_template_list *list, struct reed_loop *loop,
                                    struct reed_template_data **item)
{
	struct row *self = reed_container_of(list, struct row, list);

	self->to = item;
	return reed_then(reed_sleep(loop, 1000), row_came, self);
}

static void row_end(struct reed_template_list *list)
{
	reed_container_of(list, struct row, list)->ended++;
}

static const struct reed_template_list_ops row_ops = { row_next, row_end };

/* ---- a sink that notes when ---- */

struct noted {
	struct reed_template_sink sink;
	struct reed_loop *loop;
	int64_t began;
	char text[4096];
};

static void noted_write(struct reed_template_sink *sink, struct reed_slice bytes)
{
	struct noted *self = reed_container_of(sink, struct noted, sink);
	size_t n = strlen(self->text);

	snprintf(self->text + n, sizeof(self->text) - n, "%lld:" REED_FMT "|",
	         (long long)((reed_now(self->loop) - self->began) / REED_S(1)), REED_ARG(bytes));
}

static const struct reed_template_sink_ops noted_ops = { noted_write, NULL };

struct page {
	struct reed_template *t;
	struct reed_template_pairs data;
	struct reed_template_pair pairs[5];
	struct row row;
	struct noted noted;
};

static char first[] = "A&B", second[] = "yes";

static void page_open(struct page *p, struct reed_loop *loop, const char *text)
{
	*p = (struct page){ .row.list.ops = &row_ops };
	p->noted = (struct noted){ { &noted_ops }, loop, reed_now(loop), "" };
	check_int(reed_template_parse("p.html", reed_slice_of(text), NULL, &p->t, NULL), REED_OK);
	p->pairs[0].name = "late";
	p->pairs[0].value = (struct reed_template_value){ .kind = REED_TEMPLATE_LATER,
		                                          .later = late,
		                                          .arg = first };
	p->pairs[1].name = "rows";
	p->pairs[1].value =
		(struct reed_template_value){ .kind = REED_TEMPLATE_ITEMS, .items = &p->row.list };
	p->pairs[2].name = "broken";
	p->pairs[2].value =
		(struct reed_template_value){ .kind = REED_TEMPLATE_LATER, .later = late };
	p->pairs[3].name = "soon";
	p->pairs[3].value = (struct reed_template_value){ .kind = REED_TEMPLATE_LATER,
		                                          .later = at_once,
		                                          .arg = second };
	reed_template_pairs(&p->data, p->pairs, 4);
}

static const char everything[] = "<p title='{{late}}'>a<b r:if='late'>{{soon}}</b>"
				 "<i r:repeat='rows'>{{n}}{{late}}</i><r:slot name='late'/></p>";

static void what_stands_before_is_written_before_each_wait(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "here");
	struct page p;

	page_open(&p, loop, "<p title='{{late}}'>a<b>{{soon}}</b><i r:repeat='rows'>{{n}}</i></p>");
	check_int(reed_sim_run_until(sim,
	                             reed_template_write(p.t, loop, &p.data.data, &p.noted.sink),
	                             NULL),
	          REED_OK);
	check_str(p.noted.text, "0:<p title=\"|1:A&amp;B\">a<b>yes</b>|2:<i>&lt;1&gt;</i>|"
	                        "3:<i>&lt;2&gt;</i>|4:<i>&lt;3&gt;</i>|5:</p>|");
	check_int(p.row.ended, 1);
	reed_template_free(p.t);
	reed_sim_free(sim);
}

static void a_failure_says_which_place_it_was(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "here");
	struct reed_fault *fault = NULL;
	struct page p;

	page_open(&p, loop, "<p>\n  <b>{{broken}}</b></p>");
	check_int(reed_sim_run_until(sim,
	                             reed_template_write(p.t, loop, &p.data.data, &p.noted.sink),
	                             &fault),
	          REED_EIO);
	check_str(fault->sentence, "p.html:2:6: broken: the table is gone");
	reed_fault_free(fault);
	reed_template_free(p.t);
	reed_sim_free(sim);
}

/* ---- over HTTP ---- */

static struct reed_future *answer(void *arg, struct reed_http_request *request)
{
	struct page *p = arg;

	return reed_template_respond(p->t, request, &p->data.data);
}

struct asked {
	struct reed_co co;
	struct reed_stream *stream;
	char *heard;
};

static void asked_run(struct reed_co *co)
{
	struct asked *self = reed_frame(co, struct asked);
	size_t n;

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, "tcp:server:80", &self->stream));
		reed_printf(self->stream, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
		for (;;) {
			reed_await(co, reed_more(self->stream));
			if (co->err)
				break;
			n = strlen(self->heard);
			reed_slice_copy(self->heard + n, 4096 - n, reed_peek(self->stream));
			reed_skip(self->stream, reed_peek(self->stream).n);
		}
	}
}

static void asked_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct asked)->stream);
}

static const struct reed_co_kind asked_kind = { "asked", sizeof(struct asked), asked_run, NULL,
	                                        asked_end };

static const char *over_http(const char *text)
{
	static char heard[4096];
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "server");
	struct asked *client = reed_co_new(reed_sim_host(sim, "client"), &asked_kind);
	struct reed_http_server *server;
	struct reed_scope scope;
	struct page p;

	page_open(&p, loop, text);
	options.handler = answer;
	options.arg = &p;
	server = reed_http_server_new(loop, &options);
	reed_scope_init(&scope, loop, NULL, "server");
	scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&scope, reed_http_serve(server, "tcp:80"));
	reed_sim_run_for(sim, REED_MS(1));
	heard[0] = '\0';
	client->heard = heard;
	check_int(reed_sim_run_until(sim, reed_start(&client->co), NULL), REED_OK);
	reed_scope_finish(&scope);
	reed_sim_run_for(sim, REED_S(10));
	reed_http_server_free(server);
	reed_template_free(p.t);
	reed_sim_free(sim);
	return heard;
}

static void an_answer_is_streamed(void)
{
	const char *heard = over_http(everything);

	check(strstr(heard, "HTTP/1.1 200 OK") && strstr(heard, "text/html; charset=utf-8"));
	check(strstr(heard, "<p title=\"") && strstr(heard, "A&amp;B\">a"));
	check(strstr(heard, "\r\n0\r\n\r\n"));
}

static void what_fails_before_anything_is_written_is_an_error(void)
{
	check(strstr(over_http("<r:block>{{unknown}}</r:block>"), "HTTP/1.1 404 ") ||
	      strstr(over_http("<r:block>{{unknown}}</r:block>"), "HTTP/1.1 500 "));
	check(strstr(over_http("<p>{{unknown}}</p>"), "<p>") == NULL);
}

static void what_fails_in_the_middle_breaks_the_answer(void)
{
	const char *heard = over_http("<p>{{late}}{{broken}}</p>");

	check(strstr(heard, "200 OK") && strstr(heard, "<p>"));
	check(strstr(heard, "\r\n0\r\n\r\n") == NULL);
}

/* ---- a drop at every suspension ---- */

struct scenario {
	struct reed_co co;
	struct page page;
};

static void scenario_run(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	reed_coroutine (co) {
		page_open(&self->page, co->loop, everything);
		reed_try(co, reed_template_write(self->page.t, co->loop, &self->page.data.data,
		                                 &self->page.noted.sink));
	}
}

static void scenario_end(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	/* It was begun, and ended, or neither. */
	if (self->page.row.ended > 1 || (self->page.row.count > 0 && !self->page.row.ended))
		reed_sim_fail(reed_sim_of(co->loop), "a list was ended %d times",
		              self->page.row.ended);
	reed_template_free(self->page.t);
}

static const struct reed_co_kind scenario_kind = { "scenario", sizeof(struct scenario),
	                                           scenario_run, NULL, scenario_end };

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct scenario *self = reed_co_new(reed_sim_host(sim, "here"), &scenario_kind);

	(void)arg;
	return reed_start(&self->co);
}

static void a_drop_at_any_moment_leaves_nothing(void)
{
	check_each_suspension(scenario, NULL, 20);
}

int main(void)
{
	RUN(what_stands_before_is_written_before_each_wait);
	RUN(a_failure_says_which_place_it_was);
	RUN(an_answer_is_streamed);
	RUN(what_fails_before_anything_is_written_is_an_error);
	RUN(what_fails_in_the_middle_breaks_the_answer);
	RUN(a_drop_at_any_moment_leaves_nothing);
	return 0;
}
