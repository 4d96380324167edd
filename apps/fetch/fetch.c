/* reed fetch: what one may say, and what it returns. */

#include "fetch.h"

#include <stdio.h>

#include "reed/loop.h"
#include "reed/random.h"

enum { WRONG = 2 };

static const char *const json_words[] = { "auto", "always", "never", NULL };

static const struct reed_setting table[] = {
	REED_SETTING(PATH, struct fetch_flags, output, .letter = 'o', .placeholder = "FILE",
	             .from = REED_FROM_FLAG,
	             .help = "Where it is written to, in place of standard "
	                     "output; not when the answer is an error."),
	REED_SETTING(BOOL, struct fetch_flags, resume, .letter = 'C', .from = REED_FROM_FLAG,
	             .help = "Go on behind what is in the file already."),
	REED_SETTING_LIST(STRING, struct fetch_flags, header, .letter = 'H',
	                  .placeholder = "NAME: VALUE", .from = REED_FROM_FLAG,
	                  .help = "A header field of the request."),
	REED_SETTING(STRING, struct fetch_flags, method, .letter = 'X', .placeholder = "METHOD",
	             .from = REED_FROM_FLAG,
	             .help = "GET when nothing is said, and POST with data."),
	REED_SETTING(
		STRING, struct fetch_flags, data, .letter = 'd', .placeholder = "TEXT",
		.from = REED_FROM_FLAG,
		.help = "What is sent: a text, or @FILE. What begins with { or [ is called JSON, "
			"other text a form, unless a header says otherwise."),
	REED_SETTING(BOOL, struct fetch_flags, head, .letter = 'I', .from = REED_FROM_FLAG,
	             .help = "The head of the answer only (HEAD)."),
	REED_SETTING(BOOL, struct fetch_flags, include, .letter = 'i', .from = REED_FROM_FLAG,
	             .help = "The head of the answer, and then the body."),
	REED_SETTING(ENUM, struct fetch_flags, json, .words = json_words, .preset = "auto",
	             .from = REED_FROM_FLAG,
	             .help = "Whether JSON is put into lines; auto does so on a terminal."),
	REED_SETTING(BOOL, struct fetch_flags, silent, .letter = 's', .from = REED_FROM_FLAG,
	             .help = "No progress bar."),
	REED_SETTING(
		STRING, struct fetch_flags, user, .letter = 'u', .placeholder = "USER:PASSWORD",
		.from = REED_FROM_FLAG,
		.help = "Who to be (Basic). Others on this machine can see it; --netrc hides it."),
	REED_SETTING(
		BOOL, struct fetch_flags, digest, .from = REED_FROM_FLAG,
		.help = "Prove that you know the password and do not send it: for servers that "
			"ask for Digest. Without that the answer is their 401."),
	REED_SETTING(PATH, struct fetch_flags, netrc, .placeholder = "FILE", .from = REED_FROM_FLAG,
	             .help = "Who to be at which host, as in ~/.netrc."),
	REED_SETTING(
		PATH, struct fetch_flags, cookies, .letter = 'b', .placeholder = "FILE",
		.from = REED_FROM_FLAG,
		.help = "Cookies are taken from there and kept there, as curl does with -b and "
			"-c; it need not be there yet."),
	REED_SETTING(STRING, struct fetch_flags, proxy, .letter = 'x', .placeholder = "URL",
	             .from = REED_FROM_FLAG,
	             .help = "http://HOST:PORT, socks5://HOST:PORT, or none; else http_proxy, "
	                     "https_proxy, all_proxy and no_proxy of the environment say."),
	REED_SETTING(ENDPOINT, struct fetch_flags, endpoint, .from = REED_FROM_FLAG,
	             .help = "What is dialled in place of the URL's host: unix:/run/x.sock, or "
	                     "tls:host:443:ca=FILE."),
	REED_SETTING(INT, struct fetch_flags, redirects, .preset = "10", .least = "0",
	             .most = "100", .placeholder = "N", .from = REED_FROM_FLAG,
	             .help = "How many redirects are followed."),
	REED_SETTING(
		INT, struct fetch_flags, retries, .preset = "0", .least = "0", .most = "20",
		.placeholder = "N", .from = REED_FROM_FLAG,
		.help = "How often it is tried again when there is no answer, or 429, 502, 503 "
			"or 504."),
	REED_SETTING(BOOL, struct fetch_flags, http1, .from = REED_FROM_FLAG,
	             .help = "HTTP/1.1 only; else HTTP/2 where TLS agrees on it."),
	REED_SETTING(BOOL, struct fetch_flags, http2, .from = REED_FROM_FLAG,
	             .help = "HTTP/2 only, without TLS too: the server has to know."),
	REED_SETTING(DURATION, struct fetch_flags, timeout, .preset = "0s", .from = REED_FROM_FLAG,
	             .help = "For all of it; 0s for as long as it takes."),
	REED_SETTING(DURATION, struct fetch_flags, connect_timeout, .preset = "30s", .least = "1ms",
	             .from = REED_FROM_FLAG, .help = "Until there is a connection."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct fetch_flags, table, .about = "What is fetched, and how.");

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema }, { NULL, &schema } };

