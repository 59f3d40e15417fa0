/* SPDX-License-Identifier: MIT */
/* pcpmm replay, linked with wrong list rules (wrong_rules.c). */
#include "cmd.h"

int main(int argc, char **argv)
{
	return cmd_replay(argc, argv);
}
