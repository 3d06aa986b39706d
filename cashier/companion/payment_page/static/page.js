// The payment page in the payer's browser. The card is typed into Stripe's frame and never gets here. Whether it was paid
// is never decided here either: after each step the companion is asked, which asks Stripe.
//
// Checked against Stripe's own types by tests/companion/payment_page/test_script.py.

import { Attempt } from "./attempt.js";

/**
 * What the page tells its script.
 * @typedef {"wait"|"try_again"|"other_card"|"pay_again"|"no_form"|"no_answer"|"changed"|"paid"|"offline"|"bank_waits"|"go_on"} Word
 * @typedef {object} About
 * @property {string} publishable_key
 * @property {import("@stripe/stripe-js").StripeElementLocale} locale
 * @property {string} api the address below which the companion is asked
 * @property {string} query what is put behind each of these addresses
 * @property {string} return_url where a bank that took the payer away sends them back to
 * @property {Record<Word, string>} words
 * @typedef {import("./attempt.js").Standing} Standing
 * @typedef {Standing & About & {amount: number, currency: string}} Facts
 */

/** @typedef {import("@stripe/stripe-js").Stripe} Stripe */
/** @typedef {import("@stripe/stripe-js").StripeElements} StripeElements */
/** @typedef {import("@stripe/stripe-js").Appearance} Appearance */
/** @typedef {"good"|"caution"|"bad"|"busy"} Tone */

const WAITS_MS = [1_000, 2_000, 3_000, 5_000, 10_000];

/** Return the element with this id. @template {HTMLElement} T @param {string} id @param {new () => T} kind @returns {T} */
const part = (id, kind) => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no #${id}`);
  return found;
};

const facts = /** @type {Facts} */ (JSON.parse(part("payment", HTMLScriptElement).text));
const words = facts.words;
const main = part("page", HTMLElement);
const form = part("form", HTMLFormElement);
const message = part("message", HTMLElement);
const pay = part("pay", HTMLButtonElement);
const stop = part("stop", HTMLButtonElement);
const save = part("save-card", HTMLInputElement);
const darkness = window.matchMedia("(prefers-color-scheme: dark)");
const more = document.createElement("button");

const attempt = new Attempt(facts.api, facts.query);

let amount = facts.amount;
let currency = facts.currency;
let isBusy = false;
let isReady = false;
let isOver = false;
/** @type {Promise<void>} */
let updated = Promise.resolve();
/** @type {Stripe|null} */
let stripe = null;
/** @type {StripeElements|null} */
let elements = null;

/** Wait, but not longer than until the line is there again. @param {number} milliseconds @returns {Promise<void>} */
const pause = (milliseconds) =>
  new Promise((resolve) => {
    const timer = window.setTimeout(resolve, milliseconds);
    window.addEventListener("online", () => { window.clearTimeout(timer); resolve(); }, { once: true });
  });

// --- what is shown -------------------------------------------------------------------------------------------------

/**
 * Say something. What came of a step that the payer took gets the keyboard too; else nobody is taken from a field.
 * @param {string} text
 * @param {Tone} tone
 * @param {boolean} [isResult]
 */
const say = (text, tone, isResult = false) => {
  message.textContent = text;
  message.dataset["tone"] = tone;
  more.hidden = true;
  if (text && isResult) message.focus();
};

/** Offer one thing to do, below what was said. @param {string} label @param {() => void} act */
const offer = (label, act) => {
  more.textContent = label;
  more.onclick = act;
  more.hidden = false;
};

/** @param {boolean} yes */
const lock = (yes) => {
  isBusy = yes;
  form.inert = yes || !isReady;
  pay.disabled = yes || !isReady;
  form.setAttribute("aria-busy", String(yes));
};

/** @param {Standing} standing */
const showAmount = (standing) => {
  if (standing.amount === undefined || standing.currency === undefined) return;
  if (standing.amount !== amount || standing.currency !== currency) {
    amount = standing.amount;
    currency = standing.currency;
    updateElements();
  }
  part("amount", HTMLElement).textContent = standing.amount_text ?? "";
  pay.textContent = standing.pay_text ?? pay.textContent;
};

