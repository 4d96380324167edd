// A program of somebody else's, in C++: futures on a loop.

#include <cstdio>

#include <reed/loop.h>
#include <reed/slice.h>

int main()
{
	struct reed_slice words = REED_STR("consumer: ");
	reed_loop *loop = nullptr;
	int which = -1;

	if (reed_loop_new(nullptr, &loop) != REED_OK)
		return 1;

	reed_future *first = reed_any(&which, reed_sleep(loop, 5000), reed_sleep(loop, 1));
	reed_err err = reed_loop_run_until(loop, reed_within(5000, first), nullptr);

	reed_loop_free(loop);
	if (which != 1)
		return 1;
	std::printf(REED_FMT "%s\n", REED_ARG(words), reed_strerror(err));
	return err == REED_OK ? 0 : 1;
}
