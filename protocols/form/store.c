/* A part of a form written to a file, as it comes. */

#include "reader.h"

#include "reed/alloc.h"

enum { BATCH = 256 << 10 }; /* bytes that one job of the pool writes */

struct store {
	struct reed_co co;
	struct reed_form_reader *reader;
	char *folder;
	struct reed_slice piece;
	struct reed_buf batch;
	struct reed_form_file *file, **out;
};

static void store_run(struct reed_co *co)
{
	struct store *self = reed_frame(co, struct store);

	reed_coroutine (co) {
		reed_try(co, form_file_open(co->loop, self->folder, &self->file));
		do {
			reed_try(co, reed_form_piece(self->reader, &self->piece));
			reed_buf_add(&self->batch, self->piece);
			if (reed_buf_held(&self->batch) < (self->piece.n > 0 ? BATCH : 1))
				continue;
			reed_try(co, form_file_add(self->file, &self->batch));
		} while (self->piece.n > 0);
	}
}

static void store_deliver(struct reed_co *co)
{
	struct store *self = reed_frame(co, struct store);

	form_file_attach(self->reader->request, self->file);
	*self->out = self->file;
	self->file = NULL;
}

static void store_end(struct reed_co *co)
{
	struct store *self = reed_frame(co, struct store);

	form_file_free(self->file);
	reed_buf_finish(&self->batch);
	reed_free(self->folder);
}

static const struct reed_co_kind store_kind = { "store a part", sizeof(struct store), store_run,
	                                        store_deliver, store_end };

struct reed_future *reed_form_store(struct reed_form_reader *reader, const char *folder,
                                    struct reed_form_file **file)
{
	struct store *self = reed_co_new(reed_http_loop(reader->request), &store_kind);

	self->reader = reader;
	self->folder = reed_strdup(folder);
	self->out = file;
	return reed_start(&self->co);
}
