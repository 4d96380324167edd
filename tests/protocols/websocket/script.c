/* What a server says to a peer that says this: good, odd and bad frames. */

#include "talk.h"

static struct talk t;

/* On every face, at once and byte by byte. */
static void each(const char *words, const char *wanted)
{
	for (int face = 0; face < TALK_PIECES; face++) {
		for (size_t step = 0; step < 2; step++) {
			t.face = (enum talk_face)face;
			t.step = step;
			says(&t, words, wanted);
		}
	}
	t.face = TALK_PULL;
	t.step = 0;
}

static void messages_come_back(void)
{
	talk_open(&t);
	each("t:", "t:");
	each("t:hello x:1000", "t:hello x:1000 |");
	each("b:%00%ff t:x x:1000", "b:%00%ff t:x x:1000 |");
	each("t:k%c3%b6ln", "t:k%c3%b6ln");
	check(strstr(t.answer, "101 Switching Protocols"));
	check(strstr(t.answer, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
	talk_close(&t);
}

static void messages_of_every_length_come_back(void)
{
	static const size_t lengths[] = { 125,  126,   127,   1024,  4095,   4096,
		                          4097, 65535, 65536, 70000, 1 << 20 };
	struct reed_buf in;
	char wanted[32];

	talk_open(&t);
	for (int face = 0; face < TALK_PIECES; face++) {
		t.face = (enum talk_face)face;
		for (size_t i = 0; i < REED_COUNT(lengths); i++) {
			struct reed_ws_frame f = { .opcode = REED_WS_TEXT,
				                   .fin = true,
				                   .masked = true,
				                   .mask = { 9, 8, 7, 6 },
				                   .length = lengths[i] };
			char head[REED_WS_HEAD];

			reed_buf_init(&in, 0);
			reed_buf_add(&in, reed_slice(head, reed_ws_frame_put(&f, head)));
			for (size_t at = 0; at < lengths[i]; at++)
				reed_buf_add_char(&in, (char)('a' ^ f.mask[at & 3]));
			talk_bytes(&t, reed_buf_slice(&in));
			reed_buf_finish(&in);
			snprintf(wanted, sizeof(wanted), "(%zu)", lengths[i]);
			check(lengths[i] < 201 ? strlen(t.heard) == 2 + lengths[i]
			                       : strcmp(t.heard + 2, wanted) == 0);
			check_int(reed_buf_slice(&t.raw).p[reed_buf_held(&t.raw) - 1], 'a');
		}
	}
	talk_close(&t);
}

static void pings_are_answered_also_within_a_message(void)
{
	char words[400] = "p:";

	talk_open(&t);
	each("p:", "o:");
	each("p:abc", "o:abc");
	each("o:nobody-asked t:a", "t:a");
	each("t+:a p:1 c+:b p:2 c:c", "o:1 o:2 t:abc");
	each("p:1 p:2 p:3", "o:1 o:2 o:3");
	memset(words + 2, 'x', 125);
	talk(&t, words);
	check_int(strlen(t.heard), 127);
	words[127] = 'x';
	each(words, "x:1002 |");
	talk_close(&t);
}

static void fragments_make_one_message(void)
{
	talk_open(&t);
	each("t+:a c:b", "t:ab");
	each("t+: c:", "t:");
	each("b+:%ff c+: c+:%fe c:", "b:%ff%fe");
	each("t+:a c+: c+:b c:c t:d", "t:abc t:d");
	each("t+:%ce c+:%ba%e1 c:%bd%b9", "t:%ce%ba%e1%bd%b9");
	talk_close(&t);
}

static void fragments_in_a_wrong_place_are_1002(void)
{
	talk_open(&t);
	each("c:a", "x:1002 |");
	each("c+:a", "x:1002 |");
	each("t:a c:b", "t:a x:1002 |");
	each("t+:a t:b", "x:1002 |");
	each("t+:a b+:b", "x:1002 |");
	each("t+:a c:b c:c", "t:ab x:1002 |");
	each("=0980000000ff", "x:1002 |"); /* a ping that goes on */
	each("=0880000000ff", "x:1002 |");
	talk_close(&t);
}

static void frames_that_are_none_are_1002(void)
{
	char words[32];

	talk_open(&t);
	for (int opcode = 0; opcode < 16; opcode++) {
		if (opcode <= 2 || (opcode >= 8 && opcode <= 10))
			continue;
		snprintf(words, sizeof(words), "t:a =8%x8000000000", opcode);
		each(words, "t:a x:1002 |");
	}
	for (int rsv = 1; rsv < 8; rsv++) {
		snprintf(words, sizeof(words), "=%x18000000000", 8 + rsv);
		each(words, "x:1002 |");
	}
	each("=8100", "x:1002 |"); /* no mask */
	each("=810161", "x:1002 |");
	each("=81fe007d", "x:1002 |"); /* a length in too many bytes */
	each("=82ff000000000000ffff", "x:1002 |");
	each("=82ff8000000000000000", "x:1002 |"); /* its top bit */
	each("=88fe00ff", "x:1002 |");
	talk_close(&t);
}

static void text_that_is_not_utf8_is_1007_as_soon_as_it_is_not(void)
{
	static const char *const bad[] = { "%ff",       "%80",       "%c0%80",       "%c3",
		                           "%e0%80%80", "%ed%a0%80", "%f0%80%80%80", "%f4%90%80%80",
		                           "%f5",       "%e2%82" };
	char words[64];

	talk_open(&t);
	for (size_t i = 0; i < REED_COUNT(bad); i++) {
		snprintf(words, sizeof(words), "t:%s", bad[i]);
		each(words, "x:1007 |");
		snprintf(words, sizeof(words), "t+:a%s c:", bad[i]);
		each(words, "x:1007 |");
	}
	each("t+:%ce%ba%f4%90", "x:1007 |");     /* the message has not ended */
	each("=8190000000006162ff", "x:1007 |"); /* not even the frame has */
	each("b:%ff", "b:%ff");
	talk_close(&t);
}

static void every_code_of_a_close_is_echoed_or_refused(void)
{
	char words[32], wanted[32];

	talk_open(&t);
	t.face = TALK_PUSH;
	for (unsigned code = 990; code <= 5010; code += code >= 1020 && code < 2990 ? 97 : 1) {
		bool good = reed_ws_code_is_good(code);

		snprintf(words, sizeof(words), "x:%u:bye", code);
		snprintf(wanted, sizeof(wanted), "x:%u |", good ? code : 1002);
		says(&t, words, wanted);
		check_int(t.code, good ? code : 1006);
		check_int(t.result, good ? REED_EEOF : REED_EPROTO);
	}
	says(&t, "x:0", "x:1002 |");
	says(&t, "x:65535", "x:1002 |");
	talk_close(&t);
}

static void closes_are_judged(void)
{
	char words[200] = "x:1000:";

	talk_open(&t);
	each("x:", "x: |");
	check_int(t.code, 1005);
	each("=88810000000003", "x:1002 |"); /* half a code */
	each("x:1000:%ff", "x:1007 |");
	each("x:1000:%e2%82", "x:1007 |");
	each("x:1000 t:late p:late", "x:1000 |");
	each("t+:half x:1001", "x:1001 |");
	memset(words + 7, 'r', 123);
	each(words, "x:1000 |");
	words[130] = 'r';
	each(words, "x:1002 |");
	talk_close(&t);
}

static void a_message_over_the_limit_is_1009_before_it_has_come(void)
{
	talk_open(&t);
	t.options.message = 10;
	each("t:0123456789", "t:0123456789");
	each("t:01234567890", "x:1009 |");
	check_int(t.result, REED_ETOOBIG);
	each("t+:012345 c:67890", "x:1009 |");
	each("t+:012345 c:6789 t+:0123456789 c:", "t:0123456789 t:0123456789");
	each("=82ff000000010000000000000000", "x:1009 |"); /* 4 GiB are promised */
	talk_close(&t);
}

static void pieces_have_no_limit_and_are_shown_as_they_come(void)
{
	talk_open(&t);
	t.face = TALK_PIECES;
	t.options.message = 4;
	says(&t, "t:hello", "t+:hello c:");
	says(&t, "t+:hel c+: c:lo", "t+:hel c+:lo c:");
	says(&t, "b:", "b:");
	says(&t, "t:a%c3", "t+:a%c3 x:1007 |");
	talk_close(&t);
}

static void a_peer_that_says_nothing_is_pinged_and_then_left(void)
{
	talk_open(&t);
	t.options.ping_ms = 500;
	t.options.pong_ms = 400;
	each("t:a", "t:a p: x:1002 |");
	check_int(t.result, REED_ETIMEDOUT);
	check_int(t.code, 1006);
	talk_close(&t);
}

int main(void)
{
	RUN(messages_come_back);
	RUN(messages_of_every_length_come_back);
	RUN(pings_are_answered_also_within_a_message);
	RUN(fragments_make_one_message);
	RUN(fragments_in_a_wrong_place_are_1002);
	RUN(frames_that_are_none_are_1002);
	RUN(text_that_is_not_utf8_is_1007_as_soon_as_it_is_not);
	RUN(every_code_of_a_close_is_echoed_or_refused);
	RUN(closes_are_judged);
	RUN(a_message_over_the_limit_is_1009_before_it_has_come);
	RUN(pieces_have_no_limit_and_are_shown_as_they_come);
	RUN(a_peer_that_says_nothing_is_pinged_and_then_left);
	return 0;
}
