/* libuv inside Reed: three ticks of a timer of libuv's, in a program that runs Reed's loop. */

#include <reed/uv.h>
#include <stdio.h>
#include <uv.h>

static void tick(uv_timer_t *timer)
{
	int *count = timer->data;

	printf("tick %d\n", ++*count);
	if (*count == 3)
		uv_close((uv_handle_t *)timer, NULL);
}

int main(void)
{
	struct reed_uv_host *host;
	struct reed_loop *loop;
	uv_timer_t timer;
	int count = 0;

	if (reed_loop_new(NULL, &loop) || reed_uv_host_new(loop, uv_default_loop(), &host))
		return 1;
	uv_timer_init(uv_default_loop(), &timer);
	timer.data = &count;
	uv_timer_start(&timer, tick, 10, 10);
	reed_loop_run(loop); /* until libuv has nothing to wait for either */
	reed_uv_host_free(host);
	reed_loop_free(loop);
	return uv_loop_close(uv_default_loop()) ? 1 : 0;
}
