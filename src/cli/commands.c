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
            "Shows the clips and chapters that show notes hold. NOTES is a file, a folder (all "
            "notes "
            "below it), '-' for standard input, an http(s) URL, or a plan: what 'list --json' "
            "printed, perhaps edited. Nothing else than such a URL is asked for on the network.",
        .min_arguments = 1,
        .run = command_list,
    },
    {
        .name = "resolve",
        .bit = COMMAND_RESOLVE,
        .arguments = "NOTES...",
        .summary = "where each episode's audio is",
        .details =
            "Shows the audio of each page that the clips link to, and how it was found. Tried in "
            "this order: --map; --audio-dir; --site; the link itself, where it is audio; --feed; "
            "and the page, with its players and feeds. Two answers that are equally good are an "
            "error, never a guess.",
        .min_arguments = 1,
        .run = command_resolve,
    },
    {
        .name = "fetch",
        .bit = COMMAND_FETCH,
        .arguments = "NOTES...",
        .summary = "bring the episodes' audio into the cache",
        .details =
            "Fetches the audio of every episode that the notes' clips are from, and of the notes' "
            "own one where they hold times of it, whole, and prints where it is. What an earlier "
            "run fetched is not fetched again. Logins are taken from ~/.netrc.",
        .min_arguments = 1,
        .run = command_fetch,
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
        .name = "mark",
        .bit = COMMAND_MARK,
        .arguments = "NOTES...",
        .summary = "write the marks as chapters into the episodes' audio",
        .details =
            "Writes chapters into audio files: a page's own list of times into that page's "
            "episode, and the page's clip links into the episodes that they point to, with the "
            "clip's title and a link to the page. Copies go into the folder that -o names, under "
            "the audio's name, and what is on a server is fetched for them; --in-place changes "
            "local files themselves. Episodes are looked for as --map, --audio-dir and --feed "
            "say.",
        .min_arguments = 1,
        .run = command_mark,
    },
    {
        .name = "chapters",
        .bit = COMMAND_CHAPTERS,
        .arguments = "show|set|strip|convert|check FILE",
        .summary = "read, write and check the chapters of audio files",
        .details =
            "show FILE prints the chapters of an audio file or a text; set AUDIO puts those of "
            "--from, another audio file or a text in any format, into the audio file; strip AUDIO "
            "takes them out; both write a copy to -o, or change the file with --in-place. convert "
            "FILE writes them as text --to a format, or in the one that -o's extension tells. "
            "check AUDIO says what players will not show, and why.\n\n"
            "Formats: json (Podcasting 2.0), podlove, matroska, soundbite, vtt, ffmetadata, cue, "
            "ogm, reaper, srt (read only), audacity, mp4chaps, markdown (also plain lines of MM:SS "
            "title), youtube, spotify.",
        .min_arguments = 2,
        .run = command_chapters,
    },
    {
        .name = "recap",
        .bit = COMMAND_RECAP,
        .arguments = "NOTES...",
        .summary = "clips, joined recap, page and manifest as one job",
        .details =
            "Cuts every clip that the notes link to, joins them into one programme of even "
            "loudness with chapters, and writes what belongs to it into the output folder: a page "
            "to listen to (index.html), a manifest, chapters, show notes, soundbites, a project "
            "for Reaper and labels for Audacity. Run it again after an interruption or a change "
            "of the notes: what is finished is kept, and what the notes no longer ask for is "
            "removed. Files that somebody else has written or changed stay as they are.\n\n"
            "Items of the Reaper project play the episodes' own files where these are on this "
            "machine. Those of episodes on the network play the clips: --pad-before and "
            "--pad-after leave sound at their edges for trimming, which the recap does not "
            "play.\n\n"
            "Machines share a season with --shard 1/3, 2/3, 3/3 and the same notes and options, in "
            "one folder or in folders that are copied into one; --assemble then makes the recap "
            "there.",
        .min_arguments = 1,
        .run = command_recap,
    },
    {
        .name = "cut",
        .bit = COMMAND_CUT,
        .arguments = "FILE START END",
        .summary = "one clip of one file or URL",
        .details =
            "Cuts one clip out of an audio file or an http(s) URL, without notes. START and END "
            "are "
            "times such as 90, 1:30 or 1:02:03.5; END may also be a length, as in +45s. The name "
            "that -o gives tells the format: where it is the file's own, the clip is a copy, else "
            "it is encoded.",
        .min_arguments = 3,
        .run = command_cut,
    },
    {
        .name = "cache",
        .bit = COMMAND_CACHE,
        .arguments = "ls|prune|path",
        .summary = "what was fetched and kept",
        .details =
            "ls shows what is kept, with how much of each file is there; prune removes what "
            "--older-than and --max-size say, or everything without them; path prints the folder. "
            "What another run is using stays.",
        .min_arguments = 1,
        .run = command_cache,
    },
    {0},
};
