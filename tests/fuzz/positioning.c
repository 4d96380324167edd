/* Lines of receivers and of gpsd: what they tell is in bounds, and can be written and read again. */

#include <math.h>

#include "check.h"
#include "reed/alloc.h"
#include "reed/positioning/gpsd.h"
#include "reed/positioning/nmea.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct reed_position_report *r)
{
	if (r->told & REED_TOLD_POSITION)
		check(fabs(r->coordinate.latitude) <= 90 && fabs(r->coordinate.longitude) <= 180);
	if (r->told & REED_TOLD_COURSE)
		check(r->course >= 0 && r->course < 360);
	if (r->told & REED_TOLD_HEADING)
		check(r->heading >= 0 && r->heading < 360);
	if (r->told & REED_TOLD_SPEED)
		check(r->speed.mps >= 0 && isfinite(r->speed.mps));
	if (r->told & REED_TOLD_CLOCK)
		check(r->clock >= 0 && r->clock <= REED_S(86401));
	check(r->count <= REED_SATELLITES && r->id_count <= 12);
}

/* What was read is written so that it is read as the same again, as far as that type tells it. */
static void write_again(const struct reed_nmea *s, const struct reed_position_report *first)
{
	struct reed_buf out = { .limit = 0 };
	struct reed_position_report again;
	struct reed_nmea parsed;
	char type[4] = "";

	reed_slice_copy(type, sizeof(type), s->type);
	if (reed_nmea_write(&out, "GN", type, first) == REED_OK &&
	    !(first->told & REED_TOLD_SEEN)) {
		check_int(reed_nmea_parse(reed_buf_slice(&out), &parsed), REED_OK);
		if (!reed_nmea_report(&parsed, &again, NULL))
			look(&again);
		if (!reed_nmea_report(&parsed, &again, NULL) &&
		    (again.told & first->told & REED_TOLD_POSITION))
			check(fabs(again.coordinate.latitude - first->coordinate.latitude) < 1e-6);
	}
	reed_buf_finish(&out);
}

static const struct reed_positioning_ops none = { .time = NULL };

static void read_line(struct reed_positioning *p, struct reed_slice line)
{
	static struct reed_position_report r;
	enum reed_gpsd_class what;
	struct reed_nmea s;
	char *why = NULL;

	if (!reed_nmea_parse(line, &s)) {
		check(s.count <= REED_NMEA_FIELDS);
		if (!reed_nmea_report(&s, &r, NULL)) {
			look(&r);
			write_again(&s, &r);
			reed_positioning_tell(p, &r);
		}
	}
	if (!reed_gpsd_read(line, &what, &r, &why)) {
		look(&r);
		reed_positioning_tell(p, &r);
	}
	check(p->count <= REED_SATELLITES);
	reed_free(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice rest = { (const char *)data, size };
	struct reed_positioning p;

	reed_positioning_init(&p, &none);
	while (rest.n > 0)
		read_line(&p, reed_slice_cut(&rest, '\n'));
	reed_positioning_settle(&p);
	return 0;
}
