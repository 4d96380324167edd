/* What errors and faults promise. */

#include "reed/err.h"

#include "tests/core/tools.h"

static const struct {
	enum reed_err err;
	const char *name;
} all[] = {
#define X(name, value, text) { REED_##name, "REED_" #name },
	REED_ERRORS(X)
#undef X
};

static void success_is_zero_and_everything_else_is_negative(void)
{
	check_int(REED_OK, 0);
	for (size_t i = 1; i < REED_COUNT(all); i++)
		check(all[i].err < 0);
}

static void each_error_has_a_name_and_a_sentence_of_its_own(void)
{
	for (size_t i = 0; i < REED_COUNT(all); i++) {
		check_str(reed_err_name(all[i].err), all[i].name);
		check(reed_strerror(all[i].err)[0] != '\0');
		for (size_t j = 0; j < i; j++) {
			check(all[i].err != all[j].err);
			check(strcmp(reed_strerror(all[i].err), reed_strerror(all[j].err)) != 0);
		}
	}
}

static void a_number_nobody_knows_has_a_sentence_too(void)
{
	check_str(reed_strerror((enum reed_err) - 99999), "unknown error");
	check_str(reed_err_name((enum reed_err)12), "unknown");
}

static void errors_of_the_system_keep_their_values(void)
{
	check_int(reed_err_of(0), REED_OK);
	check_int(reed_err_of(ECONNRESET), REED_ERESET);
	check_int(reed_err_of(EMFILE), REED_EMFILE);
	check_int(reed_err_of(EAGAIN), REED_EAGAIN);
	check_int(reed_err_of(ETIMEDOUT), -ETIMEDOUT);
	check_int(reed_err_of(ENOTSUP), REED_ENOTSUP);
	check_int(reed_err_of(EXDEV), REED_EIO);
	check_int(reed_err_of(123456), REED_EIO);
}

static void a_fault_is_put_in_front_of_its_cause(void)
{
	struct reed_fault *cause = reed_fault(REED_ENOENT, NULL, "no file %s", "a.conf");
	int line = __LINE__ + 1;
	struct reed_fault *fault = reed_fault(REED_EINVAL, cause, "cannot start %d", 5);

	check_str(fault->sentence, "cannot start 5: no file a.conf");
	check(fault->err == REED_EINVAL && fault->line == line && fault->cause == cause);
	check_str(fault->file, "tests/core/err.c");
	check_str(reed_fault_why(fault, REED_EIO), fault->sentence);
	check_str(reed_fault_why(NULL, REED_EIO), reed_strerror(REED_EIO));
	reed_fault_free(fault);
	reed_fault_free(NULL);
}

static void a_copy_of_a_fault_has_a_life_of_its_own(void)
{
	struct reed_fault *cause = reed_fault(REED_ENOENT, NULL, "100%% gone");
	struct reed_fault *fault = reed_fault(REED_EINVAL, cause, "with %s", "%s and %n");
	struct reed_fault *copy = reed_fault_copy(fault);

	reed_fault_free(fault);
	check_str(copy->sentence, "with %s and %n: 100% gone");
	check_str(copy->cause->sentence, "100% gone");
	check(copy->err == REED_EINVAL && copy->cause->err == REED_ENOENT);
	check(reed_fault_copy(NULL) == NULL);
	reed_fault_free(copy);
}

static void a_fault_is_printed_with_all_places(void)
{
	struct reed_fault *cause = reed_fault_new(REED_EIO, NULL, "deep.c", 7, "disk on fire");
	struct reed_fault *fault = reed_fault_new(REED_EIO, cause, "high.c", 9, "no mail");
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	reed_fault_print(out, fault);
	reed_fault_print(out, NULL);
	fclose(out);
	check_str(text, "  high.c:9: no mail: disk on fire\n  deep.c:7: disk on fire\n");
	free(text);
	reed_fault_free(fault);
}

static void a_sentence_may_be_long(void)
{
	char word[5001];
	struct reed_fault *fault;

	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	fault = reed_fault(REED_EIO, reed_fault(REED_EIO, NULL, "%s", word), "%s", word);
	check_int(strlen(fault->sentence), 10002);
	reed_fault_free(fault);
}

int main(void)
{
	count_memory();
	RUN(success_is_zero_and_everything_else_is_negative);
	RUN(each_error_has_a_name_and_a_sentence_of_its_own);
	RUN(a_number_nobody_knows_has_a_sentence_too);
	RUN(errors_of_the_system_keep_their_values);
	RUN(a_fault_is_put_in_front_of_its_cause);
	RUN(a_copy_of_a_fault_has_a_life_of_its_own);
	RUN(a_fault_is_printed_with_all_places);
	RUN(a_sentence_may_be_long);
	check_int(memory.live, 0);
	return 0;
}
