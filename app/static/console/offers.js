// Fields of another kind or way stand aside; a page of work that goes on is looked at again.
const valuesOf = (form, name) =>
  [...form.elements].filter((one) => one.name === name && (one.type !== "checkbox" || one.checked)).map((one) => one.value);

function settle(form) {
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name, wanted] = part.dataset.when.split("=");
    const values = valuesOf(form, name);
    part.hidden = values.length > 0 && !wanted.split(" ").some((one) => values.includes(one));
  }
}

for (const form of document.querySelectorAll("form")) {
  if (!form.querySelector("[data-when]")) continue;
  settle(form);
  form.addEventListener("change", () => settle(form));
}

if (document.querySelector("[data-goes-on]")) setTimeout(() => location.reload(), 3000);
