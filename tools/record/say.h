/* SPDX-License-Identifier: MIT */
/* Messages of pcpmm record: one line each on stderr, with the command's name. */
#ifndef RECORD_SAY_H
#define RECORD_SAY_H

/* Why the recording cannot be made or used; returns EXIT_INPUT. */
__attribute__((format(printf, 1, 2))) int record_fail(const char *format, ...);

/* What the user should know, although the recording goes on. */
__attribute__((format(printf, 1, 2))) void record_note(const char *format, ...);

#endif
