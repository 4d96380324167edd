/* What the control socket passes on to services. */

#include "control.h"

#include "daemon_private.h"

enum { WORDS = 8 };

static bool is_own(struct reed_slice word)
{
	for (const struct control_word *w = reed_control_words; w->name; w++)
		if (reed_slice_is(word, w->name))
			return true;
	return false;
}

static bool has_verb(const struct reed_service *service, struct reed_slice word)
{
	const struct reed_service_verb *v = service->kind->verbs;

	while (v && v->name && !reed_slice_is(word, v->name))
		v++;
	return v && v->name;
}

static struct reed_service *find(struct reed_service *service, struct reed_slice word)
{
	struct reed_service *child, *found;

	if (has_verb(service, word))
		return service;
	for (size_t n = 0; (child = reed_service_child(service, n)); n++)
		if ((found = find(child, word)))
			return found;
	return NULL;
}

struct reed_service *reed_control_service(struct daemon *d, struct reed_slice line)
{
	struct reed_slice word;

	if (line.n > REED_CONTROL_LINE || !reed_control_is_printable(line))
		return NULL;
	word = reed_control_next_word(&line);
	return word.n && !is_own(word) ? find(d->root, word) : NULL;
}

struct reed_future *reed_control_ask(struct reed_service *service, struct reed_slice line,
                                     struct reed_buf *out)
{
	struct reed_slice words[WORDS], word;
	size_t n = 0;

	if (service->condition.value != REED_SERVICE_READY)
		return reed_failed(service->loop, REED_EBUSY, "%s is %s", service->name,
		                   reed_service_state_name(
					   (enum reed_service_state)service->condition.value));
	while ((word = reed_control_next_word(&line)).n > 0) {
		if (n == WORDS)
			return reed_failed(service->loop, REED_EINVAL, "too many words");
		words[n++] = word;
	}
	return service->kind->control(service, words, n, out);
}

static void help_of(const struct reed_service *service, struct reed_buf *out)
{
	struct reed_service *child;

	for (const struct reed_service_verb *v = service->kind->verbs; v && v->name; v++)
		reed_control_help_line(out, v->name, v->args, v->help);
	for (size_t n = 0; (child = reed_service_child(service, n)); n++)
		help_of(child, out);
}

void reed_control_help_services(struct daemon *d, struct reed_buf *out)
{
	help_of(d->root, out);
}
