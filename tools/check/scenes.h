/* SPDX-License-Identifier: MIT */
/* The scenes of pcpmm-check: small machines, two or three tasks. */
#ifndef CHECK_SCENES_H
#define CHECK_SCENES_H

#include <pcpmm/model.h>
#include <pcpmm/pcpmm.h>

#define SCENE_AXES_MAX 16

/* What the machine of a scene is made of: axes of struct pcpmm_config by name. */
struct scene_machine {
	struct {
		const char *key, *value;
	} axis[SCENE_AXES_MAX];
	unsigned int nr_axes;
};

/* All scenes; the last one has no name. Their arg is the caller's to set. */
extern struct pcpmm_scene scenes[];
struct pcpmm_scene *scene_named(const char *name);

/* 0 or -EINVAL with a message: the machine can not be created so. */
int scene_try(const struct scene_machine *machine, struct pcpmm_error *error);

#endif
