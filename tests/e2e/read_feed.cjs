// SPDX-License-Identifier: MIT
// Reads a feed with feedsmith and prints what clipnotes says of its episodes, under our names.
const { readFileSync } = require("node:fs");
const { parseFeed } = require("feedsmith");

const bytes = readFileSync(process.argv[2]);
const declared = /encoding=["']([^"']+)/.exec(bytes.toString("latin1")) || [];
const { feed, format } = parseFeed(new TextDecoder(declared[1] || "utf-8").decode(bytes));

const rss = (item) => ({
  link: item.link,
  title: item.title,
  guid: item.guid?.value,
  date: item.pubDate,
  audio: item.enclosures?.[0]?.url,
  audio_type: item.enclosures?.[0]?.type,
  audio_size: item.enclosures?.[0]?.length,
  duration_ms: item.itunes?.duration * 1000,
  season: item.podcast?.season?.number ?? item.itunes?.season,
  episode: item.podcast?.episode?.number ?? item.itunes?.episode,
  cover: item.itunes?.image ?? feed.itunes?.image ?? feed.image?.url,
  chapters: item.podcast?.chapters?.url,
  transcript: item.podcast?.transcripts?.[0]?.url,
  transcript_type: item.podcast?.transcripts?.[0]?.type,
  soundbites: (item.podcast?.soundbites ?? []).map((bite) => ({
    start_ms: bite.startTime * 1000,
    duration_ms: bite.duration * 1000,
    title: bite.display ?? null,
  })),
  show: feed.title,
  author: feed.itunes?.author,
});

const linked = (item, rel) => item.links?.find((link) => (link.rel ?? "alternate") === rel);
const atom = (item) => ({
  link: linked(item, "alternate").href,
  title: item.title?.value ?? item.title,
  guid: item.id,
  date: item.published,
  audio: linked(item, "enclosure")?.href,
  audio_type: linked(item, "enclosure")?.type,
  audio_size: linked(item, "enclosure")?.length,
  show: feed.title?.value ?? feed.title,
  author: feed.authors?.[0]?.name,
});

const items = (feed.items ?? feed.entries).map(format === "atom" ? atom : rss);
console.log(JSON.stringify(items));