const struct reed_settings_program reed_fetch_tool = REED_SETTINGS_PROGRAM(
		.program = "reed", .command = "fetch",
		.about =
			"Fetches what is at a URL, or sends something there. Ends with 0 when the answer was "
			"good, 1 when there was none or it was an error, 2 when it was not understood.",
		.arguments = "URL", .parts = parts, .part_count = REED_COUNT(parts));

static int failed(const char *url, struct reed_fault *fault, enum reed_err err)
{
	const char *why = reed_fault_why(fault, err);

	fprintf(stderr, "reed fetch: ");
	if (!reed_slice_starts(reed_slice_of(why), reed_slice_of(url)))
		fprintf(stderr, "%s: ", url);
	fprintf(stderr, "%s\n", why);
	reed_fault_free(fault);
	return 1;
}

static int64_t wall_s(struct reed_loop *loop)
{
	return reed_wall(loop) / REED_S(1);
}

/* What a server has set stays set, however the rest went. */
static enum reed_err fetch_in(struct reed_loop *loop, const struct fetch_flags *flags,
                              struct fetch_request *request, int *status, struct reed_fault **fault)
{
	struct reed_fault *of_file = NULL;
	enum reed_err err = REED_OK, wrong;

	if (flags->cookies)
		err = fetch_cookies_read(request, flags->cookies, wall_s(loop), fault);
	if (err)
		return err;
	err = reed_loop_run_until(loop, fetch_run(loop, flags, request, status), fault);
	if (!flags->cookies)
		return err;
	wrong = fetch_cookies_write(request, flags->cookies, wall_s(loop), &of_file);
	if (err)
		reed_fault_free(of_file);
	else
		*fault = of_file;
	return err ? err : wrong;
}

static int fetch(const struct fetch_flags *flags, const char *url)
{
	struct reed_fault *fault = NULL;
	struct fetch_request request;
	struct reed_loop *loop = NULL;
	enum reed_err err;
	int status = 0;

	err = fetch_request_make(&request, flags, url, &fault);
	if (!err && reed_loop_new(NULL, &loop))
		err = REED_EMFILE;
	else if (!err) {
		err = fetch_in(loop, flags, &request, &status, &fault);
		reed_loop_free(loop);
	}
	if (err)
		status = failed(request.url, fault, err);
	fetch_request_finish(&request);
	return status;
}

int reed_fetch_main(int argc, char **argv)
{
	const struct fetch_flags *flags;
	struct reed_settings *settings;
	struct reed_texts words;
	int status = WRONG;

	settings = reed_tool_settings(&reed_fetch_tool, argc, argv, &status);
	if (!settings)
		return status;
	flags = reed_settings_of(settings, &schema);
	words = reed_settings_arguments(settings);
	status = WRONG;
	if (words.n != 1)
		fprintf(stderr, "reed fetch: it wants one URL, such as https://example.org/\n");
	else if (flags->http1 && flags->http2)
		fprintf(stderr, "reed fetch: it is one of --http1 and --http2, or none\n");
	else if (flags->digest && !flags->user && !flags->netrc)
		fprintf(stderr, "reed fetch: --digest needs somebody to be: -u NAME:PASSWORD or "
		                "--netrc FILE\n");
	else if (flags->resume && !flags->output)
		fprintf(stderr, "reed fetch: --resume needs a file to go on with: -o FILE\n");
	else
		status = fetch(flags, words.items[0]);
	reed_settings_free(settings);
	return status;
}
