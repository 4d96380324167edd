/* `reed ctl publish RECORD`, `reed ctl withdraw RECORD`: the hook of an ACME client, for one. */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/dns/publish.h"

struct reed_future *dns_control_publish(struct dns_app *app, const struct reed_slice *words,
                                        size_t count)
{
	struct reed_buf line = { 0 };
	struct reed_future *f;
	bool there = reed_slice_is(words[0], "publish");

	for (size_t i = 1; i < count; i++) {
		if (i > 1)
			reed_buf_add_char(&line, ' ');
		reed_buf_add(&line, words[i]);
	}
	reed_buf_add_char(&line, '\0');
	f = there ? reed_dns_publish_text(app->server, line.p + line.begin)
	          : reed_dns_withdraw_text(app->server, line.p + line.begin);
	reed_buf_finish(&line);
	return f;
}
