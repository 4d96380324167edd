/* Reports put together: what is known by now, and calls for what is new. */

#include <math.h>

#include "private.h"

void reed_positioning_init(struct reed_positioning *self, const struct reed_positioning_ops *ops)
{
	*self = (struct reed_positioning){ .ops = ops, .variation = NAN };
	self->fix.error = (struct reed_position_error){ NAN, NAN, NAN };
}

/* ---- when ---- */

/* A clock without a day belongs to the one that makes it differ least from the last. */
static void advance(struct reed_positioning *self, const struct reed_position_report *r)
{
	int64_t by = r->clock - self->clock;

	if (r->told & REED_TOLD_DAY)
		self->day = r->day;
	else if (self->has_clock && by < -NS_PER_DAY / 2)
		self->day++;
	else if (self->has_clock && by > NS_PER_DAY / 2)
		self->day--;
	self->has_day |= (r->told & REED_TOLD_DAY) != 0;
	if (r->told & REED_TOLD_CLOCK)
		self->clock = r->clock;
	self->has_clock |= (r->told & REED_TOLD_CLOCK) != 0;
}

static void tell_time(struct reed_positioning *self, const struct reed_position_report *r)
{
	bool had_day = self->has_day;

	if ((r->told & REED_TOLD_CLOCK) && self->has_clock && r->clock != self->clock)
		reed_positioning_settle(self);
	if (!(r->told & (REED_TOLD_CLOCK | REED_TOLD_DAY)))
		return;
	advance(self, r);
	if (!self->has_day || !self->has_clock || (!(r->told & REED_TOLD_CLOCK) && had_day))
		return;
	self->fix.utc = self->day * NS_PER_DAY + self->clock;
	self->fix.told |= REED_TOLD_CLOCK | REED_TOLD_DAY;
	if (self->ops->time)
		self->ops->time(self, self->fix.utc);
}

/* ---- where ---- */

static void tell_place(struct reed_positioning *self, const struct reed_position_report *r)
{
	bool had = self->has_position;

	if (r->told & REED_TOLD_QUALITY) {
		self->fix.quality = r->quality;
		self->has_position &= r->quality != REED_FIX_NONE;
	}
	if (r->told & REED_TOLD_POSITION) {
		self->has_position = true;
		self->fix.coordinate = r->coordinate;
		if (self->ops->position)
			self->ops->position(self, &self->fix.coordinate);
	}
	if (r->told & REED_TOLD_ALTITUDE) {
		self->fix.altitude = r->altitude;
		if (self->ops->altitude)
			self->ops->altitude(self, r->altitude);
	}
	if (had && !self->has_position && self->ops->lost)
		self->ops->lost(self);
}

/* A horizontal one alone, rounded in another way, does not make the others unknown. */
static void tell_error(struct reed_positioning *self, const struct reed_position_report *r)
{
	struct reed_position_error *e = &self->fix.error;

	if (!(r->told & REED_TOLD_ERROR) ||
	    (isnan(r->error.pdop) && fabs(e->hdop - r->error.hdop) <= DOP_ROUNDING &&
	     !isnan(e->pdop)))
		return;
	*e = r->error;
	if (self->ops->position_error)
		self->ops->position_error(self, e);
}

/* ---- how it moves ---- */

static void tell_movement(struct reed_positioning *self, const struct reed_position_report *r)
{
	if (r->told & REED_TOLD_VARIATION)
		self->variation = r->variation;
	if (r->told & REED_TOLD_SPEED) {
		self->fix.speed = r->speed;
		if (self->ops->speed)
			self->ops->speed(self, r->speed);
	}
	if (r->told & REED_TOLD_COURSE) {
		self->fix.course = (struct reed_heading){ r->course, self->variation };
		if (self->ops->course)
			self->ops->course(self, &self->fix.course);
	}
	if (r->told & REED_TOLD_HEADING) {
		self->fix.heading = (struct reed_heading){ r->heading, self->variation };
		if (self->ops->heading)
			self->ops->heading(self, &self->fix.heading);
	}
	if (r->told & REED_TOLD_CLIMB) {
		self->fix.climb = r->climb;
		if (self->ops->climb)
			self->ops->climb(self, r->climb);
	}
}

/* ---- by which satellites ---- */

static struct reed_satellite *find(struct reed_positioning *self, enum reed_constellation of,
                                   unsigned id)
{
	for (unsigned i = 0; i < self->count; i++)
		if (self->seen[i].constellation == of && self->seen[i].id == id)
			return &self->seen[i];
	return NULL;
}

