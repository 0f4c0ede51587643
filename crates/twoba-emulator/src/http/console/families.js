// Decides which families are shown and what is known of each; how one is drawn is decided by lane.js.

import { cutLabel, makeAxis } from "./axis.js";
import { at, drawn, element, say } from "./element.js";
import { LEGEND, draw, glyph, moments, plan } from "./lane.js";
import { t } from "./text.js";
import { day, plain, sentence, span, time, tokens } from "./words.js";

/** How many families are shown at first, and how many more at a time. */
const PAGE = 40;
/** How many events are remembered, as many as the journal keeps. */
const MAX_EVENTS = 10_000;
/** How many events the text of one family lists. */
const MAX_LISTED = 200;
/** Events that only say that a request came; the list of requests tells that. */
const NOT_DRAWN = new Set(["token_request", "service_call"]);

/** Events that hand tokens out. */
const HANDS_OUT = new Set(["login", "rotation", "renewal", "forgiven"]);

/** Whether a request did something whose answer did not arrive whole. */
export function isLost(request, eventOf) {
  const events = request.events.map(eventOf).filter(Boolean);
  const isCut = events.some(({ kind, then }) => kind === "fault_played" && /(^|:)half-body$/.test(then));
  return (request.status === null || isCut) && events.some(({ kind }) => HANDS_OUT.has(kind));
}

const number = (id) => Number(id.slice(1));

export class Families {
  /** `actions` are what the buttons in here do. */
  constructor(actions) {
    this.actions = actions;
    this.shown = PAGE;
    this.lanes = new Map();
    this.open = new Set();
    this.clear();
    at("legend").append(
      ...LEGEND.map(([kind, name]) =>
        element("li", {}, drawn("svg", { width: 16, height: 16, "aria-hidden": "true" }, glyph(kind)), name),
      ),
      element("li", {}, element("span", { class: "sample" }), t("access token lives")),
    );
    at("more-families").addEventListener("click", () => {
      this.shown += PAGE;
      this.render();
    });
    for (const id of ["window", "to-scale"]) at(id).addEventListener("change", () => this.render());
    new ResizeObserver(() => this.render()).observe(at("axis"));
    this.hearMarks();
  }

  clear() {
    this.families = new Map();
    this.bySequence = new Map();
    this.server = { events: [], version: 0 };
  }

  /** Takes an update in. */
  take(update, lifetime, now) {
    if (update.all) this.clear();
    this.lifetime = lifetime;
    this.now = now;
    this.count = update.state.family_count;
    for (const family of update.state.families) this.know(family);
    for (const event of update.events) this.add({ ...event, at: Date.parse(event.at) });
    for (const request of update.requests) this.noteLost(request);
    while (this.bySequence.size > MAX_EVENTS * 1.2) this.forget(MAX_EVENTS);
    this.render();
  }

  know(state) {
    const family = this.family(state.family);
    Object.assign(family, {
      user: state.user,
      client: state.client,
      grant: state.grant,
      startedAt: Date.parse(state.started_at),
      generation: state.generation,
      refresh: state.refresh,
      access: state.access,
      accessExpiresAt: Date.parse(state.access_expires_at),
      ended: state.ended && { at: Date.parse(state.ended.at), reason: state.ended.reason },
    });
    family.version += 1;
  }

  /** Notes what was done and never heard of, as nobody has got the answer. */
  noteLost(request) {
    if (!isLost(request, (sequence) => this.bySequence.get(sequence))) return;
    for (const sequence of request.events) {
      const event = this.bySequence.get(sequence);
      if (!event || !HANDS_OUT.has(event.kind)) continue;
      event.isLost = true;
      this.family(event.family).version += 1;
    }
  }

  family(id) {
    if (!this.families.has(id)) this.families.set(id, { id, events: [], version: 0 });
    return this.families.get(id);
  }

  add(event) {
    this.bySequence.set(event.sequence, event);
    if (NOT_DRAWN.has(event.kind)) return;
    const home = event.family ? this.family(event.family) : this.server;
    home.events.push(event);
    home.version += 1;
  }

