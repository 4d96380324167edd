/*
 * Tells everybody their number, until SIGTERM: sd_greet ENDPOINT
 *
 * sd-event runs, and the signal is one of its sources; Reed's server is its guest.
 */

#include <reed/endpoint.h>
#include <reed/sd_event.h>
#include <signal.h>
#include <stdio.h>
#include <systemd/sd-event.h>

static struct reed_future *greet(void *arg, struct reed_stream *stream)
{
	int *came = arg;

	reed_printf(stream, "you are number %d\n", ++*came);
	reed_close(stream);
	return reed_ready(stream->loop, REED_OK);
}

static void ended(void *event, enum reed_err err, const char *why)
{
	(void)err;
	fprintf(stderr, "sd_greet: %s\n", why);
	sd_event_exit(event, 1);
}

static int serve(struct reed_loop *loop, sd_event *event, const char *endpoint)
{
	struct reed_sd_event_guest *guest;
	int came = 0, status;

	if (reed_sd_event_guest_new(loop, event, &guest))
		return 1;
	reed_background(reed_listen_and_serve(loop, endpoint, greet, &came, NULL), ended, event);
	status = sd_event_loop(event);
	printf("%d came\n", came);
	reed_sd_event_guest_free(guest);
	reed_loop_free(loop);
	return status;
}

int main(int argc, char **argv)
{
	struct reed_loop *loop;
	sd_event *event;
	sigset_t term;
	int status;

	if (argc != 2) {
		fputs("sd_greet ENDPOINT\n", stderr);
		return 2;
	}
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	if (sd_event_default(&event) < 0 || reed_loop_new(NULL, &loop))
		return 1;
	sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL); /* without a handler it exits */
	status = serve(loop, event, argv[1]);
	sd_event_unref(event);
	return status;
}
