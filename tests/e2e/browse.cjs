// SPDX-License-Identifier: MIT
// Opens a page in Chromium as a phone and as a desk, by day and by night, and prints what a reader
// meets there: node browse.cjs URL [VISIT...], where a visit is a width and "light" or "dark".
const { chromium } = require("playwright-core");

// Contrast by WCAG 2.2 between each text and what it stands on.
const weakestContrast = () => {
  const parse = (color) => (color.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) =>
      v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  let weakest = 21;
  for (const element of document.querySelectorAll("h1,h2,h3,p,a,time,span")) {
    if (!element.textContent.trim()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    weakest = Math.min(weakest, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return weakest;
};

const look = () => ({
  width: document.documentElement.scrollWidth,
  title: document.querySelector("h1").textContent,
  headings: [...document.querySelectorAll("h3")].map((h) => h.textContent),
  chapters: [...document.querySelectorAll("[data-at]")].map((a) => a.textContent),
  players: [...document.querySelectorAll("audio")].map((a) => a.getAttribute("src")),
  links: [...document.querySelectorAll("a[href^=http]")].map((a) => a.href),
  hacked: Boolean(window.hacked),
  sum: document.querySelector("header p").textContent,
  lowest: Math.min(...[...document.querySelectorAll("a,audio")].map((e) =>
    e.getBoundingClientRect().height)),
  // What begins a line of facts stands exactly below the title: no dot is in front of it.
  indents: [...document.querySelectorAll(".clip .facts")].flatMap((facts) => {
    const edge = facts.parentElement.querySelector("h3").getBoundingClientRect().left;
    const tops = [...facts.children].map((e) => e.getBoundingClientRect().top);
    return [...facts.children].filter((e, i) => i === 0 || tops[i] !== tops[i - 1]).map((e) => {
      const text = document.createRange();
      text.selectNodeContents(e);
      return text.getBoundingClientRect().left - edge;
    });
  }),
  dots: document.querySelector("main").textContent.includes("\u00b7"),
  smallest: Math.min(...[...document.querySelectorAll("p,a,time,h2,h3,span")].map((e) =>
    parseFloat(getComputedStyle(e).fontSize))),
});

const playable = () => Promise.all([...document.querySelectorAll("audio")].map((audio) =>
  new Promise((done) => {
    audio.onloadedmetadata = () => done(audio.duration);
    audio.onerror = () => done(null);
    audio.preload = "metadata";
    audio.load();
  })));

// By keyboard alone: where Tab leads, and whether it shows.
const walk = async (page) => {
  const steps = [];
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press("Tab");
    steps.push(await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return {
        name: document.activeElement.tagName,
        text: document.activeElement.textContent,
        seen: style.outlineStyle !== "none" || document.activeElement.tagName === "AUDIO",
      };
    }));
  }
  return steps;
};

// A press on the second chapter, or on Enter there.
const jump = async (page) => {
  const chapter = page.locator("[data-at]").nth(1);
  if (!(await chapter.count())) return null;
  await chapter.focus();
  await page.keyboard.press("Enter");
  return page.evaluate(() => new Promise((done) => setTimeout(() => {
    const now = document.querySelector("[aria-current]");
    done({
      at: Number(document.querySelectorAll("[data-at]")[1].dataset.at),
      position: document.getElementById("recap").currentTime,
      marked: now && now.textContent,
      page: location.href.split("#")[0],
    });
  }, 500)));
};

const visit = async (browser, url, width, colorScheme) => {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  const asked = [], said = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("dialog", (dialog) => { said.push(dialog.message()); dialog.dismiss(); });
  await page.goto(url);
  const found = {
    ...await page.evaluate(look),
    contrast: await page.evaluate(weakestContrast),
    steps: await walk(page),
    jump: await jump(page),
    durations: await page.evaluate(playable),
    asked, said,
  };
  await page.close();
  return found;
};

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
  });
  const [url, ...asked] = process.argv.slice(2), visits = {};
  for (const name of asked.length ? asked : ["360 light", "360 dark", "1280 light", "1280 dark"]) {
    const [width, scheme] = name.split(" ");
    visits[name] = await visit(browser, url, Number(width), scheme);
  }
  await browser.close();
  console.log(JSON.stringify(visits));
})();
