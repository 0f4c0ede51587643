// Decides how the parts of the page hang together.

import { showAccounts } from "./accounts.js";
import { Controls, isPlayed } from "./controls.js";
import { at, element, say } from "./element.js";
import { Families } from "./families.js";
import { Live } from "./live.js";
import { Requests } from "./requests.js";
import { LOCALE, t, translatePage } from "./text.js";
import { day, plain, span, time } from "./words.js";

translatePage();

/** What is counted, in the order of the journal, and what is worth a second look when it is not zero. */
const COUNTS = {
  token_posts: "token requests",
  password: "by password",
  authorization_code: "by code",
  refresh: "by refresh token",
  client_credentials: "by client alone",
  rotations: "rotations",
  reuse: "reuse",
  families_revoked: "families ended",
  refused: "refused",
  service_calls: "service calls",
  service_401: "service 401",
};
const NOTEWORTHY = new Set(["reuse", "families_revoked", "refused", "service_401"]);

const controls = new Controls();
const families = new Families({
  revoke: (family) => controls.revoke({ family }),
  list: (family) => requests.only(family),
});
const requests = new Requests(
  (sequence) => families.bySequence.get(sequence),
  (family) => {
    const lane = document.querySelector(`[data-family="${CSS.escape(family)}"] .id`);
    lane?.scrollIntoView({ block: "center" });
    lane?.focus();
  },
);
const live = new Live(hear, tell);

function hear(update) {
  const { state } = update;
  // Lifetimes are told in whole seconds.
  families.take(update, state.token_lifetime_seconds * 1000, () => live.now());
  requests.take(update);
  controls.take(state, families.users());
  showCounts(update.counts);
  say(at("policy-now"), state.policy);
  say(at("lifetime"), span(state.token_lifetime_seconds * 1000));
  const faults = state.faults.filter((fault) => !isPlayed(fault)).length;
  say(at("faults-now"), faults === 0 ? t("none") : String(faults));
  at("faults-now").className = faults === 0 ? "" : "warning";
  say(at("clock-kind"), t(state.clock));
  at("clock-kind").hidden = false;
  showClock();
}

function showCounts(counts) {
  const list = at("counts");
  if (list.children.length === 0) {
    for (const name of Object.keys(counts)) {
      list.append(element("div", { "data-count": name }, element("dt", {}, t(COUNTS[name] ?? plain(name))), element("dd", {}, "0")));
    }
  }
  for (const item of list.children) {
    const value = counts[item.dataset.count];
    say(item.lastChild, value.toLocaleString(LOCALE));
    item.className = value > 0 && NOTEWORTHY.has(item.dataset.count) ? "noteworthy" : value > 0 ? "some" : "";
  }
}

function showClock() {
  const now = live.now();
  say(at("clock-now"), `${day(now)} ${time(now)}`);
}

function tell(state) {
  const words = { live: t("live"), paused: t("paused while hidden"), gone: t("no connection") };
  at("live").className = state;
  say(at("live").lastElementChild, words[state]);
  at("trouble").hidden = state !== "gone";
  say(at("trouble"), state === "gone" ? t("The emulator does not answer. What you see is as of the last answer; this page goes on by itself when it is back.") : "");
}

const origin = location.origin;
say(at("address"), origin);
say(at("authorize-url"), `${origin}/OAuth/Authorize`);
say(at("token-url"), `${origin}/OAuth/Token`);
function showCurl(client, user) {
  const fields = {
    client_id: client?.id,
    client_secret: client?.secret,
    username: user?.name,
    password: user?.password,
  };
  const lines = Object.entries(fields).map(([name, value]) => `  --data-urlencode '${name}=${value ?? "..."}'`);
  say(at("curl"), [`curl ${origin}/OAuth/Token -d grant_type=password`, ...lines].join(" \\\n"));
}
showCurl();
showAccounts(showCurl);
setInterval(() => {
  if (document.hidden) return;
  showClock();
  families.tick();
}, 1000);
