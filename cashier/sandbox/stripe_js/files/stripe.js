// The sandbox's stand-in for Stripe.js: the part of it that pages with a Payment Element use, with its shapes and its errors.
// https://docs.stripe.com/js
(() => {
  "use strict";
  const SCRIPT = new URL(document.currentScript.src);
  const SERVER = "ABOUT THE SERVER";
  const CONNECTION = "We are experiencing issues connecting to our payments provider. Please check your internet connection and try again.";
  const LOADING_MAX_MS = 15_000;
  const SHARED_OPTIONS = ["appearance", "clientSecret", "customerSessionClientSecret", "fonts", "loader", "locale", "paymentMethodCreation"];
  const DEFERRED_OPTIONS = [
    "allowedPaymentMethodTypes", "amount", "captureMethod", "currency", "excludedPaymentMethodTypes", "mode", "onBehalfOf",
    "paymentMethodConfiguration", "paymentMethodOptions", "setupFutureUsage",
  ];

  class IntegrationError extends Error {
    get name() { return "IntegrationError"; }
  }

  const idOf = (clientSecret, prefix = "pi") => {
    if (typeof clientSecret !== "string" || !new RegExp(`^${prefix}_\\w+_secret_\\w+$`).test(clientSecret)) {
      throw new IntegrationError(`Invalid value: clientSecret should be of the form \${id}_secret_\${secret}. You specified: ${clientSecret}.`);
    }
    return clientSecret.split("_secret_")[0];
  };

  // --- a frame of the sandbox, and the one port to it -------------------------------------------------------------
  let frames = 0;
  class Frame {
    constructor(options, hear) {
      const channel = new MessageChannel();
      this.port = channel.port1;
      this.waiting = new Map();
      this.iframe = document.createElement("iframe");
      this.iframe.name = `__privateStripeFrame${frames += 1}`;
      this.iframe.title = options.locale?.startsWith("es") ? "Marco de entrada de pago seguro" : "Secure payment input frame";
      this.iframe.allow = "payment *";
      this.iframe.src = SCRIPT.origin + SERVER.frame;
      dress(this.iframe, { border: "0", display: "block", width: "calc(100% + 8px)", margin: "-4px", height: "0", colorScheme: "none" });
      this.port.onmessage = ({ data }) => {
        if (!data.answers) return hear(data);
        this.waiting.get(data.answers)?.(data.answer);
        this.waiting.delete(data.answers);
      };
      this.iframe.addEventListener("load", () => {
        this.iframe.contentWindow.postMessage({ sandbox: "begin", options }, SCRIPT.origin, [channel.port2]);
      }, { once: true });
    }

    ask(order, facts = {}) {
      return new Promise((resolve) => {
        const number = (this.asked = (this.asked ?? 0) + 1);
        this.waiting.set(number, resolve);
        this.port.postMessage({ order, facts, number });
      });
    }
  }
  const dress = (node, style) => Object.assign(node.style, style);

  // --- Elements -------------------------------------------------------------------------------------------------
  class PaymentElement {
    constructor(group) {
      this.group = group;
      this.handlers = [];
      this.isReady = false;
    }
    mount(target) {
      const place = typeof target === "string" ? document.querySelector(target) : target;
      if (!place) throw new IntegrationError(`The selector you specified (${target}) applies to no DOM elements that are currently on the page.`);
      this.unmount();
      this.frame = new Frame(this.group.facts(), (heard) => this.hear(heard));
      place.replaceChildren(this.frame.iframe);
      place.classList.add("StripeElement");
      const late = () => this.isReady || this.hear({ event: "loaderror", error: { type: "api_connection_error", message: CONNECTION } });
      this.late = setTimeout(late, LOADING_MAX_MS);
    }
    hear({ event, ...facts }) {
      if (event === "height") return dress(this.frame.iframe, { height: `${facts.height}px` });
      if (event === "ready") this.isReady = true;
      if (event === "ready" || event === "loaderror") clearTimeout(this.late);
      for (const each of [...this.handlers]) {
        if (each.event !== event) continue;
        if (each.once) this.handlers.splice(this.handlers.indexOf(each), 1);
        each.handler({ elementType: "payment", ...facts });
      }
    }
    on(event, handler, once = false) { this.handlers.push({ event, handler, once }); return this; }
    once(event, handler) { return this.on(event, handler, true); }
    off(event, handler) {
      this.handlers = this.handlers.filter((each) => each.event !== event || (handler && each.handler !== handler));
      return this;
    }
    focus() { this.frame.iframe.focus(); this.frame.ask("focus"); }
    blur() { this.frame.ask("blur"); }
    clear() { this.frame.ask("clear"); }
    collapse() {}
    update() {}
    unmount() {
      clearTimeout(this.late);
      this.frame?.iframe.remove();
      this.frame = null;
      this.isReady = false;
    }
    destroy() {
      this.unmount();
      this.group.element = null;
    }
  }

  class Elements {
    constructor(stripe, options) {
      this.stripe = stripe;
      this.options = options;
      this.element = null;
      this.isSubmitted = false;
    }
    facts() { return { ...this.options, key: this.stripe.key, version: SERVER.version, connectionWords: CONNECTION }; }
    create(kind) {
      if (kind !== "payment") throw new IntegrationError(`The sandbox has the payment Element only, not "${kind}".`);
      if (this.element) throw new IntegrationError("Can only create one Element of type payment.");
      this.element = new PaymentElement(this);
      return this.element;
    }
    getElement(kind) { return kind === "payment" ? this.element : null; }
    async update(options) {
      checkOptions({ ...this.options, ...options });
      this.options = { ...this.options, ...options };
      this.isSubmitted = false;
      if (this.element?.frame) await this.element.frame.ask("update", options);
    }
    async submit() {
      const answer = await this.mounted("elements.submit()").ask("submit");
      this.isSubmitted = !answer.error;
      return answer;
    }
    mounted(asker) {
      if (!this.element?.isReady) throw new IntegrationError(`${asker} needs a mounted and ready Payment Element.`);
      return this.element.frame;
    }
  }

  const checkOptions = (options) => {
    const known = [...SHARED_OPTIONS, ...(options.mode ? DEFERRED_OPTIONS : [])];
    const unknown = Object.keys(options).find((name) => !known.includes(name));
    if (unknown) throw new IntegrationError(`Unrecognized elements() parameter: ${unknown} is not a recognized parameter.`);
    if (!options.mode === !options.clientSecret) throw new IntegrationError("elements() needs either a mode or a clientSecret.");
    if (options.clientSecret) idOf(options.clientSecret);
    if (!options.mode) return;
    if (options.mode !== "payment") throw new IntegrationError(`The sandbox has mode "payment" only, not "${options.mode}".`);
    if (!Number.isInteger(options.amount) || options.amount <= 0) throw new IntegrationError("Invalid value for elements(): amount must be greater than 0.");
    if (!/^[a-z]{3}$/.test(options.currency ?? "")) throw new IntegrationError(`Invalid value for elements(): currency should be a three-letter ISO code in lowercase. You specified: ${options.currency}.`);
  };

  // --- the bank's question, in a frame above the page -----------------------------------------------------------------
  const askBank = (address) => new Promise((resolve) => {
    const behind = document.createElement("div");
    dress(behind, { position: "fixed", inset: "0", zIndex: "2147483647", display: "grid", placeItems: "center", background: "rgba(0, 0, 0, .5)" });
    behind.setAttribute("role", "dialog");
    behind.setAttribute("aria-modal", "true");
    behind.setAttribute("aria-label", "3-D Secure");
    const box = document.createElement("div");
    dress(box, { position: "relative", width: "min(96vw, 520px)", height: "min(92vh, 620px)" });
    const iframe = document.createElement("iframe");
    iframe.name = `__stripeJSChallengeFrame${frames += 1}`;
    iframe.title = "3-D Secure";
    iframe.src = `${SCRIPT.origin}${new URL(address).pathname}?frame`;
    dress(iframe, { width: "100%", height: "100%", border: "0", borderRadius: "8px", background: "#fff" });
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "✕";
    close.setAttribute("aria-label", document.documentElement.lang.startsWith("es") ? "Cerrar" : "Close");
    dress(close, {
      position: "absolute", bottom: "10px", right: "10px", width: "44px", height: "44px", border: "1px solid #6d6e78", borderRadius: "50%",
      background: "#fff", color: "#30313d", font: "20px sans-serif", cursor: "pointer",
    });
    const end = () => {
      window.removeEventListener("message", hear);
      behind.remove();
      resolve();
    };
    const hear = (event) => {
      if (event.source === iframe.contentWindow && event.data?.sandbox === "challenge answered") end();
    };
    window.addEventListener("message", hear);
    // Who closes it fails it, as with Stripe.
    close.addEventListener("click", async () => {
      await fetch(iframe.src, { method: "POST", mode: "no-cors", body: new URLSearchParams({ answer: "fail" }) }).catch(() => {});
      end();
    });
    box.append(iframe, close);
    behind.append(box);
    document.body.append(behind);
    iframe.focus();
  });

  // --- Stripe ---------------------------------------------------------------------------------------------------
  class Stripe {
    constructor(key) { this.key = key; }

    elements(options = {}) {
      checkOptions(options);
      return new Elements(this, { locale: "auto", ...options });
    }

    async confirmPayment({ elements, clientSecret, confirmParams = {}, redirect = "always" }) {
      const secret = clientSecret ?? elements?.options.clientSecret;
      const id = idOf(secret);
      if (redirect === "always" && !confirmParams.return_url) {
        throw new IntegrationError("stripe.confirmPayment(): the `confirmParams.return_url` argument is required.");
      }
      const { return_url: wayBack, ...others } = confirmParams;
      const params = { ...flat(others), ...(wayBack ? { return_url: wayBack } : {}) };
      let intent;
      if (elements) {
        const frame = elements.mounted("stripe.confirmPayment()");
        if (elements.options.mode && !elements.isSubmitted) {
          throw new IntegrationError("elements.submit() must be called before stripe.confirmPayment().");
        }
        const checked = elements.options.mode ? {} : await elements.submit();
        if (checked.error) return { error: checked.error };
        intent = await frame.ask("confirm", { clientSecret: secret, params });
      } else {
        intent = await this.call("POST", `/v1/payment_intents/${id}/confirm`, { ...params, client_secret: secret, use_stripe_sdk: "true" });
      }
      return this.goOn(intent, secret, redirect === "always" ? wayBack : null);
    }

    async handleNextAction({ clientSecret }) {
      const intent = await this.call("GET", `/v1/payment_intents/${idOf(clientSecret)}?client_secret=${clientSecret}`);
      if (intent.error || intent.status === "requires_action") return this.goOn(intent, clientSecret, null);
      throw new IntegrationError("handleNextAction: The PaymentIntent supplied is not in the requires_action state.");
    }

    async retrievePaymentIntent(clientSecret) {
      return told(await this.call("GET", `/v1/payment_intents/${idOf(clientSecret)}?client_secret=${clientSecret}`));
    }

    async createPaymentMethod({ elements, params = {} }) {
      const frame = elements.mounted("stripe.createPaymentMethod()");
      const checked = await elements.submit();
      if (checked.error) return { error: checked.error };
      const method = await frame.ask("create", { params: flat(params) });
      return method.error ? { error: method.error } : { paymentMethod: method };
    }

    registerAppInfo() {}
    _registerWrapper() {}

    async goOn(intent, secret, wayBack) {
      if (intent.error) return { error: intent.error };
      let now = intent;
      if (intent.status === "requires_action") {
        if (intent.next_action.type === "redirect_to_url") return leaveFor(intent.next_action.redirect_to_url.url);
        await askBank(intent.next_action.use_stripe_sdk.stripe_js);
        now = await this.call("GET", `/v1/payment_intents/${intent.id}?client_secret=${secret}`);
      }
      if (now.error) return { error: now.error };
      if (now.status === "requires_payment_method") return { error: { ...now.last_payment_error, payment_intent: now } };
      if (!wayBack) return { paymentIntent: now };
      const address = new URL(wayBack);
      address.searchParams.set("payment_intent", now.id);
      address.searchParams.set("payment_intent_client_secret", secret);
      address.searchParams.set("redirect_status", "succeeded");
      return leaveFor(address.href);
    }

    async call(method, path, sent) {
      const headers = { Authorization: `Bearer ${this.key}`, "Stripe-Version": SERVER.version };
      try {
        const answer = await fetch(SCRIPT.origin + path, { method, headers, body: sent ? new URLSearchParams(sent) : undefined });
        return await answer.json();
      } catch {
        return { error: { type: "api_connection_error", message: CONNECTION } };
      }
    }
  }

  const told = (intent) => (intent.error ? { error: intent.error } : { paymentIntent: intent });
  const leaveFor = (address) => {
    window.location.assign(address);
    return new Promise(() => {});
  };
  const flat = (value, path = "") => Object.entries(value).reduce((all, [name, item]) => {
    const full = path ? `${path}[${name}]` : name;
    return { ...all, ...(item !== null && typeof item === "object" ? flat(item, full) : { [full]: String(item) }) };
  }, {});

  window.Stripe = (key) => {
    if (typeof key !== "string" || !key) throw new IntegrationError("Missing value for Stripe(): apiKey should be a string.");
    if (/^(sk|rk)_/.test(key)) throw new IntegrationError("You should not use your secret key with Stripe.js. Please pass a publishable key instead.");
    if (!/^pk_test_\w+$/.test(key)) throw new IntegrationError(`Invalid API Key provided: ${key.slice(0, 8)}… The sandbox takes test keys (pk_test_…) only.`);
    return new Stripe(key);
  };
  window.Stripe.version = SCRIPT.pathname.startsWith("/v3") ? 3 : SERVER.release;
})();
