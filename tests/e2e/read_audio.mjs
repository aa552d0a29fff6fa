// SPDX-License-Identifier: MIT
// Reads audio files with music-metadata and prints of each what clipnotes says of its chapters.
import { parseFile } from "music-metadata";

const milliseconds = (seconds) => Math.round(seconds * 1000);

// MP4 gives times in units of the track, ID3 in seconds.
const chapter = ({ start, timeScale, title, url }) => [
  timeScale ? milliseconds(start / timeScale) : milliseconds(start),
  title ?? "",
  url?.url ?? null,
];

const read = async (path) => {
  const { format, native } = await parseFile(path, { includeChapters: true, duration: true });
  return {
    duration: format.duration,
    codec: format.codec,
    chapters: format.chapters?.map(chapter) ?? [],
    comments: (native.vorbis ?? []).map(({ id, value }) => [id, String(value)]),
  };
};

console.log(JSON.stringify(await Promise.all(process.argv.slice(2).map(read))));
