/* SPDX-License-Identifier: MIT */
/* Can a machine of this configuration exist? */
#ifndef CONFIG_H
#define CONFIG_H

#include <pcpmm/machine.h>

/* 0, or -EINVAL with the reason in @error. */
int config_check(const struct pcpmm_config *config, struct pcpmm_error *error);

/* Check the ranges of vm.*; 0 or -EINVAL with the reason. */
int config_check_sysctls(
	const struct pcpmm_sysctls *sysctl, struct pcpmm_error *error);

#endif
