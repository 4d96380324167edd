/* Requests for a WebSocket: which are granted, and what the others are told. */

#include "talk.h"

static struct talk t;

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static bool granted(const char *more)
{
	t.more = more;
	talk(&t, "");
	return strstr(t.answer, "HTTP/1.1 101 ") == t.answer;
}

static bool told(const char *status)
{
	return strstr(t.answer, status) == t.answer + strlen("HTTP/1.1 ");
}

static void the_key_has_to_be_sixteen_bytes(void)
{
	talk_open(&t);
	check(granted(KEY));
	check(!granted("Sec-WebSocket-Key: abc\r\n") && told("400"));
	check(!granted("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=!\r\n") && told("400"));
	check(!granted(KEY KEY) && told("400"));
	check(!granted("X: y\r\n") && told("400"));
	talk_close(&t);
}

static void another_version_is_told_which_there_is(void)
{
	talk_open(&t);
	check(!granted(KEY "Sec-WebSocket-Version: 8\r\n") && told("426"));
	check(strstr(t.answer, "Sec-WebSocket-Version: 13\n"));
	talk_close(&t);
}

static void a_page_of_another_host_may_not_connect_unless_it_is_listed(void)
{
	talk_open(&t);
	check(granted(KEY "Origin: https://SERVER\r\n"));
	check(granted(KEY "Origin: https://server:443\r\n"));
	/* a pair in memory is secure, which a page in clear is not */
	check(!granted(KEY "Origin: http://server\r\n") && told("403"));
	check(!granted(KEY "Origin: https://server.evil.example\r\n") && told("403"));
	check(!granted(KEY "Origin: https://evil.example/server\r\n") && told("403"));
	check(!granted(KEY "Origin: https://server:8443\r\n") && told("403"));
	check(!granted(KEY "Origin: null\r\n") && told("403"));
	check(!granted(KEY "Origin: \r\n") && told("403"));
	check(!granted(KEY "Origin: https://server\r\nOrigin: https://server\r\n") && told("403"));
	t.options.origins = "https://a.example, https://b.example";
	check(granted(KEY "Origin: https://b.example\r\n"));
	check(!granted(KEY "Origin: https://server\r\n") && told("403"));
	check(granted(KEY)); /* no page */
	t.options.origins = "*";
	check(granted(KEY "Origin: http://evil.example\r\n"));
	talk_close(&t);
}

static void only_the_path_is_found(void)
{
	talk_open(&t);
	t.options.path = "/chat";
	check(granted(KEY));
	t.options.path = "/other";
	check(!granted(KEY) && told("404"));
	talk_close(&t);
}

static bool chosen(const char *offered, const char *wanted)
{
	char line[64];

	check(granted(offered));
	snprintf(line, sizeof(line), "Sec-WebSocket-Protocol: %s\n", wanted);
	return wanted[0] ? strstr(t.answer, line) != NULL : !strstr(t.answer, "-Protocol:");
}

static void the_best_of_the_servers_protocols_is_chosen(void)
{
	talk_open(&t);
	t.options.protocols = "text.ircv3.net, binary.ircv3.net";
	check(chosen(KEY, ""));
	check(chosen(KEY "Sec-WebSocket-Protocol: binary.ircv3.net\r\n", "binary.ircv3.net"));
	check(chosen(KEY "Sec-WebSocket-Protocol: binary.ircv3.net,  text.ircv3.net\r\n",
	             "text.ircv3.net"));
	check(chosen(KEY "Sec-WebSocket-Protocol: TEXT.ircv3.net, mqtt\r\n", ""));
	check(chosen(KEY "Sec-WebSocket-Protocol: mqtt\r\n"
	                 "Sec-WebSocket-Protocol: text.ircv3.net\r\n",
	             "text.ircv3.net"));
	talk_close(&t);
}

static bool extended(const char *offer, const char *wanted)
{
	char request[400], line[400];

	snprintf(request, sizeof(request), KEY "Sec-WebSocket-Extensions: %s\r\n", offer);
	snprintf(line, sizeof(line), "Sec-WebSocket-Extensions: %s\n", wanted);
	check(granted(request));
	return wanted[0] ? strstr(t.answer, line) != NULL : !strstr(t.answer, "-Extensions:");
}

#define NO_TAKEOVER "; server_no_context_takeover; client_no_context_takeover"

static void compression_is_agreed_on_by_the_first_offer_that_can_be_kept(void)
{
	talk_open(&t);
	check(extended("permessage-deflate", "permessage-deflate" NO_TAKEOVER));
	check(extended("permessage-deflate; client_max_window_bits",
	               "permessage-deflate" NO_TAKEOVER));
	check(extended("permessage-deflate; server_max_window_bits=10",
	               "permessage-deflate" NO_TAKEOVER "; server_max_window_bits=10"));
	check(extended("permessage-deflate; server_max_window_bits=\"12\"",
	               "permessage-deflate" NO_TAKEOVER "; server_max_window_bits=12"));
	check(extended("permessage-deflate; server_max_window_bits=8, permessage-deflate",
	               "permessage-deflate" NO_TAKEOVER));
	check(extended("permessage-deflate; server_max_window_bits=16", ""));
	check(extended("permessage-deflate; server_max_window_bits=010", ""));
	check(extended("permessage-deflate; server_max_window_bits", ""));
	check(extended("permessage-deflate; server_no_context_takeover=1", ""));
	check(extended("permessage-deflate; client_no_context_takeover; "
	               "client_no_context_takeover",
	               ""));
	check(extended("permessage-deflate; unknown", ""));
	check(extended("permessage-bzip2", ""));
	t.options.takeover = true;
	check(extended("permessage-deflate", "permessage-deflate"));
	check(extended("permessage-deflate; server_no_context_takeover",
	               "permessage-deflate; server_no_context_takeover"));
	t.options.plain = true;
	check(extended("permessage-deflate", ""));
	talk_close(&t);
}

/* "Hello" as in RFC 7692 7.2.3, in its several forms. */
static void compressed_messages_of_the_rfc_are_understood(void)
{
	talk_open(&t);
	t.more = KEY "Sec-WebSocket-Extensions: permessage-deflate\r\n";
	for (int face = 0; face < TALK_PIECES; face++) {
		t.face = (enum talk_face)face;
		says(&t, "=c18700000000f248cdc9c90700", "t:Hello");
		says(&t, "=418300000000f248cd =808400000000c9c90700", "t:Hello");
		says(&t, "=c18b00000000000500faff48656c6c6f00", "t:Hello");
		says(&t, "=c18800000000f348cdc9c9070000", "t:Hello"); /* its last block */
		says(&t, "=c18d00000000f24805000000ffffcac9c90700", "t:Hello");
		says(&t, "=c18700000000f248cdc9c90700 t:plain", "t:Hello t:plain");
		says(&t, "=c18200000000ffff", "x:1007 |");
		says(&t, "=c18400000000f248cdc9", "x:1007 |"); /* amid a block */
		says(&t, "=01810000000061 =c0810000000000",
		     "x:1002 |"); /* RSV1 in a continuation */
		says(&t, "=c98000000000", "x:1002 |");
	}
	talk_close(&t);
}

int main(void)
{
	RUN(the_key_has_to_be_sixteen_bytes);
	RUN(another_version_is_told_which_there_is);
	RUN(a_page_of_another_host_may_not_connect_unless_it_is_listed);
	RUN(only_the_path_is_found);
	RUN(the_best_of_the_servers_protocols_is_chosen);
	RUN(compression_is_agreed_on_by_the_first_offer_that_can_be_kept);
	RUN(compressed_messages_of_the_rfc_are_understood);
	return 0;
}
