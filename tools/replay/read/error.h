/* SPDX-License-Identifier: MIT */
/*
 * What a failed call reports: one line of text for the user, with the file,
 * line and column where there are any.
 */
#ifndef REPLAY_ERROR_H
#define REPLAY_ERROR_H

struct replay_error {
	char text[512];
};

/* Formats into `err` (may be NULL) and returns `code`, for one-line exits. */
__attribute__((format(printf, 3, 4))) int replay_fail(
	struct replay_error *err, int code, const char *format, ...);

#endif
