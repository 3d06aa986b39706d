// The payment that this browser has under way, and asking the companion about it.
//
// It has an id, which is sent again as it is until the companion says that the payment is over, and which the browser
// keeps together with the consent to save the card: a page that is loaded again goes on with the same payment.

/**
 * How the payment stands, as the companion tells it.
 * @typedef {"open"|"processing"|"paid"|"declined"|"canceled"|"changed"|"held"|"again"|"refused"|"unknown"} State
 * @typedef {object} Standing
 * @property {State} state
 * @property {string} message in the language of the page
 * @property {number} [amount] in minor units
 * @property {string} [currency] in capitals
 * @property {string} [amount_text] the amount as people write it
 * @property {string} [pay_text] what stands on the button
 * @property {string|null} [receipt_url]
 * @property {string} [client_secret] where it can be paid
 */

const ANSWER_MAX_MS = 30_000;

export class Attempt {
  /**
   * @param {string} api the address below which the companion is asked
   * @param {string} query what is put behind each of these addresses
   */
  constructor(api, query) {
    this.api = api;
    this.query = query;
    this.key = `attempt ${api}`;
    const [id, consent] = read(this.key).split(" ");
    /** Whether this browser began it, before the page was loaded. */
    this.isOld = Boolean(id);
    this.id = id || newId();
    /** Whether the card was to be saved. */
    this.consent = consent === "true";
  }

  /** Have the browser keep it. @param {boolean} consent */
  keep(consent) {
    write(this.key, `${this.id} ${consent}`);
  }

  /** Forget the payment, which is over; the next one is another. */
  end() {
    write(this.key, "");
    this.id = newId();
  }

  /**
   * Ask, and return what is answered; nothing when there is no answer that the page could read.
   * @param {"begin"|"check"|"cancel"} verb
   * @param {Record<string, unknown>} [more]
   * @returns {Promise<Standing|null>}
   */
  async ask(verb, more = {}) {
    try {
      const answer = await fetch(`${this.api}/${verb}${this.query}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ attempt: this.id, ...more }),
        cache: "no-store",
        signal: AbortSignal.timeout(ANSWER_MAX_MS),
      });
      const standing = await answer.json();
      return typeof standing.state === "string" ? standing : null;
    } catch {
      return null;
    }
  }
}

/** @param {string} key */
function read(key) {
  try {
    return window.localStorage.getItem(key) ?? "";
  } catch {
    return ""; // A browser that keeps nothing.
  }
}

/** @param {string} key @param {string} value */
function write(key, value) {
  try {
    if (value) window.localStorage.setItem(key, value);
    else window.localStorage.removeItem(key);
  } catch {
    // Then what is asked about an id that the companion does not know is answered about the newest payment of the link.
  }
}

/** Make a random UUID by hand: `crypto.randomUUID` is missing where a page is not encrypted, as in training by telephone. */
function newId() {
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
