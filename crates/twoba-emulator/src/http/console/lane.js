// Decides how one family is drawn: a line for each branch, marks for what happened to it, bars for its access tokens.

import { drawn } from "./element.js";
import { kindName, plain, sentence } from "./words.js";

const CROSS = "M-5.5-3.2-3.2-5.5 0-2.3 3.2-5.5 5.5-3.2 2.3 0 5.5 3.2 3.2 5.5 0 2.3-3.2 5.5-5.5 3.2-2.3 0Z";
const DOWN = "M0 5.5-5.5-4.5H5.5Z";
const SQUARE = "M-4.5-4.5H4.5V4.5H-4.5Z";

/**
 * What a mark looks like, around its middle; told apart by form first and by color second.
 *
 * In the order in which they stand beside each other, which is that of a family's life.
 */
export const SHAPES = {
  policy_set: "M-4.5-6H-3V-5.5H5L3-2.5 5 .5H-3V6H-4.5Z",
  clock_advanced: "M-5-5 0 0-5 5ZM0-5 5 0 0 5Z",
  fault_played: "M1.5-6-4 1H-.5L-1.5 6 4-1H.5Z",
  login_refused: DOWN,
  login_cancelled: SQUARE,
  code_issued: "M-6-4H6V4H-6ZM-4-2V2H4V-2Z",
  login: "M0-5.5A5.5 5.5 0 1 1-.01-5.5ZM0-2A2 2 0 1 0 .01-2Z",
  rotation: "M0-5.5 5.5 0 0 5.5-5.5 0Z",
  renewal: "M0-5.5 5.5 0 0 5.5-5.5 0ZM0-3-3 0 0 3 3 0Z",
  // An arrow that breaks off.
  answer_lost: "M-6-1.5H-3.5V1.5H-6ZM-2-1.5H.5V1.5H-2ZM2-5 6.5 0 2 5Z",
  forgiven: "M0-5.5 5.5 4.5H-5.5ZM0-2-2.6 2.8H2.6Z",
  refused: DOWN,
  access_token_revoked: "M-5-5H5V5H-5ZM-3.2-3.2V1.4L1.4-3.2ZM3.2 3.2V-1.4L-1.4 3.2Z",
  code_reuse: CROSS,
  reuse: CROSS,
  family_revoked: SQUARE,
};
/** Of what has no shape of its own. */
const OTHER = "M0-3A3 3 0 1 1-.01-3Z";

/** What is drawn in a mark of several things, and how grave it is. */
const RANK = Object.keys(SHAPES);
const GRAVE = new Set(["reuse", "code_reuse", "family_revoked"]);
const WARNING = new Set(["answer_lost", "forgiven", "refused", "access_token_revoked", "fault_played", "login_refused"]);

/** Further branches share the last line. */
const MAX_ROWS = 6;
const ROW = 40;
const MIDDLE = 14;
const BAR = 28;
/** A mark of many things stands for at most so many pixels. */
const MAX_SPAN = 100;

/** The first sentence of each shape for the legend. */
export const LEGEND = [
  "login", "rotation", "renewal", "answer_lost", "forgiven", "refused", "access_token_revoked", "reuse",
  "family_revoked", "policy_set", "clock_advanced", "fault_played",
].map((kind) => [kind, kindName(kind)]);

/** The mark of a kind, by itself. */
export const glyph = (kind, x = 8, y = 8) =>
  drawn("path", { d: SHAPES[kind] ?? OTHER, transform: `translate(${x} ${y})`, class: `glyph ${weight(kind)}` });

const weight = (kind) => (GRAVE.has(kind) ? "grave" : WARNING.has(kind) ? "warning" : "usual");

/**
 * Which line of a family everything stands on, and from when to when; no pixels yet.
 *
 * A token that has a child already begins another line with the next one.
 */
