// Decides how events, reasons and times read.

import { LOCALE, t } from "./text.js";

const KINDS = {
  login: "login",
  rotation: "rotation",
  renewal: "new access token only",
  forgiven: "repeat, forgiven",
  refused: "refused",
  access_token_revoked: "access token revoked",
  reuse: "reuse of a spent token",
  code_reuse: "reuse of a code",
  family_revoked: "family ended",
  service_served: "service call",
  service_refused: "service call refused",
  service_call: "service call",
  introspected: "introspection",
  unifeed_opened: "Unifeed opened",
  unifeed_returned: "Unifeed returned a selection",
  unifeed_delivered: "Unifeed posted a selection",
  token_request: "token request",
  code_issued: "code issued",
  login_refused: "wrong name or password on the login page",
  login_cancelled: "login cancelled",
  fault_played: "fault played",
  policy_set: "policy set",
  clock_advanced: "clock moved",
  answer_lost: "answer lost",
};

/** What happened, in a few words. */
export const kindName = (kind) => (kind in KINDS ? t(KINDS[kind]) : plain(kind));

/** A name of the journal as words: `spent_refresh_token` is `spent refresh token`. */
export const plain = (name) => t(String(name).replaceAll("_", " "));

/** What happened, in one line without its time. */
export function sentence(event) {
  const text = happened(event);
  return event.isLost ? t("{}, and the answer was lost", text) : text;
}

function happened(event) {
  const name = kindName(event.kind);
  switch (event.kind) {
    case "login":
      return t("login of {} by {}", event.user ?? event.client, plain(event.grant));
    case "rotation":
      return t("rotation to generation {}", event.generation);
    case "renewal":
      return t("{}, generation {}", name, event.generation);
    case "forgiven":
      return t("generation {} presented again, forgiven", event.generation);
    case "reuse":
      return t("reuse: generation {} was spent before", event.generation);
    case "refused":
      return t("{} request refused: {}", plain(event.endpoint), plain(event.reason));
    case "family_revoked":
      return t("family ended: {}", plain(event.reason));
    case "access_token_revoked":
      return t("access token of generation {} revoked", event.generation);
    case "service_served":
      return t("service call with generation {}", event.generation);
    case "service_refused":
      return t("service call refused: {}", plain(event.reason));
    case "service_call":
      return event.function ? t("call of {}", event.function) : t("call of an unknown service");
    case "introspected":
      return `${name}: ${event.active ? t("active") : t("not active")}`;
    case "unifeed_opened":
      return event.refused ? `${name}: ${plain(event.refused)}` : name;
    case "unifeed_delivered":
      return `${name}: ${event.status ?? t("no answer")}`;
    case "token_request":
      return t("token request: {}", plain(event.grant));
    case "code_issued":
      return t("code for {}", event.user);
    case "fault_played":
      return t("fault on {}: {}", event.on, event.then);
    case "policy_set":
      return t("policy {}", event.policy);
    case "clock_advanced":
      return t("clock moved by {}", span(event.milliseconds));
    default:
      return name;
  }
}

/** The tokens that an event names, as pairs of a word and a fingerprint. */
export const tokens = (event) =>
  ["code", "presented", "spent", "refresh", "access"]
    .filter((name) => event[name])
    .map((name) => [t(name), event[name]]);

const two = (number) => String(number).padStart(2, "0");
const MONTHS = {
  en: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
  nl: "jan feb mrt apr mei jun jul aug sep okt nov dec",
}[LOCALE].split(" ");

/** The day of a moment, in UTC as all times here. */
export function day(moment) {
  const date = new Date(moment);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** The time of day of a moment. */
export function time(moment, withMilliseconds = false) {
  const date = new Date(moment);
  const whole = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return withMilliseconds ? `${whole}.${String(date.getUTCMilliseconds()).padStart(3, "0")}` : whole;
}

/** How long, in the largest unit that tells enough. */
export function span(milliseconds) {
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ];
  for (const [size, unit] of units) {
    if (milliseconds < size) continue;
    const amount = Math.round((milliseconds / size) * 10) / 10;
    return `${amount} ${unit}`;
  }
  return `${Math.round(milliseconds)} ms`;
}
