// Makes typing a card pleasant. Without it the page works as well: the server reads and checks everything itself.
(() => {
  const form = document.getElementById("payment");
  const number = document.getElementById("cardNumber");
  const expiry = document.getElementById("cardExpiry");
  const cvc = document.getElementById("cardCvc");
  const pay = document.getElementById("pay");
  const label = pay.textContent;
  const words = {
    incomplete_number: "Your card number is incomplete.",
    invalid_number: "Your card number is invalid.",
    incomplete_expiry: "Your card's expiration date is incomplete.",
    invalid_expiry: "Your card's expiration date is invalid.",
    invalid_expiry_year_past: "Your card's expiration date is in the past.",
    incomplete_cvc: "Your card's security code is incomplete.",
  };
  cardTyping.attach({ number, expiry, cvc });

  // The same checks, in the same words, as the server's; here they cost no second typing.
  const complaints = {
    cardNumber: () => words[cardTyping.wrongNumber(number.value)] ?? "",
    cardExpiry: () => words[cardTyping.wrongExpiry(expiry.value, form.dataset.month)] ?? "",
    cardCvc: () => words[cardTyping.wrongCvc(cvc.value, number.value)] ?? "",
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
