/*
 * Files, read as if somebody had sent what is in them.
 *
 * Opening and reading are jobs of the pool, as a disk may take its time.  One
 * piece is read ahead: what a job has brought is handed out, and the next is
 * asked for when that is used up.  What is no plain file, such as a FIFO, is
 * waited for as a pipe is.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"
#include "reed/alloc.h"
#include "reed/offload.h"
#include "reed/source.h"
#include "reed/stream.h"

enum { PIECE = 64 << 10 };

struct file_stream {
	struct reed_stream stream;
	struct reed_source *source;
	struct reed_waiter reading; /* for the next piece */
	struct reed_readiness readiness;
	uint64_t offset; /* behind the piece */
	char *piece;     /* NULL: used up */
	size_t begin, end;
	enum reed_err err; /* behind the piece */
};

static struct file_stream *file_of(struct reed_stream *s)
{
	return reed_container_of(s, struct file_stream, stream);
}

/* ---- in the pool ---- */

struct piece_job {
	struct reed_job job;
	struct file_stream *to; /* not to be touched but by deliver() */
	struct reed_source *source;
	uint64_t offset;
	char *bytes;
	size_t n;
};

static enum reed_err piece_run(struct reed_job *job)
{
	struct piece_job *self = reed_job_frame(job, struct piece_job);
	ssize_t n;

	self->bytes = reed_alloc_raw(PIECE);
	do
		n = pread(reed_source_fd(self->source), self->bytes, PIECE, (off_t)self->offset);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? reed_err_of(errno) : REED_EEOF;
	self->n = (size_t)n;
	return REED_OK;
}

static void piece_deliver(struct reed_job *job)
{
	struct piece_job *self = reed_job_frame(job, struct piece_job);

	self->to->piece = self->bytes;
	self->to->begin = 0;
	self->to->end = self->n;
	self->to->offset += self->n;
	self->bytes = NULL;
}

static void piece_end(struct reed_job *job)
{
	struct piece_job *self = reed_job_frame(job, struct piece_job);

	reed_free(self->bytes);
	reed_source_release(self->source);
}

static const struct reed_job_kind piece_kind = { .name = "read a piece of a file",
	                                         .size = sizeof(struct piece_job),
	                                         .run = piece_run,
	                                         .deliver = piece_deliver,
	                                         .end = piece_end };

/* ---- the stream ---- */

static void has_come(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct file_stream *self = reed_container_of(w, struct file_stream, reading);

	reed_fault_free(fault);
	self->err = err;
	reed_readiness_look(&self->readiness);
}

static void ask_for_more(struct file_stream *self)
{
	struct piece_job *job;

	if (self->reading.future || self->piece || self->err)
		return;
	job = reed_job_new(self->stream.loop, &piece_kind);
	job->to = self;
	job->source = reed_source_share(self->source);
	job->offset = self->offset;
	reed_wait(reed_offload(&job->job), &self->reading);
}

static size_t take(struct file_stream *self, char *into, size_t room)
{
	size_t n = self->end - self->begin < room ? self->end - self->begin : room;

	memcpy(into, self->piece + self->begin, n);
	self->begin += n;
	if (self->begin < self->end)
		return n;
	reed_free(self->piece);
	self->piece = NULL;
	return n;
}

static ssize_t file_read(struct reed_stream *s, char *into, size_t room)
{
	struct file_stream *self = file_of(s);
	size_t n = self->piece ? take(self, into, room) : 0;

	ask_for_more(self);
	s->pending = self->piece || self->err;
	if (n > 0)
		return (ssize_t)n;
	return self->err ? (ssize_t)self->err : REED_EAGAIN;
}

static ssize_t file_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	(void)s;
	(void)iov;
	(void)count;
	return REED_ENOTSUP;
}

static unsigned ready(struct reed_stream *s)
{
	return file_of(s)->piece || file_of(s)->err ? REED_READ : 0u;
}

static void file_want(struct reed_stream *s, unsigned events)
{
	reed_readiness_want(&file_of(s)->readiness, events);
	if (events & REED_READ)
		ask_for_more(file_of(s));
}

static void file_close(struct reed_stream *s)
{
	struct file_stream *self = file_of(s);

	reed_readiness_finish(&self->readiness);
	reed_unwait(s->loop, &self->reading);
	reed_source_release(self->source);
	reed_free(self->piece);
}

static const struct reed_stream_ops file_ops = {
	.name = "file",
	.read = file_read,
	.write = file_write,
	.want = file_want,
	.close = file_close,
};

static struct reed_stream *file_new(struct reed_loop *loop, int fd)
{
	struct file_stream *self = reed_alloc(sizeof(*self));

	reed_stream_init(&self->stream, loop, &file_ops);
	self->source = reed_source_new(fd);
	self->reading.wake = has_come;
	reed_readiness_init(&self->readiness, &self->stream, ready);
	return &self->stream;
}

/* ---- opening ---- */

struct opening {
	struct reed_job job;
	char *path;
	int fd;
	bool is_plain;
	struct reed_stream **out;
};

static enum reed_err opening_run(struct reed_job *job)
{
	struct opening *self = reed_job_frame(job, struct opening);
	enum reed_err err = REED_EISDIR;
	struct stat st;

	self->fd = open(self->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (self->fd >= 0 && fstat(self->fd, &st) == 0 && !S_ISDIR(st.st_mode)) {
		self->is_plain = S_ISREG(st.st_mode);
		return REED_OK;
	}
	if (self->fd < 0)
		err = reed_err_of(errno);
	return reed_job_fail(job, err, "%s: %s", self->path, reed_strerror(err));
}

static void opening_deliver(struct reed_job *job)
{
	struct opening *self = reed_job_frame(job, struct opening);
	struct reed_loop *loop = job->future.loop;

	*self->out = self->is_plain ? file_new(loop, self->fd)
	                            : reed_stream_of_pipes(loop, self->fd, -1);
	self->fd = -1;
}

static void opening_end(struct reed_job *job)
{
	struct opening *self = reed_job_frame(job, struct opening);

	if (self->fd >= 0)
		close(self->fd);
	reed_free(self->path);
}

static const struct reed_job_kind opening_kind = { .name = "open a file",
	                                           .size = sizeof(struct opening),
	                                           .run = opening_run,
	                                           .deliver = opening_deliver,
	                                           .end = opening_end };

struct reed_future *reed_file_dial(struct reed_loop *loop, const char *path,
                                   struct reed_stream **out)
{
	struct opening *self = reed_job_new(loop, &opening_kind);

	self->path = reed_strdup(path);
	self->fd = -1;
	self->out = out;
	return reed_offload(&self->job);
}
