// Decides how the documented clients and users are shown, and that their texts can be copied.

import { at, element, say } from "./element.js";
import { t } from "./text.js";

/** Shows who can log in here, where that is no secret; calls back with the first client and user. */
export async function showAccounts(then) {
  let accounts;
  try {
    accounts = await (await fetch("accounts")).json();
  } catch {
    // The page says itself that nobody answers.
    return;
  }
  const { clients, users } = accounts;
  for (const { id, secret } of clients) {
    at("accounts-list").append(group(t("Client"), id, secret ?? undefined));
  }
  for (const { name, password } of users) {
    at("accounts-list").append(group(t("User"), name, password));
  }
  at("accounts").hidden = clients.length + users.length === 0;
  then(clients.find((client) => client.secret !== null), users[0]);
}

function group(kind, name, secret) {
  const texts = secret === undefined ? [name] : [name, secret];
  return element("li", {}, element("span", { class: "hint" }, kind), ...texts.map((text) => copyable(text)));
}

function copyable(text) {
  const shown = element("code", { class: "grow" }, text);
  const button = element("button", { type: "button", "aria-label": t("Copy {}", text) }, t("Copy"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(at("copied"), t("Copied: {}", text));
    } catch {
      // Whoever may not write to the clipboard can do it by hand.
      getSelection().selectAllChildren(shown);
    }
  });
  return element("span", { class: "copyable" }, shown, button);
}
