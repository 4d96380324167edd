/* Templates of anybody: whatever is accepted is written, with data that would like to be markup. */

#include "check.h"
#include "reed/alloc.h"
#include "reed/loop.h"
#include "reed/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char evil[] = "<\"'&>";

static enum reed_err get(struct reed_template_data *self, struct reed_slice name,
                         struct reed_template_value *value)
{
	(void)self;
	if (name.n % 4 == 0)
		return REED_ENOENT;
	value->kind = name.n % 4 == 1 ? REED_TEMPLATE_FLAG : REED_TEMPLATE_TEXT;
	value->flag = name.p[0] % 2;
	value->text = reed_slice_of(evil);
	return REED_OK;
}

static const struct reed_template_data_ops ops = { get };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_template_options options = REED_TEMPLATE_OPTIONS;
	struct reed_template_data values = { &ops };
	struct reed_buf out = { .limit = 1 << 20 };
	struct reed_fault *fault = NULL;
	struct reed_template *t;
	struct reed_loop *loop;

	if (size < 1)
		return 0;
	options.form = (enum reed_template_form)(data[0] % 3);
	if (reed_template_parse("f", reed_slice(data + 1, size - 1), &options, &t, &fault)) {
		check(fault && strncmp(fault->sentence, "f:", 2) == 0);
		reed_fault_free(fault);
		return 0;
	}
	check(!reed_loop_new(NULL, &loop));
	reed_loop_run_until(loop, reed_template_print(t, loop, &values, &out), NULL);
	check(reed_slice_search(reed_buf_slice(&out), reed_slice_of(evil)) == reed_buf_held(&out));
	reed_buf_finish(&out);
	reed_template_free(t);
	reed_loop_free(loop);
	return 0;
}
