/*
 * live [ENDPOINT]: a page with a counter and a chat that all who look at it
 * share, however often their network goes.  Open http://127.0.0.1:8080/ twice.
 */

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/http/router.h>
#include <reed/http/server.h>
#include <reed/live.h>
#include <reed/template.h>

#include "live_page.h"

enum { PAST = 20 };

struct hall {
	struct reed_co co;
	const char *endpoint;
	struct reed_http_router *router;
	struct reed_http_server *server;
	struct reed_live *live;
	struct reed_template *page, *style;
	struct reed_template_pairs data;
	struct reed_template_pair pairs[3];
	char counted[24];
	struct reed_list guests;
	long count;
	char *past[PAST]; /* as they were told, the oldest first */
	int pasts;
};

/* ---- the guests: one for each page that is open ---- */

struct guest {
	struct reed_live_page page;
	struct reed_live_link *link;
	struct hall *hall;
	struct reed_list in_hall;
};

static void tell_all(struct hall *hall, const char *name, struct reed_slice args)
{
	reed_list_each (link, &hall->guests) {
		struct guest *guest = reed_container_of(link, struct guest, in_hall);

		/* Who does not take what it is sent begins anew when it does. */
		if (reed_live_say(guest->link, name, args) == REED_EOVERFLOW)
			reed_live_close(guest->link);
	}
}

static void tell_number(struct hall *hall, const char *name, long n)
{
	char text[32];

	snprintf(text, sizeof(text), "[%ld]", n);
	tell_all(hall, name, reed_slice_of(text));
}

static void add_one(struct guest *self, struct reed_live_call *call)
{
	char text[32];

	self->hall->count++;
	tell_number(self->hall, "count", self->hall->count);
	snprintf(text, sizeof(text), "%ld", self->hall->count);
	reed_live_answer(call, reed_slice_of(text));
}

static void remember(struct hall *hall, char *args)
{
	if (hall->pasts == PAST) {
		reed_free(hall->past[0]);
		memmove(hall->past, hall->past + 1, (PAST - 1) * sizeof(hall->past[0]));
		hall->pasts--;
	}
	hall->past[hall->pasts++] = args;
}

/* [NAME, TEXT], which are quoted again: what a page sends is nothing to pass on as it is. */
static void write_line(struct guest *self, struct reed_live_call *call)
{
	struct reed_buf name = { .limit = 40 }, text = { .limit = 1000 }, out = { .limit = 0 };

	if (reed_live_text(reed_live_args(call), 0, &name) ||
	    reed_live_text(reed_live_args(call), 1, &text)) {
		reed_live_refuse(call, "a name and a text, of up to 40 and 1000 bytes");
	} else {
		reed_buf_add_char(&out, '[');
		reed_live_quote(&out, reed_buf_slice(&name));
		reed_buf_add_char(&out, ',');
		reed_live_quote(&out, reed_buf_slice(&text));
		reed_buf_add_char(&out, ']');
		tell_all(self->hall, "line", reed_buf_slice(&out));
		remember(self->hall, reed_buf_take(&out));
		reed_live_answer(call, REED_STR("true"));
	}
	reed_buf_finish(&name);
	reed_buf_finish(&text);
	reed_buf_finish(&out);
}

static struct reed_future *guest_call(struct reed_live_page *page, struct reed_live_call *call)
{
	struct guest *self = reed_container_of(page, struct guest, page);

	if (reed_slice_is(reed_live_name(call), "add"))
		add_one(self, call);
	else if (reed_slice_is(reed_live_name(call), "write"))
		write_line(self, call);
	else
		reed_live_refuse(call, "there are add and write");
	return NULL;
}

static void guest_gone(struct reed_live_page *page, const char *why)
{
	struct guest *self = reed_container_of(page, struct guest, page);
	struct hall *hall = self->hall;

	(void)why;
	reed_list_remove(&self->in_hall);
	reed_free(self);
	tell_number(hall, "guests", (long)reed_live_count(hall->live));
}