/** The end of this page's work: nothing can be paid here any more. @param {Standing} standing */
const end = (standing) => {
  isOver = true;
  main.dataset["state"] = standing.state;
  form.hidden = true;
  attempt.end();
  if (standing.state === "paid") {
    part("amount-word", HTMLElement).textContent = words.paid;
    part("amount", HTMLElement).textContent = standing.amount_text ?? "";
  }
  if (standing.receipt_url) {
    part("receipt", HTMLAnchorElement).href = standing.receipt_url;
    part("done", HTMLElement).hidden = false;
  }
  say(standing.message, standing.state === "paid" ? "good" : "caution", true);
};

/**
 * Show how it stands, and let the payer go on from there.
 * @param {Standing} standing
 * @param {boolean} [hasTried] whether a card was tried just now
 * @returns {Promise<void>|void}
 */
const show = (standing, hasTried = false) => {
  switch (standing.state) {
    case "processing":
    case "unknown":
      return follow();
    case "paid":
    case "refused":
      return end(standing);
    case "canceled":
    case "changed":
    case "held":
      attempt.end();
  }
  const isResult = isBusy;
  showAmount(standing);
  main.dataset["state"] = standing.state;
  if (!elements) mount();
  if (isOver) return;
  lock(false);
  const canTry = standing.state === "declined" || (standing.state === "open" && hasTried);
  if (canTry) say(`${standing.message} ${words.other_card}`, "bad", isResult);
  else say(standing.state === "open" ? "" : standing.message, "caution", isResult);
  stop.hidden = !canTry;
  if (standing.state === "again") offer(words.pay_again, () => void payNow({ pay_again: true }));
};

// --- paying --------------------------------------------------------------------------------------------------------

/**
 * Ask until it is known how it stands. Nothing can be pressed meanwhile, and nothing typed is lost.
 * @param {boolean} [hasTried]
 */
const follow = async (hasTried = false) => {
  lock(true);
  for (let turn = 0; ; turn += 1) {
    const standing = await attempt.ask("check");
    if (standing && standing.state !== "processing" && standing.state !== "unknown") return show(standing, hasTried);
    say(standing ? standing.message : words.no_answer, "busy");
    await pause(WAITS_MS[Math.min(turn, WAITS_MS.length - 1)] ?? 0);
  }
};

/**
 * Begin the payment or go on with it. One that was given up for another consent or amount is followed by a new one.
 * @param {Record<string, unknown>} more
 */
const begin = async (more) => {
  attempt.keep(save.checked);
  const asked = { amount, currency, save_card: save.checked, ...more };
  const standing = await attempt.ask("begin", asked);
  if (standing?.state !== "canceled") return standing;
  attempt.end();
  attempt.keep(save.checked);
  return attempt.ask("begin", asked);
};

/** @param {Record<string, unknown>} [more] */
const payNow = async (more = {}) => {
  if (isBusy || isOver || !stripe || !elements) return;
  lock(true);
  stop.hidden = true;
  say(words.wait, "busy");
  await updated;
  const isTyped = await elements.submit().then((checked) => !checked.error, () => null);
  if (isTyped === null) return noForm();
  if (!isTyped) {
    lock(false);
    // The fields say themselves what is wrong with them.
    return say("", "busy");
  }
  const begun = await begin(more);
  if (!begun) return follow();
  if (!begun.client_secret) return show(begun);
  await confirm(() => confirmed(begun.client_secret ?? ""));
};

/** @param {string} clientSecret */
const confirmed = (clientSecret) => {
  if (!stripe || !elements) throw new Error("Stripe.js is not there");
  const confirmParams = { return_url: facts.return_url };
  return stripe.confirmPayment({ elements, clientSecret, confirmParams, redirect: "if_required" });
};

/** Let Stripe.js do its part, and then ask how it stands, whatever Stripe.js says. @param {() => Promise<unknown>} step */
const confirm = async (step) => {
  try {
    await step();
  } catch (error) {
    console.warn("Stripe.js:", error instanceof Error ? error.name : "failed");
  }
  await follow(true);
};

