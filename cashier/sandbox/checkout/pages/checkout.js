// Makes typing a card pleasant. Without it the page works as well: the server reads and checks everything itself.
(() => {
  const form = document.getElementById("payment");
  const number = document.getElementById("cardNumber");
  const expiry = document.getElementById("cardExpiry");
  const cvc = document.getElementById("cardCvc");
  const pay = document.getElementById("pay");
  const label = pay.textContent;
  const digits = (text) => text.replace(/\D/g, "");

  // Write `text` into a field and leave the caret behind the same digit as before.
  const rewrite = (field, text) => {
    if (field.value === text) return;
    const behind = digits(field.value.slice(0, field.selectionStart)).length;
    const atEnd = field.selectionStart === field.value.length;
    field.value = text;
    let place = text.length;
    if (!atEnd) for (place = 0; digits(text.slice(0, place)).length < behind; place += 1);
    field.setSelectionRange(place, place);
  };

  const grouped = (text) => {
    const plain = digits(text).slice(0, 19);
    if (/^3[47]/.test(plain)) return [plain.slice(0, 4), plain.slice(4, 10), plain.slice(10, 15)].filter(Boolean).join(" ");
    return (plain.match(/.{1,4}/g) || []).join(" ");
  };

  const dated = (text) => {
    let plain = digits(text);
    if (/^[2-9]/.test(plain) || /^\d\s*\//.test(text)) plain = `0${plain}`;
    // A full year may be typed or filled in by the browser: 12 / 2034 means 12 / 34.
    if (plain.length === 6 && plain.slice(2, 4) === "20") plain = plain.slice(0, 2) + plain.slice(4);
    const limit = plain.slice(2, 4) === "20" ? 6 : 4;
    return plain.length < 2 ? plain : `${plain.slice(0, 2)} / ${plain.slice(2, limit)}`;
  };

  const deleting = (event) => (event.inputType || "").startsWith("delete");
  number.addEventListener("input", () => rewrite(number, grouped(number.value)));
  expiry.addEventListener("input", (event) => { if (!deleting(event)) rewrite(expiry, dated(expiry.value)); });
  cvc.addEventListener("input", () => rewrite(cvc, digits(cvc.value).slice(0, 4)));

  const valid = (plain) => {
    const sum = [...plain].reverse().reduce((total, digit, place) => {
      const value = digit * (place % 2 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
    return sum % 10 === 0;
  };

  // The same checks, in the same words, as the server's; here they cost no second typing.
  const complaints = {
    cardNumber() {
      const plain = digits(number.value);
      if (plain.length < 12) return "Your card number is incomplete.";
      return valid(plain) ? "" : "Your card number is invalid.";
    },
    cardExpiry() {
      const [month, year] = expiry.value.split("/").map((part) => part.trim());
      if (!/^\d{1,2}$/.test(month) || !/^(\d{2}|\d{4})$/.test(year || "")) return "Your card's expiration date is incomplete.";
      if (month < 1 || month > 12) return "Your card's expiration date is invalid.";
      const until = `20${year.slice(-2)}${month.padStart(2, "0")}`;
      return until < form.dataset.month ? "Your card's expiration date is in the past." : "";
    },
    cardCvc() {
      const length = /^3[47]/.test(digits(number.value)) ? 4 : 3;
      return cvc.value.length === length ? "" : "Your card's security code is incomplete.";
    },
  };

  const complain = (field, words) => {
    const error = document.getElementById(`${field.id}-error`);
    if (!error) return;
    error.textContent = words;
    error.hidden = !words;
    if (words) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };
  form.addEventListener("input", (event) => complain(event.target, ""));

  const cardIsTyped = () => {
    const chosen = form.querySelector("input[name=method]:checked");
    return !chosen || chosen.id === "newCard";
  };

  form.addEventListener("submit", (event) => {
    // A second press while the first one is under way does nothing.
    if (pay.disabled) return event.preventDefault();
    const wrong = cardIsTyped() ? [number, expiry, cvc].filter((field) => complaints[field.id]()) : [];
    if (wrong.length) {
      event.preventDefault();
      wrong.forEach((field) => complain(field, complaints[field.id]()));
      wrong[0].focus();
      return;
    }
    pay.disabled = true;
    pay.textContent = pay.dataset.busy;
    pay.setAttribute("aria-busy", "true");
  });
  // The browser may show the page again from memory, with the button as it was.
  window.addEventListener("pageshow", () => {
    pay.disabled = false;
    pay.textContent = label;
    pay.removeAttribute("aria-busy");
  });

  const wrong = form.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
})();