static const struct reed_live_page_ops guest_ops = { .call = guest_call, .gone = guest_gone };

static struct reed_live_page *open_guest(void *arg, struct reed_http_request *request,
                                         struct reed_live_link *link)
{
	struct guest *self = reed_alloc(sizeof(*self));
	struct hall *hall = arg;
	char text[32];

	(void)request;
	self->page.ops = &guest_ops;
	self->hall = hall;
	self->link = link;
	reed_list_append(&hall->guests, &self->in_hall);
	snprintf(text, sizeof(text), "[%ld]", hall->count);
	reed_live_say(link, "count", reed_slice_of(text));
	for (int i = 0; i < hall->pasts; i++)
		reed_live_say(link, "line", reed_slice_of(hall->past[i]));
	tell_number(hall, "guests", (long)reed_live_count(hall->live) + 1);
	return &self->page;
}

/* ---- the page itself ---- */

static struct reed_future *show(void *arg, struct reed_http_request *request)
{
	struct hall *self = arg;

	snprintf(self->counted, sizeof(self->counted), "%ld", self->count);
	self->pairs[0].value = reed_template_text(reed_slice_of(self->counted));
	return reed_template_respond(self->page, request, &self->data.data);
}

static const struct reed_template *include(void *arg, struct reed_slice name)
{
	struct hall *self = arg;

	return reed_slice_is(name, "style") ? self->style : NULL;
}

static enum reed_err parse_page(struct hall *self)
{
	struct reed_template_options options = REED_TEMPLATE_OPTIONS;
	struct reed_fault *fault = NULL;
	enum reed_err err;

	options.include = include;
	options.arg = self;
	err = reed_template_parse("style", REED_STR(LIVE_STYLE), NULL, &self->style, &fault);
	if (!err)
		err = reed_template_parse("page", REED_STR(LIVE_PAGE), &options, &self->page,
		                          &fault);
	if (err)
		reed_fault_print(stderr, fault);
	reed_fault_free(fault);
	return err;
}

static void open_hall(struct hall *self)
{
	struct reed_live_options live = REED_LIVE_OPTIONS;
	struct reed_http_server_options http = REED_HTTP_SERVER_OPTIONS;

	reed_list_init(&self->guests);
	self->pairs[0].name = "count";
	self->pairs[1].name = "script";
	self->pairs[1].value = reed_template_text(reed_slice_of(reed_live_script()));
	reed_template_pairs(&self->data, self->pairs, 2);
	live.open = open_guest;
	live.arg = self;
	self->live = reed_live_new(self->co.loop, &live);
	self->router = reed_http_router_new();
	reed_http_route(self->router, "GET", "/", show, self);
	reed_http_route(self->router, "*", "/live/{rest:path}", reed_live_handler, self->live);
	http.handler = reed_http_routed;
	http.arg = self->router;
	self->server = reed_http_server_new(self->co.loop, &http);
}

static void hall_run(struct reed_co *co)
{
	struct hall *self = reed_frame(co, struct hall);

	reed_coroutine (co) {
		if (parse_page(self))
			reed_return(co, REED_EINVAL);
		open_hall(self);
		reed_try(co, reed_http_serve(self->server, self->endpoint));
	}
}

static void hall_end(struct reed_co *co)
{
	struct hall *self = reed_frame(co, struct hall);

	reed_live_free(self->live);
	reed_http_server_free(self->server);
	reed_http_router_free(self->router);
	reed_template_free(self->page);
	reed_template_free(self->style);
	while (self->pasts > 0)
		reed_free(self->past[--self->pasts]);
}

static const struct reed_co_kind hall_kind = { "hall", sizeof(struct hall), hall_run, NULL,
	                                       hall_end };

static struct reed_future *hall(struct reed_loop *loop, int argc, char **argv)
{
	struct hall *self = reed_co_new(loop, &hall_kind);

	self->endpoint = argc > 1 ? argv[1] : "tcp:8080:interface=127.0.0.1";
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, hall);
}
