/* Requests to the control socket: what is understood points into the line, the rest has a reason. */

#include "core/app/control.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_clean(const char *sentence)
{
	for (; *sentence; sentence++)
		check((unsigned char)*sentence >= 0x20);
}

static void is_inside(struct reed_slice part, struct reed_slice line)
{
	check(part.n > 0);
	check(part.p >= line.p && part.p + part.n <= line.p + line.n);
	check(reed_slice_find(part, ' ') == part.n || part.p[-1] == '"');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice line = reed_slice(data, size);
	struct control_request request;
	struct control_tail tail;
	struct reed_fault *fault = NULL;

	if (reed_control_parse(line, &request, &fault)) {
		check(fault);
		is_clean(fault->sentence);
		check(reed_slice_is_utf8(reed_slice_of(fault->sentence)));
		reed_fault_free(fault);
		return 0;
	}
	check(!fault && request.word && request.count <= request.word->most);
	check(request.count >= request.word->least);
	for (unsigned i = 0; i < request.count; i++)
		is_inside(request.args[i], line);
	if (request.word->what == CONTROL_LOG &&
	    reed_control_tail(&request, REED_S(1000000), &tail, &fault)) {
		is_clean(fault->sentence);
		reed_fault_free(fault);
	} else if (request.word->what == CONTROL_LOG) {
		reed_log_filter_wants(&tail.filter, &(struct reed_log_event){ .message = line });
	}
	return 0;
}
