// Decides how requests are listed and tied to what they led to.

import { at, element, say } from "./element.js";
import { isLost } from "./families.js";
import { t } from "./text.js";
import { day, plain, sentence, span, time } from "./words.js";

/** How many are shown at first, and how many more at a time. */
const PAGE = 50;
/** How many are remembered, as many as the emulator keeps. */
const MAX_REQUESTS = 1_000;

const WHICH = {
  any: () => true,
  token: (request) => /\/token$/i.test(request.path),
  service: (request) => request.path.startsWith("/1/"),
  bad: (request) => request.status === null || request.status >= 400,
};

export class Requests {
  /** `event` finds an event by its position in the journal, `goTo` shows a family. */
  constructor(event, goTo) {
    this.event = event;
    this.goTo = goTo;
    this.shown = PAGE;
    this.list = [];
    this.rows = new Map();
    at("which").addEventListener("change", () => this.render());
    at("any-family").addEventListener("click", () => this.only(undefined));
    at("more-requests").addEventListener("click", () => {
      this.shown += PAGE;
      this.render();
    });
  }

  /** Takes an update in; its events must be known already. */
  take(update) {
    if (update.all) {
      this.list = [];
      this.rows.clear();
      this.family = undefined;
    }
    this.list.push(...update.requests);
    for (const request of this.list.splice(0, this.list.length - MAX_REQUESTS)) this.rows.delete(request.number);
    if (update.all || update.requests.length > 0) this.render();
  }

  /** Lists the requests of one family, or of all. */
  only(family) {
    this.family = family;
    this.shown = PAGE;
    this.render();
    if (family) at("requests").scrollIntoView({ block: "start" });
  }

  render() {
    const isWanted = WHICH[at("which").value];
    const found = this.list.filter(
      (request) => isWanted(request) && (!this.family || this.families(request).includes(this.family)),
    );
    const rows = found.slice(-this.shown).reverse().map((request) => this.row(request));
    at("request-rows").replaceChildren(...rows);
    at("request-table").hidden = rows.length === 0;
    at("no-requests").hidden = rows.length > 0;
    say(at("no-requests"), this.list.length === 0 ? t("No request has come yet.") : t("No request of this kind is kept."));
    at("more-requests-line").hidden = found.length <= rows.length;
    at("any-family").hidden = !this.family;
    say(at("any-family"), this.family ? t("Only {}: show all", this.family) : "");
  }

  events(request) {
    return request.events.map((sequence) => this.event(sequence)).filter(Boolean);
  }

  families(request) {
    return [...new Set(this.events(request).map((event) => event.family).filter(Boolean))];
  }

  row(request) {
    if (!this.rows.has(request.number)) this.rows.set(request.number, this.newRow(request));
    return this.rows.get(request.number);
  }

  newRow(request) {
    const moment = Date.parse(request.at);
    const cell = (name, ...children) => element("td", { class: name }, ...children);
    const took = request.took_microseconds / 1000;
    return element(
      "tr",
      { "data-request": request.number },
      cell("number", String(request.number)),
      cell("time", element("time", { datetime: request.at, title: day(moment) }, time(moment, true)),
        element("span", { class: "took" }, ` ${t("took {}", took < 1 ? `${request.took_microseconds} µs` : span(took))}`)),
      cell("request", element("span", { class: "target" }, element("b", {}, request.method), ` ${request.path}`),
        element("ul", { class: "chips" }, ...this.chips(request))),
      cell("status", status(request.status, isLost(request, this.event))),
      cell("led", ...this.outcome(request)),
    );
  }

  chips(request) {
    const chip = (...text) => element("li", { class: "chip" }, ...text);
    const named = (name, value, print) =>
      chip(`${name} `, print ? element("code", { title: t("fingerprint") }, print) : hidden(value));
    const made = [];
    const by = request.authorization;
    if (by?.scheme === "basic") made.push(chip("Basic ", hidden(by.client)));
    else if (by?.scheme === "bearer") made.push(named("Bearer", "[redacted]", by.fingerprint));
    else if (by) made.push(chip(t("other Authorization")));
    for (const { name, value, fingerprint } of request.query) made.push(named(`?${name}`, value, fingerprint));
    for (const { name, value, fingerprint } of request.form) made.push(named(name, value, fingerprint));
    if (request.other_parameters > 0) made.push(chip(t("{} more of unknown name", request.other_parameters)));
    if (request.form.length === 0 && request.body_bytes > 0) made.push(chip(t("body of {} bytes", request.body_bytes)));
    return made;
  }

  outcome(request) {
    const told = this.events(request).filter(({ kind }) => kind !== "token_request" && kind !== "service_call");
    return told.map((event) => {
      const line = element("p", { class: event.kind }, sentence(event));
      if (event.family) {
        const link = element("button", { type: "button", class: "link" }, event.family);
        link.addEventListener("click", () => this.goTo(event.family));
        line.append(" ", link);
      }
      return line;
    });
  }
}

const hidden = (value) =>
  value === "[redacted]" ? element("span", { class: "redacted" }, t("[redacted]")) : element("code", {}, value);

function status(code, isLost) {
  if (isLost) return element("span", { class: "status none" }, t("answer lost"));
  if (code === null) return element("span", { class: "status none" }, t("no answer"));
  const name = code >= 500 ? "grave" : code >= 400 ? "warning" : code >= 300 ? "usual" : "good";
  return element("span", { class: `status ${name}` }, plain(code));
}
