// Decides in which language the page speaks: Dutch where the browser prefers it, else English.

import { ANSWERS, DUTCH } from "./dutch.js";

const isDutch = /^nl\b/i.test(navigator.language);

/** How numbers are written. */
export const LOCALE = isDutch ? "nl" : "en";

/** A text in the language of the page, its `{}` filled with these values in their order. */
export function t(text, ...values) {
  const said = (isDutch && DUTCH[text]) || text;
  return values.reduce((said, value) => said.replace("{}", () => value), said);
}

/**
 * What the emulator answers to a control call, in the language of the page.
 *
 * Where in the call it stands, as in `rule 2: then: `, is of no use to who typed one word of it.
 */
export function answered(english) {
  const what = english.replace(/^(rule \d+: )?([a-z_]+: )?/, "");
  if (!isDutch) return what;
  for (const [text, dutch] of Object.entries(ANSWERS)) {
    if (text === what) return dutch;
    const [before, after] = text.split("{}");
    if (after === "" && what.startsWith(before)) return dutch.replace("{}", () => what.slice(before.length));
  }
  return what;
}

/** Translates what stands in the page as it was loaded. */
export function translatePage() {
  if (!isDutch) return;
  document.documentElement.lang = LOCALE;
  document.title = t(document.title);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data } = texts.currentNode;
    const text = data.trim().replace(/\s+/g, " ");
    const around = texts.currentNode.parentElement;
    // Names of policies, faults and the like are the same in both languages.
    if (!text || around.closest("code, pre, noscript") || around.value === text) continue;
    // The white space around it parts it from its neighbors.
    texts.currentNode.data = data.replace(data.trim(), () => t(text));
  }
  for (const named of document.querySelectorAll("[aria-label]")) named.ariaLabel = t(named.ariaLabel);
}
