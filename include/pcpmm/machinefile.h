/* SPDX-License-Identifier: MIT */
/*
 * Machines described in an INI file. examples/machines has files to start from;
 * laptop.ini and server.ini explain all keys.
 */
#ifndef PCPMM_MACHINEFILE_H
#define PCPMM_MACHINEFILE_H

#include <pcpmm/dump.h>
#include <pcpmm/machine.h>

PCPMM_BEGIN_DECLS

struct pcpmm_machinefile;

/*
 * Read and check @path (or @length bytes of @text, which @path names). NULL with
 * errno set and @error (may be NULL) as "file:line: why" for an unknown key (with
 * the nearest known one), a bad number, or a machine that cannot exist. Names of
 * other files in it are relative to the folder of @path.
 */
PCPMM_API struct pcpmm_machinefile *pcpmm_machinefile_read(
	const char *path, struct pcpmm_error *error);
PCPMM_API struct pcpmm_machinefile *pcpmm_machinefile_parse(const char *path,
	const char *text, size_t length, struct pcpmm_error *error);
PCPMM_API void pcpmm_machinefile_free(struct pcpmm_machinefile *file);

/* The configuration to create; belongs to @file. */
PCPMM_API const struct pcpmm_config *pcpmm_machinefile_config(
	const struct pcpmm_machinefile *file);

/* The dump that the machine was built from; NULL without zoneinfo. */
PCPMM_API const struct pcpmm_dump *pcpmm_machinefile_dump(
	const struct pcpmm_machinefile *file);

PCPMM_END_DECLS

#endif
