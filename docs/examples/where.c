/* Prints where a receiver is: where ENDPOINT, such as serial:/dev/ttyUSB0:baud=4800 */

#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/positioning.h>

struct where {
	struct reed_co co;
	struct reed_positioning positioning;
	const char *endpoint;
	struct reed_stream *stream;
};

static void at(struct reed_positioning *self, const struct reed_coordinate *place)
{
	(void)self;
	printf("%.4f, %.4f\n", place->latitude, place->longitude);
}

static void moving(struct reed_positioning *self, struct reed_speed speed)
{
	(void)self;
	printf("%.1f knots\n", reed_speed_knots(speed));
}

static const struct reed_positioning_ops ops = { .position = at, .speed = moving };

static void where_run(struct reed_co *co)
{
	struct where *self = reed_frame(co, struct where);

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, self->endpoint, &self->stream));
		reed_positioning_init(&self->positioning, &ops);
		reed_try(co, reed_positioning_read(self->stream, &self->positioning, NULL));
	}
}

static const struct reed_co_kind where_kind = { .name = "where",
	                                        .size = sizeof(struct where),
	                                        .run = where_run };

static struct reed_future *where(struct reed_loop *loop, int argc, char **argv)
{
	struct where *self;

	if (argc != 2)
		return reed_failed(loop, REED_EINVAL, "say where to listen: where ENDPOINT");
	self = reed_co_new(loop, &where_kind);
	self->endpoint = argv[1];
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, where);
}
