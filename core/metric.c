#include "private.h"
void reed_metrics_finish(struct reed_loop *loop)
{
	(void)loop;
}
