/* How far it is, on a terminal's last line. */

#include <stdio.h>

#include "fetch.h"
#include "reed/loop.h"

enum { BAR = 30 };

static void add_size(char *out, size_t room, uint64_t n)
{
	static const char units[] = "BKMGTPE";
	double value = (double)n;
	size_t unit = 0;

	for (; value >= 1000 && unit + 1 < sizeof(units) - 1; value /= 1024)
		unit++;
	snprintf(out, room, unit && value < 10 ? "%.1f%c" : "%.0f%c", value, units[unit]);
}

static void draw(struct fetch_progress *p, struct reed_loop *loop, uint64_t got)
{
	char bar[BAR + 1], here[16], speed[16];
	uint64_t all = p->before + got;
	int64_t ns = reed_now(loop) - p->began;
	int filled = p->size ? (int)(all * BAR / p->size) : 0;

	add_size(here, sizeof(here), all);
	add_size(speed, sizeof(speed), ns > 0 ? (uint64_t)((double)got * 1e9 / (double)ns) : 0);
	if (!p->size) {
		fprintf(stderr, "\r\33[K%s, %s/s", here, speed);
		return;
	}
	for (int i = 0; i < BAR; i++)
		bar[i] = i < filled ? '#' : '.';
	bar[BAR] = '\0';
	fprintf(stderr, "\r\33[K[%s] %3u %% %s, %s/s", bar, (unsigned)(all * 100 / p->size), here,
	        speed);
}

void fetch_progress_show(struct fetch_progress *p, struct reed_loop *loop, uint64_t got)
{
	if (!p->on || reed_now(loop) - p->shown < REED_MS(100))
		return;
	p->shown = reed_now(loop);
	draw(p, loop, got);
}

void fetch_progress_end(struct fetch_progress *p, struct reed_loop *loop, uint64_t got)
{
	if (!p->on || !p->shown)
		return;
	draw(p, loop, got);
	fputc('\n', stderr);
}
