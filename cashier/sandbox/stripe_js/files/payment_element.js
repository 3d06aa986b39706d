// The Payment Element: what is typed of a card stays in this frame, which confirms the payment itself.
// The page around it speaks through one port that it sends once: orders in, answers and events out.
(() => {
  "use strict";
  const element = (id) => document.getElementById(id);
  const form = element("card");
  const [number, expiry, cvc, country, zip] = ["number", "expiry", "cvc", "country", "zip"].map(element);
  const WORDS = {
    en: {
      number: "Card number", expiry: "Expiration date", expiry_hint: "MM / YY", cvc: "Security code", cvc_hint: "CVC",
      country: "Country", zip: "ZIP code", postal_code: "Postal code",
      terms: "By providing your card information, you allow {merchant} to charge your card for future payments in accordance with their terms.",
      test_mode: "No real card is charged. 4242 4242 4242 4242 is paid.",
      incomplete_number: "Your card number is incomplete.", invalid_number: "Your card number is invalid.",
      incomplete_expiry: "Your card’s expiration date is incomplete.",
      invalid_expiry: "Your card’s expiration date is invalid.",
      invalid_expiry_year_past: "Your card’s expiration year is in the past.",
      incomplete_cvc: "Your card’s security code is incomplete.", incomplete_zip: "Your postal code is incomplete.",
    },
    es: {
      number: "Número de tarjeta", expiry: "Fecha de caducidad", expiry_hint: "MM / AA", cvc: "Código de seguridad",
      cvc_hint: "CVC", country: "País", zip: "Código postal", postal_code: "Código postal",
      terms: "Al proporcionar los datos de tu tarjeta, permites que {merchant} realice cargos en tu tarjeta en el futuro según sus condiciones.",
      test_mode: "No se cobra ninguna tarjeta real. 4242 4242 4242 4242 se paga.",
      incomplete_number: "El número de tu tarjeta está incompleto.", invalid_number: "El número de tu tarjeta no es válido.",
      incomplete_expiry: "La fecha de caducidad de tu tarjeta está incompleta.",
      invalid_expiry: "La fecha de caducidad de tu tarjeta no es válida.",
      invalid_expiry_year_past: "El año de caducidad de tu tarjeta ya ha pasado.",
      incomplete_cvc: "El código de seguridad de tu tarjeta está incompleto.",
      incomplete_zip: "Tu código postal está incompleto.",
    },
  };
  const WITH_ZIP = { US: "zip", CA: "postal_code", GB: "postal_code" };
  const THEMES = { night: { text: "#ffffff", background: "#30313d", soft: "#aaacb8", edge: "#6d6e78", danger: "#fe87a1" } };
  const NEVER_AGAIN = ["succeeded", "canceled", "processing", "requires_capture"];
  let words = WORDS.en;
  let options = {};
  let port = null;

  const tell = (event, facts = {}) => port.postMessage({ event, ...facts });
  const setErrors = (wrong) => {
    for (const field of [number, expiry, cvc, zip]) {
      const error = element(`${field.id}-error`);
      const said = wrong[field.id] ? words[wrong[field.id]] : "";
      if (error.textContent !== said) error.textContent = said;
      error.hidden = !said;
      if (said) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  };
  const wrongNow = () => {
    const wrong = {
      number: cardTyping.wrongNumber(number.value),
      expiry: cardTyping.wrongExpiry(expiry.value, document.body.dataset.month),
      cvc: cardTyping.wrongCvc(cvc.value, number.value),
      zip: WITH_ZIP[country.value] && zip.value.trim().length < 3 ? "incomplete_zip" : "",
    };
    return Object.fromEntries(Object.entries(wrong).filter(([, code]) => code));
  };

  // --- what the page orders ------------------------------------------------------------------------------------
  const orders = {
    update(changed) {
      options = { ...options, ...changed };
      show();
    },
    focus: () => number.focus(),
    blur: () => document.activeElement?.blur(),
    clear() {
      for (const field of [number, expiry, cvc, zip]) field.value = "";
      setErrors({});
    },
    submit() {
      const wrong = wrongNow();
      setErrors(wrong);
      const [first] = Object.entries(wrong);
      if (!first) return { selectedPaymentMethod: "card" };
      element(first[0]).focus();
      return { error: { type: "validation_error", code: first[1], message: words[first[1]] } };
    },
    async confirm({ clientSecret, params }) {
      const mismatch = options.mode ? await differsFromElements(clientSecret) : null;
      if (mismatch) return mismatch;
      locked(true);
      const method = await ask("POST", "/v1/payment_methods", card());
      const sent = { ...params, payment_method: method.id, client_secret: clientSecret, use_stripe_sdk: "true" };
      const path = `/v1/payment_intents/${idOf(clientSecret)}/confirm`;
      const answer = method.error ? method : await ask("POST", path, sent);
      locked(false);
      return answer;
    },
    create: ({ params }) => ask("POST", "/v1/payment_methods", { ...card(), ...params }),
  };

  // What Elements was made for has to be what is paid: https://docs.stripe.com/payments/accept-a-payment-deferred
  const differsFromElements = async (clientSecret) => {
    const intent = await ask("GET", `/v1/payment_intents/${idOf(clientSecret)}?client_secret=${clientSecret}`);
    if (intent.error) return intent;
    const pairs = { amount: intent.amount, currency: intent.currency, setup_future_usage: intent.setup_future_usage ?? null };
    const made = { amount: options.amount, currency: options.currency, setup_future_usage: options.setupFutureUsage ?? null };
    const name = Object.keys(pairs).find((each) => pairs[each] !== made[each]);
    if (!name) return null;
    return {
      error: {
        type: "invalid_request_error",
        code: "payment_intent_invalid_parameter",
        message: `The ${name} of the PaymentIntent (${pairs[name]}) does not match that of the Elements group (${made[name]}).`,
      },
    };
  };

  const card = () => {
    const [month, year] = expiry.value.split("/").map((part) => part.trim());
    return {
      type: "card",
      "card[number]": cardTyping.digits(number.value),
      "card[exp_month]": month,
      "card[exp_year]": year,
      "card[cvc]": cvc.value,
      "billing_details[address][country]": country.value,
      ...(WITH_ZIP[country.value] ? { "billing_details[address][postal_code]": zip.value.trim() } : {}),
    };
  };

  const idOf = (clientSecret) => clientSecret.split("_secret_")[0];
  const locked = (yes) => { for (const field of form.elements) field.disabled = yes; };

  const ask = async (method, path, sent) => {
    const headers = { Authorization: `Bearer ${options.key}`, "Stripe-Version": options.version };
    try {
      const answer = await fetch(path, { method, headers, body: sent ? new URLSearchParams(sent) : undefined });
      return await answer.json();
    } catch {
      return { error: { type: "api_connection_error", message: options.connectionWords } };
    }
  };

  // --- what is shown -------------------------------------------------------------------------------------------
  const show = () => {
    const language = (options.locale ?? "auto") === "auto" ? navigator.language : options.locale;
    words = WORDS[language.slice(0, 2)] ?? WORDS.en;
    document.documentElement.lang = language;
    for (const each of document.querySelectorAll("[data-words]")) each.textContent = words[each.dataset.words];
    for (const each of document.querySelectorAll("[data-hint]")) each.placeholder = words[each.dataset.hint];
    element("terms").hidden = !options.setupFutureUsage;
    element("terms").textContent = words.terms.replace("{merchant}", document.body.dataset.merchant);
    fillCountries(language);
    dress(options.appearance ?? {});
  };
  const fillCountries = (language) => {
    const chosen = country.value || (language.startsWith("es") ? "ES" : "US");
    const names = new Intl.DisplayNames([language], { type: "region" });
    const rows = document.body.dataset.countries.split(" ").map((code) => [names.of(code), code]);
    rows.sort((one, other) => one[0].localeCompare(other[0], language));
    country.replaceChildren(...rows.map(([name, code]) => new Option(name, code, false, code === chosen)));
    showZip();
  };
  const showZip = () => {
    const kind = WITH_ZIP[country.value];
    element("zip-field").hidden = !kind;
    if (kind) element("zip-field").querySelector("label").textContent = words[kind];
    if (kind === "zip") zip.placeholder = "12345";
    else zip.placeholder = "";
  };
  const dress = ({ theme, variables = {} }) => {
    const root = document.documentElement.style;
    for (const [name, value] of Object.entries(THEMES[theme] ?? {})) root.setProperty(`--${name}`, value);
    const known = {
      colorPrimary: "primary", colorText: "text", colorBackground: "background", colorDanger: "danger",
      colorTextSecondary: "soft", borderRadius: "radius", fontFamily: "family", fontSizeBase: "size",
    };
    for (const [name, value] of Object.entries(variables)) if (known[name]) root.setProperty(`--${known[name]}`, value);
  };

  // --- events --------------------------------------------------------------------------------------------------
  cardTyping.attach({ number, expiry, cvc });
  country.addEventListener("input", showZip);
  form.addEventListener("input", (event) => {
    const wrong = wrongNow();
    const error = element(`${event.target.id}-error`);
    if (error) error.hidden = true;
    event.target.removeAttribute("aria-invalid");
    const empty = ![number, expiry, cvc].some((field) => field.value);
    tell("change", { complete: !Object.keys(wrong).length, empty, collapsed: false, value: { type: "card" } });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("focusin", () => tell("focus"));
  form.addEventListener("focusout", () => tell("blur"));
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") tell("escape"); });
  new ResizeObserver(() => port && tell("height", { height: document.body.offsetHeight })).observe(document.body);

  // A secret of what is over already is refused: https://docs.stripe.com/changelog/clover/2025-09-30/client-secret-reuse
  const refusal = async () => {
    if (!options.clientSecret) return null;
    const intent = await ask("GET", `/v1/payment_intents/${idOf(options.clientSecret)}?client_secret=${options.clientSecret}`);
    if (intent.error) return intent.error;
    options.setupFutureUsage = intent.setup_future_usage;
    if (!NEVER_AGAIN.includes(intent.status)) return null;
    return {
      type: "invalid_request_error",
      code: "payment_intent_unexpected_state",
      message: `The client secret provided belongs to a PaymentIntent that cannot be paid any more: its status is ${intent.status}.`,
    };
  };

  window.addEventListener("message", async (event) => {
    if (port || event.source !== window.parent || event.data?.sandbox !== "begin") return;
    [port] = event.ports;
    options = event.data.options;
    port.onmessage = async ({ data }) => {
      const answer = await orders[data.order](data.facts ?? {});
      port.postMessage({ answers: data.number, answer: answer ?? {} });
    };
    const error = await refusal();
    if (error) return tell("loaderror", { error });
    show();
    form.hidden = false;
    tell("ready");
  });
})();
