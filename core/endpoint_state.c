/* Where schemes keep what has to outlive the process: a value of the task. */

#include "private.h"
#include "reed/co.h"
#include "reed/endpoint.h"

static const struct reed_local key = { "state" };

const char *reed_endpoint_state(const struct reed_loop *loop)
{
	return reed_local_get(loop, &key);
}

void reed_endpoint_keep_in(struct reed_loop *loop, const char *folder)
{
	reed_local_give(loop, &key, reed_strdup(folder));
}
