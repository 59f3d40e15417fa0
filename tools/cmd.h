/* SPDX-License-Identifier: MIT */
/* The commands of the pcpmm program; arguments as in main(). */
#ifndef TOOLS_CMD_H
#define TOOLS_CMD_H

/*
 * Each returns the exit status: 0, EXIT_INPUT or EXIT_USAGE; cmd_record() also
 * that of the command which it ran. cmd_check() becomes another program.
 */
int cmd_check(int argc, char **argv);
int cmd_drain(int argc, char **argv);
int cmd_fold(int argc, char **argv);
int cmd_noise(int argc, char **argv);
int cmd_predict(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_story(int argc, char **argv);

#endif
