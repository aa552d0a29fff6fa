// SPDX-License-Identifier: MIT
// Reads WebVTT files with webvtt-parser and prints for each its errors and cues.
const { readFileSync } = require("node:fs");
const { WebVTTParser } = require("webvtt-parser");
const entities = require("webvtt-parser/html-entities.json");

const text = (node) =>
  node.type === "text" ? node.value : (node.children || []).map(text).join("");
const speaker = (tree) => tree.children.find((node) => node.name === "v")?.value ?? null;

console.log(JSON.stringify(process.argv.slice(2).map((path) => {
  const { cues, errors } = new WebVTTParser(entities).parse(readFileSync(path, "utf8"), "subtitles");
  return {
    errors: errors.map((error) => `${error.line}: ${error.message}`),
    cues: cues.map((cue) => ({
      start: cue.startTime, end: cue.endTime, text: text(cue.tree), speaker: speaker(cue.tree),
    })),
  };
})));
