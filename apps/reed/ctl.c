/* reed ctl: what the control socket of a server tells. */

#include "reed.h"

int reed_ctl_main(int argc, char **argv)
{
	return reed_control_main(PROGRAM, argc, argv);
}
