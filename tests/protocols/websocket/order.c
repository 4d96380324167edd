/* Frames in every order there is, against a model of a dozen lines. */

#include "talk.h"

static const char *const alphabet[] = { "t:1", "t+:2", "b:3", "b+:4", "c:5", "c+:6", "p:7", "o:8" };

enum { KINDS = REED_COUNT(alphabet), LENGTH = 4 };

/* What a server that says messages again says. */
struct model {
	char kind; /* of the message under way; 0: none */
	char text[16], said[128];
	bool gone;
};

static void say(struct model *m, char kind, const char *text)
{
	size_t n = strlen(m->said);

	snprintf(m->said + n, sizeof(m->said) - n, "%s%c:%s", n ? " " : "", kind, text);
}

static void hear(struct model *m, const char *word)
{
	bool fin = word[1] == ':';
	const char *text = strchr(word, ':') + 1;

	if (m->gone || word[0] == 'o')
		return;
	if (word[0] == 'p') {
		say(m, 'o', text);
	} else if ((word[0] == 'c') != (m->kind != 0)) {
		say(m, 'x', "1002 |");
		m->gone = true;
	} else {
		if (word[0] != 'c') {
			m->kind = word[0];
			m->text[0] = '\0';
		}
		strcat(m->text, text);
		if (fin) {
			say(m, m->kind, m->text);
			m->kind = 0;
		}
	}
}

static void frames_in_every_order_are_taken_or_refused(void)
{
	size_t orders = 1;
	struct talk t;

	talk_open(&t);
	t.face = TALK_PUSH;
	for (int i = 0; i < LENGTH; i++)
		orders *= KINDS;
	for (size_t order = 0; order < orders; order++) {
		struct model m = { .kind = 0 };
		char words[64] = "";
		size_t rest = order;

		for (int i = 0; i < LENGTH; i++, rest /= KINDS) {
			hear(&m, alphabet[rest % KINDS]);
			strcat(words, alphabet[rest % KINDS]);
			strcat(words, " ");
		}
		says(&t, words, m.said);
	}
	talk_close(&t);
}

int main(void)
{
	RUN(frames_in_every_order_are_taken_or_refused);
	return 0;
}