export function plan(family, lifetime) {
  const threads = [{ row: 0, parent: 0, from: family.startedAt ?? family.events[0]?.at ?? 0 }];
  const [marks, bars, calls] = [[], [], []];
  const [rowOfRefresh, rowOfAccess, rowOfGeneration] = [new Map(), new Map(), new Map()];
  const withChild = new Set();
  const ended = family.ended?.at ?? Infinity;
  let last = { row: 0, at: 0 };

  const handOut = (event, row) => {
    const expires = event.access === family.access ? family.accessExpiresAt : event.at + lifetime;
    bars.push({ row, access: event.access, from: event.at, to: Math.min(expires, ended) });
    rowOfAccess.set(event.access, row);
    rowOfGeneration.set(event.generation ?? 0, row);
    if (event.refresh) rowOfRefresh.set(event.refresh, row);
    return row;
  };
  const branch = (event) => {
    const parent = rowOfRefresh.get(event.spent) ?? 0;
    const isFirst = !withChild.has(event.spent);
    withChild.add(event.spent);
    if (isFirst) return parent;
    const row = Math.min(threads.length, MAX_ROWS - 1);
    if (row === threads.length) threads.push({ row, parent, from: event.at });
    return row;
  };
  for (const event of family.events) {
    let row = 0;
    switch (event.kind) {
      case "login": row = handOut(event, 0); break;
      case "rotation": row = handOut(event, branch(event)); break;
      case "renewal": row = handOut({ ...event, refresh: undefined }, rowOfRefresh.get(event.presented) ?? 0); break;
      case "forgiven":
      case "reuse": row = rowOfRefresh.get(event.presented) ?? 0; break;
      case "access_token_revoked":
        row = rowOfAccess.get(event.access) ?? 0;
        for (const bar of bars) if (bar.access === event.access) bar.to = Math.min(bar.to, event.at);
        break;
      case "service_served":
      case "service_refused":
        calls.push({ row: rowOfGeneration.get(event.generation) ?? 0, event });
        continue;
      default:
        // What follows from an event stands where that event stands.
        row = last.at === event.at ? last.row : 0;
    }
    last = { row, at: event.at };
    marks.push({ row, event });
  }
  return { rows: threads.length, threads, marks, bars: joined(bars), calls, ended };
}

/** Bars that touch, as one. */
function joined(bars) {
  const byRow = [];
  for (const { row, from, to } of bars) {
    const before = byRow[row]?.at(-1);
    if (before && from <= before.to) before.to = Math.max(before.to, to);
    else (byRow[row] ??= []).push({ row, from, to });
  }
  return byRow.flat().filter(Boolean);
}

/** All moments that a plan needs on the axis. */
export function moments(plan) {
  const found = plan.marks.map(({ event }) => event.at);
  for (const { from } of plan.threads) found.push(from);
  for (const { to } of plan.bars) found.push(to);
  for (const { event } of plan.calls) found.push(event.at);
  return found;
}

/** Draws a plan on an axis. */
export function draw(svg, plan, axis, width, now) {
  const height = plan.rows * ROW + 2;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  const parts = [];
  const end = Math.min(plan.ended, Math.max(now, axis.from));
  for (const thread of plan.threads) parts.push(...line(thread, plan, axis, end));
  for (const bar of plan.bars) if (bar.to > axis.from) parts.push(...accessBar(bar, axis, now));
  parts.push(...callTicks(plan.calls, axis));
  const clusters = clustered(plan.marks.filter(({ event }) => event.at >= axis.from), axis, width);
  clusters.forEach((cluster, index) => parts.push(mark(cluster, index === 0)));
  svg.replaceChildren(...parts);
}

function line(thread, plan, axis, end) {
  if (thread.from > end || plan.isServer) return [];
  const y = thread.row * ROW + MIDDLE;
  const [x1, x2] = [axis.x(thread.from), axis.x(end)];
  const parts = [drawn("line", { class: "thread", x1, x2: Math.max(x1, x2), y1: y, y2: y })];
  if (thread.row > 0 && thread.from >= axis.from) {
    const above = thread.parent * ROW + MIDDLE;
    parts.push(drawn("path", { class: "thread", d: `M${x1} ${above}V${y}` }));
  }
  return parts;
}

function accessBar(bar, axis, now) {
  const y = bar.row * ROW + BAR;
  const [x1, x2] = [axis.x(bar.from), axis.x(bar.to)];
  const isLive = bar.to > now;
  const parts = [
    drawn("rect", { class: isLive ? "bar live" : "bar", x: x1, y, width: Math.max(1, x2 - x1), height: 4 }),
  ];
  // The end of a bar is where a token expired, or will.
  parts.push(drawn("path", { class: isLive ? "cap live" : "cap", d: `M${x2} ${y - 3}v10` }));
  return parts;
}