static void add(struct reed_positioning *self, const struct reed_satellite *s)
{
	if (self->count < REED_SATELLITES)
		self->seen[self->count++] = *s;
}

/* All of a constellation; what was used stays so until somebody says otherwise. */
static void replace(struct reed_positioning *self, enum reed_constellation of)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < self->coming.count; i++) {
		const struct reed_satellite *old = find(self, of, self->coming.items[i].id);

		self->coming.items[i].used = old && old->used;
	}
	for (unsigned i = 0; i < self->count; i++)
		if (self->seen[i].constellation != of)
			self->seen[kept++] = self->seen[i];
	self->count = kept;
	for (unsigned i = 0; i < self->coming.count; i++)
		add(self, &self->coming.items[i]);
}

/* Receivers of several signals tell of each satellite once a signal: the first signal counts. */
static void take(struct reed_positioning *self, enum reed_constellation of)
{
	unsigned *signal = &self->signals[of];

	if (!*signal || *signal == self->coming.signal) {
		*signal = self->coming.signal;
		replace(self, of);
		return;
	}
	for (unsigned i = 0; i < self->coming.count; i++)
		if (!find(self, of, self->coming.items[i].id))
			add(self, &self->coming.items[i]);
}

/* One part of a list.  One that does not follow the last begins anew, or is left out. */
static bool collect(struct reed_positioning *self, const struct reed_position_report *r)
{
	if (r->part != 1 &&
	    (r->part != self->coming.next || r->constellation != self->coming.constellation ||
	     r->signal != self->coming.signal)) {
		self->coming.next = 0;
		return false;
	}
	if (r->part == 1)
		self->coming.count = 0;
	self->coming.constellation = r->constellation;
	self->coming.signal = r->signal;
	self->coming.next = r->part + 1;
	for (unsigned i = 0; i < r->count && self->coming.count < REED_SATELLITES; i++)
		self->coming.items[self->coming.count++] = r->seen[i];
	return r->part == r->parts;
}

static void mark(struct reed_positioning *self, const struct reed_position_report *r)
{
	for (unsigned i = 0; i < self->count; i++)
		if (self->seen[i].constellation == r->constellation)
			self->seen[i].used = false;
	for (unsigned i = 0; i < r->id_count; i++) {
		struct reed_satellite *s = find(self, r->constellation, r->ids[i]);

		if (s)
			s->used = true;
	}
}

static void tell_satellites(struct reed_positioning *self, const struct reed_position_report *r)
{
	bool news = false;

	if (r->told & REED_TOLD_USED_COUNT) {
		self->fix.used = r->used_count;
		self->fix.told |= REED_TOLD_USED_COUNT;
	}
	if (r->whole) {
		memcpy(self->seen, r->seen, r->count * sizeof(r->seen[0]));
		self->count = r->count;
		news = true;
	} else if (r->told & REED_TOLD_SEEN) {
		news = collect(self, r);
		if (news)
			take(self, r->constellation);
	} else if (r->told & REED_TOLD_USED) {
		mark(self, r);
		news = self->count > 0;
	}
	if (news) {
		self->fix.seen = self->count;
		if (self->ops->satellites)
			self->ops->satellites(self, self->seen, self->count);
	}
}

/* ---- all of it ---- */

void reed_positioning_tell(struct reed_positioning *self, const struct reed_position_report *r)
{
	const unsigned of_a_moment = REED_TOLD_QUALITY | REED_TOLD_POSITION | REED_TOLD_ALTITUDE |
	                             REED_TOLD_SPEED | REED_TOLD_COURSE | REED_TOLD_HEADING |
	                             REED_TOLD_CLIMB;
	const unsigned lasting = REED_TOLD_ERROR | REED_TOLD_SEEN | REED_TOLD_USED;

	tell_time(self, r);
	self->fix.told |= r->told & (of_a_moment | lasting);
	self->collecting |= (r->told & of_a_moment) != 0;
	tell_place(self, r);
	tell_error(self, r);
	tell_movement(self, r);
	tell_satellites(self, r);
}

void reed_positioning_settle(struct reed_positioning *self)
{
	if (!self->collecting)
		return;
	self->collecting = false;
	if (self->ops->fix)
		self->ops->fix(self, &self->fix);
	self->fix.told &= REED_TOLD_ERROR | REED_TOLD_SEEN | REED_TOLD_USED | REED_TOLD_USED_COUNT;
	self->fix.quality = REED_FIX_NONE;
}
