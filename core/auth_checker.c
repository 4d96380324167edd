/* Kinds of checkers by name. */

#include "reed/checker.h"

#include "auth_file_checker.h"
#include "auth_schemes.h"
#include "private.h"
#include "reed/buf.h"

static struct reed_checker_scheme *const built_in[] = {
	&reed_anonymous_scheme,       &reed_file_scheme,   &reed_htdigest_scheme,
	&reed_htdigest_sha256_scheme, &reed_memory_scheme, &reed_secrets_scheme,
	&reed_sshkeys_scheme,
};
static struct reed_checker_scheme *registered; /* by modules, as the process starts */

/* Counted over both, in the order of registration; NULL past the end. */
static const struct reed_checker_scheme *scheme_at(size_t i)
{
	const struct reed_checker_scheme *s = registered;

	if (i < REED_COUNT(built_in))
		return built_in[i];
	for (i -= REED_COUNT(built_in); s && i > 0; i--)
		s = s->next;
	return s;
}

static const struct reed_checker_scheme *find(struct reed_slice name)
{
	const struct reed_checker_scheme *s;

	for (size_t i = 0; (s = scheme_at(i)); i++)
		if (reed_slice_is(name, s->name))
			return s;
	return NULL;
}

void reed_checker_register(struct reed_checker_scheme *scheme)
{
	struct reed_checker_scheme **end = &registered;

	if (find(reed_slice_of(scheme->name)))
		return;
	while (*end)
		end = &(*end)->next;
	scheme->next = NULL;
	*end = scheme;
}

void reed_checker_free(struct reed_checker *checker)
{
	if (checker)
		checker->ops->free(checker);
}

/* The one that comes next by name; NULL after the last. */
static const struct reed_checker_scheme *after(const char *name)
{
	const struct reed_checker_scheme *s, *best = NULL;

	for (size_t i = 0; (s = scheme_at(i)); i++)
		if (strcmp(s->name, name) > 0 && (!best || strcmp(s->name, best->name) < 0))
			best = s;
	return best;
}

static void print_indented(FILE *out, struct reed_slice text)
{
	while (text.n > 0) {
		struct reed_slice line = reed_slice_cut(&text, '\n');

		fprintf(out, "      " REED_FMT "\n", REED_ARG(line));
	}
}

/* What can be loaded is listed. */
static void load_all(void)
{
	struct reed_slice all = { NULL, 0 };
	struct reed_fault *fault = NULL;

	reed_module_find(REED_MODULE_CHECKER, all, &fault);
	reed_fault_free(fault);
}

void reed_auth_help(FILE *out)
{
	const struct reed_checker_scheme *s;

	load_all();
	fputs("Accounts are kept in:\n", out);
	for (s = after(""); s; s = after(s->name)) {
		fprintf(out, "\n  %s\n", s->form);
		print_indented(out, reed_slice_of(s->help));
	}
}

static struct reed_fault *unknown(struct reed_slice name)
{
	const struct reed_checker_scheme *s;
	struct reed_buf known;
	struct reed_fault *fault;

	load_all();
	reed_buf_init(&known, 1024);
	for (s = after(""); s; s = after(s->name)) {
		if (reed_slice_distance(name, reed_slice_of(s->name), 2) <= 2) {
			reed_buf_finish(&known);
			return reed_fault(REED_EINVAL, NULL,
			                  "no accounts of kind \"" REED_FMT "\": did you mean %s?",
			                  REED_ARG(reed_slice_first(name, 64)), s->form);
		}
		reed_buf_printf(&known, "%s%s", reed_buf_held(&known) ? ", " : "", s->form);
	}
	fault = reed_fault(REED_EINVAL, NULL,
	                   "no accounts of kind \"" REED_FMT "\": there are " REED_FMT,
	                   REED_ARG(reed_slice_first(name, 64)), REED_ARG(reed_buf_slice(&known)));
	reed_buf_finish(&known);
	return fault;
}

/* Of a module too, if one has it; *fault is set when nobody has. */
static const struct reed_checker_scheme *seek(struct reed_slice name, struct reed_fault **fault)
{
	const struct reed_checker_scheme *s = find(name);

	*fault = NULL;
	if (s)
		return s;
	if (reed_module_find(REED_MODULE_CHECKER, name, fault) == REED_OK)
		s = find(name);
	if (!s && !*fault)
		*fault = unknown(name);
	return s;
}

enum reed_err reed_checker_check(const char *text, struct reed_fault **fault)
{
	struct reed_slice rest = reed_slice_of(text);

	return seek(reed_slice_cut(&rest, ':'), fault) ? REED_OK : (*fault)->err;
}

/* What was given, with the defaults filled in. */
static void fill_in(struct reed_checker_options *o, const struct reed_checker_options *given)
{
	*o = (struct reed_checker_options)REED_CHECKER_OPTIONS;
	if (given)
		memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	if (!o->rules)
		o->rules = &reed_auth_rules_ascii;
	if (!o->iterations)
		o->iterations = REED_ITERATIONS;
}

static struct reed_future *open_scheme(const struct reed_checker_scheme *scheme,
                                       struct reed_loop *loop, struct reed_slice argument,
                                       const struct reed_checker_options *o,
                                       struct reed_checker **out)
{
	if (o->iterations < REED_ITERATIONS || o->iterations > REED_ITERATIONS_MAX)
		return reed_failed(loop, REED_EINVAL, "iterations: from %d to %d, not %u",
		                   REED_ITERATIONS, REED_ITERATIONS_MAX, o->iterations);
	if (scheme->file)
		return reed_file_checker_open(loop, scheme, argument, o, out);
	return scheme->open(loop, argument, o, out);
}

struct reed_future *reed_checker_new(struct reed_loop *loop, const char *text,
                                     const struct reed_checker_options *options,
                                     struct reed_checker **out)
{
	struct reed_slice argument = reed_slice_of(text), name = reed_slice_cut(&argument, ':');
	struct reed_fault *fault;
	const struct reed_checker_scheme *scheme = seek(name, &fault);
	struct reed_checker_options o;

	if (!scheme)
		return reed_failed_with(loop, fault);
	fill_in(&o, options);
	return open_scheme(scheme, loop, argument, &o, out);
}

enum reed_err reed_checker_probe(const char *text, const struct reed_checker_options *options,
                                 struct reed_fault **fault)
{
	struct reed_slice argument = reed_slice_of(text), name = reed_slice_cut(&argument, ':');
	const struct reed_checker_scheme *scheme = seek(name, fault);
	struct reed_checker_options o;

	fill_in(&o, options);
	if (scheme && scheme->file)
		reed_file_checker_probe(scheme, argument, fault);
	else if (scheme && scheme->probe)
		scheme->probe(argument, &o, fault);
	return *fault ? (*fault)->err : REED_OK;
}

static const struct reed_checker_scheme *scheme_of(const char *text)
{
	struct reed_slice rest = reed_slice_of(text);

	return find(reed_slice_cut(&rest, ':'));
}

bool reed_checker_reads(const char *text)
{
	const struct reed_checker_scheme *scheme = scheme_of(text);

	return scheme && scheme->file;
}

const char *reed_checker_folder(const char *text)
{
	const struct reed_checker_scheme *scheme = scheme_of(text);

	return scheme ? scheme->folder : NULL;
}
