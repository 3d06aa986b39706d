// How card fields write what is typed, and what is wrong with it, by Stripe's codes. Shared by Checkout and the Payment Element.
const cardTyping = (() => {
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
  const attach = ({ number, expiry, cvc }) => {
    number.addEventListener("input", () => rewrite(number, grouped(number.value)));
    expiry.addEventListener("input", (event) => { if (!deleting(event)) rewrite(expiry, dated(expiry.value)); });
    cvc.addEventListener("input", () => rewrite(cvc, digits(cvc.value).slice(0, 4)));
  };

  const valid = (plain) => {
    const sum = [...plain].reverse().reduce((total, digit, place) => {
      const value = digit * (place % 2 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
    return sum % 10 === 0;
  };

  const wrongNumber = (number) => {
    const plain = digits(number);
    if (plain.length < 12) return "incomplete_number";
    return valid(plain) ? "" : "invalid_number";
  };

  // `now` is the present month as 203412.
  const wrongExpiry = (expiry, now) => {
    const [month, year] = expiry.split("/").map((part) => part.trim());
    if (!/^\d{1,2}$/.test(month) || !/^(\d{2}|\d{4})$/.test(year || "")) return "incomplete_expiry";
    if (month < 1 || month > 12) return "invalid_expiry";
    return `20${year.slice(-2)}${month.padStart(2, "0")}` < now ? "invalid_expiry_year_past" : "";
  };

  const wrongCvc = (cvc, number) => (cvc.length === (/^3[47]/.test(digits(number)) ? 4 : 3) ? "" : "incomplete_cvc");

  return { attach, digits, wrongNumber, wrongExpiry, wrongCvc };
})();