/** Go on with what this browser has begun before: a page loaded again, a bank's page that led back here. */
const resume = async () => {
  lock(true);
  const standing = await attempt.ask("check");
  if (!standing) return follow();
  if (!["open", "declined"].includes(standing.state) || !stripe) return show(standing);
  const begun = await begin({});
  const secret = begun?.client_secret;
  const intent = secret ? (await stripe.retrievePaymentIntent(secret)).paymentIntent : undefined;
  if (!secret || intent?.status !== "requires_action") return show(secret ? standing : (begun ?? standing), cameBack);
  lock(false);
  say(words.bank_waits, "caution", true);
  offer(words.go_on, () => {
    if (isBusy || !stripe) return;
    lock(true);
    say(words.wait, "busy");
    const bank = stripe;
    void confirm(() => bank.handleNextAction({ clientSecret: secret }));
  });
};

/** Look whether something happened elsewhere: at the desk, in another tab. Says nothing where nothing did. */
const look = async () => {
  if (isBusy || isOver || form.hidden) return;
  const standing = await attempt.ask("check");
  if (!standing || isBusy || isOver) return;
  if (standing.state === "open" || standing.state === "declined") {
    if (standing.amount === undefined || standing.amount === amount) return;
    return show({ ...standing, state: "changed", message: words.changed });
  }
  if (standing.state !== "canceled") return show(standing);
};

// --- Stripe's form -------------------------------------------------------------------------------------------------

/** @returns {Appearance} */
const appearance = () => {
  const style = window.getComputedStyle(document.documentElement);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    theme: darkness.matches ? "night" : "stripe",
    variables: {
      colorPrimary: colour("--accent"),
      colorText: colour("--ink"),
      colorTextSecondary: colour("--ink-soft"),
      colorBackground: colour("--paper"),
      colorDanger: colour("--bad"),
      borderRadius: "8px",
      // What the payer chose as the size of text holds in the frame as well.
      fontSizeBase: style.fontSize,
    },
  };
};

/** @returns {"off_session"|null} */
const purpose = () => (save.checked ? "off_session" : null);

const updateElements = () => {
  const options = { amount, currency: currency.toLowerCase(), setupFutureUsage: purpose() };
  if (elements) updated = elements.update(options).catch(() => {});
};

const noForm = () => {
  isOver = true;
  form.hidden = true;
  say(words.no_form, "bad");
  offer(words.try_again, () => window.location.reload());
};

const mount = () => {
  try {
    mountForm();
  } catch {
    // Stripe.js refuses keys that are none, and real ones where the page is not encrypted.
    noForm();
  }
};

const mountForm = () => {
  if (!window.Stripe) return noForm();
  stripe = window.Stripe(facts.publishable_key, { locale: facts.locale });
  elements = stripe.elements({
    mode: "payment",
    amount,
    currency: currency.toLowerCase(),
    allowedPaymentMethodTypes: ["card"],
    setupFutureUsage: purpose(),
    locale: facts.locale,
    appearance: appearance(),
  });
  const card = elements.create("payment", { layout: "tabs" });
  card.on("loaderror", noForm);
  card.on("ready", () => {
    isReady = true;
    if (!isBusy) lock(false);
  });
  // In what is hidden a frame has no size, and is never ready.
  form.hidden = false;
  lock(false);
  card.mount("#card");
};

// --- what happens --------------------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void payNow();
});
save.addEventListener("change", updateElements);
stop.addEventListener("click", async () => {
  if (isBusy) return;
  lock(true);
  stop.hidden = true;
  say(words.wait, "busy");
  const standing = await attempt.ask("cancel");
  return standing ? show(standing) : follow();
});
darkness.addEventListener("change", () => void elements?.update({ appearance: appearance() }));
window.addEventListener("offline", () => { if (!isBusy && !isOver) say(words.offline, "caution"); });
window.addEventListener("online", () => {
  if (!isBusy && !isOver && message.textContent === words.offline) say("", "busy");
  void look();
});
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") void look(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) void look(); });
window.addEventListener("storage", (event) => { if (event.key === attempt.key) void look(); });

more.type = "button";
more.id = "more";
more.hidden = true;
message.tabIndex = -1;
message.after(more);
save.checked = attempt.consent;
// What a bank's page adds to the address is for nobody's history: Stripe is asked, not the address.
const cameBack = new URLSearchParams(window.location.search).has("payment_intent");
if (cameBack) window.history.replaceState(null, "", facts.api + facts.query);
if (facts.state === "processing" || facts.state === "unknown") void follow();
if (facts.state === "held") offer(words.try_again, () => window.location.reload());
if (facts.state === "open") {
  mount();
  if (!isOver && (attempt.isOld || cameBack)) void resume();
}