/** Calls of services: short lines below the bar, refused ones longer and crossed. */
function callTicks(calls, axis) {
  const seen = new Set();
  const parts = [];
  for (const { row, event } of calls) {
    if (event.at < axis.from) continue;
    const x = Math.round(axis.x(event.at));
    const isRefused = event.kind === "service_refused";
    const key = `${row} ${isRefused} ${x}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const y = row * ROW + BAR + 5;
    parts.push(
      isRefused
        ? drawn("path", { class: "call refused", d: `M${x - 3} ${y}l6 6m0-6l-6 6` })
        : drawn("path", { class: "call", d: `M${x} ${y}v4` }),
    );
  }
  return parts;
}

/** Marks that would cover each other, together, but never so many that the time is lost. */
function clustered(marks, axis, width) {
  const rows = [];
  for (const { row, event } of marks) {
    const clusters = (rows[row] ??= []);
    const x = axis.x(event.at);
    const before = clusters.at(-1);
    const alone = grown({ row, events: [], kinds: new Set(), x1: x, least: 1 }, event, x, width);
    if (before && alone.left <= before.left + before.width && x - before.x1 <= MAX_SPAN) {
      grown(before, event, x, width);
    } else {
      // One that begins beside a long one moves aside.
      if (before) alone.least = before.left + before.width + 2;
      clusters.push(placed(alone, x, width));
    }
    // At the right end there may be no room beside it.
    if (clusters.length > 1 && clusters.at(-1).left < clusters.at(-1).least) {
      const { events } = clusters.pop();
      for (const moved of events) grown(clusters.at(-1), moved, x, width);
    }
  }
  // In the order of time, as the arrow keys go.
  return rows.flat().filter(Boolean).sort((a, b) => a.x1 - b.x1);
}

/** Adds an event to a cluster; what is known of it is kept, so that a thousand are added quickly. */
function grown(cluster, event, x, width) {
  cluster.events.push(event);
  cluster.kinds.add(event.kind);
  if (event.isLost) cluster.kinds.add("answer_lost");
  if (event.kind === "rotation" || event.kind === "renewal") {
    cluster.first ??= event.generation;
    cluster.last = event.generation;
  }
  return placed(cluster, x, width);
}

function placed(cluster, x2, width) {
  cluster.glyphs = glyphs(cluster.kinds);
  cluster.text = generations(cluster);
  const { length } = cluster.text;
  cluster.width = cluster.glyphs.length * 13 + length * 7 + (length > 0 ? 4 : 0) + 5;
  const middle = Math.max((cluster.x1 + x2 - cluster.width) / 2, cluster.least);
  cluster.left = Math.min(middle, width - cluster.width - 1);
  return cluster;
}

/** At most four shapes: of the gravest kinds, in the order of a family's life. */
function glyphs(all) {
  let kinds = [...all];
  // A refusal that follows from a reuse says nothing new.
  if (kinds.some((kind) => GRAVE.has(kind))) kinds = kinds.filter((kind) => kind !== "refused");
  kinds.sort((a, b) => RANK.indexOf(a) - RANK.indexOf(b));
  return kinds.slice(-4);
}

/** Which generations begin here, as `3` or `3–17`; else how many things happened, if many. */
function generations({ first, last, events, kinds }) {
  if (first !== undefined) return first === last ? `${first}` : `${first}–${last}`;
  return events.length > kinds.size ? `×${events.length}` : "";
}

function mark(cluster, isFirst) {
  const y = cluster.row * ROW + MIDDLE;
  const { left } = cluster;
  const weights = new Set(cluster.glyphs.map(weight));
  const gravest = ["grave", "warning", "usual"].find((candidate) => weights.has(candidate));
  const made = drawn("g", {
    class: `mark ${gravest}`,
    tabindex: isFirst ? 0 : -1,
    role: "button",
    "aria-label": label(cluster),
    "data-kinds": [...cluster.kinds].join(" "),
  });
  made.events = cluster.events;
  made.append(drawn("rect", { class: "pill", x: left, y: y - 9, width: cluster.width, height: 18, rx: 9 }));
  cluster.glyphs.forEach((kind, index) => made.append(glyph(kind, left + 9 + index * 13, y)));
  if (cluster.text) {
    const x = left + cluster.glyphs.length * 13 + 4;
    made.append(drawn("text", { x, y: y + 4 }, cluster.text));
  }
  return made;
}

function label({ events, text }) {
  if (events.length === 1) return sentence(events[0]);
  const counts = new Map();
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const names = [...counts].map(([kind, count]) => (count > 1 ? `${count} × ${kindName(kind)}` : kindName(kind)));
  return plain([...names, text].filter(Boolean).join(", "));
}
