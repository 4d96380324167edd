/* page NAME: a page for somebody, written to stdout as its data comes. */

#include <reed/co.h>
#include <reed/template.h>

static const char text[] = "<main>\n"
			   "<h1>Hello, {{name}}</h1>\n"
			   "<a href=\"/guests/{{name}}\">your page</a>\n"
			   "<ul><li r:repeat=\"rooms\" title=\"{{topic}}\">{{room}}</li></ul>\n"
			   "<p r:if=\"weather\">It is {{weather}}.</p>\n"
			   "</main>\n";

/* ---- data that takes its time: a coroutine that stands for a query ---- */

struct weather {
	struct reed_co co;
	struct reed_template_value *value;
};

static void weather_run(struct reed_co *co)
{
	reed_coroutine (co) {
		reed_try(co, reed_sleep(co->loop, 10));
	}
}

static void weather_deliver(struct reed_co *co)
{
	*reed_frame(co, struct weather)->value = reed_template_text(REED_STR("raining"));
}

static const struct reed_co_kind weather_kind = { "weather", sizeof(struct weather), weather_run,
	                                          weather_deliver, NULL };

static struct reed_future *weather(void *arg, struct reed_loop *loop,
                                   struct reed_template_value *value)
{
	struct weather *self = reed_co_new(loop, &weather_kind);

	(void)arg;
	self->value = value;
	return reed_start(&self->co);
}

/* ---- a list: each item is a table of its own ---- */

struct rooms {
	struct reed_template_list list;
	struct reed_template_pairs item;
	struct reed_template_pair pairs[2];
	int n;
};

static struct reed_future *rooms_next(struct reed_template_list *list, struct reed_loop *loop,
                                      struct reed_template_data **item)
{
	static const char *const names[][2] = { { "garden", "Roses & <weeds>" },
		                                { "kitchen", "What's for dinner" } };
	struct rooms *self = reed_container_of(list, struct rooms, list);

	(void)loop;
	if (self->n == 2)
		return NULL; /* and *item as well: the end */
	self->pairs[0].name = "room";
	self->pairs[0].value = reed_template_text(reed_slice_of(names[self->n][0]));
	self->pairs[1].name = "topic";
	self->pairs[1].value = reed_template_text(reed_slice_of(names[self->n++][1]));
	*item = reed_template_pairs(&self->item, self->pairs, 2);
	return NULL;
}

static const struct reed_template_list_ops rooms_ops = { .next = rooms_next };

/* ---- the program ---- */

struct page {
	struct reed_co co;
	struct reed_template *t;
	struct reed_template_sink sink;
	struct reed_template_pairs data;
	struct reed_template_pair pairs[3];
	struct rooms rooms;
	const char *name;
};

static void print(struct reed_template_sink *sink, struct reed_slice bytes)
{
	(void)sink;
	fwrite(bytes.p, 1, bytes.n, stdout);
	fflush(stdout);
}

static const struct reed_template_sink_ops sink_ops = { .write = print };

static void fill_in(struct page *self)
{
	self->pairs[0].name = "name";
	self->pairs[0].value = reed_template_text(reed_slice_of(self->name));
	self->pairs[1].name = "rooms";
	self->pairs[1].value.kind = REED_TEMPLATE_ITEMS;
	self->pairs[1].value.items = &self->rooms.list;
	self->pairs[2].name = "weather";
	self->pairs[2].value.kind = REED_TEMPLATE_LATER;
	self->pairs[2].value.later = weather;
	self->rooms.list.ops = &rooms_ops;
	self->sink.ops = &sink_ops;
	reed_template_pairs(&self->data, self->pairs, 3);
}

static void page_run(struct reed_co *co)
{
	struct page *self = reed_frame(co, struct page);

	reed_coroutine (co) {
		if (reed_template_parse("hello.html", reed_slice(text, sizeof(text) - 1), NULL,
		                        &self->t, NULL))
			reed_return(co, REED_EINVAL);
		fill_in(self);
		reed_try(co, reed_template_write(self->t, co->loop, &self->data.data, &self->sink));
		printf("\n");
	}
}

static void page_end(struct reed_co *co)
{
	reed_template_free(reed_frame(co, struct page)->t);
}

static const struct reed_co_kind page_kind = { "page", sizeof(struct page), page_run, NULL,
	                                       page_end };

static struct reed_future *page(struct reed_loop *loop, int argc, char **argv)
{
	struct page *self = reed_co_new(loop, &page_kind);

	self->name = argc > 1 ? argv[1] : "World";
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, page);
}
