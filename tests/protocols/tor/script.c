#include "script.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocols/tor/private.h"
#include "reed/base64.h"
#include "tests/check.h"

const char cookie[33] = "0123456789abcdef0123456789ABCDEF";
static char folder[] = "/tmp/reed-tor-XXXXXX";

/* ---- files ---- */

const char *in_folder(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

void write_file(const char *name, const char *text, int mode)
{
	FILE *file = fopen(in_folder(name), "w");

	check(file);
	fputs(text, file);
	fclose(file);
	check_int(chmod(in_folder(name), (mode_t)mode), 0);
}

const char *script_folder(void)
{
	check(mkdtemp(folder));
	write_file("cookie", cookie, 0600);
	return folder;
}

void script_folder_remove(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	check_int(system(command), 0);
}

/* ---- a connection ---- */

struct talk {
	struct reed_co co;
	struct play *play;
	const char *const *script;
	struct reed_stream *stream;
	struct reed_slice line;
	unsigned char ours[TOR_NONCE], theirs[TOR_NONCE];
};

static void say_proof(struct talk *self, bool lie)
{
	char hash[REED_HEX_ROOM(TOR_HASH)], nonce[REED_HEX_ROOM(TOR_NONCE)];
	unsigned char proof[TOR_HASH];

	memset(self->ours, 'n', sizeof(self->ours));
	reed_tor_cookie_hash(true, cookie, self->theirs, self->ours, proof);
	proof[0] ^= lie;
	reed_hex(reed_slice(proof, sizeof(proof)), hash);
	reed_hex(reed_slice(self->ours, sizeof(self->ours)), nonce);
	reed_printf(self->stream, "250 AUTHCHALLENGE SERVERHASH=%s SERVERNONCE=%s\r\n", hash,
	            nonce);
}

static void say(struct talk *self, const char *text)
{
	const char *at = strstr(text, "@FOLDER");

	if (strcmp(text, "@SAFE") == 0 || strcmp(text, "@LIE") == 0)
		say_proof(self, text[1] == 'L');
	else if (at)
		reed_printf(self->stream, "%.*s%s%s\r\n", (int)(at - text), text, folder, at + 7);
	else
		reed_printf(self->stream, "%s\r\n", text);
}

static void hear(struct talk *self, const char *text)
{
	struct reed_slice begin = REED_STR("AUTHCHALLENGE SAFECOOKIE ");
	char hex[REED_HEX_ROOM(TOR_HASH)], wanted[128];
	unsigned char proof[TOR_HASH];
	size_t n = strlen(text);

	if (reed_slice_starts(self->line, begin))
		check_int(reed_hex_decode(reed_slice_from(self->line, begin.n), self->theirs,
		                          TOR_NONCE),
		          REED_OK);
	if (strcmp(text, "@SAFE") == 0) {
		reed_tor_cookie_hash(false, cookie, self->theirs, self->ours, proof);
		reed_hex(reed_slice(proof, sizeof(proof)), hex);
		snprintf(wanted, sizeof(wanted), "AUTHENTICATE %s", hex);
		check_slice(self->line, wanted);
	} else if (n > 0 && text[n - 1] == '*') {
		if (!reed_slice_starts(self->line, reed_slice(text, n - 1)))
			check_slice(self->line, text);
	} else {
		check_slice(self->line, text);
	}
}

static void talk_run(struct reed_co *co)
{
	struct talk *self = reed_frame(co, struct talk);

	reed_coroutine (co) {
		for (; *self->script; self->script++) {
			if (**self->script == '>') {
				say(self, *self->script + 2);
			} else if (**self->script == '<') {
				reed_await(co, reed_read_line(self->stream, &self->line));
				if (co->err && self->play->patient)
					reed_return(co, REED_OK);
				if (co->err)
					check_str(reed_strerror(co->err), *self->script);
				hear(self, *self->script + 2);
			} else if (**self->script == '!') {
				break;
			}
			if (**self->script == '~')
				reed_await(co, reed_more(self->stream));
		}
		self->play->done++;
	}
}

static void talk_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct talk)->stream);
}

static const struct reed_co_kind talk_kind = {
	.name = "script",
	.size = sizeof(struct talk),
	.run = talk_run,
	.end = talk_end,
};

/* ---- the port ---- */

struct port {
	struct reed_co co;
	struct play *play;
	unsigned next;
	struct reed_listener *listener;
	struct reed_stream *stream;
};

static struct reed_future *talk(struct port *self)
{
	struct talk *talk = reed_co_new(self->co.loop, &talk_kind);

	talk->play = self->play;
	talk->script = self->play->scripts[self->next++];
	talk->stream = self->stream;
	self->stream = NULL;
	return reed_start(&talk->co);
}

static void port_run(struct reed_co *co)
{
	struct port *self = reed_frame(co, struct port);

	reed_coroutine (co) {
		reed_try(co, reed_listen(co->loop, "tcp:9051", &self->listener));
		while (self->play->scripts[self->next]) {
			reed_try(co, reed_accept(self->listener, &self->stream));
			reed_try(co, talk(self));
		}
	}
}

static void port_end(struct reed_co *co)
{
	struct port *self = reed_frame(co, struct port);

	reed_close(self->stream);
	reed_listener_close(self->listener);
}

static const struct reed_co_kind port_kind = {
	.name = "scripts",
	.size = sizeof(struct port),
	.run = port_run,
	.end = port_end,
};

struct reed_future *play(void *arg, struct reed_loop *on)
{
	struct port *self = reed_co_new(on, &port_kind);

	self->play = arg;
	return reed_start(&self->co);
}

/* ---- the world ---- */

struct reed_sim *sim;
struct reed_loop *loop;
struct play plays;
char why[512];

void begin_play(const char *const *const *scripts)
{
	plays = (struct play){ .scripts = scripts };
	sim = reed_sim_new(NULL);
	reed_sim_boot(sim, "tor", play, &plays);
	loop = reed_sim_host(sim, "us");
}

void end_play(void)
{
	reed_sim_run(sim);
	if (reed_sim_failure(sim))
		check_str(reed_sim_failure(sim)->sentence, "");
	reed_sim_free(sim);
}

enum reed_err outcome(struct reed_future *f)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_sim_run_until(sim, f, &fault);

	snprintf(why, sizeof(why), "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}
