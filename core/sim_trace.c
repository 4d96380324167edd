/* What happened: the last steps in words, and everything as a number. */

#include "sim_private.h"

#include <string.h>

struct step {
	int64_t at;
	const struct sim_host *host; /* NULL: of the world */
	const char *name, *file;     /* who was woken, where it had waited; file may be NULL */
	char *text;                  /* owned; of a fault or note, instead */
	int line;
	unsigned number; /* of the task; 0: no coroutine */
	bool is_end;     /* of a coroutine: its owner hears of it */
};

struct sim_record {
	struct step *steps; /* a ring */
	size_t next;
	uint64_t count; /* of all there were */
	uint64_t hash;
};

void reed_sim_record_begin(struct reed_sim *sim)
{
	sim->record = reed_alloc(sizeof(*sim->record));
	sim->record->steps = reed_alloc(sim->options.steps_kept * sizeof(struct step));
	sim->record->hash = reed_sim_mix(sim->options.seed, 0);
}

void reed_sim_record_end(struct reed_sim *sim)
{
	for (size_t i = 0; i < sim->options.steps_kept; i++)
		reed_free(sim->record->steps[i].text);
	reed_free(sim->record->steps);
	reed_free(sim->record);
}

/* ---- printing ---- */

static void print_time(const struct reed_sim *sim, FILE *out, int64_t at)
{
	int64_t ns = at - REED_S(SIM_BEGIN_S);

	(void)sim;
	fprintf(out, "%6lld.%09lld  ", (long long)(ns / 1000000000), (long long)(ns % 1000000000));
}

static void print_step(const struct reed_sim *sim, FILE *out, const struct step *s)
{
	print_time(sim, out, s->at);
	fprintf(out, "%-16s ", s->host ? s->host->name : "--");
	if (s->text)
		fprintf(out, "%s\n", s->text);
	else if (!s->number)
		fprintf(out, "(%s)\n", s->name);
	else if (s->is_end)
		fprintf(out, "%s #%u ends\n", s->name, s->number);
	else if (s->line)
		fprintf(out, "%s #%u %s:%d\n", s->name, s->number, s->file, s->line);
	else
		fprintf(out, "%s #%u begins\n", s->name, s->number);
}

/* ---- recording ---- */

static void stir(struct reed_sim *sim, uint64_t word)
{
	sim->record->hash = reed_sim_mix(sim->record->hash, word);
}

static void stir_text(struct reed_sim *sim, const char *text)
{
	sim->record->hash = reed_sim_mix_bytes(sim->record->hash, text, strlen(text));
}

static struct step *new_step(struct reed_sim *sim)
{
	struct sim_record *r = sim->record;
	struct step *s = &r->steps[r->next];

	r->next = (r->next + 1) % sim->options.steps_kept;
	r->count++;
	reed_free(s->text);
	*s = (struct step){ .at = sim->now };
	stir(sim, (uint64_t)sim->now);
	return s;
}

static void record_task(struct sim_host *h, struct step *s, struct reed_co *co)
{
	if (!co->number)
		co->number = ++h->tasks_begun;
	s->name = co->kind->name;
	s->number = co->number;
	s->line = co->line;
	if (co->line) {
		s->file = co->file;
		stir_text(h->sim, s->file);
	}
}

void reed_sim_record_wake(struct sim_host *h, struct reed_future *f)
{
	struct reed_sim *sim = h->sim;
	struct reed_co *co = reed_co_of_waiter(f->waiter);
	struct step *s = new_step(sim);

	sim->stats.wakes++;
	s->host = h;
	s->name = f->kind->name;
	s->is_end = !co && reed_future_is_co(f);
	if (s->is_end)
		co = reed_container_of(f, struct reed_co, future);
	if (co)
		record_task(h, s, co);
	stir(sim, h->number);
	stir_text(sim, s->name);
	stir(sim, (uint64_t)s->number << 32 | (uint64_t)s->line);
	if (sim->options.live)
		print_step(sim, sim->options.live, s);
}

REED_PRINTF(3, 0)
static void record_text(struct reed_sim *sim, const struct sim_host *h, const char *format,
                        va_list args)
{
	struct step *s = new_step(sim);
	struct reed_buf text = { 0 };
	char line[512];
	int n = vsnprintf(line, sizeof(line), format, args);

	reed_buf_add(&text,
	             reed_slice_first(reed_slice(line, n > 0 ? (size_t)n : 0), sizeof(line) - 1));
	s->text = reed_buf_take(&text);
	s->host = h;
	stir_text(sim, s->text);
	if (sim->options.live)
		print_step(sim, sim->options.live, s);
}

void reed_sim_record_fault(struct reed_sim *sim, const char *format, ...)
{
	va_list args;

	sim->stats.faults++;
	va_start(args, format);
	record_text(sim, NULL, format, args);
	va_end(args);
}

void reed_sim_note(struct reed_sim *sim, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record_text(sim, sim->in_turn, format, args);
	va_end(args);
}