  /** Lets the oldest events go, but for so many. */
  forget(keep) {
    const first = [...this.bySequence.keys()].at(-keep);
    for (const sequence of this.bySequence.keys()) {
      if (sequence >= first) break;
      this.bySequence.delete(sequence);
    }
    for (const home of [this.server, ...this.families.values()]) {
      home.events = home.events.filter((event) => event.sequence >= first);
      home.version += 1;
    }
  }

  /** The names of all users that are known here. */
  users() {
    return [...new Set([...this.families.values()].map((family) => family.user).filter(Boolean))];
  }

  /** Draws at the next chance, once however much has changed. */
  render() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.draw();
    });
  }

  draw() {
    const isEmpty = this.families.size === 0 && this.server.events.length === 0;
    at("empty").hidden = this.families.size > 0 || this.count === undefined;
    at("chart").hidden = isEmpty;
    if (isEmpty) return;
    const width = Math.max(240, at("axis").clientWidth);
    const newest = [...this.families.values()].sort((a, b) => number(b.id) - number(a.id));
    const now = this.now();
    // Who ended before the time that is shown has nothing to show.
    const inTime = newest.filter((family) => !family.ended || family.ended.at >= this.start(now));
    const visible = inTime.slice(0, this.shown);
    const server = this.planOf(this.server);
    const plans = visible.map((family) => this.planOf(family));
    const axis = this.axis([server, ...plans], width, now);
    this.drawAxis(axis, width);
    const list = visible.map((family, index) => this.lane(family, plans[index], axis, width, now));
    if (server.marks.length > 0) list.unshift(this.serverLane(server, axis, width, now));
    const lanes = at("lanes");
    if (list.length !== lanes.children.length || list.some((lane, i) => lanes.children[i] !== lane)) {
      this.keepFocus(() => lanes.replaceChildren(...list));
    }
    const hidden = this.count - visible.length;
    at("more").hidden = hidden <= 0;
    say(at("more-count"), hidden > 0 ? t("{} not shown", hidden) : "");
    at("more-families").hidden = inTime.length <= visible.length;
    this.lastAxis = axis;
    this.tick();
  }

  planOf(home) {
    if (home.planned !== home.version || home.plannedFor !== this.lifetime) {
      home.plan = plan(home, this.lifetime);
      home.plan.isServer = home === this.server;
      home.planned = home.version;
      home.plannedFor = this.lifetime;
    }
    return home.plan;
  }

  /** Where the time that is shown begins. */
  start(now) {
    const back = Number(at("window").value);
    return back > 0 ? now - back : -Infinity;
  }

  axis(plans, width, now) {
    const from = this.start(now);
    const all = plans.flatMap((plan) => (plan.isServer ? plan.marks.map(({ event }) => event.at) : moments(plan)));
    const inside = all.filter((moment) => moment >= from && Number.isFinite(moment));
    if (Number.isFinite(from)) inside.push(from);
    // Round, so that the picture does not move with every second.
    const last = inside.reduce((a, b) => Math.max(a, b), 0);
    inside.push(last > now ? last : Math.ceil(now / 10_000) * 10_000);
    if (new Set(inside).size === 1) inside.push(inside[0] + 60_000);
    return makeAxis(inside, width, at("to-scale").checked);
  }

  drawAxis(axis, width) {
    const parts = [];
    for (const cut of axis.cuts) {
      const x = (cut.x1 + cut.x2) / 2;
      parts.push(drawn("text", { class: "cut-label", x, y: 12, "text-anchor": "middle" }, cutLabel(cut)));
    }
    for (const tick of axis.ticks) {
      const x = Math.min(tick.x, width - Math.max(tick.label.length * 6.6, tick.day.length * 7.6));
      parts.push(drawn("path", { class: "tick", d: `M${tick.x} 40v8` }));
      parts.push(drawn("text", { x, y: 37 }, tick.label));
      parts.push(drawn("text", { class: "day", x, y: 24 }, tick.day));
    }
    // They go through all lanes, behind everything.
    at("cuts").replaceChildren(...axis.cuts.map((cut) => {
      const band = element("div");
      band.style.left = `${at("axis").offsetLeft + cut.x1}px`;
      band.style.width = `${cut.x2 - cut.x1}px`;
      return band;
    }));
    at("axis").replaceChildren(drawn("svg", { width, height: 48, viewBox: `0 0 ${width} 48` }, ...parts));
  }

  /** Moves what moves by itself: the line of the present, and tokens that expire. */
  tick() {
    if (!this.lastAxis) return;
    const now = this.now();
    const line = at("now-line");
    line.style.left = `${at("axis").offsetLeft + this.lastAxis.x(now)}px`;
    const isPast = now > this.lastAxis.to;
    const expired = [...this.families.values()].some(
      (family) => !family.ended && family.accessExpiresAt > (this.lastNow ?? now) && family.accessExpiresAt <= now,
    );
    this.lastNow = now;
    if (isPast || expired) this.render();
  }

  serverLane(plan, axis, width, now) {
    const lane = this.laneFor("server", () => {
      const svg = drawn("svg", { class: "track", role: "group", "aria-label": t("The emulator itself") });
      const who = element("div", { class: "who" }, element("span", { class: "id" }, t("Emulator")), element("span", { class: "whose" }, t("policy, clock, faults")));
      return { item: element("li", { class: "lane server" }, who, svg), svg };
    });
    this.drawLane(lane, plan, axis, width, now);
    return lane.item;
  }

  lane(family, plan, axis, width, now) {
    const lane = this.laneFor(family.id, () => this.newLane(family.id));
    const expires = family.accessExpiresAt ?? 0;
    const state = family.ended
      ? t("ended: {}", plain(family.ended.reason))
      : expires > now ? t("token good") : t("token expired");
    lane.item.className = `lane ${family.ended ? "ended" : expires > now ? "good" : "expired"}`;
    say(lane.state, state);
    say(lane.whose, [family.user, family.client].filter(Boolean).join("\n"));
    say(lane.generation, t("generation {}", family.generation ?? "?"));
    lane.svg.setAttribute("aria-label", t("Events of {}: use the arrow keys", family.id));
    this.drawLane(lane, plan, axis, width, now);
    if (this.open.has(family.id)) this.drawDetails(lane, family);
    return lane.item;
  }

  laneFor(id, make) {
    if (!this.lanes.has(id)) this.lanes.set(id, make());
    return this.lanes.get(id);
  }

  newLane(id) {
    const button = element("button", { type: "button", class: "id", "aria-expanded": "false", "aria-controls": `text-${id}` }, id);
    const [state, whose, generation] = ["state", "whose", "generation"].map((name) => element("span", { class: name }));
    const svg = drawn("svg", { class: "track", role: "group" });
    const details = element("div", { class: "details", id: `text-${id}`, hidden: true });
    const who = element("div", { class: "who" }, button, state, generation, whose);
    const item = element("li", { class: "lane", "data-family": id }, who, svg, details);
    button.addEventListener("click", () => this.toggle(id));
    return { item, button, state, whose, generation, svg, details };
  }

  toggle(id) {
    const lane = this.lanes.get(id);
    const family = this.families.get(id);
    if (!lane?.details || !family) return;
    const isOpen = !this.open.has(id);
    if (isOpen) this.open.add(id);
    else this.open.delete(id);
    lane.button.setAttribute("aria-expanded", String(isOpen));
    lane.details.hidden = !isOpen;
    if (isOpen) this.drawDetails(lane, family);
  }

  drawLane(lane, plan, axis, width, now) {
    this.keepFocus(() => draw(lane.svg, plan, axis, width, now), lane.svg);
  }

  /** Replaces marks without taking the focus from who is on one. */
  keepFocus(change, within = at("lanes")) {
    const focused = document.activeElement;
    const sequence = within.contains(focused) ? focused.events?.[0]?.sequence : undefined;
    change();
    if (focused?.isConnected && document.activeElement === focused) return;
    if (sequence === undefined) {
      if (within.contains(focused)) focused.focus();
      return;
    }
    for (const mark of within.querySelectorAll(".mark")) {
      if (mark.events.some((event) => event.sequence === sequence)) return mark.focus();
    }
  }

  /** The family as text. */
  drawDetails(lane, family) {
    if (lane.detailed === family.version) return;
    lane.detailed = family.version;
    const newest = family.events.slice(-MAX_LISTED).reverse();
    const rows = newest.map((event) =>
      element(
        "tr",
        {},
        element("td", {}, `${day(event.at)} ${time(event.at, true)}`),
        element("td", {}, sentence(event)),
        element("td", {}, ...tokens(event).map(([name, print]) => element("span", { class: "chip" }, `${name} `, element("code", {}, print)))),
      ),
    );
    const revoke = element("button", { type: "button", "data-do": "revoke" }, t("Revoke family {}", family.id));
    revoke.hidden = Boolean(family.ended);
    revoke.addEventListener("click", () => this.actions.revoke(family.id));
    const list = element("button", { type: "button", "data-do": "list" }, t("Show its requests"));
    list.addEventListener("click", () => this.actions.list(family.id));
    const left = family.events.length - newest.length;
    const about = family.ended
      ? t("Ended {}.", `${day(family.ended.at)} ${time(family.ended.at)}`)
      : t("The newest access token expires {}, after {}.", time(family.accessExpiresAt), span(family.accessExpiresAt - (family.events.findLast((event) => event.access === family.access)?.at ?? family.startedAt)));
    const heading = element("tr", {}, ...[t("Time"), t("What"), t("Tokens")].map((name) => element("th", { scope: "col" }, name)));
    const focused = lane.details.contains(document.activeElement) ? document.activeElement.dataset.do : undefined;
    lane.details.replaceChildren(
      element("p", { class: "row" }, revoke, list, element("span", {}, about)),
      element("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": t("Events of {}", family.id) },
        element("table", {}, element("thead", {}, heading), element("tbody", {}, ...rows))),
      left > 0 ? element("p", {}, t("{} older events are not listed.", left)) : "",
    );
    if (focused) lane.details.querySelector(`[data-do=${focused}]`)?.focus();
  }

  /** Pointer and keyboard on the marks. */
  hearMarks() {
    const lanes = at("lanes");
    const markOf = (event) => event.target.closest?.(".mark");
    lanes.addEventListener("mouseover", (event) => this.tell(markOf(event)));
    lanes.addEventListener("mouseleave", () => this.tell(null));
    lanes.addEventListener("focusin", (event) => this.tell(markOf(event)));
    lanes.addEventListener("focusout", () => this.tell(null));
    lanes.addEventListener("click", (event) => {
      const lane = markOf(event)?.closest(".lane");
      if (lane?.dataset.family) this.toggle(lane.dataset.family);
    });
    lanes.addEventListener("keydown", (event) => {
      const mark = markOf(event);
      if (mark) this.pressed(event, mark);
    });
  }

  pressed(event, mark) {
    const marks = [...mark.parentNode.querySelectorAll(".mark")];
    const index = marks.indexOf(mark);
    const go = {
      ArrowLeft: marks[index - 1],
      ArrowRight: marks[index + 1],
      Home: marks[0],
      End: marks.at(-1),
      ArrowUp: mark.closest(".lane").previousElementSibling?.querySelector(".mark"),
      ArrowDown: mark.closest(".lane").nextElementSibling?.querySelector(".mark"),
    };
    if (event.key in go) {
      event.preventDefault();
      go[event.key]?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.toggle(mark.closest(".lane").dataset.family);
    } else if (event.key === "Escape") {
      this.tell(null);
    }
  }

  /** Shows what a mark stands for, beside it. */
  tell(mark) {
    const tip = at("tip");
    tip.hidden = !mark;
    if (!mark) return;
    const events = mark.events;
    tip.replaceChildren(
      ...events.slice(0, 8).map((event) =>
        element("p", {},
          element("strong", {}, sentence(event)), element("br"),
          `${day(event.at)} ${time(event.at, true)}`,
          ...tokens(event).flatMap(([name, print]) => [element("br"), `${name} `, element("code", {}, print)])),
      ),
      events.length > 8 ? element("p", {}, t("and {} more; select for all", events.length - 8)) : "",
    );
    const box = mark.getBoundingClientRect();
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left + box.width / 2 - width / 2), document.documentElement.clientWidth - width - 8);
    const below = box.bottom + 8;
    const fits = below + height < window.innerHeight;
    tip.style.left = `${left}px`;
    tip.style.top = `${fits ? below : Math.max(8, box.top - height - 8)}px`;
  }
}
