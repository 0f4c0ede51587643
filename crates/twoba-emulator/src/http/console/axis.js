// Decides where a moment stands on the time axis: to scale, but for idle time, which is cut short unless that is switched off.

import { day, span, time } from "./words.js";

/** More moments than this tell no more about where idle time is. */
const MAX_MOMENTS = 1_500;
const LABEL = 96;
const MARGIN = { left: 12, right: 26 };

const STEPS = [
  10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5, 6e5, 12e5, 18e5, 36e5,
  72e5, 108e5, 216e5, 432e5, 864e5, 1728e5, 6048e5, 12096e5, 2592e6, 7776e6, 31536e6,
];

/**
 * An axis over these moments, which need no order.
 *
 * All that is not cut short has one scale, so lengths can be compared.
 */
export function makeAxis(moments, width, toScale) {
  const points = thinned([...new Set(moments)].sort((a, b) => a - b));
  const gaps = points.slice(1).map((point, index) => point - points[index]);
  const cap = toScale ? Infinity : longestShown(gaps);
  const inner = Math.max(40, width - MARGIN.left - MARGIN.right);
  const total = gaps.reduce((sum, gap) => sum + Math.min(gap, cap), 0) || 1;
  const scale = inner / total;
  const xs = [MARGIN.left];
  for (const gap of gaps) xs.push(xs.at(-1) + Math.min(gap, cap) * scale);
  const segments = gaps.map((gap, index) => ({
    from: points[index],
    to: points[index + 1],
    x1: xs[index],
    x2: xs[index + 1],
    cut: gap > cap,
  }));
  return {
    from: points[0],
    to: points.at(-1),
    x: (moment) => place(points, xs, moment),
    cuts: segments.filter((segment) => segment.cut),
    ticks: ticks(segments, scale),
  };
}

function thinned(points) {
  const every = Math.ceil(points.length / MAX_MOMENTS);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

/** The longest gap that is shown whole: the one that takes a small part of all that is shown. */
function longestShown(gaps) {
  if (gaps.length < 2) return Infinity;
  const share = Math.max(0.12, 1.5 / gaps.length);
  let cap = Math.max(...gaps);
  for (let round = 0; round < 80; round += 1) {
    const total = gaps.reduce((sum, gap) => sum + Math.min(gap, cap), 0);
    if (cap <= share * total * 1.01) break;
    cap = share * total;
  }
  // Cutting a little off helps nobody.
  return Math.max(...gaps) < cap * 1.5 ? Infinity : cap;
}

function place(points, xs, moment) {
  if (moment <= points[0]) return xs[0];
  if (moment >= points.at(-1)) return xs.at(-1);
  let low = 0;
  let high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle] <= moment) low = middle;
    else high = middle;
  }
  const part = (moment - points[low]) / (points[high] - points[low]);
  return xs[low] + part * (xs[high] - xs[low]);
}

/** Labels that do not touch: round times where the scale holds, and the starts behind cuts. */
function ticks(segments, scale) {
  const step = STEPS.find((candidate) => candidate * scale >= LABEL) ?? STEPS.at(-1);
  const found = [];
  let lastDay = "";
  const add = (moment, x) => {
    if (found.length > 0 && x - found.at(-1).x < LABEL) return;
    const today = day(moment);
    found.push({ x, label: time(moment, step < 1_000), day: today === lastDay ? "" : today });
    lastDay = today;
  };
  let behindCut = true;
  for (const segment of segments) {
    if (segment.cut) {
      behindCut = true;
      continue;
    }
    if (behindCut) add(segment.from, segment.x1);
    behindCut = false;
    const pixels = (segment.x2 - segment.x1) / (segment.to - segment.from);
    for (let moment = Math.ceil(segment.from / step) * step; moment < segment.to; moment += step) {
      add(moment, segment.x1 + (moment - segment.from) * pixels);
    }
  }
  const last = segments.at(-1);
  if (last) add(last.to, last.x2);
  return found;
}

/** What is written into a cut, if it is wide enough. */
export const cutLabel = (cut) => (cut.x2 - cut.x1 >= 34 ? span(cut.to - cut.from) : "");