static void print_packet(const struct sim_packet *p, const char *fate)
{
	const struct reed_sim *sim = p->link->from->sim;
	FILE *out = sim->options.live;

	print_time(sim, out, sim->now);
	if (p->flags & SIM_DATAGRAM) {
		fprintf(out, "%-16s %s:%u > %s:%u %s, %u bytes, %s\n", "--", p->link->from->name,
		        p->from_port, p->link->to->name, p->to_port,
		        p->flags & SIM_RST ? "nobody listens" : "datagram", p->n, fate);
		return;
	}
	fprintf(out, "%-16s %s:%u > %s:%u %s%s%s%sseq %llu ack %llu window %lld, %u bytes, %s\n",
	        "--", p->link->from->name, p->from_port, p->link->to->name, p->to_port,
	        p->flags & SIM_SYN ? "syn " : "", p->flags & SIM_ACK ? "ack " : "",
	        p->flags & SIM_FIN ? "fin " : "", p->flags & SIM_RST ? "rst " : "",
	        (unsigned long long)p->seq, (unsigned long long)p->ack,
	        (long long)(p->edge - p->ack), p->n, fate);
}

void reed_sim_record_packet(const struct sim_packet *p, const char *fate)
{
	struct reed_sim *sim = p->link->from->sim;

	stir(sim, (uint64_t)sim->now);
	stir(sim, (uint64_t)p->link->from->number << 32 | p->link->to->number);
	stir(sim, p->seq << 8 | p->flags);
	stir(sim, (uint64_t)fate[0] << 32 | (uint64_t)p->from_port << 16 | p->to_port);
	sim->record->hash = reed_sim_mix_bytes(sim->record->hash, p->bytes, p->n);
	if (sim->options.live)
		print_packet(p, fate);
}

/* ---- asking ---- */

uint64_t reed_sim_hash(const struct reed_sim *sim)
{
	return sim->record->hash;
}

void reed_sim_print(struct reed_sim *sim, FILE *out, size_t most)
{
	const struct sim_record *r = sim->record;
	size_t kept = sim->options.steps_kept, n = r->count < kept ? (size_t)r->count : kept;

	n = n < most ? n : most;
	fprintf(out, "seed %llu, %llu steps", (unsigned long long)sim->options.seed,
	        (unsigned long long)r->count);
	if (n < r->count)
		fprintf(out, ", the last %zu of them", n);
	fputs(":\n", out);
	for (size_t i = n; i > 0; i--)
		print_step(sim, out, &r->steps[(r->next + kept - i) % kept]);
}

void reed_sim_trace(struct reed_sim *sim, FILE *out)
{
	reed_sim_print(sim, out, SIZE_MAX);
}

void reed_sim_stats(const struct reed_sim *sim, struct reed_sim_stats *stats)
{
	size_t size = stats->size < sizeof(*stats) ? stats->size : sizeof(*stats);
	struct reed_sim_stats all = sim->stats;

	all.size = stats->size;
	memcpy(stats, &all, size);
}

static const struct reed_co *innermost(struct reed_future *f)
{
	const struct reed_co *inner = NULL;
	struct reed_future *leg;

	if (f->settled)
		return NULL;
	for (int i = 0; !inner && f->kind->leg && (leg = f->kind->leg(f, i)); i++)
		inner = innermost(leg);
	if (!inner && reed_future_is_co(f))
		inner = reed_container_of(f, struct reed_co, future);
	return inner;
}

void reed_sim_where(struct reed_future *f, char text[SIM_WHERE])
{
	const struct reed_co *co = innermost(f);

	text[0] = '\0';
	if (co && co->line)
		snprintf(text, SIM_WHERE, ", at %s:%d (%s)", co->file, co->line, co->kind->name);
	else if (co)
		snprintf(text, SIM_WHERE, ", at the beginning of %s", co->kind->name);
}

/* ---- the schedule ---- */

static size_t one_of(struct reed_sim *sim, struct sim_rng *rng, size_t n)
{
	size_t chosen = 0;

	if (n < 2)
		return 0;
	if (sim->options.schedule == REED_SIM_SHUFFLED)
		chosen = reed_sim_below(rng, n);
	else if (sim->options.schedule == REED_SIM_CHOSEN)
		chosen = sim->options.choose(sim->options.arg, n);
	assert(chosen < n);
	return chosen;
}

size_t reed_sim_choose_host(struct reed_sim *sim, size_t n)
{
	return one_of(sim, &sim->chance, n);
}

static size_t choose(void *arg, size_t n)
{
	struct sim_host *h = arg;

	return one_of(h->sim, &h->schedule, n);
}

static void chosen(void *arg, struct reed_future *f)
{
	reed_sim_record_wake(arg, f);
}

void reed_sim_schedule(struct sim_host *h)
{
	h->loop->choose_arg = h;
	h->loop->chosen = chosen;
	if (h->sim->options.schedule != REED_SIM_IN_ORDER)
		h->loop->choose = choose;
}
