// Decides what the buttons do: each is one call of the control interface, and says what came of it.

import { at, element, say } from "./element.js";
import { answered, t } from "./text.js";

export class Controls {
  constructor() {
    this.faults = [];
    this.hearClock();
    this.hearPolicy();
    this.hearFaults();
    this.hearReset();
    at("revoke-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const user = at("user").value.trim();
      if (user) this.revoke({ user });
    });
  }

  /** Takes the state of an update in. */
  take(state, users) {
    this.showClock(state.clock);
    this.showPolicy(state.policy);
    this.showFaults(state.faults);
    const names = users.join("\n");
    if (names !== this.names) {
      this.names = names;
      at("users").replaceChildren(...users.map((name) => element("option", { value: name })));
      if (!at("user").value && users.length > 0) at("user").value = users[0];
    }
  }

  /** Calls the control interface; says what went wrong, or what `done` makes of the answer. */
  async call(name, body, done) {
    try {
      const answer = await fetch(name, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      const result = await answer.json().catch(() => ({}));
      if (answer.ok) this.said(done(result));
      else this.said(result.error ? answered(result.error) : t("The emulator answered {}.", answer.status), true);
      return answer.ok;
    } catch {
      this.said(t("The emulator does not answer."), true);
      return false;
    }
  }

  said(text, isBad = false) {
    const said = at("said");
    said.className = isBad ? "bad" : "";
    said.textContent = text;
  }

  hearClock() {
    const advance = (by) => this.call("clock", { advance: by }, () => t("The clock was moved by {}.", by));
    for (const button of document.querySelectorAll("[data-advance]")) {
      button.addEventListener("click", () => advance(button.dataset.advance));
    }
    at("clock-form").addEventListener("submit", (event) => {
      event.preventDefault();
      advance(at("advance").value.trim());
    });
  }

  showClock(clock) {
    const isReal = clock === "real";
    at("clock-fields").disabled = isReal;
    if (clock === this.clock) return;
    this.clock = clock;
    const why = isReal
      ? [t("It is the machine’s clock, which cannot be moved. Start the emulator with"), " ", element("code", {}, "--clock manual"), " ", t("to move it here.")]
      : [t("It stands still until it is moved.")];
    at("clock-why").replaceChildren(...why);
  }

  hearPolicy() {
    const update = () => {
      const example = at("policy").selectedOptions[0]?.dataset.value;
      at("policy-value-label").hidden = example === undefined;
      at("policy-value").value = example ?? "";
    };
    at("policy").addEventListener("change", () => {
      update();
      this.policyIsTouched = true;
    });
    at("policy-value").addEventListener("input", () => (this.policyIsTouched = true));
    at("policy-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const value = at("policy-value").value.trim();
      const policy = at("policy-value-label").hidden ? at("policy").value : `${at("policy").value}:${value}`;
      this.policyIsTouched = false;
      this.call("policy", { policy }, () => t("The policy is {}.", policy));
    });
  }

  /** Follows the emulator, unless somebody is choosing. */
  showPolicy(policy) {
    if (this.policyIsTouched || policy === this.policy) return;
    this.policy = policy;
    const [name, value] = policy.split(":");
    at("policy").value = name;
    at("policy-value-label").hidden = value === undefined;
    at("policy-value").value = value ?? "";
  }

  hearFaults() {
    const update = () => {
      const example = at("fault-then").selectedOptions[0]?.dataset.value;
      at("fault-value-label").hidden = example === undefined;
      at("fault-value").value = example ?? "";
      at("fault-nth-label").hidden = at("fault-when").value !== "nth";
      // These two say themselves whether the work is done.
      at("fault-after").disabled = at("fault-then").value.startsWith("drop-");
    };
    for (const id of ["fault-then", "fault-when"]) at(id).addEventListener("change", update);
    update();
    at("fault-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.setFaults([...this.stillToPlay(), newFault()], t("Added: {}.", spelled(newFault())));
    });
    at("clear-faults").addEventListener("click", () => this.setFaults([], t("No fault is in force.")));
  }

  setFaults(faults, done) {
    return this.call("faults", faults, () => done);
  }

  /**
   * The faults in force, as they have to be set again beside another one.
   *
   * Setting faults begins their counts anew, so what was counted is taken off, and what was played
   * is left out.
   */
  stillToPlay() {
    return this.faults
      .filter((fault) => !isPlayed(fault))
      .map(({ on, nth, then, seen }) => ({ on, nth: nth === "every" ? nth : nth - seen, then }));
  }

  showFaults(faults) {
    const key = JSON.stringify(faults);
    if (key === this.faultsKey) return;
    this.faultsKey = key;
    this.faults = faults;
    const items = faults.map((fault) => {
      const remove = element("button", { type: "button", "aria-label": t("Remove {}", spelled(fault)) }, t("Remove"));
      remove.addEventListener("click", () => {
        this.faults = this.faults.filter((other) => other !== fault);
        this.setFaults(this.stillToPlay(), t("The fault was removed."));
      });
      const count = isPlayed(fault) ? t("played") : t("{} seen", fault.seen);
      return element("li", { class: isPlayed(fault) ? "played" : "" },
        element("span", { class: "grow" }, `${spelled(fault)} `, element("small", {}, `(${count})`)), remove);
    });
    at("faults-in-force").replaceChildren(...(items.length > 0 ? items : [element("li", {}, t("None is in force."))]));
    at("clear-faults-line").hidden = faults.length === 0;
  }

  revoke(what) {
    return this.call("revoke", what, ({ families }) =>
      families === 1 ? t("One family was ended.") : t("{} families were ended.", families ?? 0));
  }

  hearReset() {
    const dialog = at("reset-dialog");
    at("reset-form").addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.showModal();
    });
    at("reset-no").addEventListener("click", () => dialog.close());
    at("reset-yes").addEventListener("click", async () => {
      dialog.close();
      await this.call("reset", {}, () => t("The emulator is as new."));
    });
  }
}

/** Whether a fault has had its turn. */
export const isPlayed = ({ nth, seen }) => nth !== "every" && seen >= nth;

const spelled = ({ on, nth, then }) =>
  `${nth === "every" ? t("every") : nth === 1 ? t("next") : t("no. {}", nth)} ${on}: ${then}`;

function newFault() {
  const name = at("fault-then").value;
  const value = at("fault-value-label").hidden ? "" : `:${at("fault-value").value.trim()}`;
  const isAfter = at("fault-after").checked && !at("fault-after").disabled;
  const when = at("fault-when").value;
  return {
    on: at("fault-on").value,
    nth: when === "every" ? when : when === "nth" ? Math.max(1, Number(at("fault-nth").value) || 1) : 1,
    then: `${isAfter ? "after-commit:" : ""}${name}${value}`,
  };
}
