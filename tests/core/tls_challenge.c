/* Handshakes by which a certificate authority looks: RFC 8737. */

#include "tests/core/tls_kit.h"

#include "reed/challenge.h"

static struct reed_tls_client_options co;
static struct reed_challenge *challenge;

/* Asks for protocol at server.example, whose challenge is shown by a certificate of its own. */
static void ask_for(const char *protocol)
{
	struct reed_tls_server_options so = REED_TLS_SERVER_OPTIONS;

	so.alpn = "h2,http/1.1";
	co = (struct reed_tls_client_options)REED_TLS_CLIENT_OPTIONS;
	co.server = "server.example";
	co.alpn = protocol;
	kit_begin();
	challenge = reed_challenge_new(loop, REED_CHALLENGE_TLS, "Server.Example",
	                               kit_issue_for("server.example"));
	kit_connect(kit_client_ctx(), &co, kit_server_ctx(kit_self_signed("server.example")), &so);
}

static void end(void)
{
	kit_disconnect();
	reed_challenge_free(challenge);
	kit_end();
}

static void who_asks_for_the_protocol_of_challenges_alone_sees_one(void)
{
	ask_for("acme-tls/1");
	check_int(kit_await(reed_tls_handshake(client)), REED_OK);
	check_str(kit_facts(client)->alpn, "acme-tls/1");
	kit_settle();
	check_int(kit_await(reed_more(server)), REED_EABORTED);
	check_str(kit_why(), "a certificate authority has seen what it came for");
	end();
}

static void who_asks_for_more_sees_what_all_see(void)
{
	ask_for("http/1.1,acme-tls/1");
	check_int(kit_await(reed_tls_handshake(client)), REED_ECERT);
	end();
}

static void another_name_or_none_has_no_challenge(void)
{
	ask_for("acme-tls/1");
	reed_challenge_free(challenge);
	challenge = reed_challenge_new(loop, REED_CHALLENGE_TLS, "other.example",
	                               kit_issue_for("server.example"));
	check(kit_await(reed_tls_handshake(client)) != REED_OK);
	end();
}

static void without_any_challenge_it_is_a_protocol_that_nobody_speaks(void)
{
	ask_for("acme-tls/1");
	reed_challenge_free(challenge);
	challenge = NULL;
	check_int(kit_await(reed_tls_handshake(client)), REED_EPROTO);
	end();
}

static void of_equal_keys_the_latest_is_found_first(void)
{
	struct reed_challenge *a, *b;

	kit_begin();
	check(reed_challenge_none(loop));
	a = reed_challenge_new(loop, REED_CHALLENGE_TLS, "_x.example", REED_STR("one"));
	b = reed_challenge_new(loop, REED_CHALLENGE_TLS, "_X.example", REED_STR("two"));
	check_slice(reed_challenge_find(loop, REED_CHALLENGE_TLS, REED_STR("_x.EXAMPLE"), 0),
	            "two");
	check_slice(reed_challenge_find(loop, REED_CHALLENGE_TLS, REED_STR("_x.example"), 1),
	            "one");
	check(!reed_challenge_find(loop, REED_CHALLENGE_TLS, REED_STR("_x.example"), 2).p);
	check(!reed_challenge_find(loop, REED_CHALLENGE_HTTP, REED_STR("_x.example"), 0).p);
	reed_challenge_free(b);
	reed_challenge_free(a);
	check(reed_challenge_none(loop));
	kit_end();
}

/* ---- dns-01 ---- */

struct publisher {
	struct reed_challenge_publisher base;
	char said[64];
};

static struct reed_future *note(struct reed_challenge_publisher *base, const char *domain,
                                const char *digest, bool there)
{
	struct publisher *self = reed_container_of(base, struct publisher, base);

	snprintf(self->said, sizeof(self->said), "%s %s %d", domain, digest, there);
	return reed_ready(loop, REED_OK);
}

static void the_latest_name_server_publishes(void)
{
	struct publisher a = { .base.publish = note }, b = a;

	kit_begin();
	check_int(kit_await(reed_challenge_publish(loop, "example.org", "d", true)), REED_ENOENT);
	reed_challenge_publisher_add(loop, &a.base);
	reed_challenge_publisher_add(loop, &b.base);
	check_int(kit_await(reed_challenge_publish(loop, "example.org", "d", true)), REED_OK);
	check_str(b.said, "example.org d 1");
	reed_challenge_publisher_remove(&b.base);
	check_int(kit_await(reed_challenge_publish(loop, "example.org", "d", false)), REED_OK);
	check_str(a.said, "example.org d 0");
	reed_challenge_publisher_remove(&a.base);
	reed_challenge_publisher_remove(&a.base);
	kit_end();
}

int main(void)
{
	RUN(who_asks_for_the_protocol_of_challenges_alone_sees_one);
	RUN(who_asks_for_more_sees_what_all_see);
	RUN(another_name_or_none_has_no_challenge);
	RUN(without_any_challenge_it_is_a_protocol_that_nobody_speaks);
	RUN(of_equal_keys_the_latest_is_found_first);
	RUN(the_latest_name_server_publishes);
	return 0;
}
