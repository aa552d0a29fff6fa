/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

#include "cli/options.h"

const struct command commands[] = {
    {
        .name = "list",
        .bit = COMMAND_LIST,
        .arguments = "NOTES...",
        .summary = "what the notes hold",
        .details =
            "Shows the clips and chapters that show notes hold, without any network. NOTES is "
            "a file, a folder (all notes below it), '-' for standard input, or a plan: what "
            "'list --json' printed, perhaps edited.",
        .min_arguments = 1,
        .run = command_list,
    },
    {
        .name = "clip",
        .bit = COMMAND_CLIP,
        .arguments = "NOTES...",
        .summary = "cut the clips",
        .details =
            "Cuts every clip that the notes link to out of its episode, as files in the output "
            "folder, with a manifest.json that says how each was made. Episodes are looked "
            "for as --map, --audio-dir and --feed say.",
        .min_arguments = 1,
        .run = command_clip,
    },
    {
        .name = "cut",
        .bit = COMMAND_CUT,
        .arguments = "FILE START END",
        .summary = "one clip of one file",
        .details =
            "Cuts one clip out of an audio file, without notes. START and END are times such as "
            "90, 1:30 or 1:02:03.5; END may also be a length, as in +45s. With -o, PATH is the "
            "file to write, or a folder.",
        .min_arguments = 3,
        .run = command_cut,
    },
    {0},
};
